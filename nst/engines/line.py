"""The bounded waiting line of one device."""

import threading
from collections import deque
from typing import Generic, TypeVar

from nst.errors import BusyError

T = TypeVar("T")


class Line(Generic[T]):
    """First come, first served: one entry is at work, at most ``limit`` wait. Safe from any thread.

    Entries are compared by identity. What is at work counts as ahead of everything that waits.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[T] = deque()
        self._at_work: T | None = None
        self._closed = False
        self._changed = threading.Condition()

    def join(self, entry: T) -> None:
        """Go to the end of the line.

        Raises:
            BusyError: as many wait as may.
            RuntimeError: after ``close``.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("the line is closed")
            waiting = self._ahead(len(self._waiting)) - 1
            if waiting >= self._limit:
                raise BusyError(
                    f"The studio is busy: {waiting} runs are waiting, the limit is {self._limit}. "
                    "Try again in a few minutes."
                )
            self._waiting.append(entry)
            self._changed.notify_all()

    def take(self) -> T | None:
        """The next entry, which is at work from now until the next call; waits for one. None after ``close``."""
        with self._changed:
            self._at_work = None
            self._changed.wait_for(lambda: self._waiting or self._closed)
            self._at_work = None if self._closed else self._waiting.popleft()
            return self._at_work

    def leave(self, entry: T) -> bool:
        """Drop a waiting entry; False when it is not waiting (any more)."""
        with self._changed:
            place = self._place(entry)
            if place is not None:
                del self._waiting[place]
            return place is not None

    def position(self, entry: T) -> int:
        """How many are ahead of a waiting entry; 0 for one that does not wait."""
        with self._changed:
            place = self._place(entry)
            return 0 if place is None else self._ahead(place)

    def close(self) -> None:
        """Let ``take`` return None from now on; what waits is not taken any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _ahead(self, place: int) -> int:
        return place + (self._at_work is not None)

    def _place(self, entry: T) -> int | None:
        return next((place for place, other in enumerate(self._waiting) if other is entry), None)
