"""Timeouts: a thread ends runs that nobody listens to, runs that take too long, and pauses that others wait for."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from nst.engines.line import Line
from nst.engines.run import LocalRun
from nst.limits import Limits

logger = logging.getLogger(__name__)

#: For how long a run goes on without the one client that it is for, in seconds.
CALLER_SECONDS = 3.0

TOO_LONG = "The run was stopped after {:g} s, this studio's time limit; the picture so far is kept."
PAUSE_ENDED = "The pause ended after {:g} s because others are waiting."


class Timeouts:
    """Once started, checks the runs several times in the shortest of its timeouts, until it is closed.

    Args:
        runs: those that are not over yet.
        line: the one that they wait in.
        limits: a run that nobody listens to for ``grace_seconds`` is stopped; one that was taken from the line
            ``run_seconds`` ago is stopped, with a note; one that others have waited for during ``pause_seconds`` of
            pauses is resumed.
    """

    def __init__(self, runs: Callable[[], Iterable[LocalRun]], line: Line[LocalRun, Any], limits: Limits) -> None:
        self._runs, self._line, self._limits = runs, line, limits
        self._checked = time.monotonic()
        self._closed = threading.Event()
        self.thread = threading.Thread(target=self._work, name="nst-timeouts", daemon=True)

    def start(self) -> None:
        """Start the thread, where there is anything to check."""
        if self._limits.grace_seconds is not None or self._limits.run_seconds is not None:
            self.thread.start()

    def close(self) -> None:
        """End the thread, at once unless it is stopping a run."""
        self._closed.set()

    def check(self) -> None:
        """Stop and resume what is due now."""
        now = time.monotonic()
        passed, self._checked = now - self._checked, now
        for run in self._runs():
            if not run.controls.stopped:
                self._check(run, passed)

    def _work(self) -> None:
        limits = self._limits
        timeouts = (limits.grace_seconds, limits.run_seconds, limits.pause_seconds, CALLER_SECONDS)
        period = min(seconds for seconds in timeouts if seconds is not None) / 4
        while not self._closed.wait(period):
            self.check()

    def _check(self, run: LocalRun, passed: float) -> None:
        limits = self._limits
        grace = limits.grace_seconds if run.caller is None else CALLER_SECONDS
        if grace is not None and run.silence() > grace:
            logger.info("run %s is stopped: nobody has listened for %g s", run.id, grace)
            run.stop()
        elif limits.run_seconds is not None and run.age() > limits.run_seconds:
            logger.info("run %s is stopped after %g s", run.id, limits.run_seconds)
            run.warn(TOO_LONG.format(limits.run_seconds))
            run.stop()
        elif run.controls.paused and run.age() and self._line.others_wait(run):
            self._end_pause(run, passed)

    def _end_pause(self, run: LocalRun, passed: float) -> None:
        """Count a pause that others wait for, and end it when there were enough."""
        run.held_up += passed
        if run.held_up > self._limits.pause_seconds:
            run.warn(PAUSE_ENDED.format(self._limits.pause_seconds))
            run.resume()
