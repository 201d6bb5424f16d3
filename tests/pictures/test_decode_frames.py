from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from nst.pictures.decode import decode
from tests.pictures.making import BLUE, GREEN, RED, SAVE_OPTIONS, WHITE, assert_near, encoded, quadrants, read, scans


@pytest.mark.parametrize("kind", ["GIF", "WebP", "PNG", "TIFF", "AVIF"])
def test_the_first_frame_of_an_animation(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **SAVE_OPTIONS[kind])
    picture = read(tmp_path, data)
    assert picture.shape == (32, 32, 3)
    assert np.abs(picture.astype(int) - RED).max() <= 6


def test_the_default_picture_of_an_animated_png(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN)]
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True)
    assert (read(tmp_path, data) == RED).all()


def test_the_rest_of_the_canvas_of_a_small_first_frame_is_white(tmp_path: Path) -> None:
    data = bytearray(encoded(Image.new("P", (16, 16), 0), "GIF", transparency=1))
    data[6:10] = (32).to_bytes(2, "little") * 2
    picture = read(tmp_path, bytes(data))
    assert picture.shape == (32, 32, 3)
    assert tuple(picture[0, 0]) == (0, 0, 0)
    assert tuple(picture[31, 31]) == WHITE


def test_the_first_picture_of_several_in_one_jpeg(tmp_path: Path) -> None:
    several = encoded(Image.fromarray(quadrants()), "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32))])
    assert_near(read(tmp_path, several), quadrants())
    jpeg = encoded(quadrants(), "JPEG", **SAVE_OPTIONS["JPEG"])
    assert_near(read(tmp_path, jpeg + b"PK\x03\x04 a zip" * 50), quadrants())


def test_a_progressive_jpeg(tmp_path: Path) -> None:
    assert_near(read(tmp_path, scans(20, side=32)), quadrants(32, 32), tolerance=20)


@pytest.mark.parametrize("kind", ["GIF", "WebP", "PNG", "AVIF"])
@pytest.mark.parametrize("blank", ["black", "white"])
def test_blank_frames_at_the_start_are_passed_over(tmp_path: Path, kind: str, blank: str) -> None:
    frames = [Image.new("RGB", (48, 32), blank), *[Image.fromarray(quadrants())] * 3, Image.new("RGB", (48, 32))]
    options = SAVE_OPTIONS[kind] | ({} if kind == "AVIF" else {"duration": 100})
    frames[2] = ImageOps.mirror(frames[2])
    path = tmp_path / "moving"
    path.write_bytes(encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    decoded = decode(path)
    assert_near(decoded.pixels, quadrants())
    assert decoded.notes == (
        "Of this moving picture's 5 frames, number 2 is used, as what comes before shows nothing.",
    )


def test_the_first_frame_is_used_if_it_shows_something(tmp_path: Path) -> None:
    frames = [Image.fromarray(quadrants()), *(Image.new("RGB", (48, 32), (0, 0, level)) for level in range(0, 250, 50))]
    path = tmp_path / "moving.gif"
    path.write_bytes(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    decoded = decode(path)
    assert_near(decoded.pixels, quadrants())
    assert decoded.notes == ("Of this moving picture's 6 frames, number 1 is used.",)


def test_a_moving_picture_that_shows_nothing_is_its_first_frame(tmp_path: Path) -> None:
    path = tmp_path / "moving.gif"
    path.write_bytes(
        encoded(Image.new("RGB", (32, 32)), "GIF", save_all=True, append_images=[Image.new("RGB", (32, 32), WHITE)])
    )
    assert (decode(path).pixels == 0).all()
