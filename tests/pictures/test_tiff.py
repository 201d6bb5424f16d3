import struct

import pytest

from nst.errors import ImageError
from nst.pictures.tiff import entries, orientation, without_metadata
from tests.pictures.making import exif, grey_tiff, tiff


def big(*fields: tuple[int, int, int, int]) -> bytes:
    """A big-endian BigTIFF."""
    table = b"".join(struct.pack(">2HQ", tag, kind, count) + value.to_bytes(8) for tag, kind, count, value in fields)
    return b"MM\0+\0\x08\0\0" + struct.pack(">QQ", 16, len(fields)) + table + bytes(8)


@pytest.mark.parametrize("kind", [3, 4])
def test_the_orientation_as_a_short_or_a_long_number(kind: int) -> None:
    assert orientation(exif((271, 2, 3, 0), (274, kind, 1, 6))) == 6


def test_the_orientation_in_big_endian_blocks_with_and_without_their_header() -> None:
    block = b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">2HIH2x", 274, 3, 1, 8) + bytes(4)
    assert orientation(b"Exif\0\0" + block) == 8
    assert orientation(block) == 8
    assert orientation(big((274, 3, 1, 3 << 48))) == 3


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II",
        b"II*\0",
        b"XX*\0\x08\0\0\0",
        b"II\0\0\x08\0\0\0\0\0",
        tiff((274, 3, 1, 6))[:-8],
        tiff((274, 2, 9, 6)),
    ],
)
def test_what_cannot_be_read_is_upright(block: bytes) -> None:
    assert orientation(block) == 1


def test_entries_state_how_many_bytes_their_values_take_elsewhere() -> None:
    block = tiff((256, 4, 1, 640), (258, 3, 3, 200), (700, 1, 50, 300), (65_000, 99, 7, 0))
    assert [(entry.tag, entry.outside, entry.value) for entry in entries(block)] == [
        (256, 0, 640),
        (258, 6, None),
        (700, 50, None),
        (65_000, 0, None),
    ]


def test_only_entries_for_pixels_are_kept() -> None:
    whole = grey_tiff(20, 30, (270, 2, 9, 0), (700, 1, 9, 0), (34665, 4, 1, 8), (34853, 4, 1, 8))
    cleaned = without_metadata(whole)
    assert len(cleaned) == len(whole)
    blanked = [entry for entry in entries(whole) if cleaned[entry.at : entry.at + 12] != whole[entry.at :][:12]]
    assert [entry.tag for entry in blanked] == [270, 700, 34665, 34853]
    assert {cleaned[entry.at + 2 : entry.at + 4] for entry in blanked} == {b"\0\0"}


def test_values_may_not_take_more_bytes_than_the_file_has() -> None:
    profile = bytes(1000)
    assert without_metadata(grey_tiff(20, 30, (34675, 7, 1000, 150), rest=profile))
    with pytest.raises(ValueError, match="more bytes"):
        without_metadata(grey_tiff(20, 30, (34675, 7, 1000, 150), (347, 7, 1000, 150), rest=profile))


def test_lists_may_not_be_longer_than_any_picture_needs() -> None:
    without_metadata(grey_tiff(20, 30, (273, 3, 2**19, 150), rest=bytes(2**20)))
    with pytest.raises(ValueError, match="longer"):
        without_metadata(grey_tiff(20, 30, (273, 3, 2**19 + 1, 150), rest=bytes(2**20 + 2)))


def test_a_directory_may_not_end_beyond_the_file() -> None:
    with pytest.raises(ValueError, match="beyond"):
        list(entries(tiff((256, 4, 1, 1))[:-8]))
    with pytest.raises(ValueError, match="beyond"):
        list(entries(b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**60)))


def test_sizes_are_checked_in_big_files_too() -> None:
    with pytest.raises(ImageError, match="121 megapixels"):
        without_metadata(big((256, 16, 1, 11_000), (257, 16, 1, 11_000)))
