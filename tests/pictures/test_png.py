import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, OutputError
from nst.pictures.decode import read_picture
from nst.pictures.png import read_png, read_settings, write_png
from nst.settings import Settings
from nst.version import __version__
from tests.pictures.making import encoded, noise, png_chunk, quadrants

SETTINGS = Settings(steps=150, seed=7, style_weight=1.5, style_layer_weights=(1.0, 0.5, 2.0, 1.0, 0.0))


def written(tmp_path: Path) -> Path:
    path = tmp_path / "result.png"
    write_png(path, noise(40, 30), settings=SETTINGS, network="vgg19", device="CPU (2 cores)")
    return path


def with_text(tmp_path: Path, *chunks: bytes) -> Path:
    """A PNG with chunks between its header and its pixels."""
    data = encoded(quadrants(), "PNG")
    path = tmp_path / "other.png"
    path.write_bytes(data[:33] + b"".join(chunks) + data[33:])
    return path


def test_pixels_come_back_as_they_were(tmp_path: Path) -> None:
    path = written(tmp_path)
    np.testing.assert_array_equal(read_png(path), noise(40, 30))
    np.testing.assert_array_equal(read_picture(path), noise(40, 30))


def test_the_texts_say_how_it_was_made_and_no_more(tmp_path: Path) -> None:
    with Image.open(written(tmp_path)) as image:
        assert set(image.info) == {"Software", "Settings", "Network", "Device"}
        assert image.info["Software"] == f"Impasto {__version__}"
        assert image.info["Network"] == "vgg19"
        assert image.info["Device"] == "CPU (2 cores)"
        assert json.loads(image.info["Settings"]) == SETTINGS.to_dict()


def test_settings_come_back_equal(tmp_path: Path) -> None:
    assert Settings.from_mapping(read_settings(written(tmp_path))) == SETTINGS


def test_without_a_device_nothing_is_said_of_it(tmp_path: Path) -> None:
    write_png(tmp_path / "result.png", quadrants(), settings=SETTINGS, network="vgg19")
    with Image.open(tmp_path / "result.png") as image:
        assert "Device" not in image.info


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"result\.png cannot be written"):
        written(tmp_path / "none")


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", encoded(quadrants(), "JPEG"), encoded(quadrants(), "PNG"), b"text"]
)
def test_a_file_without_settings(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "photo.png").write_bytes(data)
    with pytest.raises(
        ImageError, match=r"^This file carries no settings; only the PNG files that this program wrote do"
    ):
        read_settings(tmp_path / "photo.png")


@pytest.mark.parametrize("value", ["[1, 2]", "7", '"text"', "null"])
def test_settings_that_are_no_mapping(tmp_path: Path, value: str) -> None:
    path = with_text(tmp_path, png_chunk(b"tEXt", b"Settings\0" + value.encode()))
    with pytest.raises(ImageError, match="carries no settings"):
        read_settings(path)


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"Settings\0{not json"),
        png_chunk(b"tEXt", b"Settings\0\xff\xfe\xfd"),
        png_chunk(b"tEXt", b"Settings\0" + b"[" * 60_000),
        png_chunk(b"tEXt", b"Settings\0{}" + b" " * 70_000),
        png_chunk(b"tEXt", b"Settings\0{}")[:-1] + b"\0",
    ],
)
def test_settings_that_are_damaged_too_deep_or_too_long(tmp_path: Path, chunk: bytes) -> None:
    with pytest.raises(ImageError, match=r"^The settings in this file cannot be read\.$"):
        read_settings(with_text(tmp_path, chunk))


def test_only_the_start_of_a_file_is_searched(tmp_path: Path) -> None:
    settings = png_chunk(b"tEXt", b'Settings\0{"seed": 3}')
    assert read_settings(with_text(tmp_path, png_chunk(b"eXIf", bytes(60_000)), settings)) == {"seed": 3}
    with pytest.raises(ImageError, match="carries no settings"):
        read_settings(with_text(tmp_path, png_chunk(b"eXIf", bytes(70_000)), settings))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read_settings(tmp_path / "none.png")
    with pytest.raises(ImageError, match="damaged or gone"):
        read_png(tmp_path / "none.png")


def test_half_a_result(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(ImageError, match="damaged or gone"):
        read_png(path)
