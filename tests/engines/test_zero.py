"""The engine of a ZeroGPU Space, around the real ``spaces`` where it is installed, else around a stand-in."""

import contextvars
import importlib.util
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.controls import Controls
from nst.engines import zero
from nst.engines.base import Progress
from nst.engines.zero import AROUND_SECONDS, MAX_SECONDS, PACE, ZeroEngine, estimate, on_zero_gpu
from nst.errors import DeviceError, StyleError
from nst.limits import Limits
from nst.settings import Settings
from nst.steps import Job, Start
from nst.transfer.options import StylizeOptions
from tests.engines import loops

GREY = np.full((64, 64, 3), 128, np.uint8)
WHO = contextvars.ContextVar("WHO", default="")


class QuotaError(Exception):
    """What Gradio's errors look like, which ``spaces`` raises."""

    message = "You have exceeded your free ZeroGPU quota."
    title = "ZeroGPU quota exceeded"


class StandIn(types.ModuleType):
    """Does what the package does on a Space: asks for a time, and lets only pickled values pass, in and out."""

    def __init__(self) -> None:
        super().__init__("spaces")
        self.asked: list[tuple[int, str]] = []
        self.refuses = False
        self.left = 0

    def GPU(self, *, duration: Callable[..., int]) -> Callable[[Any], Any]:  # noqa: N802
        def decorate(task: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
            def there(*args: Any, **options: Any) -> Iterator[Any]:
                self.asked.append((duration(*args, **options), WHO.get()))
                if self.refuses:
                    raise QuotaError
                there_args, there_options = pickle.loads(pickle.dumps((args, options)))
                try:
                    for value in task(*there_args, **there_options):
                        yield pickle.loads(pickle.dumps(value))
                except GeneratorExit:
                    self.left += 1
                    raise

            return there

        return decorate


@pytest.fixture
def spaces(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setitem(sys.modules, "spaces", stand_in)
    return stand_in


@pytest.fixture
def engine(spaces: StandIn, tmp_path: Path) -> Iterator[ZeroEngine]:
    assert spaces.asked == []
    engine = ZeroEngine(tmp_path, limits=Limits())
    yield engine
    engine.close(loops.SAFETY)


def a_job(**settings: Any) -> Job:
    return loops.job_of(GREY, GREY, size=64, coarsest=64, **settings)


def listen(engine: ZeroEngine, job: Job) -> list[Progress]:
    return list(engine.submit(lambda: job).progress(interval=0.0))


def test_a_run_is_painted_by_the_real_loop_in_its_time_and_on_the_quota_of_whoever_asked(
    engine: ZeroEngine, spaces: StandIn
) -> None:
    WHO.set("ann")
    last = listen(engine, a_job(steps=2))[-1]
    assert last.state == "finished"
    assert last.preview is not None
    assert last.preview.index == 2
    assert "png" in last.files
    assert spaces.asked == [(AROUND_SECONDS, "ann")]
    assert engine.device == "ZeroGPU"


def test_a_stop_closes_the_process_and_keeps_the_picture(engine: ZeroEngine, spaces: StandIn) -> None:
    run = engine.submit(lambda: a_job(steps=5000))
    records = run.progress(interval=0.0)
    next(record for record in records if record.steps)
    run.stop()
    last = list(records)[-1]
    assert last.state == "stopped"
    assert last.preview is not None
    assert last.preview.index < 5000
    assert spaces.left == 1


def test_a_mistake_comes_back_in_its_own_words(engine: ZeroEngine) -> None:
    last = listen(engine, a_job(style_layers=["conv9_9"]))[-1]
    assert last.state == "failed"
    assert "conv9_9" in str(last.error)


def test_a_used_up_quota_is_told(engine: ZeroEngine, spaces: StandIn) -> None:
    spaces.refuses = True
    last = listen(engine, a_job())[-1]
    assert str(last.error) == "ZeroGPU quota exceeded: You have exceeded your free ZeroGPU quota."


def test_a_run_ends_softly_before_its_time_with_the_gpu_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zero, "AROUND_SECONDS", 0.03)
    settings, options = Settings(size=64, steps=400), StylizeOptions(controls=Controls())
    steps = list(zero._paint_from_here(loops.paint, GREY, (GREY,), settings, options))
    assert steps[-1].end == "stopped"
    assert "when its GPU time was used up" in steps[-1].note
    assert len(steps) < 400


def test_an_unknown_failure_stays_one() -> None:
    def broken() -> Iterator[Any]:
        yield loops.a_step(0, 1, Settings(), None)
        raise ZeroDivisionError

    steps = zero._in_words(broken())
    next(steps)
    with pytest.raises(ZeroDivisionError):
        next(steps)
    with pytest.raises(StyleError, match="Not this one"):
        next(zero._in_words(iter([StyleError("Not this one.")])))
    with pytest.raises(DeviceError, match="quota exceeded"):
        next(zero._in_words(refused()))


def refused() -> Iterator[Any]:
    raise QuotaError
    yield


def test_the_time_grows_with_the_work_up_to_the_most() -> None:
    asked = [estimate(GREY, (), Settings(size=size, steps=500), StylizeOptions()) for size in (64, 512, 8192)]
    assert asked == sorted(set(asked))
    assert asked[0] == AROUND_SECONDS + round(64 * 64 * 500 / PACE)
    assert asked[-1] == MAX_SECONDS


def test_the_time_of_a_run_that_starts_from_a_picture_is_that_of_its_one_scale() -> None:
    settings = Settings(size=512, steps=500)
    whole, single = (estimate(GREY, (), settings, StylizeOptions(start=start)) for start in (None, Start(GREY)))
    assert (whole, single) == (AROUND_SECONDS + 14, AROUND_SECONDS + 33)


def test_a_run_goes_on_from_a_checkpoint_in_the_other_process(engine: ZeroEngine) -> None:
    steps = listen(engine, replace(a_job(steps=5), start=Start(GREY, 3)))[-1].preview
    assert (steps.index, steps.end) == (5, "finished")


@pytest.mark.parametrize(("value", "yes"), [("true", True), ("1", True), ("", False), ("false", False), (None, False)])
def test_it_is_known_by_its_environment(value: str | None, yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zero, "find_spec", lambda _name: object())
    assert on_zero_gpu({} if value is None else {"SPACES_ZERO_GPU": value}) is yes
    monkeypatch.setattr(zero, "find_spec", lambda _name: None)
    assert not on_zero_gpu({"SPACES_ZERO_GPU": "true"})


@pytest.mark.skipif(importlib.util.find_spec("spaces") is None, reason="the package spaces is not installed")
def test_the_real_package_changes_nothing_where_there_is_no_zero_gpu(tmp_path: Path) -> None:
    engine = ZeroEngine(tmp_path)
    try:
        assert listen(engine, a_job(steps=1))[-1].state == "finished"
    finally:
        engine.close(loops.SAFETY)
