"""The runs that an engine remembers: those that are not over, and the last of the others."""

import threading
from collections.abc import Sequence

from nst.engines.base import RunSummary
from nst.engines.run import LocalRun

#: How many runs can be found by their id, and how many finished ones keep their picture.
KEPT_RUNS = 50
KEPT_PICTURES = 8


class KeptRuns:
    """Runs by their id, in the order in which they came. Safe from any thread; ``lock`` joins several calls."""

    def __init__(self) -> None:
        self._runs: dict[str, LocalRun] = {}
        self.lock = threading.RLock()

    def add(self, run: LocalRun) -> None:
        """Remember a run; forget those over that were not saved, the pictures of old runs, then the runs."""
        with self.lock:
            self._runs.pop(run.id, None)  # One that goes on is new once more.
            self._runs = {old.id: old for old in self._runs.values() if old.saved or not old.over} | {run.id: run}
            over = [old for old in self._runs.values() if old.over]
            for old in over[:-KEPT_PICTURES]:
                old.forget_picture()
            for old in over[: max(0, len(self._runs) - KEPT_RUNS)]:
                del self._runs[old.id]

    def find(self, run_id: str) -> LocalRun | None:
        """The run of that id while it is remembered, else None."""
        with self.lock:
            return self._runs.get(run_id)

    def unfinished(self) -> list[LocalRun]:
        """Those that are not over."""
        with self.lock:
            return [run for run in self._runs.values() if not run.over]

    def summaries(self) -> Sequence[RunSummary]:
        """All of them for the operator, the newest first."""
        with self.lock:
            return [run.summary() for run in reversed(self._runs.values())]
