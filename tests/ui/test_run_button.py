"""The handlers of a run, with the real engine and a loop that paints in no time: what it ends with, and refusals."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from nst.limits import Limits
from nst.ui.picks import Picks
from nst.ui.run_button import BROKEN
from nst.ui.uploads import Upload, accept_photo_or_clip
from nst.ui.visits import Session
from tests.engines import loops
from tests.pictures.films import film, grey
from tests.ui.desk import SCREAM, Desk
from tests.ui.tabs import session


def test_a_run_ends_with_picture_comparison_and_files(desk: Callable[..., Desk], tab: Session) -> None:
    here = desk()
    updates, names = [], {}
    for update in here.run(tab, size=256, steps=3):
        updates.append(update)
        for kind, button in here.results.downloads.items():
            path = update.get(button, {}).get("value")
            if path is not None:
                names[kind] = path.name
                assert path.stat().st_size > 0, "the file is there while the page takes it"
    updates = updates[-2:]  # A slow browser may lose what comes while the run goes on.
    assert "Finished" in here.text(updates, here.easel.status)
    assert "stage done" in here.text(updates, here.easel.stage)
    assert here.text(updates, here.easel.run)["visible"]
    assert not here.text(updates, here.easel.stop)["visible"]
    assert "step 3: " in here.text(updates, here.results.log)
    assert here.text(updates, here.results.curve)["x"] == "step"
    assert len(here.text(updates, here.history.strip)["cards"]) == 1
    before, after = here.text(updates, here.results.compare)["value"]
    assert before.shape == after.shape
    assert np.array_equal(before[0, 0], (120, 90, 30))
    assert names == {
        "png": "lion-the-scream-96.png", "gif": "lion-the-scream-96.gif", "mp4": "lion-the-scream-96.mp4",
        "sheet": "lion-the-scream-96-sheet.png", "zip": "lion-the-scream-96.zip",
        "settings": "lion-the-scream-96.json",
    }  # fmt: skip


def test_a_clip_is_painted_frame_by_frame_and_ends_in_two_players(desk: Callable[..., Desk], tmp_path: Path) -> None:
    clip, preview = accept_photo_or_clip(film(tmp_path / "lion.mp4", [grey(number) for number in range(6)]))
    assert (clip.name, clip.clip.frames, preview.shape) == ("lion", 6, (48, 64, 3))
    here, tab = desk(preview_seconds=0.0), session(SCREAM, clip)
    assert here.film.show(tab)[here.film.group]["visible"]
    seen = list(here.run(tab, size=64, steps=3, frame_rate=10, frame_steps=1))
    status = here.text(seen, here.easel.status)
    assert "Finished" in status
    assert "6 of 6" in status
    assert "<dt>Clip</dt><dd>lion</dd>" in status
    strip = here.text(seen, here.easel.strip.box)
    assert [card["title"] for card in strip["cards"]] == [f"Frame {number}" for number in range(1, 7)]
    assert "frame 6: total" in here.text(seen, here.results.log)
    assert here.text(seen, here.results.curve)["x"] == "frame"
    players = here.text(seen, here.results.players)
    assert players["visible"]
    assert 'class="sound"' not in players["value"], "the clip has none"
    assert re.search(r'class="after" src="gradio_api/file=[^"]*lion-the-scream-64.mp4"', players["value"])
    assert not here.text(seen, here.results.compare)["visible"]
    assert here.text(seen, here.results.downloads["mp4"])["label"] == "MP4\nthe film"
    assert "Films are not measured." in here.text(seen, here.results.metrics)
    shown = here.easel.show_frame(tab, SimpleNamespace(key="2"))
    assert "Frame 2" in shown[here.easel.stage]


def test_a_frame_of_the_strip_stays_on_the_easel_while_its_film_is_painted(
    desk: Callable[..., Desk], tmp_path: Path
) -> None:
    clip, _ = accept_photo_or_clip(film(tmp_path / "lion.mp4", [grey(number) for number in range(20)]))
    here, tab = desk(preview_seconds=0.0), session(SCREAM, clip)
    updates = here.run(tab, size=64, steps=3, frame_rate=10, frame_steps=100)
    here.until(updates, here.easel.strip.box, "Frame 1")
    for held, words in ((1, "Frame 1<"), (0, "The painting so far")):
        here.easel.show_frame(tab, SimpleNamespace(key="1"))
        assert tab.frame_held == held
        here.until(updates, here.easel.stage, words)
    tab.run.stop()
    kept = len(here.text(seen := [*updates], here.easel.strip.box)["cards"])
    assert f"Stopped: {kept} of 20 frames are kept" in here.text(seen, here.easel.status)


@pytest.mark.parametrize(
    ("picks", "changes", "sentence"),
    [
        (Picks(), {}, "No style is picked"),
        (SCREAM, {"steps": 10.7}, "Steps is 10.7"),
        (SCREAM, {"size": 1}, "Size is 1"),
    ],
)
def test_a_mistake_is_told_in_place(
    desk: Callable[..., Desk], photo: Upload, picks: Picks, changes: dict[str, Any], sentence: str
) -> None:
    here, tab = desk(), session(picks, photo)
    updates = [here.submit(tab, **changes)]
    assert list(here.follow(tab)) == 3 * [gr.skip()]
    assert sentence in here.text(updates, here.easel.status)
    assert "stage ready" in here.text(updates, here.easel.stage)
    assert "Ready" not in here.text(updates, here.easel.stage)
    assert here.text(updates, here.easel.run) == gr.update(visible=True, interactive=True)


def test_a_run_that_fails_says_why_and_the_page_goes_on(desk: Callable[..., Desk], tab: Session) -> None:
    def failing(*_pictures: Any, **_options: Any) -> Iterator[Any]:
        raise RuntimeError("secret detail")
        yield

    here = desk(failing)
    updates = list(here.run(tab))
    shown = here.text(updates, here.easel.status)
    assert "could not be finished" in shown
    assert "secret detail" not in shown
    assert here.text(updates, here.easel.run)["visible"]
    assert "stage" in here.text(updates, here.easel.stage)


def test_a_bug_in_the_page_leaves_everything_as_it_was(tab: Session) -> None:
    class Broken:
        def submit(self, _make_job: Any, **_more: Any) -> None:
            raise RuntimeError("secret detail")

    here = Desk(Broken())
    updates = [here.submit(tab)]
    assert BROKEN in here.text(updates, here.easel.status)


def test_a_full_line_is_told_in_place(desk: Callable[..., Desk], tab: Session) -> None:
    gate = loops.Gate()
    here = desk(gate, limits=Limits(waiting=0))
    here.submit(session(SCREAM, tab.photo))
    gate.begun.get(timeout=loops.SAFETY)
    updates = [here.submit(tab)]
    assert "status failed" in here.text(updates, here.easel.status)
    assert "busy" in here.text(updates, here.easel.status)


def test_a_visitor_may_have_one_run_waiting_and_another_visitor_too(desk: Callable[..., Desk], photo: Upload) -> None:
    gate = loops.Gate()
    here = desk(gate, limits=Limits(waiting_each=1))
    ann, bob = (session(SCREAM, photo) for _ in range(2))
    here.submit(ann)
    gate.begun.get(timeout=loops.SAFETY)
    here.submit(Session(ann.visit))
    here.submit(bob)
    assert "1 run is waiting for you already" in here.text([here.submit(ann)], here.easel.status)
