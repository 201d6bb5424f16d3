"""Timeouts of runs: a thread ends those that nobody listens to, and those that take too long."""

import logging
import threading
from collections.abc import Callable, Iterable

from nst.engines.run import LocalRun
from nst.limits import Limits

logger = logging.getLogger(__name__)

TOO_LONG = "The run was stopped after {:g} s, this studio's time limit; the picture so far is kept."


class Timeouts:
    """Checks the runs several times in the shorter of its two timeouts, until it is closed.

    Args:
        runs: those that are not over yet.
        limits: a run that nobody listens to for ``grace_seconds`` is stopped; one that was taken from the line
            ``run_seconds`` ago is stopped, with a note.
    """

    def __init__(self, runs: Callable[[], Iterable[LocalRun]], limits: Limits) -> None:
        self._runs = runs
        self._grace = limits.grace_seconds
        self._run_seconds = limits.run_seconds
        self._closed = threading.Event()
        self.thread = threading.Thread(target=self._work, name="nst-timeouts", daemon=True)
        if self._grace is not None or self._run_seconds is not None:
            self.thread.start()

    def close(self) -> None:
        """End the thread, at once unless it is stopping a run."""
        self._closed.set()

    def _work(self) -> None:
        period = min(seconds for seconds in (self._grace, self._run_seconds) if seconds is not None)
        while not self._closed.wait(period / 4):
            for run in self._runs():
                if not run.controls.stopped:
                    self._check(run)

    def _check(self, run: LocalRun) -> None:
        if self._grace is not None and run.silence() > self._grace:
            logger.info("run %s is stopped: nobody has listened for %g s", run.id, self._grace)
            run.stop()
        elif self._run_seconds is not None and run.age() > self._run_seconds:
            logger.info("run %s is stopped after %g s", run.id, self._run_seconds)
            run.warn(TOO_LONG.format(self._run_seconds))
            run.stop()
