from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import OutputError
from nst.pictures.convert import check_format, convert_picture, is_picture_name


def test_the_ending_decides(tmp_path: Path) -> None:
    names = ["a.png", "a.JPG", "a.jpeg", "a.webp", "a.gif", "png", "a.png.d"]
    assert [is_picture_name(tmp_path / name) for name in names] == [True] * 4 + [False] * 3


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.JPG", "JPEG"), ("a.webp", "WEBP")])
def test_a_picture_is_nearly_the_same_in_every_format(tmp_path: Path, name: str, kind: str) -> None:
    Image.new("RGB", (30, 20), (200, 100, 50)).save(tmp_path / "result.png")
    convert_picture(tmp_path / "result.png", tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert (image.format, image.size, image.mode) == (kind, (30, 20), "RGB")
        assert np.abs(np.asarray(image).astype(int) - (200, 100, 50)).max() <= 2


def test_a_png_keeps_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "result.png").write_bytes(b"with settings")
    convert_picture(tmp_path / "result.png", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"with settings"


def test_what_is_transparent_is_white_in_a_jpeg_and_transparent_in_a_webp(tmp_path: Path) -> None:
    Image.new("RGBA", (30, 20), (200, 100, 50, 0)).save(tmp_path / "result.png")
    for name, shown in (("a.jpg", 255), ("a.webp", 0)):
        convert_picture(tmp_path / "result.png", tmp_path / name)
        with Image.open(tmp_path / name) as image:
            assert np.asarray(image)[..., -1].tolist() == [[shown] * 30] * 20


def test_a_picture_that_is_too_long_for_its_format_is_refused(tmp_path: Path) -> None:
    for name, most in (("a.webp", 16_383), ("a.jpg", 65_500)):
        check_format(tmp_path / name, (most, 1))
        with pytest.raises(OutputError, match=f"cannot hold a picture of 1 x {most + 1} px, only up to {most}"):
            check_format(tmp_path / name, (1, most + 1))
    check_format(tmp_path / "a.png", (100_000, 1))


def test_an_earlier_file_stays_if_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"earlier")
    with pytest.raises(OutputError):
        convert_picture(tmp_path / "gone.png", tmp_path / "a.jpg")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"earlier"]
