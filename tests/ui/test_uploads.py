"""Pictures that come in and stand on the page."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError
from nst.pictures.resize import shrink
from nst.ui.data_uri import data_uri
from nst.ui.picker import card
from nst.ui.stage import empty_stage, stage
from nst.ui.uploads import accept, picture_box


def opened(uri: str) -> Image.Image:
    head, data = uri.split(",", 1)
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize(
    ("shape", "side", "size"), [((40, 80, 3), 40, (40, 20)), ((40, 80, 3), 100, (80, 40)), ((90, 30, 3), 45, (15, 45))]
)
def test_a_frame_is_a_small_jpeg_of_the_same_shape(shape: tuple[int, ...], side: int, size: tuple[int, int]) -> None:
    picture = np.full(shape, 200, np.uint8)
    image = opened(data_uri(picture, side))
    assert image.size == size
    assert abs(int(np.asarray(image).mean()) - 200) <= 1
    assert shrink(picture, side).shape == (size[1], size[0], 3)


def test_an_upload_stands_upright_and_keeps_its_file(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.jpg"
    Image.new("RGB", (80, 40)).save(path, exif=exif)
    upload, shown = accept(path)
    assert (upload.width, upload.height, upload.name, upload.path) == (40, 80, "a", str(path))
    assert shown.shape == (80, 40, 3)
    assert opened(upload.uri).size == (40, 80)


def test_a_bad_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    with pytest.raises(ImageError):
        accept(path)


def test_the_box_hands_over_the_file_untouched() -> None:
    box = picture_box()
    payload = box.data_model(path="/somewhere/raw.tiff", size=100)
    assert box.preprocess(payload) == "/somewhere/raw.tiff"
    # Gradio builds the box anew from its class when a handler updates it.
    anew = box.__class__(**box.constructor_args | {"render": False})
    assert anew.preprocess(payload) == "/somewhere/raw.tiff"
    assert anew.get_block_name() == "image"
    # What the page itself put into the box has no size.
    assert box.preprocess(box.data_model(path="/shown/image.jpeg")) is None
    assert box.preprocess(None) is None


def test_a_card_holds_text_not_markup() -> None:
    made = card("key", '<b onclick="x()">', "data:,", about="`${1}`")
    assert "<" not in made["title"]
    assert '"' not in made["title"]


def test_the_frame_takes_the_shape_of_the_picture_and_no_more_room_than_its_pixels() -> None:
    html = stage("data:,x", (300, 200), "running", alt='"><script>', chips=["<b>"], share=0.256, frame=7)
    assert "--ratio:1.5000;--width:300px" in html
    assert 'data-frame="7"' in html
    assert "width:25.6%" in html
    assert "<script" not in html
    assert "<b>" not in html
    assert "bar" not in stage("data:,x", (300, 200), "done", alt="")
    assert "--width" not in stage("data:,x", (300, 200), "ready", alt=""), "the photo fills the room"


def test_the_empty_easel_says_what_to_do_first() -> None:
    assert "Choose a photo" in empty_stage()
    assert "done" not in empty_stage()
    assert empty_stage(styled=True).count('class="done"') == 1
