"""Painters of one core each on a Ray cluster of this machine: one beside the local engine, and one beside two.

To be run with OMP_NUM_THREADS=1, for the local engine and the painters alike.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path

from nst.process import tune_heap_and_openmp

tune_heap_and_openmp()  # As the studio and its painters do.
# Ray's processes yield to others by default; beside other programs, that alone would be measured.
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112

from benchmarks.machine import describe, photo  # noqa: E402
from nst.engines.cluster import ClusterEngine  # noqa: E402
from nst.engines.cluster_connection import LOCAL, Cluster  # noqa: E402
from nst.engines.cluster_remote import RemotePainter  # noqa: E402
from nst.engines.local import LocalEngine  # noqa: E402
from nst.settings import Settings  # noqa: E402
from nst.steps import Job, Pictures  # noqa: E402

#: Pictures of one round with several painters.
PICTURES = 4


class Some:
    """The first painters of a cluster, in place of the cluster."""

    def __init__(self, cluster: Cluster, count: int) -> None:
        self.painters, self.reachable = cluster.painters[:count], True

    def serve(self, added: Callable[[RemotePainter], None]) -> None:
        for painter in self.painters:
            added(painter)

    def close(self) -> None:
        """The others are still needed."""


def job(side: int, steps: int = 10) -> Job:
    pictures = Pictures(photo(side, side), (photo(side, side, seed=1),))
    settings = Settings(size=side, coarsest=side, steps=steps)
    return Job(content_size=(side, side), load=lambda: pictures, settings=settings)


def seconds(side: int, pictures: int, engine: LocalEngine) -> float:
    """How long some pictures take, from the first one's submission to the last one's files."""
    began = time.perf_counter()
    runs = [engine.submit(partial(job, side)) for _ in range(pictures)]
    while not all(run.over for run in runs):
        time.sleep(0.005)
    return time.perf_counter() - began


def delay(side: int, engine: LocalEngine) -> float:
    """How long the first preview of a run takes to come."""
    began = time.perf_counter()
    run = engine.submit(partial(job, side, steps=2))
    while run.latest.preview is None:
        time.sleep(0.001)
    passed = time.perf_counter() - began
    while not run.over:
        time.sleep(0.005)
    return passed


def ready(engine: LocalEngine) -> AbstractContextManager[LocalEngine]:
    while not engine.ready or not all(painter.state == "idle" for painter in engine.painters):
        time.sleep(0.1)
    return closing(engine)


def compare(measure: Callable[[LocalEngine], float], engines: Sequence[LocalEngine], rounds: int) -> list[float]:
    """The median of what is measured of each engine, which take turns."""
    times: list[list[float]] = [[] for _ in engines]
    for _ in range(rounds):
        for engine, own in zip(engines, times, strict=True):
            own.append(measure(engine))
    return [statistics.median(own) for own in times]


def main(rounds: int = 5) -> None:
    cluster, folder = Cluster(LOCAL, cores=1), Path(tempfile.mkdtemp())
    print(describe())
    with (
        ready(LocalEngine("cpu", folder)) as local,
        ready(ClusterEngine(Some(cluster, 1), folder)) as one,
        ready(ClusterEngine(Some(cluster, 2), folder)) as two,
    ):
        for name, measure in (("a picture", partial(seconds, 256, 1)), ("first preview", partial(delay, 256))):
            here, there = compare(measure, [local, one], rounds)
            print(f"256 px, {name}: local {here:.2f} s, cluster {there:.2f} s, {there / here - 1:+.1%}", flush=True)
        alone, both = (60 * PICTURES / each for each in compare(partial(seconds, 128, PICTURES), [one, two], rounds))
        print(f"128 px: 1 painter {alone:.1f}, 2 painters {both:.1f} pictures a minute, {both / alone:.2f} times")
    cluster.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
