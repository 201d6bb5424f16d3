"""A run that goes on: it is followed, steered, paused and stopped, or its page goes away."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from nst.engines.local import LocalEngine
from nst.limits import Limits
from nst.ui import run_button
from nst.ui.studio import Studio
from nst.ui.visits import Session
from tests.engines import loops
from tests.engines.listening import wait_until
from tests.ui.desk import SCREAM, Desk
from tests.ui.tabs import session


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


def test_nothing_is_sent_until_the_page_has_displayed_the_last_frame(
    desk: Callable[..., Desk], tab: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_button, "LOST_SECONDS", loops.SAFETY)
    gate = loops.Gate()
    here = desk(gate, preview_seconds=0.0)
    here.submit(tab, size=64, steps=100)
    updates, sent = here._run.follow(tab, None), []
    assert 'data-frame="1"' in next(updates)[here.easel.stage]
    waiting = threading.Thread(target=lambda: sent.append(next(updates)))
    waiting.start()
    gate.open(20)
    wait_until(lambda: tab.run.latest.preview is not None and tab.run.latest.preview.index == 19)
    waiting.join(0.5)
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


def test_controls_without_a_run_do_nothing(desk: Callable[..., Desk]) -> None:
    here, tab = desk(), session()
    here.settings.steer("style_weight", tab, 3.0)
    here.easel.stop_run(tab)
    here.easel.pause_run(tab, "Pause")


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


def test_where_runs_cannot_be_steered_there_is_no_pause_and_the_page_says_so(tmp_path: Path, tab: Session) -> None:
    engine = LocalEngine("cpu", tmp_path / "results", paint=loops.paint)
    here = Desk(engine, steerable=False)
    updates = list(here.run(tab, steps=3))
    engine.close()
    pauses = [update[here.easel.pause]["visible"] for update in updates if here.easel.pause in update]
    assert pauses
    assert not any(pauses)
    assert "Sliders and Pause have no effect during a run" in Studio(engine=engine, steerable=False).rules()


def test_a_run_whose_page_is_gone_is_stopped_and_kept(tmp_path: Path, tab: Session) -> None:
    engine = LocalEngine("cpu", tmp_path / "results", paint=loops.paint, limits=Limits(grace_seconds=0.1))
    here = Desk(engine)
    gone = SimpleNamespace(session_hash="gone", client=None)
    updates = list(here.run(tab, request=gone, steps=5000))
    engine.close()
    assert "Stopped; everything is kept" in here.text(updates, here.easel.status)
