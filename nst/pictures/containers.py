"""Header checks of each file format, and the removal of all but the pixels before they are decoded.

A file is hostile until shown otherwise. Some decoders allocate the whole canvas when a file is only opened; some read
comments, text or EXIF in time that grows with the square of their length. So each function here walks the headers of
one format, refuses sizes beyond the limits, and returns a file that has the first frames and nothing else.
"""

import math
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from nst.errors import ImageError
from nst.pictures.icc import profile_of_codes, profile_of_png
from nst.pictures.size_limits import MAX_PIXELS, check_pixels, check_scans, reduction
from nst.pictures.tiff import RAW, without_metadata

#: Segments or chunks in a file; honest files stay far below.
_MAX_PARTS = 100_000

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_PNG_COLOURS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
_PNG_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
#: Frames that are kept of a moving picture: the first may be black.
MAX_FRAMES = 10

#: A marker that ends entropy-coded data: not a stuffed zero, a fill byte, TEM or a restart.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd7])")
_SOI, _EOI, _SOS, _APP1, _APP2, _COM = 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xFE
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: Application segments but those about colour: JFIF (APP0), ICC profiles (some of APP2) and Adobe (APP14).
_METADATA = {_APP1, *range(0xE3, 0xEE), 0xEF, _COM}

_GIF_BLOCK = re.compile(rb"[!,;]")
_GIF_CONTROL = b"\xf9"
_WEBP_ALPHA = 0x10

#: The boxes of AVIF and HEIC: the size of an image item, the codes of its primaries and transfer function, and the
#: declaration of an EXIF item (versions 2 and 3).
_ISO_EXTENT = re.compile(rb"ispe\0\0\0\0(.{8})", re.DOTALL)
_ISO_COLOURS = re.compile(rb"\0\0\0\x13colrnclx(.{4})", re.DOTALL)
_ISO_EXIF_ITEM = re.compile(rb"(infe(?:\x02.{7}|\x03.{9}))Exif", re.DOTALL)
_ISO_BRANDS = dict.fromkeys((b"avif", b"avis"), "AVIF") | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), "HEIC"
)

_SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(re.escape(PNG_SIGNATURE)),
    "WebP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "BMP": re.compile(rb"BM"),
    "TIFF": re.compile(rb"II[*+]\0|MM\0[*+]"),
}
#: Camera raw files that are not TIFF: Fujifilm, Sigma, Olympus, Panasonic, Canon.
_RAW = re.compile(rb"FUJIFILMCCD-RAW|FOVb|IIR[OS]|MMOR|IIU\0|.{4}ftypcrx ", re.DOTALL)


class Clean(NamedTuple):
    """A file reduced to its pixels, and what was found in it.

    ``exif`` is the EXIF block that was removed. ``profile`` is the ICC profile of the colours that the file states in
    another way. ``delays`` are the seconds for which each frame of a moving picture is shown. ``reduction`` is 1, or by
    how much a JPEG must be reduced while it is decoded. ``cut`` says that its end is missing.
    """

    data: bytes
    exif: bytes = b""
    profile: bytes | None = None
    delays: tuple[float, ...] = ()
    reduction: int = 1
    cut: bool = False


def identify(data: bytes) -> str | None:
    """The format of a file by its first bytes: a key of CLEANERS, or None.

    Raises:
        ImageError: a camera raw file.
    """
    if _RAW.match(data):
        raise ImageError(RAW)
    if data[4:8] == b"ftyp":
        return _iso_format(data)
    return next((name for name, signature in _SIGNATURES.items() if signature.match(data)), None)


def _iso_format(data: bytes) -> str | None:
    """AVIF or HEIC, whichever the major brand names or else the first of the compatible ones."""
    length = min(int.from_bytes(data[:4]), 4096)
    brands = [data[8:12]] + [data[at : at + 4] for at in range(16, length, 4)]
    return next((_ISO_BRANDS[brand] for brand in brands if brand in _ISO_BRANDS), None)


def clean_jpeg(data: bytes) -> Clean:
    """The first JPEG of a file without comments, EXIF, XMP, thumbnails or further pictures."""
    segments = list(_jpeg_segments(data))
    scans = [start for code, start, _ in segments if code == _SOS]
    if not scans:
        raise ValueError("no scan")
    exif, kept, width, height = b"", [data[:2]], 0, 0
    for code, start, stop in (segment for segment in segments if segment[1] < scans[0]):
        if code in _FRAMES:
            height, width = struct.unpack_from(">HH", data, start + 5)
        if code == _APP1 and data[start + 4 : start + 10] == b"Exif\0\0":
            exif = exif or data[start + 4 : stop]
        elif code not in _METADATA and (code != _APP2 or data[start + 4 : start + 16] == b"ICC_PROFILE\0"):
            kept.append(data[start:stop])
    check_scans(len(scans), width * height)
    last, _, stop = segments[-1]
    cut, factor = last != _EOI, reduction(width, height, len(scans))
    pixels = data[scans[0] : len(data) if cut else stop]
    if factor > 1 and len(pixels) * 8 < width * height // 64:
        raise ValueError("less than a bit for each block")
    return Clean(b"".join(kept) + pixels, exif, reduction=factor, cut=cut)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment up to the end of the picture; the data of scans is skipped."""
    at = 2
    for _ in range(_MAX_PARTS):
        marker = _JPEG_MARKER.search(data, at)
        if not marker:
            return
        code, start, at = marker[1][0], marker.start(), marker.end()
        if code == _SOI:
            raise ValueError("a picture begins inside the picture")
        if code != _EOI:
            at += max(2, int.from_bytes(data[at : at + 2]))
        yield code, start, at
        if code == _EOI:
            return
    raise ValueError("too many segments")


def clean_png(data: bytes) -> Clean:
    """A PNG without text, times, EXIF or colours; what it says of its colours is made a profile."""
    check_pixels(*struct.unpack_from(">II", data, 16))
    kept, found, delays, kind = [PNG_SIGNATURE], dict[bytes, bytes](), list[float](), b""
    for kind, start, stop in png_chunks(data):
        if kind in _PNG_PIXELS or kind in _PNG_ANIMATION:
            kept.append(data[start:stop])
        elif kind == b"eXIf" or (kind in _PNG_COLOURS and b"IDAT" not in found and _is_whole(data[start:stop])):
            found.setdefault(kind, data[start + 8 : stop - 4])
        if kind == b"IDAT":
            found[kind] = b""
        if kind == b"fcTL" and stop <= len(data):
            numerator, denominator = struct.unpack_from(">HH", data, start + 28)
            delays.append(_delay(numerator / (denominator or 100)))
    return Clean(b"".join(kept), found.get(b"eXIf", b""), profile_of_png(found), tuple(delays), cut=kind != b"IEND")


def _delay(seconds: float) -> float:
    """How long browsers show a frame: those that state next to nothing, a tenth of a second."""
    return seconds if seconds > 0.01 else 0.1


def _is_whole(chunk: bytes) -> bool:
    """Whether the checksum of a chunk is right."""
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:])


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, end) of each chunk up to IEND; in a file that was cut off, the last may end beyond it.

    Raises:
        ValueError: more chunks than any honest file has.
    """
    at = len(PNG_SIGNATURE)
    for _ in range(_MAX_PARTS):
        if at + 8 > len(data):
            return
        start, kind, at = at, data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4])
        yield kind, start, at
        if kind == b"IEND":
            return
    raise ValueError("too many chunks")


def clean_gif(data: bytes, most: int = MAX_FRAMES) -> Clean:
    """The first frames of a GIF without comments; a frame may reach beyond the canvas, so both are measured."""
    width, height = struct.unpack_from("<HH", data, 6)
    check_pixels(width, height)
    at = 13 + _gif_palette_bytes(data[10])
    kept, delays, delay = [data[:at]], list[float](), 0.0
    while (block := _GIF_BLOCK.search(data, at)) and block[0] != b";":
        start = block.start()
        if block[0] == b"!":
            at = _after_sub_blocks(data, start + 2)
            wanted = data[start + 1 : start + 2] == _GIF_CONTROL
            delay = int.from_bytes(data[start + 4 : start + 6], "little") / 100 if wanted else delay
        elif start + 11 > len(data):
            break
        else:
            left, top, frame_width, frame_height = struct.unpack_from("<4H", data, start + 1)
            sides = max(width, left + frame_width), max(height, top + frame_height)
            if delays and math.prod(sides) > MAX_PIXELS:
                break
            check_pixels(*sides)
            at = _after_sub_blocks(data, start + 11 + _gif_palette_bytes(data[start + 9]))
            wanted = True
            delays.append(_delay(delay))
            delay = 0.0  # A control block is about the next frame alone.
        if wanted and len(delays) <= most:
            kept.append(data[start:at])
        if len(delays) > _MAX_PARTS:
            raise ValueError("too many frames")
    if not delays:
        raise ValueError("no frame")
    return Clean(b"".join([*kept, b";"]), delays=tuple(delays), cut=block is None or block[0] != b";")


def _gif_palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return min(at + 1, len(data))


def clean_webp(data: bytes) -> Clean:
    """A WebP whose canvas is within the limits, as its decoder allocates it on opening.

    An animation is marked as transparent: its encoders do not count what no frame covers, which browsers leave clear.
    """
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    check_pixels(width, height)
    frames = [start for chunk, start, _ in webp_chunks(data) if chunk == b"ANMF"]
    delays = [_delay(int.from_bytes(data[start + 20 : start + 23], "little") / 1000) for start in frames]
    if frames:
        data = data[:20] + bytes([data[20] | _WEBP_ALPHA]) + data[21:]
    return Clean(data, delays=tuple(delays), cut=8 + int.from_bytes(data[4:8], "little") > len(data))


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, end) of each chunk of a WebP; in a file that was cut off, the last may end beyond it."""
    stop = 12
    for _ in range(_MAX_PARTS):
        start = stop
        if start + 8 > len(data):
            return
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        stop = start + 8 + size + size % 2
        yield data[start : start + 4], start, stop


def clean_iso(data: bytes) -> Clean:
    """An AVIF or HEIC whose EXIF item has a type that no reader knows; every image item in it is measured.

    EXIF does not turn these pictures: the transforms of the container do, and the decoders apply them. The colours are
    those of the first item that states any, which is the picture itself.
    """
    for extent in _ISO_EXTENT.finditer(data):
        check_pixels(*struct.unpack(">II", extent[1]))
    codes = _ISO_COLOURS.search(data)
    profile = profile_of_codes(*struct.unpack(">HH", codes[1])) if codes else None
    return Clean(_ISO_EXIF_ITEM.sub(rb"\1skip", data), profile=profile)


def clean_bmp(data: bytes) -> Clean:
    """A BMP unchanged; the older of its two headers has 16-bit sides, the newer one a height that may be negative."""
    old = data[14] == 12
    width, height = struct.unpack_from("<HH" if old else "<ii", data, 18)
    check_pixels(width, abs(height))
    return Clean(data)


def clean_tiff(data: bytes) -> Clean:
    """A TIFF without names, positions, times or the directories that its first page points to."""
    return Clean(without_metadata(data))


#: Every format that is read, in the order in which messages list them.
CLEANERS: dict[str, Callable[[bytes], Clean]] = {
    "JPEG": clean_jpeg,
    "PNG": clean_png,
    "WebP": clean_webp,
    "GIF": clean_gif,
    "BMP": clean_bmp,
    "TIFF": clean_tiff,
    "AVIF": clean_iso,
    "HEIC": clean_iso,
}
