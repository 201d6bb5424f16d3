"""The styles: cards, blends, a style of one's own, and the zip of all of them."""

import base64
import io
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from nst.gallery.manifest import bundled_styles, find_style, original_path
from nst.recipes import find_recipe
from nst.ui.page import Areas
from nst.ui.photo import example
from nst.ui.picks import OWN, Picks
from nst.ui.styles import style_cards, zip_button
from tests.pictures.making import photograph
from tests.ui.tabs import session

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


def click(key: str) -> Any:
    return SimpleNamespace(key=key)


def rest(areas: Areas, recipe: str = "standard", *values: Any) -> tuple[Any, ...]:
    """What a handler gets beside the session and what happened: the recipe and the settings."""
    return recipe, *(values or [shown.value for shown in areas.settings.components])


def test_one_style_has_no_shares_and_two_have(areas: Areas) -> None:
    styles, tab = areas.styles, session()
    one = styles.choose(tab, click("scream"), False, *rest(areas))
    assert tab.picks.keys == tab.visit.picks.keys == ("scream",)
    assert not any(one[slider]["visible"] for slider in styles.shares)
    two = styles.choose(tab, click("starry_night"), True, *rest(areas))
    assert two[styles.cards]["picked"] == ["scream", "starry_night"]
    assert [two[slider]["visible"] for slider in styles.shares] == [True, True, False, False]
    assert two[styles.shares[1]]["label"] == "The Starry Night"
    styles.switch_blend(tab, False, *rest(areas))
    assert tab.picks.keys == ("scream",)


def test_an_own_style_is_a_card_that_is_picked(areas: Areas) -> None:
    styles, (path, _), tab = areas.styles, example("lion"), session(Picks(keys=("scream",)))
    changes = styles.choose_own(tab, str(path), False, *rest(areas))
    assert tab.picks.keys == (OWN,)
    assert [card["key"] for card in changes[styles.cards]["extra"]] == [OWN]
    gone = styles.remove_own(tab, *rest(areas))
    assert tab.picks == Picks()
    assert gone[styles.cards]["extra"] == []


def test_a_bad_style_picture_changes_nothing_else(areas: Areas, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words")
    changes = areas.styles.choose_own(session(), str(path), False, *rest(areas))
    assert set(changes) == {areas.styles.own, areas.styles.own_note}
    assert 'role="alert"' in changes[areas.styles.own_note]


def test_a_style_suggests_what_suits_it_but_nothing_to_a_published_recipe(areas: Areas) -> None:
    styles, scale = areas.styles, areas.settings.controls["style_scale"].box
    suggested = find_style("starry_night").suggested["style_scale"]
    assert styles.choose(session(), click("starry_night"), False, *rest(areas))[scale]["value"] == suggested
    published = areas.settings.usual(find_recipe("gatys"), Picks())
    values = [published[name] for name in areas.settings.controls], published["style_layer_weights"]
    picked = styles.choose(session(), click("starry_night"), False, *rest(areas, "gatys", *values[0], *values[1]))
    assert not set(picked) & set(areas.settings.components)
