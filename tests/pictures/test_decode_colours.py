from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures.making import (
    BLUE,
    GREEN,
    RED,
    SAVE_OPTIONS,
    WHITE,
    assert_near,
    encoded,
    linear_profile,
    png,
    quadrants,
    read,
    swapped_profile,
    tiff,
)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path, kind: str) -> None:
    ramp = np.linspace(0, 65535, 64 * 32).astype(np.uint16).reshape(32, 64)
    picture = read(tmp_path, encoded(Image.fromarray(ramp), kind))
    np.testing.assert_array_equal(picture[..., 0], np.rint(ramp / 257))
    np.testing.assert_array_equal(picture[..., 0], picture[..., 2])


def test_sixteen_bit_big_endian_tiff(tmp_path: Path) -> None:
    values = np.full((16, 16), 0x8000, ">u2")
    little = tiff(
        *((256, 4, 1, 16), (257, 4, 1, 16), (258, 4, 1, 16), (259, 4, 1, 1), (262, 4, 1, 1)),
        *((273, 4, 1, 8 + 2 + 9 * 12 + 4), (277, 4, 1, 1), (278, 4, 1, 16), (279, 4, 1, 512)),
        rest=values.astype("<u2").tobytes(),
    )
    assert (read(tmp_path, little) == 128).all()
    image = Image.frombytes("I;16B", (16, 16), values.tobytes())
    assert (read(tmp_path, encoded(image, "TIFF")) == 128).all()


def test_sixteen_bit_colour_with_a_transparent_colour(tmp_path: Path) -> None:
    left, right = (0x1234, 0x5678, 0x9ABC), (0xFFFF, 0x8000, 0x0000)
    row = b"\0" + b"".join(v.to_bytes(2) for v in left * 8 + right * 8)
    key = b"".join(v.to_bytes(2) for v in left)
    picture = read(tmp_path, png(16, 16, 16, 2, row * 16, (b"tRNS", key)))
    assert (picture[:, :8] == WHITE).all()
    assert (picture[:, 8:] == (255, 128, 0)).all()


def test_eight_bit_colour_with_a_transparent_colour(tmp_path: Path) -> None:
    left, right = bytes((200, 100, 50)), bytes((200, 100, 51))
    key = b"".join(value.to_bytes(2) for value in left)
    picture = read(tmp_path, png(16, 16, 8, 2, (b"\0" + left * 8 + right * 8) * 16, (b"tRNS", key)))
    assert (picture[:, :8] == WHITE).all()
    assert (picture[:, 8:] == (200, 100, 51)).all()


def test_sixteen_bit_grey_with_a_transparent_value(tmp_path: Path) -> None:
    row = b"\0" + (0x1234).to_bytes(2) * 8 + (0x1235).to_bytes(2) * 8
    picture = read(tmp_path, png(16, 16, 16, 0, row * 16, (b"tRNS", (0x1234).to_bytes(2))))
    assert (picture[:, :8] == WHITE).all()
    assert (picture[:, 8:] == 0x12).all()


@pytest.mark.parametrize(("peak", "white"), [(1.0, 1.0), (200.0, 255.0), (60000.0, 65535.0)])
def test_floating_point_tiff_takes_the_usual_white_above_its_peak(tmp_path: Path, peak: float, white: float) -> None:
    values = np.full((16, 16), peak, np.float32)
    values[0, 0] = peak / 2
    picture = read(tmp_path, encoded(Image.fromarray(values), "TIFF"))
    assert picture[8, 8].tolist() == [round(peak / white * 255)] * 3
    assert picture[0, 0].tolist() == [round(peak / white * 127.5)] * 3


def test_floating_point_without_a_number_is_black(tmp_path: Path) -> None:
    values = np.full((16, 16), 1, np.float32)
    values[0, 0] = np.nan
    picture = read(tmp_path, encoded(Image.fromarray(values), "TIFF"))
    assert picture[0, 0].tolist() == [0, 0, 0]
    assert picture[1, 1].tolist() == [255, 255, 255]


def test_grey_bilevel_and_palette_pictures(tmp_path: Path) -> None:
    grey = Image.fromarray(quadrants()).convert("L")
    np.testing.assert_array_equal(read(tmp_path, encoded(grey, "PNG")), np.array(grey.convert("RGB")))
    bilevel = grey.point(lambda v: 255 * (v > 100)).convert("1")
    np.testing.assert_array_equal(read(tmp_path, encoded(bilevel, "TIFF")), np.array(bilevel.convert("RGB")))
    palette = Image.fromarray(quadrants()).quantize(4)
    np.testing.assert_array_equal(read(tmp_path, encoded(palette, "PNG")), quadrants())


def test_cmyk_jpeg_and_tiff(tmp_path: Path) -> None:
    cmyk = Image.new("CMYK", (32, 32))
    cmyk.paste((0, 255, 255, 0), (0, 0, 16, 32))
    for kind in ("JPEG", "TIFF"):
        picture = read(tmp_path, encoded(cmyk, kind)).astype(int)
        assert np.abs(picture[16, 8] - (255, 0, 0)).max() <= 3
        assert np.abs(picture[16, 24] - 255).max() <= 3


def test_lab_tiff(tmp_path: Path) -> None:
    lab = Image.new("LAB", (16, 16), (255, 128, 128))
    lab.paste((0, 128, 128), (0, 0, 8, 16))
    picture = read(tmp_path, encoded(lab, "TIFF"))
    assert picture[0, 0].max() <= 2
    assert picture[0, 15].min() >= 250


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC"])
def test_a_colour_profile_is_applied(tmp_path: Path, kind: str) -> None:
    """Where the profile exchanges red and green, so does the picture."""
    data = encoded(quadrants(), kind, icc_profile=swapped_profile(), **SAVE_OPTIONS[kind])
    picture = read(tmp_path, data)
    assert_near(picture, quadrants()[..., [1, 0, 2]], tolerance=8)


def test_a_profile_leaves_transparency_and_grey_alone(tmp_path: Path) -> None:
    half = Image.fromarray(np.dstack([quadrants(), np.full((32, 48), 255, np.uint8)]))
    half.paste((0, 0, 0, 0), (24, 0, 48, 16))
    picture = read(tmp_path, encoded(half, "PNG", icc_profile=swapped_profile()))
    assert picture[4, 4].tolist() == pytest.approx([RED[1], RED[0], RED[2]], abs=2)
    assert tuple(picture[4, 40]) == WHITE
    grey = Image.fromarray(quadrants()).convert("L")
    converted = read(tmp_path, encoded(grey, "PNG", icc_profile=swapped_profile()))
    assert np.abs(converted.astype(int) - np.array(grey.convert("RGB"))).max() <= 2


def test_a_profile_of_light_instead_of_tone(tmp_path: Path) -> None:
    """Half the light is 188 in sRGB: 1.055 * (128 / 255) ** (1 / 2.4) - 0.055 = 0.737. Colour and grey alike."""
    for image in (Image.new("RGB", (16, 16), (128, 128, 128)), Image.new("L", (16, 16), 128)):
        picture = read(tmp_path, encoded(image, "PNG", icc_profile=linear_profile()))
        assert np.abs(picture.astype(int) - 188).max() <= 1


def test_a_jpeg_that_stores_rgb(tmp_path: Path) -> None:
    """Only its Adobe segment says so."""
    assert_near(read(tmp_path, encoded(quadrants(), "JPEG", keep_rgb=True, **SAVE_OPTIONS["JPEG"])), quadrants())


def test_a_profile_that_does_not_fit_or_is_broken_is_ignored(tmp_path: Path) -> None:
    cmyk = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    fits_not = encoded(cmyk, "JPEG", icc_profile=swapped_profile())
    np.testing.assert_array_equal(read(tmp_path, fits_not), read(tmp_path, encoded(cmyk, "JPEG")))
    for broken in (b"garbage", swapped_profile()[:200], bytes(4000)):
        np.testing.assert_array_equal(read(tmp_path, encoded(quadrants(), "PNG", icc_profile=broken)), quadrants())


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "WebP", "TIFF", "AVIF", "HEIC"])
def test_transparent_parts_are_white_and_hidden_colours_stay_hidden(tmp_path: Path, kind: str, mode: str) -> None:
    image = Image.new(mode, (48, 32), {"RGBA": (200, 0, 0, 255), "LA": (200, 255)}[mode])
    image.paste({"RGBA": (0, 0, 0, 0), "LA": (0, 0)}[mode], (0, 0, 16, 32))
    image.paste({"RGBA": (0, 0, 0, 51), "LA": (0, 51)}[mode], (32, 0, 48, 32))
    picture = read(tmp_path, encoded(image, kind, **SAVE_OPTIONS[kind])).astype(int)
    opaque = (200, 0, 0) if mode == "RGBA" else (200, 200, 200)
    for x, wanted in ((8, WHITE), (24, opaque), (40, (204, 204, 204))):
        assert np.abs(picture[16, x] - wanted).max() <= 4, x


def test_transparent_palette_entries_are_white(tmp_path: Path) -> None:
    palette = Image.new("P", (32, 32), 0)
    palette.putpalette([*RED, *GREEN, *BLUE])
    palette.paste(1, (0, 0, 16, 16))
    palette.paste(2, (16, 0, 32, 16))
    for kind in ("PNG", "GIF"):
        picture = read(tmp_path, encoded(palette, kind, transparency=1))
        assert tuple(picture[4, 4]) == WHITE
        assert tuple(picture[4, 20]) == BLUE
        assert tuple(picture[20, 4]) == RED
    half = read(tmp_path, encoded(palette, "PNG", transparency=bytes([255, 128, 255])))
    assert np.abs(half[4, 4].astype(int) - [142, 217, 147]).max() <= 1
