"""TIFF directories, in TIFF files and in EXIF blocks, which have the same form; every length is checked before use.

A directory is a list of (tag, type, count, value or offset) entries. A hostile file can let thousands of entries point
at the same bytes, so that a reader that fetches every value multiplies the file in memory; here the sizes of the values
are added up before anything is fetched.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nst.errors import ImageError
from nst.pictures.size_limits import check_pixels

_WIDTH, _LENGTH, _ORIENTATION = 256, 257, 274
_TILE_WIDTH, _TILE_LENGTH = 322, 323
_JPEG_TABLES, _ICC_PROFILE = 347, 34675
_KIND, _PHOTOMETRIC, _FURTHER, _DNG_VERSION = 254, 262, 330, 50706
#: Photometric interpretations of a sensor: a mosaic of colour filters, and linear raw.
_SENSOR = (32803, 34892)

RAW = "This is a camera raw file, which is not read: export a JPEG from your camera's program."

#: What the pixels need; names, positions, times and pointers to other directories are not among them.
_PIXEL_TAGS = frozenset(
    {254, _WIDTH, _LENGTH, 258, 259, 262, 266, 273, _ORIENTATION, 277, 278, 279, 284, 292, 293, 317, 320, _TILE_WIDTH}
    | {_TILE_LENGTH, 324, 325, 332, 338, 339, _JPEG_TABLES, 529, 530, 531, 532, _ICC_PROFILE}
)
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_UNSIGNED = {1: "B", 3: "H", 4: "I", 16: "Q"}

#: Bytes of a list such as the strip offsets. A picture within the limits has at most some 130 000 strips.
_MAX_LIST_BYTES = 2**20


class Entry(NamedTuple):
    """One entry of a directory.

    ``at`` is its position, ``outside`` how many bytes its values take elsewhere in the file, and ``value`` the
    unsigned number in it, or None if it has another type or its values are elsewhere.
    """

    at: int
    tag: int
    outside: int
    value: int | None


def entries(data: bytes) -> Iterator[Entry]:
    """The entries of the first directory.

    Args:
        data: a TIFF file, BigTIFF file or EXIF block from its byte-order mark on.

    Raises:
        KeyError, ValueError, struct.error: not such a block, or a directory that ends beyond it.
    """
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    (magic,) = struct.unpack_from(f"{order}H", data, 2)
    word, short = {42: (f"{order}I", f"{order}H"), 43: (f"{order}Q", f"{order}Q")}[magic]  # TIFF, BigTIFF
    room = struct.calcsize(word)
    (start,) = struct.unpack_from(word, data, room)
    (count,) = struct.unpack_from(short, data, start)
    first, length = start + struct.calcsize(short), 4 + 2 * room
    if first + count * length > len(data):
        raise ValueError("the directory ends beyond the file")
    for at in range(first, first + count * length, length):
        tag, kind = struct.unpack_from(f"{order}HH", data, at)
        (number,) = struct.unpack_from(word, data, at + 4)
        size = number * _TYPE_BYTES.get(kind, 0)
        inside = size <= room and kind in _UNSIGNED
        value = struct.unpack_from(order + _UNSIGNED[kind], data, at + length - room)[0] if inside else None
        yield Entry(at, tag, size if size > room else 0, value)


def orientation(exif: bytes) -> int:
    """How the picture is turned, 1 (upright) to 8, from an EXIF block; 1 where that is missing or unreadable.

    Source: EXIF 2.3, tag 0x0112.
    """
    block = exif.removeprefix(b"Exif\0\0")
    try:
        value = next((entry.value for entry in entries(block) if entry.tag == _ORIENTATION), None)
    except (KeyError, ValueError, struct.error):
        return 1
    return value if value is not None and 1 <= value <= 8 else 1


def without_metadata(data: bytes) -> bytes:
    """A TIFF file in whose first directory readers see only the entries that its pixels need.

    Args:
        data: a TIFF or BigTIFF file.

    Returns:
        The file, equally long: the type of every other entry is blanked, which makes readers pass over it.

    Raises:
        ImageError: a camera raw file; more pixels than a picture may have, in all or in one tile.
        KeyError, ValueError, struct.error: a damaged directory, or values that take more bytes than the file has.
    """
    cleaned, outside = bytearray(data), 0
    numbers: dict[int, int] = {}
    if _is_raw(data, {entry.tag: entry.value or 0 for entry in entries(data)}):
        raise ImageError(RAW)
    for entry in entries(data):
        if entry.tag not in _PIXEL_TAGS:
            cleaned[entry.at + 2 : entry.at + 4] = b"\0\0"
            continue
        if entry.outside > _MAX_LIST_BYTES and entry.tag not in (_JPEG_TABLES, _ICC_PROFILE):
            raise ValueError("a list is longer than any picture needs")
        numbers[entry.tag] = entry.value or 0
        outside += entry.outside
    if outside > len(data):
        raise ValueError("the values take more bytes than the file has")
    for width, length in ((_WIDTH, _LENGTH), (_TILE_WIDTH, _TILE_LENGTH)):
        check_pixels(numbers.get(width, 0), numbers.get(length, 0))
    return bytes(cleaned)


def _is_raw(data: bytes, values: Mapping[int, int]) -> bool:
    """Whether it is a camera raw file, of which readers see only the small preview that comes first."""
    is_preview = bool(values.get(_KIND, 0) & 1) and _FURTHER in values
    return data[8:11] == b"CR\2" or _DNG_VERSION in values or is_preview or values.get(_PHOTOMETRIC) in _SENSOR
