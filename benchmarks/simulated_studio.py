"""A studio in simulated time: its own waiting line, painters of some speeds that are lost at times, and visitors."""

import heapq
import itertools
import math
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random

from nst.engines.line import Line, Visitor
from nst.errors import BusyError
from nst.limits import Limits

HOUR = 3600.0

#: Seconds of a picture on machine B. Draft at 256 px and standard at 512 px are measured (README.md); fine at 512 px is
#: standard's seconds times the ratio of their steps times pixels.
KINDS = {"draft": 13.5, "standard": 66.4, "fine": 217.0}
#: From the loss of a painter until it answers again, measured with a Ray actor on machine B that was killed.
RESTART_SECONDS = 10.0
#: What a lost painter had painted since its newest picture came in.
LOST_SECONDS = 1.0
#: So many losses fail a run, as in ``nst.engines.cluster``.
LOSSES = 2
#: Between the last step and the last file, when the painter is free again and the run is not over.
SAVING_SECONDS = 1.5

# Visitors are made up: nobody has been watched.
PICTURES = 2.5  # of a visitor, on average
LOOK_SECONDS = 45.0  # between two of them
PATIENCE_SECONDS = 180.0  # until somebody who waits in line closes the page
STOPS, PAUSES, LEAVES = 0.15, 0.05, 0.05  # shares of the pictures that are stopped, paused, left
PAUSE_SECONDS = 60.0
RETRIES, RETRY_SECONDS = 3, 60.0  # of somebody who was refused
SHARED, SHARED_ADDRESSES = 0.10, 20  # share of the visitors behind an address of many, and how many of those

#: The address of the programs that ask without end, and how often each does.
PROGRAM = "program"
PROGRAM_SECONDS = 3.0


class Clock:
    """Simulated time: calls what is due, in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()

    def after(self, seconds: float, call: Callable[[], object]) -> None:
        heapq.heappush(self._due, (self.now + seconds, next(self._numbers), call))

    def run(self) -> None:
        while self._due:
            self.now, _, call = heapq.heappop(self._due)
            call()


@dataclass(eq=False)
class Run:
    """A picture: ``seconds`` are what is left of it on a painter of speed 1.

    ``stop`` and ``leave`` are the shares after which the visitor presses Stop or closes the page, ``pause`` is how long
    he holds it, and ``gone`` when the studio stops it because he closed the page in the line.
    """

    kind: str
    visitor: Visitor
    seconds: float
    over: Callable[[], object] = lambda: None
    stop: float = 1.0
    leave: float = math.inf
    pause: float = 0.0
    gone: float = math.inf
    submitted: float = 0.0
    begun: float | None = None
    losses: int = 0

    @property
    def wait(self) -> float:
        return (self.begun or 0.0) - self.submitted


class Studio:
    """The line of a studio, and painters of some speeds, each of which is lost once in ``lifetime`` seconds of work."""

    def __init__(
        self, clock: Clock, speeds: Sequence[float], limits: Limits, random: Random, lifetime: float,
        *, fair: bool = True, saving: float = SAVING_SECONDS,
    ) -> None:  # fmt: skip
        self._clock, self._speeds, self.limits, self._random = clock, speeds, limits, random
        self._lifetime, self._fair, self._saving = lifetime, fair, saving
        self.line: Line[Run, int] = Line(limits, len(speeds))
        self.line.choose = lambda _, free: max(free, key=speeds.__getitem__)
        self._free = 0
        self._stranded: deque[Run] = deque()
        self.begun: list[Run] = []
        self.busy: Counter[int] = Counter()
        self.losses = self.failures = 0
        for painter in range(len(speeds)):
            self._release(painter)

    def submit(self, run: Run) -> None:
        """See ``LocalEngine.submit``."""
        self.line.join(run, run.visitor if self._fair else None)
        run.submitted = self._clock.now
        self._take()

    def _release(self, painter: int) -> None:
        self.line.free(painter)
        self._free += 1
        self._take()

    def _take(self) -> None:
        """Take from the line what it has at once: with one thread, waiting would never end."""
        while self._free and (self._stranded or len(self.line)):
            self._free -= 1
            if self._stranded:
                self._paint(self._stranded.popleft(), self.line.take_over(lambda: True))
            else:
                self._paint(*self.line.take())

    def _paint(self, run: Run, painter: int) -> None:
        if run.begun is None:
            run.begun = self._clock.now
            self.begun.append(run)
        seconds = self._seconds(run, self._speeds[painter])
        until_loss = self._random.expovariate(1) * self._lifetime
        event = self._end if seconds < until_loss else self._lose
        seconds = min(seconds, until_loss)
        self.busy[int(self._clock.now / HOUR)] += seconds
        self._clock.after(seconds, partial(event, run, painter, seconds))

    def _seconds(self, run: Run, speed: float) -> float:
        """How long a painter of that speed is at work on a run, unless it is lost."""
        limits, whole = self.limits, run.seconds / speed
        pause = min(run.pause, limits.pause_seconds) if self.line.others_wait(run) else run.pause
        ends = [whole * run.stop + pause, whole * run.leave + (limits.grace_seconds or 0)]
        ends += [run.gone - self._clock.now, run.begun + (limits.run_seconds or math.inf) - self._clock.now]
        return max(0.0, min(ends))

    def _end(self, run: Run, painter: int, _seconds: float) -> None:
        self._clock.after(self._saving, partial(self._finish, run))
        self._release(painter)

    def _lose(self, run: Run, painter: int, seconds: float) -> None:
        self._clock.after(RESTART_SECONDS, partial(self._release, painter))
        self.losses += 1
        run.losses += 1
        painted = max(0.0, seconds - self._random.uniform(0, LOST_SECONDS)) * self._speeds[painter]
        run.seconds, run.pause = max(0.0, run.seconds - painted), 0.0
        if run.losses == LOSSES:
            self.failures += 1
            self._finish(run)
        else:
            self._stranded.append(run)
            self._take()

    def _finish(self, run: Run) -> None:
        self.line.finish(run)
        run.over()


class Crowd:
    """Visitors who come, have pictures painted one after the other, wait, are refused, come again, and leave."""

    def __init__(self, clock: Clock, studio: Studio, mix: Mapping[str, float], random: Random) -> None:
        self._clock, self._studio, self._mix, self._random = clock, studio, mix, random
        self.came = 0
        self.asked: Counter[bool] = Counter()  # By whether the address is shared.
        self.refused: Counter[bool] = Counter()
        self.painted: set[Visitor] = set()

    def arrive(self) -> None:
        self.came += 1
        address = f"visitor{self.came}"
        if self._random.random() < SHARED:
            address = f"shared{self._random.randrange(SHARED_ADDRESSES)}"
        self._come_back(Visitor(session=str(self.came), address=address))

    def _come_back(self, visitor: Visitor) -> None:
        random = self._random
        kind = random.choices(list(self._mix), list(self._mix.values()))[0]
        run = Run(kind, visitor, KINDS[kind] * random.lognormvariate(0, 0.2))
        run.stop = random.random() if random.random() < STOPS else 1.0
        run.leave = random.random() if random.random() < LEAVES else math.inf
        run.pause = random.expovariate(1 / PAUSE_SECONDS) if random.random() < PAUSES else 0.0
        run.over = partial(self._after, run)
        self._ask(run, RETRIES)

    def _ask(self, run: Run, tries: int) -> None:
        shared = run.visitor.address.startswith("shared")
        self.asked[shared] += 1
        try:
            self._studio.submit(run)
        except BusyError:
            self.refused[shared] += 1
            if tries:
                again = partial(self._ask, run, tries - 1)
                self._clock.after(self._random.expovariate(1 / RETRY_SECONDS), again)
        else:
            self._clock.after(self._random.expovariate(1 / PATIENCE_SECONDS), partial(self._lose_patience, run))

    def _lose_patience(self, run: Run) -> None:
        """Close the page if it still waits; the studio notices after its grace."""
        if run.begun is None:
            run.gone = self._clock.now + (self._studio.limits.grace_seconds or 0)
            self._clock.after(run.gone - self._clock.now, partial(self._studio.line.leave, run))

    def _after(self, run: Run) -> None:
        if run.gone < math.inf:
            return
        self.painted.add(run.visitor)
        if run.leave == math.inf and self._random.random() < 1 - 1 / PICTURES:
            self._clock.after(self._random.expovariate(1 / LOOK_SECONDS), partial(self._come_back, run.visitor))


def ask_without_end(clock: Clock, studio: Studio, visitor: Visitor, until: float) -> None:
    """A program that asks for a fine picture every PROGRAM_SECONDS, whether it is refused or not."""
    with suppress(BusyError):
        studio.submit(Run("fine", visitor, KINDS["fine"]))
    if clock.now < until:
        clock.after(PROGRAM_SECONDS, partial(ask_without_end, clock, studio, visitor, until))
