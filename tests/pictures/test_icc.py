"""Colours that a file states without an ICC profile; the expected values are those of Chromium 156."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.pictures.icc import MAX_PROFILE_BYTES, is_usable, profile_of_codes, profile_of_png, srgb_profile
from tests.pictures.making import (
    DISPLAY_P3,
    avif_with_codes,
    chrm,
    cicp,
    encoded,
    gama,
    iccp,
    linear_profile,
    png_chunk,
    read,
    swapped_profile,
    with_chunks,
)

MID = 128
#: What MID becomes: unchanged, as an amount of light, with a gamma of 2.2 exactly.
SAME, LIGHT, POWER = 128, 188, 129
Chunk = tuple[bytes, bytes]


def grey_of(tmp_path: Path, *chunks: Chunk) -> int:
    data = with_chunks(encoded(Image.new("RGB", (16, 16), (MID, MID, MID)), "PNG"), *chunks)
    return int(read(tmp_path, data)[0, 0, 0])


@pytest.mark.parametrize(
    ("chunks", "shown"),
    [
        ([gama(1)], LIGHT),
        ([gama(0.45455)], SAME),
        ([gama(0)], SAME),
        ([gama(0.45455), chrm(*DISPLAY_P3)], POWER),
        ([gama(1), chrm(*DISPLAY_P3)], LIGHT),
        ([chrm(*DISPLAY_P3)], SAME),
        ([gama(1), chrm(*[0] * 8)], SAME),
        ([gama(1), (b"sRGB", b"\0")], SAME),
        ([gama(1), (b"sRGB", rb"\9")], LIGHT),
        ([gama(0.45455), iccp(linear_profile())], LIGHT),
        ([(b"sRGB", b"\0"), iccp(linear_profile())], LIGHT),
        ([gama(1), iccp(b"no profile")], LIGHT),
        ([gama(1), (b"iCCP", b"name\0\0not packed")], LIGHT),
        ([gama(1), cicp(1, 13)], SAME),
        ([iccp(linear_profile()), cicp(1, 13)], SAME),
        ([gama(1), cicp(1, 13, full_range=0)], LIGHT),
        ([gama(1), cicp(2, 2)], LIGHT),
        ([cicp(1, 8)], LIGHT),
        ([cicp(1, 1)], 121),
        ([cicp(1, 7)], 141),
        ([cicp(1, 16)], 132),
        ([cicp(1, 17)], 118),
    ],
)
def test_the_first_valid_statement_of_a_png_counts(tmp_path: Path, chunks: list[Chunk], shown: int) -> None:
    assert grey_of(tmp_path, *chunks) == pytest.approx(shown, abs=1)


def test_statements_after_the_pixels_or_with_a_wrong_checksum_do_not_count(tmp_path: Path) -> None:
    plain = encoded(Image.new("RGB", (16, 16), (MID, MID, MID)), "PNG")
    light = png_chunk(*gama(1))
    for data in (plain[:-12] + light + plain[-12:], plain[:33] + light[:-1] + b"?" + plain[33:]):
        assert (read(tmp_path, data) == MID).all()


@pytest.mark.parametrize(
    ("primaries", "red", "green"),
    [
        (4, (250, 0, 0), (0, 206, 0)),
        (6, (204, 28, 0), (50, 207, 0)),
        (9, (255, 0, 0), (0, 222, 0)),
        (10, (255, 0, 57), (0, 255, 0)),
        (11, (224, 0, 0), (0, 214, 0)),
        (12, (230, 0, 0), (0, 214, 0)),
        (22, (212, 29, 0), (0, 205, 0)),
    ],
)
def test_primaries_by_code(tmp_path: Path, primaries: int, red: tuple[int, ...], green: tuple[int, ...]) -> None:
    for stored, shown in (((210, 0, 0), red), ((0, 210, 0), green)):
        data = with_chunks(encoded(Image.new("RGB", (16, 16), stored), "PNG"), cicp(primaries, 13))
        assert read(tmp_path, data)[0, 0].tolist() == pytest.approx(shown, abs=2)


def test_display_p3_in_heic_and_avif(tmp_path: Path) -> None:
    sky = Image.new("RGB", (64, 64), (103, 149, 227))
    codes = {"color_primaries": 12, "transfer_characteristics": 13, "matrix_coefficients": 1, "full_range_flag": 1}
    heic, avif = encoded(sky, "HEIC", quality=95, chroma=444, **codes), avif_with_codes(sky, 12, 13)
    assert np.abs(read(tmp_path, heic).astype(int) - (90, 150, 235)).max() <= 3
    # The encoder itself is wrong by 3 in so flat a picture.
    assert np.abs(read(tmp_path, avif).astype(int) - (90, 150, 235)).max() <= 5


def test_an_icc_profile_counts_more_than_codes(tmp_path: Path) -> None:
    grey = Image.new("RGB", (64, 64), (MID, MID, MID))
    grey.info["icc_profile"] = linear_profile()
    assert np.abs(read(tmp_path, avif_with_codes(grey, 12, 4)).astype(int) - LIGHT).max() <= 2


def test_srgb_needs_no_profile() -> None:
    assert profile_of_codes(1, 13) is None
    assert profile_of_codes(2, 2) is None
    assert profile_of_codes(1, 1) is None, "cameras for video are shown as sRGB"
    assert profile_of_png({}) is None
    assert is_usable(srgb_profile())


def test_large_profiles_are_used_and_enormous_or_cut_off_ones_are_not(tmp_path: Path) -> None:
    def padded(size: int) -> bytes:
        return size.to_bytes(4) + linear_profile()[4:].ljust(size - 4, b"\0")

    assert grey_of(tmp_path, iccp(padded(6_000_000))) == LIGHT
    assert grey_of(tmp_path, iccp(padded(MAX_PROFILE_BYTES + 1))) == SAME
    assert grey_of(tmp_path, iccp(swapped_profile()[:-50])) == SAME
