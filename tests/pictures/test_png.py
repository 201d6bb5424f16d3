import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, OutputError
from nst.pictures.containers import PNG_SIGNATURE
from nst.pictures.decode import read_picture
from nst.pictures.png import read_document, read_png, write_png
from nst.settings import Settings
from nst.version import __version__
from tests.pictures.making import encoded, noise, png_chunk, quadrants

SETTINGS = Settings(steps=150, seed=7, style_weight=1.5, style_layer_weights=(1.0, 0.5, 2.0, 1.0, 0.0))


def written(tmp_path: Path) -> Path:
    path = tmp_path / "result.png"
    write_png(path, noise(40, 30), settings=SETTINGS, network="vgg19", device="CPU (2 cores)")
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


def test_recipe_styles_and_settings_come_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "result.png"
    styles = ["The Scream", "Cafe\u0301 \N{ARTIST PALETTE}"]
    write_png(path, quadrants(), settings=SETTINGS, network="vgg19", recipe="keras", styles=styles)
    document = {"settings": SETTINGS.to_dict(), "styles": styles, "recipe": "keras"}
    assert read_document(path.read_bytes()) == document


def test_a_png_of_another_program_has_no_document() -> None:
    assert read_document(encoded(quadrants(), "PNG")) == {"recipe": ""}


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"Settings\0{not json"),
        png_chunk(b"tEXt", b"Settings\0\xff\xfe\xfd"),
        png_chunk(b"tEXt", b"Settings\0{}" + b" " * 70_000)[:65_000],
        png_chunk(b"tEXt", b"Settings\0{}")[:-1] + b"\0",
    ],
)
def test_texts_that_are_damaged_or_cut_off(chunk: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_document(PNG_SIGNATURE + chunk)


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


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="damaged or gone"):
        read_png(tmp_path / "none.png")


def test_half_a_result(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(ImageError, match="damaged or gone"):
        read_png(path)
