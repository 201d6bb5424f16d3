"""Picture files that the tests need, most of which no library would write."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from nst.pictures.decode import decode, read_picture
from nst.steps import Picture

RED, GREEN, BLUE, GREY, WHITE = (220, 30, 30), (30, 180, 40), (30, 40, 220), (128, 128, 128), (255, 255, 255)

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

#: Options that keep the colours of large areas, by format.
SAVE_OPTIONS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {},
    "WebP": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "AVIF": {"quality": 95, "subsampling": "4:4:4"},
    "HEIC": {"quality": 95, "chroma": 444},
}

#: How each EXIF orientation stores an upright picture. Source: EXIF 2.3, "the 0th row is the visual ... side".
STORED = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}


def quadrants(width: int = 48, height: int = 32) -> Picture:
    """Red, green, blue and grey quarters: no turn or mirror leaves it as it is."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = GREY
    return picture


def noise(width: int = 64, height: int = 64, seed: int = 0) -> Picture:
    """Every value at random."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(picture: Picture | Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a picture file."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(np.ascontiguousarray(picture))
    file = io.BytesIO()
    if kind == "HEIC":
        pillow_heif.from_pillow(image).save(file, **options)
    else:
        image.save(file, kind, **options)
    return file.getvalue()


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG from its header fields, its unfiltered rows, and chunks that stand before them."""
    parts = [(b"IHDR", struct.pack(">2I5B", width, height, depth, colour, 0, 0, 0)), *chunks]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, body) for kind, body in parts)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def tiff(*entries: tuple[int, int, int, int], rest: bytes = b"") -> bytes:
    """A little-endian TIFF of one directory of (tag, type, count, value) and what follows it."""
    table = b"".join(struct.pack("<2H2I", *entry) for entry in sorted(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + b"\0\0\0\0" + rest


def grey_tiff(width: int, height: int, *more: tuple[int, int, int, int], rest: bytes = b"") -> bytes:
    """An uncompressed grey TIFF; its one strip lies at the start of the file."""
    fields = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: width * height}
    replaced = {entry[0] for entry in more}
    return tiff(*((tag, 4, 1, value) for tag, value in fields.items() if tag not in replaced), *more, rest=rest)


def exif(*entries: tuple[int, int, int, int], rest: bytes = b"") -> bytes:
    """An EXIF block of one directory."""
    return b"Exif\0\0" + tiff(*entries, rest=rest)


def turned(orientation: int) -> bytes:
    """An EXIF block that holds an orientation and nothing else."""
    return exif((274, 3, 1, orientation))


def scans(count: int, side: int = 16) -> bytes:
    """A progressive JPEG of so many scans: the last one is repeated."""
    data = encoded(quadrants(side, side), "JPEG", progressive=True)
    first, last, end = data.count(b"\xff\xda"), data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:end] + data[last:end] * (count - first) + data[end:]


def swapped_profile() -> bytes:
    """sRGB with the red and green primaries exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)


def linear_profile() -> bytes:
    """sRGB primaries with a straight tone curve: the numbers are amounts of light."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"para" + bytes(4) + b"\0\3", b"curv" + bytes(8), 1)


def photograph(width: int = 640, height: int = 800) -> bytes:
    """A JPEG of soft noise, always the same."""
    noise = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((width, height)).save(file, "JPEG")
    return file.getvalue()


def open_picture(path: Path) -> Image.Image:
    """What the decoder makes of a file, as Pillow's."""
    return Image.fromarray(decode(path).pixels)


def read(folder: Path, data: bytes, name: str = "photo") -> Picture:
    """What the decoder makes of a file."""
    path = folder / name
    path.write_bytes(data)
    return read_picture(path)


def assert_near(picture: Picture, expected: Picture, tolerance: int = 6) -> None:
    """Equal but for what compression does to smooth areas; the borders of the quarters are left out."""
    assert picture.shape == expected.shape
    height, width = expected.shape[:2]
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            assert np.abs(picture[y, x].astype(int) - expected[y, x]).max() <= tolerance, (x, y)


def with_chunks(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with further chunks right after its header."""
    return data[:33] + b"".join(png_chunk(kind, body) for kind, body in chunks) + data[33:]


def gama(value: float) -> tuple[bytes, bytes]:
    """A gAMA chunk."""
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chrm(*chromaticities: float) -> tuple[bytes, bytes]:
    """A cHRM chunk of x and y of white, red, green and blue."""
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in chromaticities))


def cicp(primaries: int, transfer: int, full_range: int = 1) -> tuple[bytes, bytes]:
    """A cICP chunk."""
    return b"cICP", bytes([primaries, transfer, 0, full_range])


def iccp(profile: bytes) -> tuple[bytes, bytes]:
    """An iCCP chunk."""
    return b"iCCP", b"name\0\0" + zlib.compress(profile)


DISPLAY_P3 = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def avif_with_codes(picture: Picture | Image.Image, primaries: int, transfer: int) -> bytes:
    """An AVIF that states its colours by codes."""
    data = bytearray(encoded(picture, "AVIF", quality=100, subsampling="4:4:4"))
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = struct.pack(">HH", primaries, transfer)
    return bytes(data)


def scene(width: int = 96, height: int = 72) -> Picture:
    """A picture with smooth parts, edges and saturated colours, in which no two rows are the same."""
    y, x = np.mgrid[0:height, 0:width] / height
    picture = np.stack([90 + 120 * y, 150 + 70 * y, 235 - 60 * x], -1)
    picture[y > 0.6 + 0.1 * np.sin(6 * x)] = (60, 120, 50)
    picture[(x - 1) ** 2 + (y - 0.25) ** 2 < 0.02] = (255, 225, 60)
    picture[(abs(x - 0.4) < 0.15) & (abs(y - 0.6) < 0.2)] = (190, 40, 35)
    return (picture + 20 * y[..., None]).clip(0, 255).astype(np.uint8)
