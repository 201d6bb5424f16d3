"""What the waiting line itself costs the page's process: processor time of a call, and of waking the threads that wait.

``python -m benchmarks.line_cost`` prints the tables.
"""

import itertools
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks.plot import save
from benchmarks.simulate_cluster import PLOTS
from nst.engines.estimates import Estimates, Observation
from nst.engines.line import Line, Visitor
from nst.files import CACHE_VARIABLE
from nst.limits import Limits
from nst.recipes import find_recipe

LIMITS = Limits(waiting=10**6)
REPEATS = 9
CALLS = ("join", "position", "leave", "free", "take", "finish")
#: Processor seconds in PAUSE that count as silence.
PAUSE, QUIET = 0.05, 0.002


def visitor(number: object) -> Visitor:
    return Visitor(session=str(number), address=str(number))


def full_line(painters: int, waiting: int) -> Line[Any, Any]:
    """A line with every painter at work and some runs of other visitors that wait."""
    line: Line[Any, Any] = Line(LIMITS, painters + waiting)  # Joining is quick while painters are said to be idle.
    for number in range(painters):
        line.join(object(), visitor(number))
        line.free(number)
        line.take()
    for number in range(waiting):
        line.join(object(), visitor(painters + number))
    line.workers = painters
    return line


def seconds(*calls: Callable[[], object]) -> list[float]:
    """The median processor time of each call; they are called in turn, again and again."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(REPEATS):
        for call, own in zip(calls, times, strict=True):
            before = time.process_time()
            call()
            own.append(time.process_time() - before)
    return [statistics.median(own) for own in times]


def calls(painters: int, waiting: int) -> dict[str, float]:
    """Microseconds of every call that a run makes, with others before it."""
    line = full_line(painters, waiting)
    one, taken, numbers = object(), [object()], itertools.count(painters + waiting)

    def take() -> None:
        taken[0], _ = line.take() or (None, None)

    times = seconds(
        lambda: line.join(one, visitor("one")), lambda: line.position(one), lambda: line.leave(one),
        lambda: line.free("painter"), take, lambda: line.finish(taken[0]),
        lambda: line.join(object(), visitor(next(numbers))),  # In place of what was taken.
    )  # fmt: skip
    return {name: 1e6 * time for name, time in zip(CALLS, times, strict=False)}


def herd(painters: int) -> tuple[float, float]:
    """Milliseconds for a run that joins while all paint, and for a painter that gets it, with two threads a painter."""
    line = full_line(painters, 0)
    threads = [threading.Thread(target=lambda: list(iter(line.take, None)), daemon=True) for _ in range(2 * painters)]
    for thread in threads:
        thread.start()
    _settle()
    joined = [_settle(lambda: line.join(object(), visitor("one"))) for _ in range(REPEATS)]
    freed = [_settle(lambda: line.free("painter")) for _ in range(REPEATS)]
    line.close()
    for thread in threads:
        thread.join()
    return 1e3 * statistics.median(joined), 1e3 * statistics.median(freed)


def _settle(call: Callable[[], object] = lambda: None) -> float:
    """Processor seconds of a call and of the threads that it wakes, until all of them sleep."""
    before = last = time.process_time()
    call()
    while True:
        time.sleep(PAUSE)
        now = time.process_time()
        if now - last < QUIET:
            return now - before
        last = now


def prediction() -> float:
    """Microseconds of the estimate by which ``ClusterEngine`` compares two free painters."""
    paces, settings = ((128**2, 0.1), (256**2, 0.3), (512**2, 1.2)), find_recipe("standard").to_settings({"size": 512})
    observed = Observation(paces=paces, rest=1e-5, pixels=512**2, base=10**9, growth=10**9)
    with tempfile.TemporaryDirectory() as cache:
        os.environ[CACHE_VARIABLE] = cache
        estimates = Estimates("benchmark")
        for _ in range(8):
            estimates.learn(settings, observed)
    return 1e6 * seconds(lambda: estimates.predict(1024, 768, settings))[0]


def main() -> None:
    """Print the tables, and draw what waking the threads costs."""
    print(
        "| painters | waiting | " + " | ".join(f"{name}, us" for name in CALLS) + " |\n|---|---|" + "---|" * len(CALLS)
    )
    for painters, waiting in ((1, 10), (1, 100), (1, 1000), (1, 10_000), (100, 16), (1000, 16), (1000, 1000)):
        cells = " | ".join(f"{time:.0f}" for time in calls(painters, waiting).values())
        print(f"| {painters} | {waiting} | {cells} |", flush=True)
    print("\n| painters | a run joins, ms | a painter is free, ms |\n|---|---|---|")
    points = {}
    for painters in (1, 10, 30, 100, 300, 1000):
        points[painters] = herd(painters)
        print(f"| {painters} | {points[painters][0]:.1f} | {points[painters][1]:.1f} |", flush=True)
    print(f"\nAn estimate for one free painter: {prediction():.0f} us")
    lines = {
        "a run joins": [(count, joined) for count, (joined, _) in points.items()],
        "a painter is free and gets it": [(count, freed) for count, (_, freed) in points.items()],
    }
    caption = "Two threads a painter wait in Line.take; every event wakes one of them"
    print(save(PLOTS / "line_threads.png", lines, across="painters", up="ms of the page's processor", caption=caption))


if __name__ == "__main__":
    main()
