"""How far a download is, for whoever shows it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

#: The least seconds between two reports, so that a fast line does not keep the listeners busy.
REPORT_SECONDS = 0.1
#: No estimate of the time left before so many seconds have passed.
SETTLED_SECONDS = 0.5


class Stopped(Exception):  # noqa: N818  (nothing is wrong)
    """A download was given up because it was told to; what has come is kept for the next one."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What has come of a download: ``done`` of ``total`` bytes of ``title``, and the seconds left, where known."""

    title: str
    done: int
    total: int
    seconds_left: float | None = None

    @property
    def share(self) -> float:
        """How much of it has come, 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def amount(self) -> str:
        """What has come, for people: "23 of 80 MB"."""
        return f"{self.done / 10**6:.0f} of {self.total / 10**6:.0f} MB"


Watch = Callable[[Fetched], None]


def nobody(_fetched: Fetched) -> None:
    """Watches nothing."""


def never() -> bool:
    """Does not stop anything."""
    return False


class Meter:
    """Turns counts of bytes into ``Fetched`` records, with an estimate from the pace since its first count."""

    def __init__(self, title: str, total: int, watch: Watch) -> None:
        self._title, self._total, self._watch = title, total, watch
        self._began: tuple[float, int] | None = None
        self._told = float("-inf")

    def at(self, done: int) -> None:
        """Report that so many bytes are there, unless the last report was a moment ago and more will come."""
        now = time.monotonic()
        self._began = self._began or (now, done)
        if done < self._total and now - self._told < REPORT_SECONDS:
            return
        self._told = now
        self._watch(Fetched(title=self._title, done=done, total=self._total, seconds_left=self._left(now, done)))

    def _left(self, now: float, done: int) -> float | None:
        began, before = self._began or (now, done)
        seconds, came = now - began, done - before
        return (self._total - done) * seconds / came if came > 0 and seconds >= SETTLED_SECONDS else None
