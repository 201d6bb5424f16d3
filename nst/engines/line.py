"""The bounded waiting line of one device, fair to every visitor."""

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

from nst.errors import BusyError
from nst.limits import Limits

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who asks for a run: a page or a client, and the network address it comes from.

    Clients choose their own ``session``, so limits also count by address.
    An empty Visitor is the local user.
    """

    session: str = ""
    address: str = ""


@dataclass(frozen=True)
class _Place(Generic[T]):
    entry: T
    visitor: Visitor
    turn: int


class Line(Generic[T]):
    """One entry is at work, the others wait in turns. Safe from any thread.

    Visitors take turns: the second entry of one waits until every other visitor had a first. Within a turn,
    and so for a single visitor, it is first come, first served. Entries are compared by identity. What is at
    work counts as ahead of everything that waits; with nothing at work, the first in line counts as at work.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: list[_Place[T]] = []
        self._at_work: _Place[T] | None = None
        self._turn = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def join(self, entry: T, visitor: Visitor | None = None) -> None:
        """Get in line.

        Args:
            entry: what is to be taken.
            visitor: who submitted it; entries without one count as the same visitor.

        Raises:
            BusyError: as many wait as may, in all, of the visitor or from the address.
            RuntimeError: after ``close``.
        """
        visitor = visitor or Visitor()
        with self._changed:
            if self._closed:
                raise RuntimeError("the line is closed")
            if self._at_work or self._waiting:
                self._check(visitor)
            turn = self._next_turn(visitor)
            behind = sum(place.turn <= turn for place in self._waiting)
            self._waiting.insert(behind, _Place(entry, visitor, turn))
            self._changed.notify_all()

    def take(self) -> T | None:
        """The next entry, which is at work from now until the next call; waits for one. None after ``close``."""
        with self._changed:
            self._at_work = None
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._at_work = self._waiting.pop(0)
            self._turn = self._at_work.turn
            return self._at_work.entry

    def leave(self, entry: T) -> bool:
        """Drop a waiting entry; False when it is not waiting (any more)."""
        with self._changed:
            index = self._index(entry)
            if index is not None:
                del self._waiting[index]
            return index is not None

    def position(self, entry: T) -> int:
        """How many are ahead of a waiting entry; 0 for one that does not wait."""
        with self._changed:
            index = self._index(entry)
            return 0 if index is None else index + (self._at_work is not None)

    def close(self) -> None:
        """Let ``take`` return None from now on; what waits is not taken any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _check(self, visitor: Visitor) -> None:
        """Raise BusyError if one more waiting entry would exceed a limit."""
        waiting = [place.visitor for place in (self._waiting if self._at_work else self._waiting[1:])]
        own = waiting.count(visitor)
        near = sum(other.address == visitor.address for other in waiting)
        limits = self._limits
        if limits.waiting_each is not None and own >= limits.waiting_each:
            raise BusyError(
                f"{_runs(own)} waiting for you already; the limit for each visitor is {limits.waiting_each}."
            )
        if limits.waiting_address is not None and near >= limits.waiting_address:
            raise BusyError(
                f"{_runs(near)} waiting for your network address already; the limit is {limits.waiting_address}."
            )
        if len(waiting) >= limits.waiting:
            raise BusyError(
                f"The studio is busy: {_runs(len(waiting))} waiting, the limit is {limits.waiting}. "
                "Try again in a few minutes."
            )

    def _next_turn(self, visitor: Visitor) -> int:
        """The present turn, or the one after the visitor's last."""
        ahead = [place for place in (self._at_work, *self._waiting) if place and place.visitor == visitor]
        return max([self._turn, *(place.turn + 1 for place in ahead)])

    def _index(self, entry: T) -> int | None:
        return next((index for index, place in enumerate(self._waiting) if place.entry is entry), None)


def _runs(count: int) -> str:
    return f"{count} run is" if count == 1 else f"{count} runs are"
