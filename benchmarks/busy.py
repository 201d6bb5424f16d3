"""A step on a busy machine: as many endless loops as cores run beside it, and not, by turns."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Steps in a turn; the first of each is not counted.
STEPS = 8


def measure(side: int = 256, turns: int = 4, **environment: str) -> dict[str, float]:
    """Median seconds of a step of VGG-19 with the machine quiet and busy, in a process of its own.

    Args:
        side: of the square picture, in pixels.
        turns: how often it is quiet, and how often busy.
        environment: what the process finds set, such as GOMP_SPINCOUNT; without any, the program's own choice holds.
    """
    command = [sys.executable, "-m", "benchmarks.busy", str(side), str(turns)]
    child = {**os.environ, **environment}
    result = subprocess.run(command, cwd=ROOT, env=child, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout)


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Processes that do nothing but compute."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _child(side: int, turns: int) -> None:
    """Print the row of ``measure``, set up as the studio is."""
    from nst.process import tune_heap_and_openmp

    tune_heap_and_openmp()
    from benchmarks.machine import photo
    from nst.settings import Settings
    from nst.transfer.loop import stylize_steps
    from nst.transfer.options import StylizeOptions

    settings = Settings(size=side, coarsest=side, steps=2 * turns * STEPS)
    options = StylizeOptions(device="cpu", preview_seconds=-1)
    steps = stylize_steps(photo(side, side), photo(side, side, seed=1), settings, options)
    next(steps)
    times: dict[str, list[float]] = {"quiet": [], "busy": []}
    for _ in range(turns):
        for state, loops in (("quiet", 0), ("busy", os.cpu_count() or 1)):
            with busy_loops(loops):
                marks = [time.perf_counter()]
                for _ in range(STEPS):
                    next(steps)
                    marks.append(time.perf_counter())
            times[state] += [after - before for before, after in pairwise(marks[1:])]
    medians = {state: statistics.median(values) for state, values in times.items()}
    print(json.dumps({**medians, "ratio": medians["busy"] / medians["quiet"]}))


if __name__ == "__main__":
    _child(int(sys.argv[1]), int(sys.argv[2]))
