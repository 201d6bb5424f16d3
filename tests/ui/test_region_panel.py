"""Regions: a rule or a drawing becomes the mask of the next run, and the page shows it."""

import base64
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.jobs import PictureFile
from nst.saved_settings import from_query
from nst.ui.page import Areas
from nst.ui.picks import Picks
from nst.ui.region_panel import DRAWN, DROPPED, EVERYTHING
from nst.ui.visits import Session
from tests.ui.tabs import session

BLEND = Picks(keys=("scream", "starry_night"))


def event(**data: Any) -> Any:
    return SimpleNamespace(**data)


@pytest.fixture
def tab(areas: Areas) -> Session:
    tab = session(Picks(keys=("scream",)))
    areas.photo.choose_example(tab, event(key="lion"))
    return tab


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """Keeps the left half and gives the rest to the first style, in the proportions of the lion."""
    pixels = np.zeros((640, 640, 3), np.uint8)
    pixels[:, 320:] = (255, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "drawing.png")
    return tmp_path / "drawing.png"


def mask_on(board: dict[str, Any]) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(base64.b64decode(board["mask"].partition(",")[2]))))


def test_a_rule_becomes_the_mask_and_is_shown_on_the_photo(areas: Areas, tab: Session) -> None:
    regions = areas.regions
    changes = regions.choose(tab, "upper", swap=False)
    assert tab.mask == tab.visit.mask == "upper"
    board = changes[regions.board]
    assert (board["photo"], board["brushes"]) == (tab.photo.uri, [])
    assert mask_on(board)[[0, -1], 0, 0].tolist() == [255, 0]
    assert "Paints the upper half" in changes[regions.note]
    assert changes[regions.swap]["visible"]
    assert changes[areas.film.mask_group]["visible"]
    swapped = regions.choose(tab, "upper", swap=True)
    assert tab.mask == "not-upper"
    assert mask_on(swapped[regions.board])[[0, -1], 0, 0].tolist() == [0, 255]
    assert swapped[regions.board]["version"] != board["version"]
    again = regions.show(Session(tab.visit))
    assert (again[regions.choice], again[regions.swap]["value"]) == ("upper", True)
    everything = regions.choose(tab, EVERYTHING, swap=True)
    assert everything[regions.board] == ""
    assert not everything[areas.film.mask_group]["visible"]
    assert tab.mask is None


def test_a_drawing_is_the_mask_and_stays_on_the_board_while_styles_change(
    areas: Areas, tab: Session, drawing: Path
) -> None:
    regions = areas.regions
    tab.pick(BLEND)
    empty = regions.choose(tab, DRAWN, swap=False)[regions.board]
    assert (empty["mask"], tab.mask) == ("", None)
    assert [label for _, label in empty["brushes"]] == [
        "Keep the photo", "Only The Scream", "Only The Starry Night", "All styles",
    ]  # fmt: skip
    assert "refusal" not in regions.draw(tab, event(path=str(drawing)))[regions.note]
    assert tab.mask.path == drawing
    assert tab.visit.mask is tab.mask
    tab.pick(Picks(keys=("scream",)))
    changes = regions.follow(tab, DRAWN)
    assert changes[regions.board]["version"] == empty["version"], "what is drawn meanwhile is not replaced"
    assert [label for _, label in changes[regions.board]["brushes"]] == ["Keep the photo", "Paint"]
    assert "The mask has colours" in changes[regions.note]
    assert mask_on(changes[regions.board])[100, 600].tolist() == [255, 0, 0]


def test_another_photo_clears_a_drawing_and_says_so_but_keeps_a_rule(areas: Areas, tab: Session, drawing: Path) -> None:
    regions = areas.regions
    regions.draw(tab, event(path=str(drawing)))
    before = regions.show(tab)[regions.board]["version"]
    areas.photo.choose_example(tab, event(key="tower"))
    changes = regions.follow(tab, DRAWN)
    assert tab.mask is tab.visit.mask is None
    assert DROPPED in changes[regions.note]
    assert changes[regions.board]["mask"] == ""
    assert changes[regions.board]["version"] != before
    assert DROPPED not in regions.follow(tab, DRAWN)[regions.note], "it is said once"
    regions.choose(tab, "portrait", swap=False)
    areas.photo.choose_example(tab, event(key="lion"))
    assert tab.mask == "portrait"


def test_what_does_not_work_is_said_where_it_is_chosen(areas: Areas, tab: Session, tmp_path: Path) -> None:
    regions = areas.regions
    changes = regions.choose(tab, "cutout", swap=False)
    assert "no part of this photo is transparent" in changes[regions.note]
    assert changes[regions.board] == ""
    Image.new("RGB", (640, 640)).save(tmp_path / "black.png")
    assert "nothing would be painted" in regions.draw(tab, event(path=str(tmp_path / "black.png")))[regions.note]
    (tmp_path / "black.png").unlink()
    assert "There is no such file" in regions.show(tab)[regions.note]
    areas.photo.remove(tab)
    assert "There is no photo yet" in regions.choose(tab, "upper", swap=False)[regions.note]


def test_a_rule_travels_with_the_settings_and_a_drawing_is_said_not_to(
    areas: Areas, tab: Session, drawing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("gradio.Info", said.append)
    values = [box.value for box in (*areas.film.boxes, *areas.styles.choices)]
    areas.regions.choose(tab, "dark", swap=True)
    query = areas.files.write_link(tab, *values)
    assert "mask=not-dark" in query
    other = session()
    shown = areas.files.apply(other, from_query(dict(part.split("=") for part in query.split("&"))))
    assert other.mask == "not-dark"
    assert shown[areas.regions.choice] == "dark"
    tab.choose_mask(PictureFile(path=drawing, name="drawing"))
    assert "mask" not in areas.files.write_link(tab, *values)
    assert "Your drawing is not in it" in said[-1]
