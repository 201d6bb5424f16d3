import numpy as np
import pytest
from PIL import Image

from nst.pictures.srgb import to_srgb
from nst.steps import Picture
from tests.pictures.making import noise, quadrants, swapped_profile


def rgb(image: Image.Image) -> Picture:
    return np.asarray(to_srgb(image)[0])


def test_a_large_picture_is_put_together_from_its_strips_without_a_seam() -> None:
    rgba = np.dstack([noise(1300, 1700), noise(1300, 1700, seed=1)[..., 0]])
    white = Image.new("RGBA", (1300, 1700), "white")
    wanted = Image.alpha_composite(white, Image.fromarray(rgba)).convert("RGB")
    difference = np.abs(rgb(Image.fromarray(rgba)).astype(int) - np.asarray(wanted))
    assert difference.max() <= 1


@pytest.mark.parametrize("mode", ["LA", "La", "RGBA", "RGBa", "PA"])
def test_alpha_of_every_kind_shows_white(mode: str) -> None:
    image = Image.new("RGBA", (16, 16), (100, 100, 100, 255))
    image.paste((0, 0, 0, 0), (0, 0, 8, 16))
    image.paste((0, 0, 0, 51), (0, 0, 4, 16))
    if mode in ("La", "RGBa"):
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[mode])
    picture = rgb(image.convert(mode))
    for x, wanted in ((0, 204), (5, 255), (12, 100)):
        assert picture[8, x].tolist() == pytest.approx([wanted] * 3, abs=2)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBX", "YCbCr", "CMYK"])
def test_modes_without_alpha_become_what_pillow_makes_of_them(mode: str) -> None:
    image = Image.fromarray(quadrants()).convert(mode)
    np.testing.assert_array_equal(rgb(image), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_deep_whole_numbers(mode: str) -> None:
    values = np.array([[0, 257, 32768, 65535]] * 2, {"I;16": "<u2", "I;16B": ">u2", "I": "i4"}[mode])
    image = Image.frombytes(mode, (4, 2), values.tobytes())
    assert rgb(image)[0, :, 1].tolist() == [0, 1, 128, 255]


def test_whole_numbers_of_32_bits_and_below_zero() -> None:
    values = np.array([[-5, 0, 2**30, 2**31 - 1]], "i4")
    image = Image.frombytes("I", (4, 1), values.tobytes())
    assert rgb(image)[0, :, 1].tolist() == [0, 0, 128, 255]
    small = Image.frombytes("I", (2, 1), np.array([[0, 200]], "i4").tobytes())
    assert rgb(small)[0, :, 1].tolist() == [0, 200]


def test_nothing_of_the_file_comes_along_and_the_source_is_untouched() -> None:
    image = Image.fromarray(quadrants())
    image.info = {"icc_profile": swapped_profile(), "exif": b"x", "comment": b"y"}
    converted, _ = to_srgb(image)
    assert converted.info == {}
    np.testing.assert_array_equal(np.asarray(image), quadrants())


def test_the_alpha_comes_apart_if_anything_is_transparent() -> None:
    alpha = noise(1300, 1700)[..., 0]
    _, mask = to_srgb(Image.fromarray(np.dstack([noise(1300, 1700, seed=1), alpha])))
    np.testing.assert_array_equal(np.asarray(mask), alpha)
    assert to_srgb(Image.new("RGBA", (16, 16), (1, 2, 3, 255)))[1] is None
    assert to_srgb(Image.new("RGB", (16, 16)))[1] is None
