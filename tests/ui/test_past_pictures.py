"""What a picture of the strip brings back, and what can be done with it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from nst.errors import NSTError
from nst.jobs import PictureFile
from nst.ui.page import Areas
from nst.ui.picks import Picks
from nst.ui.uploads import accept
from nst.ui.visits import Session
from tests.runs.making import recorded
from tests.ui.tabs import session
from tests.ui.test_entrance import REQUEST


def click(key: str) -> Any:
    return SimpleNamespace(key=key)


@pytest.fixture
def tab() -> Session:
    """A tab with a style."""
    return session(Picks(keys=("mosaic",)))


def a_run(results: Path, tab: Session, **options: Any) -> str:
    """The id of a run of this visitor; the page has not heard of it yet."""
    return recorded(results, owner=tab.visit.owner, **options).id


def photo(tab: Session, path: Path, size: tuple[int, int], name: str = "cat") -> None:
    Image.new("RGB", size, "green").save(path)
    tab.choose_photo(accept(path, name)[0])


def test_the_strip_shows_the_runs_of_the_visit_alone_newest_first(areas: Areas, tab: Session, tmp_path: Path) -> None:
    strip = areas.history.strip
    older, newer = a_run(tmp_path, tab), a_run(tmp_path, tab, end=None)
    recorded(tmp_path, owner="somebody else")
    cards = areas.history.refresh(tab)[strip]["cards"]
    assert {card["key"] for card in cards} == {older, newer}
    assert [card["key"] for card in cards] == sorted((older, newer), reverse=True)
    assert {card["key"]: card["mark"] for card in cards} == {older: "", newer: "interrupted"}
    assert {card["by"] for card in cards} == {"64 × 64 px"}


def test_a_click_opens_files_comparison_easel_and_chart(areas: Areas, tab: Session, tmp_path: Path) -> None:
    run_id, other = a_run(tmp_path, tab), a_run(tmp_path, tab)
    changes = areas.history.open(tab, click(run_id))
    assert tab.opened == run_id
    assert changes[areas.history.strip]["value"]["picked"] == [run_id]
    assert changes[areas.history.actions]["visible"]
    assert not changes[areas.history.resume]["visible"]
    assert Path(changes[areas.results.downloads["png"]]["value"]).name == "cat-the-scream-64.png"
    assert changes[areas.results.against]["choices"][1:] == [("cat, The Scream, 64 × 64 px", other)]
    assert "The painting" in changes[areas.easel.stage]
    assert "step 2: total 2  content 1  style 2" in changes[areas.results.log]


def test_a_film_is_told_from_a_picture_and_has_no_slider_before_it_is_finished(
    areas: Areas, tab: Session, tmp_path: Path
) -> None:
    run_id = a_run(tmp_path, tab, end=None)
    file = tmp_path / run_id / "settings.json"
    film = {"frames": 6, "film": {"frame_rate": 10}, "clip": {"rate": 25.0, "sound": False}}
    file.write_text(json.dumps({**json.loads(file.read_text()), **film}))
    for name in ("log.csv", "frames/000000.png"):
        (tmp_path / run_id / name).unlink()
    changes = areas.history.open(tab, click(run_id))
    (card,) = areas.history.refresh(tab)[areas.history.strip]["cards"]
    assert (card["kind"], card["by"]) == ("film", "64 × 64 px, 6 frames")
    assert "<dt>Clip</dt><dd>cat</dd>" in changes[areas.easel.status]
    assert "Interrupted at frame 3 of 6: press Go on" in changes[areas.easel.status]
    assert "not finished" in changes[areas.results.hint]["value"]
    assert changes[areas.results.curve]["x"] == "frame"
    assert not any(changes[part]["visible"] for part in (areas.results.compare, areas.results.against))
    for name in ("before.mp4", "progress.mp4"):
        (tmp_path / run_id / name).touch()
    changes = areas.history.open(tab, click(run_id))
    assert changes[areas.results.players]["visible"]
    assert not changes[areas.results.hint]["visible"]
    gif, sheet = (changes[areas.results.downloads[kind]] for kind in ("gif", "sheet"))
    assert (gif["interactive"], gif["label"]) == (False, "GIF\nthe film is longer than 5 s")
    assert not sheet["visible"]


def test_after_a_restart_the_photo_of_the_newest_run_is_back_once(areas: Areas, tab: Session, tmp_path: Path) -> None:
    run_id = a_run(tmp_path, tab)
    file, token = tmp_path / run_id / "settings.json", {"token": tab.visit.token}
    file.write_text(json.dumps({**json.loads(file.read_text()), "content_size": [640, 640]}))
    changes = areas.entrance.enter(token, REQUEST)
    here = changes[areas.entrance.session]
    assert here.photo.name == "cat"
    assert "stage ready" in changes[areas.easel.stage]
    assert "64 × 64 px: choose the photo again to paint it larger" in changes[areas.photo.note]
    areas.history.open(here, click(run_id))
    areas.history.remove(here)
    assert Path(here.photo.path).is_file(), "a picture that is deleted leaves the photo"
    a_run(tmp_path, tab)
    areas.photo.remove(here)
    assert areas.entrance.enter(token, REQUEST)[areas.entrance.session].photo is None


def test_during_a_run_a_click_leaves_the_easel_and_the_chart_alone(areas: Areas, tab: Session, tmp_path: Path) -> None:
    run_id = a_run(tmp_path, tab)
    tab.show(SimpleNamespace(over=False), tab.photo)
    changes = areas.history.open(tab, click(run_id))
    assert areas.results.downloads["png"] in changes
    assert not {areas.easel.stage, areas.easel.status, areas.results.log, areas.results.curve} & changes.keys()


def test_what_is_not_there_is_said(areas: Areas, tab: Session, tmp_path: Path) -> None:
    for key in ("", "../etc", recorded(tmp_path, owner="somebody else").id):
        with pytest.raises(NSTError, match="not there any more"):
            areas.history.open(tab, click(key))


def test_the_next_run_starts_from_a_picture_with_its_photo_and_settings(
    areas: Areas, tab: Session, tmp_path: Path
) -> None:
    run_id = a_run(tmp_path, tab)
    photo(tab, tmp_path / "dog.png", (80, 80), "dog")
    areas.history.open(tab, click(run_id))
    changes = areas.history.start_from(tab)
    assert tab.start is not None
    assert tab.start.path.parent.name == run_id
    assert tab.photo.name == "cat"
    assert tab.mask is None
    assert tab.picks.keys == ("scream",)
    assert changes[areas.settings.controls["size"].box]["value"] == 64
    assert "Run starts from this picture" in changes[areas.easel.stage]


@pytest.mark.parametrize(
    ("name", "choice", "notes"),
    [
        ("not-portrait", "portrait", []),
        ("face.png", "drawn", ["Left out: the mask 'face.png', a picture of its own."]),
    ],
)
def test_the_next_run_starts_with_the_mask_of_the_picture(
    areas: Areas,
    tab: Session,
    tmp_path: Path,
    name: str,
    choice: str,
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warned: list[str] = []
    monkeypatch.setattr("gradio.Warning", warned.append)
    run_id = a_run(tmp_path, tab)
    file, mask = tmp_path / run_id / "settings.json", tmp_path / run_id / "mask.png"
    file.write_text(json.dumps({**json.loads(file.read_text()), "mask": name}))
    Image.new("RGB", (64, 64), "white").save(mask)
    areas.history.open(tab, click(run_id))
    changes = areas.history.start_from(tab)
    assert warned == []
    assert changes[areas.regions.choice] == choice
    assert changes[areas.regions.board]["photo"] == tab.photo.uri
    assert tab.mask == (name if choice == "portrait" else PictureFile(path=mask, name=name, label="mask"))
    areas.history.reuse_settings(tab)
    assert warned == notes, "what the settings do not hold is said"


def test_the_photo_that_a_picture_was_painted_from_stays_as_large_as_it_is(
    areas: Areas, tab: Session, tmp_path: Path
) -> None:
    run_id = a_run(tmp_path, tab)
    photo(tab, tmp_path / "cat.png", (64, 64))
    areas.history.open(tab, click(run_id))
    before = tab.photo
    areas.history.start_from(tab)
    assert tab.photo is before
    assert tab.start is not None


def test_settings_come_back_and_the_photo_stays(areas: Areas, tab: Session, tmp_path: Path) -> None:
    run_id = a_run(tmp_path, tab)
    photo(tab, tmp_path / "dog.png", (80, 80), "dog")
    areas.history.open(tab, click(run_id))
    changes = areas.history.reuse_settings(tab)
    assert changes[areas.settings.controls["steps"].box]["value"] == 5
    assert tab.picks.keys == ("scream",)
    assert (tab.photo.name, tab.start) == ("dog", None)


def test_a_picture_becomes_the_photo(areas: Areas, tab: Session, tmp_path: Path) -> None:
    run_id = a_run(tmp_path, tab)
    areas.history.open(tab, click(run_id))
    areas.history.use_as_photo(tab)
    assert tab.photo.name == "cat, The Scream"


def test_a_picture_is_deleted_with_its_files(areas: Areas, tab: Session, tmp_path: Path) -> None:
    run_id = a_run(tmp_path, tab)
    png = Path(areas.history.open(tab, click(run_id))[areas.results.downloads["png"]]["value"])
    assert png.is_file()
    changes = areas.history.remove(tab)
    assert changes[areas.history.strip]["cards"] == []
    assert not changes[areas.history.actions]["visible"]
    assert not png.exists()
    assert not (tmp_path / run_id).exists()


def test_an_interrupted_run_goes_on_unless_another_is_on_the_easel(areas: Areas, tab: Session, tmp_path: Path) -> None:
    run_id = a_run(tmp_path, tab, end=None)
    changes = areas.history.open(tab, click(run_id))
    assert changes[areas.history.resume]["visible"]
    assert "Interrupted: press Go on" in changes[areas.easel.status]
    tab.show(SimpleNamespace(over=False), tab.photo)
    with pytest.raises(NSTError, match="being painted"):
        areas.history.go_on(tab, None)
    tab.shown = None
    areas.history.go_on(tab, None)
    assert tab.run.id == run_id
    assert [*tab.run.progress()][-1].state == "finished"
