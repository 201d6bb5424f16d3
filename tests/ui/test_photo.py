"""The photo: chosen, refused, taken away."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from nst.ui.page import Areas
from nst.ui.photo import example, example_cards
from nst.ui.picks import Picks
from nst.ui.uploads import Upload, accept
from tests.ui.tabs import session


def click(key: str) -> Any:
    return SimpleNamespace(key=key)


def test_the_examples_come_with_gradio() -> None:
    cards = example_cards()
    assert len(cards) == 4
    for entry in cards:
        path, title = example(entry["key"])
        assert entry["title"] == title
        upload, _ = accept(path, title)
        assert upload.name == title


def test_an_example_becomes_the_photo(areas: Areas) -> None:
    tab = session()
    changes = areas.photo.choose_example(tab, click("tower"))
    assert tab.photo.name == tab.visit.photo.name == example("tower")[1]
    assert changes[areas.photo.box].shape[:2] == (tab.photo.height, tab.photo.width)
    assert "Now pick a style" in changes[areas.easel.stage]
    styled = areas.photo.choose_example(session(Picks(keys=("scream",))), click("tower"))
    assert "Ready: press Run" in styled[areas.easel.stage]


def test_a_photo_during_a_run_leaves_the_easel_alone(areas: Areas) -> None:
    tab = session()
    areas.photo.choose_example(tab, click("lion"))
    tab.show(SimpleNamespace(over=False), tab.photo)
    changes = areas.photo.choose_example(tab, click("tower"))
    assert tab.photo.name == example("tower")[1]
    assert areas.easel.stage not in changes
    assert areas.easel.status not in changes
    assert tab.painting


def test_a_bad_photo_is_refused_and_goes(areas: Areas, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff nothing")
    tab = session()
    areas.photo.choose_example(tab, click("tower"))
    changes = areas.photo.choose(tab, str(path))
    assert changes[areas.photo.box] is None
    assert tab.photo is None
    assert "JPEG" in changes[areas.photo.note]
    assert "stage empty" in changes[areas.easel.stage]
    assert areas.photo.choose(tab, None) == gr.skip()


def test_what_is_called_a_clip_is_refused_as_one_unless_it_is_a_picture(areas: Areas, tmp_path: Path) -> None:
    path = tmp_path / "text.MP4"
    path.write_text("just text")
    tab = session()
    assert "not a clip of a kind that can be read: MP4" in areas.photo.choose(tab, str(path))[areas.photo.note]
    path.write_bytes(example("lion")[0].read_bytes())
    areas.photo.choose(tab, str(path))
    assert (tab.photo.name, tab.photo.clip) == ("text", None)


def test_taking_the_photo_away_empties_the_easel(areas: Areas) -> None:
    tab = session()
    areas.photo.choose_example(tab, click("tower"))
    changes = areas.photo.remove(tab)
    assert tab.photo is None
    assert "stage empty" in changes[areas.easel.stage]


def test_a_photo_keeps_its_name_out_of_the_page(areas: Areas, tmp_path: Path) -> None:
    path = tmp_path / "<b>evil.png"
    path.write_bytes(example("lion")[0].read_bytes())
    upload: Upload = accept(path)[0]
    assert upload.name == "<b>evil"
    changes = areas.photo.choose(session(), str(path))
    assert "<b>" not in changes[areas.easel.stage]
