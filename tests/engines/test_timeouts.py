"""What ends runs and pauses, by a clock that goes only when it is told to."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from nst.engines import run as run_module
from nst.engines import timeouts as timeouts_module
from nst.engines.line import Line, Visitor
from nst.engines.run import LocalRun
from nst.engines.timeouts import CALLER_SECONDS, Timeouts
from nst.limits import Limits
from nst.runs.folder import RunFolder
from tests.engines.listening import wait_until
from tests.engines.loops import SAFETY, job

HOUR = 3600.0


class Watch:
    """A line before one worker, its runs, and what watches over them."""

    def __init__(self, clock: SimpleNamespace, **limits: float) -> None:
        self._clock = clock
        self._line: Line[LocalRun, str] = Line(Limits(**limits))
        self._runs: list[LocalRun] = []
        self._timeouts = Timeouts(lambda: [run for run in self._runs if not run.over], self._line, Limits(**limits))

    def join(self, visitor: str = "", caller: Callable[[], bool] | None = None) -> LocalRun:
        """A run whose job is still being made."""
        run = LocalRun(RunFolder(f"run-{len(self._runs)}", Path()), self._line, caller=caller)
        self._line.join(run, Visitor(session=visitor), ready=False)
        self._runs.append(run)
        return run

    def submit(self, visitor: str = "", caller: Callable[[], bool] | None = None) -> LocalRun:
        run = self.join(visitor, caller)
        run.accept(job())
        return run

    def begin(self) -> LocalRun:
        """The next run, at work."""
        assert len(self._line) > 0
        self._line.free("worker")
        run, _ = self._line.take()
        run.begin()
        return run

    def end(self, run: LocalRun) -> None:
        run.end("stopped")
        self._line.finish(run)

    def check_after(self, seconds: float) -> None:
        self._clock.now += seconds
        self._timeouts.check()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Watch]:
    clock = SimpleNamespace(now=1000.0, monotonic=lambda: clock.now, sleep=time.sleep)
    for module in (run_module, timeouts_module):
        monkeypatch.setattr(module, "time", clock)
    return lambda **limits: Watch(clock, **limits)


def test_a_waiting_run_that_nobody_listens_to_ends_and_one_that_is_heard_goes_on(watch: Callable[..., Watch]) -> None:
    here = watch(grace_seconds=60)
    at_work, waiting, unheard, heard = (here.submit() for _ in range(4))
    assert here.begin() is at_work
    for _ in range(3):
        here.check_after(25)
        next(heard.progress())
        next(unheard.progress(listening=lambda: False))
    assert (at_work.controls.stopped, waiting.latest.state, unheard.latest.state) == (True, "stopped", "stopped")
    assert not at_work.over, "it has a picture to save"
    assert (heard.controls.stopped, heard.over) == (False, False)


def test_whoever_waits_for_news_listens_and_a_job_may_take_its_time(
    watch: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "IDLE_SECONDS", SAFETY)
    here = watch(grace_seconds=60)
    run, unmade = here.submit(), here.join()
    records = run.progress(interval=0.0)
    next(records)
    listener = threading.Thread(target=lambda: next(records), daemon=True)
    listener.start()
    wait_until(lambda: bool(run._listening))
    here.check_after(HOUR)
    assert not run.controls.stopped
    assert not unmade.controls.stopped
    run.pause()
    listener.join(SAFETY)
    unmade.accept(job())
    here.check_after(61)
    assert run.controls.stopped
    assert unmade.controls.stopped


def test_a_run_for_one_caller_ends_without_him_however_long_others_may_stay_away(watch: Callable[..., Watch]) -> None:
    here, called = watch(grace_seconds=HOUR), threading.Event()
    called.set()
    run = here.submit(caller=called.is_set)
    here.check_after(HOUR / 2)
    assert not run.controls.stopped
    called.clear()
    here.check_after(CALLER_SECONDS)
    assert not run.controls.stopped
    here.check_after(1)
    assert run.controls.stopped


def test_the_limit_counts_pauses_and_not_the_time_in_line(watch: Callable[..., Watch]) -> None:
    here = watch(run_seconds=60, grace_seconds=None)
    first, second = here.submit(), here.submit()
    assert here.begin() is first
    first.pause()
    here.check_after(61)
    assert first.controls.stopped
    assert first.latest.notes == (
        "The run was stopped after 60 s, this studio's time limit; the picture so far is kept.",
    )
    here.end(first)
    assert here.begin() is second
    here.check_after(59)
    assert not second.controls.stopped
    here.check_after(2)
    assert second.controls.stopped


def test_a_pause_ends_when_others_wait_for_long_enough_and_lasts_when_nobody_else_does(
    watch: Callable[..., Watch],
) -> None:
    here = watch(pause_seconds=30, grace_seconds=None)
    run = here.submit("ann")
    here.begin()
    run.pause()
    here.submit("ann")
    here.check_after(HOUR)
    assert run.controls.paused
    here.submit("bob")
    here.check_after(20)
    assert run.controls.paused
    run.resume()
    here.check_after(HOUR)
    for _ in range(2):  # Again and again does not help.
        run.pause()
        here.check_after(11)
        assert not run.controls.paused
    assert set(run.latest.notes) == {"The pause ended after 30 s because others are waiting."}
