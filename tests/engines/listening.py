"""An engine around a loop, and ears for its runs."""

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nst.engines.base import FINAL_STATES, Progress, Run
from nst.engines.local import LocalEngine
from tests.engines.loops import SAFETY, paint

ALL_FILES = {"png", "gif", "mp4", "sheet", "zip", "log", "settings"}


@contextmanager
def an_engine(tmp_path: Path, loop: Any = paint, **options: Any) -> Iterator[LocalEngine]:
    engine = LocalEngine("cpu", tmp_path / "results", paint=loop, preview_seconds=0.0, **options)
    try:
        yield engine
    finally:
        engine.close(SAFETY)


def listen(run: Run) -> list[Progress]:
    """Everything a listener hears of a run until it is over."""
    return list(run.progress(interval=0.0))


def listen_until(run: Run, wanted: Callable[[Progress], Any]) -> Iterator[Progress]:
    """An iterator that has just yielded a record that is wanted."""
    return listen_on(run.progress(interval=0.0), wanted)


def steps_in_log(run: Run) -> list[int]:
    with (run.folder / "log.csv").open() as log:
        return [int(row["step"]) for row in csv.DictReader(log)]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SAFETY
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert true()


def listen_on(progress: Iterator[Progress], wanted: Callable[[Progress], Any]) -> Iterator[Progress]:
    deadline = time.monotonic() + SAFETY
    for record in progress:
        if wanted(record):
            return progress
        assert record.state not in FINAL_STATES, record
        assert time.monotonic() < deadline, record
    raise AssertionError("never over")
