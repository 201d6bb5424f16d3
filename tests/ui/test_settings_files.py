"""Settings that leave the page and come back, and files from anywhere."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, SettingsError
from nst.pictures.png import write_png
from nst.settings import Settings
from nst.ui.page import Areas
from nst.ui.photo import example
from nst.ui.picks import MAX_STYLES, OWN, Picks
from nst.ui.uploads import accept
from tests.ui.tabs import session


def link(areas: Areas, picks: Picks, shares: tuple[float, ...] = (1.0,) * MAX_STYLES, **changes: Any) -> str:
    """What "Copy link" writes."""
    panel = areas.settings
    values = [changes.get(name, control.box.value) for name, control in panel.controls.items()]
    weights = [control.box.value for control in panel.layers]
    film = [changes.get(name, control.box.value) for name, control in areas.film.controls.items()]
    return areas.files.write_link(session(picks), *film, "standard", *shares, *values, *weights)


@pytest.fixture
def painting(tmp_path: Path) -> str:
    """A picture as this program leaves it."""
    path = tmp_path / "result.png"
    write_png(
        path, np.full((64, 64, 3), 90, np.uint8), settings=Settings(size=96, style_weight=2.5), network="vgg19",
        recipe="draft", styles=["The Scream"],
    )  # fmt: skip
    return str(path)


def test_a_link_has_what_differs_from_recipe_and_styles(areas: Areas) -> None:
    assert link(areas, Picks()) == "recipe=standard"
    assert link(areas, Picks(), frame_rate=8) == "recipe=standard&frame_rate=8"
    assert link(areas, Picks(keys=("scream",)), size="96") == "recipe=standard&style=scream&size=96&style_scale=1"
    both = link(areas, Picks(keys=("scream", "mosaic")), (0.25, 1.0, 1.0, 1.0))
    assert "style=scream,mosaic" in both
    assert "style_weights=0.25,1" in both


def test_a_link_leaves_out_a_style_picture_of_ones_own_and_says_so(
    areas: Areas, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("gradio.Info", said.append)
    own = accept(*example("tower"))[0]
    assert "style=scream" in link(areas, Picks(keys=(OWN, "scream"), own=own))
    assert said == ["The link with these settings is copied. Your own style picture is not in it."]


def test_the_settings_of_a_painting_come_back_and_the_photo_stays(areas: Areas, painting: str) -> None:
    tab = session(photo=accept(*example("lion"))[0])
    changes = areas.files.take(tab, painting)
    assert changes[areas.settings.controls["style_weight"].box]["value"] == 2.5
    assert changes[areas.settings.quality]["value"] == "draft"
    assert tab.picks.keys == ("scream",)
    assert tab.photo.name == "Lion"
    assert areas.photo.box not in changes


def test_a_picture_without_settings_becomes_the_photo(areas: Areas, tmp_path: Path) -> None:
    path, tab = tmp_path / "cat.png", session()
    Image.new("RGB", (64, 64), "green").save(path)
    changes = areas.files.take(tab, str(path))
    assert tab.photo.name == "cat"
    assert changes[areas.photo.box].shape == (64, 64, 3)


def test_what_is_neither_is_refused_in_a_sentence_and_the_photo_stays(areas: Areas, tmp_path: Path) -> None:
    tab = session(photo=accept(*example("lion"))[0])
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk.")
    with pytest.raises(ImageError, match="not a picture"):
        areas.files.take(tab, str(path))
    path = tmp_path / "settings.json"
    path.write_text("{")
    with pytest.raises(SettingsError, match=r"^settings\.json: "):
        areas.files.take(tab, str(path))
    assert tab.photo.name == "Lion"


def test_a_note_for_everything_that_is_not_understood(
    areas: Areas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("gradio.Warning", said.append)
    path, tab = tmp_path / "settings.json", session()
    film = {"frame_steps": 5, "frame_rate": 0}
    path.write_text(json.dumps({"styles": ["elvis", "scream"], "settings": {"size": 96, "steps": -1}, "film": film}))
    changes = areas.files.read(tab, str(path))
    assert said[1] == "Left out: Frames per second is 0; it must be a whole number from 1 to 60."
    assert "elvis" in said[2]
    assert changes[areas.film.controls["frame_steps"].box]["value"] == 5
    assert tab.picks.keys == ("scream",)
    assert changes[areas.settings.controls["size"].box]["value"] == 96
