"""The bounded waiting line before one or more workers, fair to every visitor."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeVar

from nst.errors import BusyError
from nst.limits import Limits

#: Seconds between two checks whether a worker is still needed.
CHECK_SECONDS = 0.2

T = TypeVar("T")
W = TypeVar("W")


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who asks for a run: a page or a client, and the network address it comes from.

    Clients choose their own ``session``, so turns and limits also count by address.
    An empty Visitor is the local user.
    """

    session: str = ""
    address: str = ""


@dataclass(eq=False)
class _Place(Generic[T]):
    entry: T
    visitor: Visitor
    ready: bool


class Line(Generic[T, W]):
    """One entry is at work on each worker, the others wait in turns. Safe from any thread.

    Addresses take turns: the second entry of one waits until every other address had a first. So do the sessions of
    an address; the entries of a session are taken in the order in which they came. Entries are compared by identity.
    What is at work counts as ahead of everything that waits; the first in line count as at work while fewer entries
    are at work than there are workers.

    Args:
        limits: how many may wait, and be at work.
        workers: how many there are, each of which works once it is ``free``; may be changed at any time.
    """

    def __init__(self, limits: Limits, workers: int = 1) -> None:
        self._limits = limits
        self.workers = workers
        #: Which of the free workers gets an entry; may be replaced.
        self.choose: Callable[[T, Sequence[W]], W] = lambda _entry, free: free[0]
        self._free: list[W] = []
        self._stranded = 0
        self._waiting: list[_Place[T]] = []
        self._at_work: list[_Place[T]] = []
        #: When an address and a visitor were last served, as a running number; only of those that are here.
        self._served: dict[str | Visitor, int] = {}
        self._closed = False
        self._lock = threading.RLock()
        #: Notified once for everything that may let one more be taken: hundreds of threads may wait here.
        self._takers = threading.Condition(self._lock)
        self._takeovers = threading.Condition(self._lock)

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def join(self, entry: T, visitor: Visitor | None = None, *, ready: bool = True) -> None:
        """Get in line.

        Args:
            entry: what is to be taken.
            visitor: who submitted it; entries without one count as the same visitor.
            ready: whether it may be taken at once; if not, others are taken before it until ``make_ready``.

        Raises:
            BusyError: as many wait as may, in all, of the visitor or from the address.
            RuntimeError: after ``close``.
        """
        place = _Place(entry, visitor or Visitor(), ready)
        with self._lock:
            if self._closed:
                raise RuntimeError("the line is closed")
            self._check(place)
            self._waiting.append(place)
            self._takers.notify()

    def make_ready(self, entry: T) -> None:
        """Let a waiting entry be taken."""
        with self._lock:
            for place in self._waiting:
                place.ready = place.ready or place.entry is entry
            self._takers.notify()

    def free(self, worker: W) -> None:
        """Let a worker have an entry, for the first time or again."""
        with self._lock:
            self._free.append(worker)
            self._takeovers.notify()
            self._takers.notify()

    def take(self) -> tuple[T, W] | None:
        """The next entry and a free worker for it, at work until ``finish``; waits for both. None after ``close``."""
        with self._lock:
            self._takers.wait_for(lambda: self._closed or self._next() is not None)
            place = self._next()
            if self._closed or place is None:
                return None
            self._waiting = [other for other in self._waiting if other is not place]
            self._at_work.append(place)
            self._note_served(place.visitor)
            worker = self.choose(place.entry, self._free)
            self._free.remove(worker)
            return place.entry, worker

    def take_over(self, needed: Callable[[], bool]) -> W | None:
        """A free worker for an entry at work that has lost its own; it comes before everything that waits.

        None after ``close``, and soon after it is not ``needed`` any more.
        """
        with self._lock:
            self._stranded += 1
            while not (self._free or self._closed) and needed():
                self._takeovers.wait(CHECK_SECONDS)
            self._stranded -= 1
            self._takers.notify()
            return self._free.pop(0) if self._free and needed() and not self._closed else None

    def finish(self, entry: T) -> None:
        """The entry is not at work any more."""
        with self._lock:
            self._at_work = [place for place in self._at_work if place.entry is not entry]
            self._takers.notify()

    def leave(self, entry: T) -> bool:
        """Drop a waiting entry; False when it is not waiting (any more)."""
        with self._lock:
            before = len(self._waiting)
            self._waiting = [place for place in self._waiting if place.entry is not entry]
            return len(self._waiting) < before

    def position(self, entry: T) -> int:
        """How many are ahead of a waiting entry; 0 for one that does not wait."""
        with self._lock:
            if not any(place.entry is entry for place in self._held_up()):
                return 0
            ahead = takewhile(lambda place: place.entry is not entry, self._in_order())
            return len(list(ahead)) + len(self._at_work)

    def others_wait(self, entry: T) -> bool:
        """Whether anybody waits but the visitor whose entry at work this is."""
        with self._lock:
            visitors = [place.visitor for place in self._at_work if place.entry is entry]
            return any(place.visitor not in visitors for place in self._waiting if visitors)

    def close(self) -> None:
        """Let ``take`` return None from now on; what waits is not taken any more."""
        with self._lock:
            self._closed = True
            self._takers.notify_all()
            self._takeovers.notify_all()

    @property
    def _idle(self) -> int:
        """How many workers have nothing to do, whether they are ready for it or not."""
        return max(0, self.workers - len(self._at_work))

    def _next(self) -> _Place[T] | None:
        """What is to be taken now, if there is anything and a worker is left for it."""
        if len(self._free) <= self._stranded or not self._waiting:
            return None
        counts = self._counts()
        return next((place for place in self._in_order() if place.ready and self._may_work(place, counts)), None)

    def _counts(self) -> "Counter[str | Visitor]":
        """How many entries of each visitor and each address are at work."""
        return Counter(key for place in self._at_work for key in (place.visitor, place.visitor.address))

    def _may_work(self, place: _Place[T], counts: "Counter[str | Visitor]") -> bool:
        """Whether one more entry of that visitor may be at work beside those that are counted."""
        each, address = self._limits.running_each, self._limits.running_address
        return (each is None or counts[place.visitor] < each) and (
            address is None or counts[place.visitor.address] < address
        )

    def _held_up(self, *more: _Place[T]) -> list[_Place[T]]:
        """What has to wait for others, in order, with some ``more`` at the end: idle workers will take the rest."""
        counts, idle, held = self._counts(), self._idle, []
        for place in (*self._in_order(), *more):
            if idle and self._may_work(place, counts):
                idle -= 1
                counts.update((place.visitor, place.visitor.address))
            else:
                held.append(place)
        return held

    def _check(self, place: _Place[T]) -> None:
        """Raise BusyError if a limit is exceeded with one more entry, unless it need not wait."""
        held, visitor = self._held_up(place), place.visitor
        if held[-1:] != [place]:
            return
        waiting = [other.visitor for other in held[:-1]]
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

    def _in_order(self) -> list[_Place[T]]:
        """What waits, in the order in which it is to be taken."""
        by_session = self._in_turns(self._waiting, lambda visitor: visitor)
        return self._in_turns(by_session, lambda visitor: visitor.address)

    def _in_turns(self, places: Iterable[_Place[T]], group: Callable[[Visitor], str | Visitor]) -> list[_Place[T]]:
        """The first place of each group, those served longest ago first, then the second of each, and so on."""
        counts = Counter(group(place.visitor) for place in self._at_work)
        ranked = []
        for place in places:
            key = group(place.visitor)
            ranked.append((counts[key], self._served.get(key, 0), place))
            counts[key] += 1
        return [place for *_, place in sorted(ranked, key=lambda each: each[:2])]

    def _note_served(self, visitor: Visitor) -> None:
        """Remember that it is somebody else's turn now; forget those who are gone."""
        latest = 1 + max(self._served.values(), default=0)
        present = {key for place in self._waiting for key in (place.visitor, place.visitor.address)}
        self._served = {key: number for key, number in self._served.items() if key in present}
        self._served |= {visitor: latest, visitor.address: latest}


def _runs(count: int) -> str:
    return f"{count} run is" if count == 1 else f"{count} runs are"
