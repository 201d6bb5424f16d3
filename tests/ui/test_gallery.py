"""The cards of the styles, and the zip of all of them."""

import base64
import io
import logging
from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from nst.gallery.manifest import bundled_styles, find_style, original_path
from nst.ui.gallery import style_cards, zip_button
from tests.pictures.making import photograph

pytestmark = pytest.mark.usefixtures("empty_cache")


@pytest.fixture
def original(empty_cache: None) -> Path:  # noqa: ARG001
    path = original_path(find_style("scream"))
    path.parent.mkdir(parents=True)
    path.write_bytes(photograph())
    return path


def test_each_style_has_a_card_with_a_light_thumbnail_of_the_whole_picture() -> None:
    cards = style_cards()
    assert [card["key"] for card in cards] == [style.key for style in bundled_styles()]
    for card, style in zip(cards, bundled_styles(), strict=True):
        data = base64.b64decode(card["thumb"].removeprefix("data:image/jpeg;base64,"))
        assert len(data) < 25_000
        with Image.open(io.BytesIO(data)) as thumb, Image.open(style.path) as whole:
            assert max(thumb.size) == 320
            assert thumb.width / thumb.height == pytest.approx(whole.width / whole.height, abs=0.01)
        assert all((card["title"], card["by"], card["about"], card["alt"]))
        assert not card["mark"]
    assert sum(len(card["thumb"]) for card in cards) < 400_000


@pytest.mark.usefixtures("original")
def test_an_original_stands_beside_its_study_and_is_marked() -> None:
    study, found = style_cards()[:2]
    assert (study["key"], found["key"]) == ("scream", "scream-original")
    assert found["title"] == study["title"]
    assert found["mark"] == "photograph of the original"


def test_a_damaged_original_is_left_out_and_logged(original: Path, caplog: pytest.LogCaptureFixture) -> None:
    original.write_bytes(b"\xff\xd8\xff nothing")
    with caplog.at_level(logging.WARNING):
        assert len(style_cards()) == len(bundled_styles())
    assert str(original) in caplog.text


def test_the_zip_is_there_when_the_page_is() -> None:
    with gr.Blocks():
        button = zip_button()
    assert button.value["orig_name"] == "style_refs.zip"
    assert Path(button.value["path"]).stat().st_size > 4_000_000
