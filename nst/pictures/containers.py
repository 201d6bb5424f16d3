"""What lies in a picture file besides pixels: sizes are checked before a decoder starts, and the rest is left out.

A file is hostile until shown otherwise. Some decoders allocate the whole canvas when a file is only opened, some read
comments, text or EXIF at a cost that grows with the square of their length. So each function here walks the headers of
one format, checks what they claim, and hands on a file that holds the first picture and nothing else.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nst.pictures.exif import pixels_only
from nst.pictures.size_limits import check_pixels, check_scans

#: Segments, chunks and blocks that a walk may meet; honest files stay far below.
_MAX_PARTS = 100_000

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"IDAT", b"IEND")

#: A marker that ends entropy-coded data: not a stuffed zero, a fill byte, TEM or a restart.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd7])")
_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

_GIF_BLOCK = re.compile(rb"[!,;]")

#: The boxes of AVIF and HEIC: the size of an image item, and the declaration of an EXIF item (versions 2 and 3).
_ISO_EXTENT = re.compile(rb"ispe\0\0\0\0(.{8})", re.DOTALL)
_ISO_EXIF_ITEM = re.compile(rb"(infe(?:\x02.{7}|\x03.{9}))Exif", re.DOTALL)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}


@dataclass(frozen=True)
class Clean:
    """A file reduced to its first picture, and the EXIF block that was taken out of it."""

    data: bytes
    exif: bytes = b""


def identify(data: bytes) -> str | None:
    """The format of a file by its first bytes: a key of CLEANERS, or None."""
    if data[4:8] == b"ftyp":
        return _iso_format(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    return next((name for name, magic in _MAGIC.items() if data.startswith(magic)), None)


_MAGIC: dict[str, tuple[bytes, ...]] = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (PNG_SIGNATURE,),
    "GIF": (b"GIF87a", b"GIF89a"),
    "BMP": (b"BM",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}


def _iso_format(data: bytes) -> str | None:
    """AVIF or HEIC by the brands of the file; the major one decides where both are named."""
    length = min(int.from_bytes(data[:4]), 4096)
    brands = [data[8:12]] + [data[at : at + 4] for at in range(16, length, 4)]
    for brand in brands:
        if brand in _AVIF_BRANDS:
            return "AVIF"
        if brand in _HEIC_BRANDS:
            return "HEIC"
    return None


def clean_jpeg(data: bytes) -> Clean:
    """The first JPEG of a file without comments, EXIF, XMP, thumbnails or further pictures; its scans are counted."""
    kept, exif, size, scans, first_scan, end = [data[:2]], b"", (0, 0), 0, 0, len(data)
    for code, start, stop in _jpeg_segments(data):
        if code == _EOI:
            end = stop
        elif code == _SOS:
            scans, first_scan = scans + 1, first_scan or start
        elif not scans and code == _APP1 and data[start + 4 : start + 10] == b"Exif\0\0":
            exif = exif or data[start + 4 : stop]
        elif not scans and _is_for_pixels(code, data[start + 4 : start + 16]):
            kept.append(data[start:stop])
            size = struct.unpack_from(">HH", data, start + 5) if code in _FRAMES else size
    if not scans:
        raise ValueError("no scan")
    height, width = size
    check_pixels(width, height)
    check_scans(scans, width * height)
    return Clean(b"".join(kept) + data[first_scan:end], exif)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment; the data of a scan is skipped as a decoder skips it."""
    at = 2
    for _ in range(_MAX_PARTS):
        found = _JPEG_MARKER.search(data, at)
        if not found:
            return
        code, start, at = found[1][0], found.start(), found.end()
        if code == _SOI:
            raise ValueError("a picture begins inside the picture")
        if code != _EOI:
            at += max(2, int.from_bytes(data[at : at + 2]))
        yield code, start, at
        if code == _EOI:
            return
    raise ValueError("too many segments")


def _is_for_pixels(code: int, body: bytes) -> bool:
    """Tables and frames are, and of the application segments those of colour: JFIF, Adobe and the ICC profile."""
    if code == _APP2:
        return body.startswith(b"ICC_PROFILE\0")
    return code in (_APP0, _APP14) or not (_APP0 <= code <= _APP15 or code == _COM)


def clean_png(data: bytes) -> Clean:
    """A PNG without text, times, EXIF or the frames of an animation."""
    check_pixels(*struct.unpack_from(">II", data, 16))
    kept, exif = [PNG_SIGNATURE], b""
    for count, (kind, start, stop) in enumerate(_png_chunks(data)):
        if count > _MAX_PARTS:
            raise ValueError("too many chunks")
        if kind == b"eXIf":
            exif = exif or data[start + 8 : stop - 4]
        if kind in _PNG_PIXELS:
            kept.append(data[start:stop])
    return Clean(b"".join(kept), exif)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, end) of each chunk up to the last one; an end may lie beyond a file that was cut short."""
    at = len(PNG_SIGNATURE)
    while at + 8 <= len(data):
        stop = at + 12 + int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        yield kind, at, stop
        if kind == b"IEND":
            return
        at = stop


def clean_gif(data: bytes) -> Clean:
    """The first frame of a GIF without its comments; canvas and frame are measured before anything is allocated."""
    width, height = struct.unpack_from("<HH", data, 6)
    check_pixels(width, height)
    head_end = 13 + _gif_palette_bytes(data[10])
    frame, control = head_end, b""
    while True:
        found = _GIF_BLOCK.search(data, frame)
        if not found or found[0] == b";":
            raise ValueError("no frame")
        frame = found.start()
        if found[0] == b",":
            break
        stop = _after_sub_blocks(data, frame + 2)
        control = data[frame:stop] if data[frame + 1] == 0xF9 else control
        frame = stop
    left, top, wide, high = struct.unpack_from("<4H", data, frame + 1)
    check_pixels(max(width, left + wide), max(height, top + high))
    stop = _after_sub_blocks(data, frame + 11 + _gif_palette_bytes(data[frame + 9]))
    return Clean(data[:head_end] + control + data[frame:stop] + b";")


def _gif_palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def clean_webp(data: bytes) -> Clean:
    """A WebP as it is, once the canvas that its decoder would allocate on opening is known to be small enough."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    check_pixels(width, height)
    return Clean(data)


def clean_iso(data: bytes) -> Clean:
    """An AVIF or HEIC whose every image item is small enough, and whose EXIF item is of a type that no reader knows.

    EXIF does not turn these pictures: the transforms of the container do, and the decoders apply them.
    """
    for found in _ISO_EXTENT.finditer(data):
        check_pixels(*struct.unpack(">II", found[1]))
    return Clean(_ISO_EXIF_ITEM.sub(rb"\1skip", data))


def clean_bmp(data: bytes) -> Clean:
    """A BMP as it is; the older of its two headers holds 16-bit sides, the newer one a height that may be negative."""
    old = data[14] == 12
    width, height = struct.unpack_from("<HH" if old else "<ii", data, 18)
    check_pixels(width, abs(height))
    return Clean(data)


def clean_tiff(data: bytes) -> Clean:
    """A TIFF without names, positions, times or further directories of its first page."""
    return Clean(pixels_only(data))


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
