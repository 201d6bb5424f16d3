"""The handlers of a run, with the real engine and a loop that paints in no time."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from nst.engines.local import LocalEngine
from nst.limits import Limits
from nst.ui.page import lay_out
from nst.ui.picks import MAX_STYLES, Picks
from nst.ui.run_button import BROKEN
from nst.ui.studio import Studio
from nst.ui.uploads import Upload, accept, accept_photo_or_clip
from nst.ui.visits import Session
from tests.engines import loops
from tests.pictures.films import film, grey
from tests.ui.tabs import session

SCREAM = Picks(keys=("scream",))


class Desk:
    """A page and its handlers around an engine."""

    def __init__(self, engine: Any, **options: Any) -> None:
        self.engine = engine
        with gr.Blocks():
            areas = lay_out(Studio(engine=engine, **options))
        self.easel, self.results, self.settings, self._run = areas.easel, areas.results, areas.settings, areas.run
        self.film = areas.film
        self.history = areas.history

    def submit(self, tab: Session, recipe: str = "standard", request: Any = None, **changes: Any) -> dict[Any, Any]:
        """Press Run."""
        controls = self.settings.controls
        values = [changes.get(name, shown.box.value) for name, shown in controls.items()]
        weights = [shown.box.value for shown in self.settings.layers]
        film = [changes.get(name, shown.box.value) for name, shown in self.film.controls.items()]
        return self._run.submit(tab, request, True, *film, recipe, *[1.0] * MAX_STYLES, *values, *weights)

    def follow(self, tab: Session, request: Any = None) -> Iterator[dict[Any, Any]]:
        """What the page does after Run, and after it was opened; it displays every frame at once."""
        for update in self._run.follow(tab, request):
            tab.frame_seen = 1_000_000
            yield update
        yield self._run.finish(tab)
        yield self._run.show_results(tab)

    def run(self, tab: Session, request: Any = None, **changes: Any) -> Iterator[dict[Any, Any]]:
        yield self.submit(tab, request=request, **changes)
        yield from self.follow(tab, request)

    def until(self, updates: Iterator[dict[Any, Any]], part: Any, words: str) -> list[dict[Any, Any]]:
        """The updates up to the one that gives a part these words."""
        seen, end = [], time.monotonic() + loops.SAFETY
        for update in updates:
            seen.append(update)
            if words in str(update.get(part, "")):
                return seen
            assert time.monotonic() < end, f"{words!r} did not come"
        raise AssertionError(f"the run was over before {words!r} came")

    def text(self, updates: list[dict[Any, Any]], part: Any) -> str:
        """The last value that a part was given."""
        return [update[part] for update in updates if part in update][-1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    engines = []

    def make(paint: Any = loops.paint, **options: Any) -> Desk:
        engine = LocalEngine("cpu", tmp_path / "results", paint=paint, paint_frames=loops.paint_frames, **options)
        engines.append(engine)
        return Desk(engines[-1])

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def photo(tmp_path: Path) -> Upload:
    path = tmp_path / "lion.png"
    Image.new("RGB", (96, 64), (120, 90, 30)).save(path)
    return accept(path)[0]


@pytest.fixture
def tab(photo: Upload) -> Session:
    """With a photo and a style."""
    return session(SCREAM, photo)


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


def test_a_run_goes_on_without_its_page_and_the_next_page_finds_it(desk: Callable[..., Desk], tab: Session) -> None:
    gate = loops.Gate()
    here = desk(gate)
    updates = here.run(tab, size=64, steps=6)
    gate.open(3)
    here.until(updates, here.easel.status, "2 of 6")
    updates.close()
    again = Session(tab.visit)
    assert again.run is tab.run
    gate.open(50)
    seen = list(here.follow(again))
    assert "6 of 6" in here.text(seen, here.easel.status)
    assert "step 0: " in here.text(seen, here.results.log), "the log begins with the first step"
    assert "stage done" in here.text(list(here.follow(Session(tab.visit))), here.easel.stage)


def test_nothing_is_sent_until_the_page_has_displayed_the_last_frame(desk: Callable[..., Desk], tab: Session) -> None:
    gate = loops.Gate()
    here = desk(gate, preview_seconds=0.0)
    here.submit(tab, size=64, steps=100)
    updates, sent = here._run.follow(tab, None), []
    assert 'data-frame="1"' in next(updates)[here.easel.stage]
    waiting = threading.Thread(target=lambda: sent.append(next(updates)))
    waiting.start()
    gate.open(20)
    waiting.join(1.5)
    assert sent == []
    tab.frame_seen = 1
    waiting.join(loops.SAFETY)
    assert 'data-frame="2"' in sent[0][here.easel.stage]
    tab.run.stop()


def test_a_slider_acts_on_the_run_and_the_log_says_so(desk: Callable[..., Desk], tab: Session) -> None:
    gate = loops.Gate()
    here = desk(gate)
    gate.open(2)
    updates = here.run(tab, size=64, steps=6)
    seen = here.until(updates, here.easel.status, "1 of 6")
    here.settings.steer("style_weight", tab, 3.0)
    here.settings.steer_layers(tab, [], "vgg19", 2.0, 1.0, 1.0, 1.0, 1.0)
    gate.open(50)
    seen += updates
    log = here.text(seen, here.results.log)
    assert "Style strength is now 3" in log
    assert "Style layer is now 2 1 1 1 1" in log


def test_pause_and_stop_reach_the_run(desk: Callable[..., Desk], tab: Session) -> None:
    gate = loops.Gate()
    here = desk(gate)
    updates = here.run(tab)
    next(updates)
    assert here.easel.pause_run(tab, "Pause")[here.easel.pause]["value"] == "Resume"
    assert tab.run.controls.paused
    assert next(updates)[here.easel.pause]["value"] == "Resume", "a page that is opened now shows it, too"
    assert here.easel.pause_run(tab, "Resume")[here.easel.pause]["value"] == "Pause"
    assert not tab.run.controls.paused
    gate.open()
    here.until(updates, here.easel.status, "0 of")
    here.easel.stop_run(tab)
    seen = list(updates)
    assert "everything is kept" in here.text(seen, here.easel.status)


def test_a_run_that_is_stopped_in_line_leaves_the_photo_as_it_was(desk: Callable[..., Desk], tab: Session) -> None:
    gate = loops.Gate()
    here = desk(gate)
    here.submit(session(SCREAM, tab.photo))
    gate.begun.get(timeout=loops.SAFETY)
    updates = here.run(tab)
    seen = [next(updates), next(updates)]
    assert "1 run ahead of yours" in here.text(seen, here.easel.status)
    here.easel.stop_run(tab)
    seen += list(updates)
    assert "before the painting began" in here.text(seen, here.easel.status)
    assert "stage ready" in here.text(seen, here.easel.stage)


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


def test_controls_without_a_run_do_nothing(desk: Callable[..., Desk]) -> None:
    here, tab = desk(), session()
    here.settings.steer("style_weight", tab, 3.0)
    here.easel.stop_run(tab)
    here.easel.pause_run(tab, "Pause")


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


def test_a_run_whose_page_is_gone_is_stopped_and_kept(tmp_path: Path, tab: Session) -> None:
    engine = LocalEngine("cpu", tmp_path / "results", paint=loops.paint, limits=Limits(grace_seconds=0.1))
    here = Desk(engine)
    gone = SimpleNamespace(session_hash="gone", client=None)
    updates = list(here.run(tab, request=gone, steps=5000))
    engine.close()
    assert "Stopped; everything is kept" in here.text(updates, here.easel.status)


def test_where_runs_cannot_be_steered_there_is_no_pause_and_the_page_says_so(tmp_path: Path, tab: Session) -> None:
    engine = LocalEngine("cpu", tmp_path / "results", paint=loops.paint)
    here = Desk(engine, steerable=False)
    updates = list(here.run(tab, steps=3))
    engine.close()
    pauses = [update[here.easel.pause]["visible"] for update in updates if here.easel.pause in update]
    assert pauses
    assert not any(pauses)
    assert "Sliders and Pause have no effect during a run" in Studio(engine=engine, steerable=False).rules()
