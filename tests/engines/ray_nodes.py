"""A Ray cluster of several node processes on this machine, and painters without a process, for tests."""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import ray
from ray._private import services
from ray._private.internal_api import memory_summary
from ray.cluster_utils import Cluster as Processes

from nst.engines.cluster import ClusterEngine
from nst.engines.cluster_connection import Cluster
from nst.engines.cluster_painter import PainterFacts
from nst.engines.cluster_remote import PainterLost, RemotePainter
from nst.engines.local import LocalEngine
from nst.steps import Step
from tests.engines.listening import wait_until
from tests.engines.loops import SAFETY, paint

#: For every process of Ray.
ENVIRONMENT = {
    "PYTHONPATH": str(Path(__file__).parents[2]),
    "RAY_AUTH_MODE": "disabled",  # Or Ray leaves a token in the home folder.
    # 127.0.0.1 alone, which Ray otherwise keeps to Windows and macOS.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
    # A dead node is noticed within two seconds, and not within half a minute.
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_failure_threshold": "3",
    "RAY_metrics_report_interval_ms": "500",
}
#: With as little shared memory and as few processes as Ray takes.
NODE = {
    "num_cpus": 1,
    "object_store_memory": 80 * 2**20,
    "node_ip_address": "127.0.0.1",
    "include_log_monitor": False,
}


@contextmanager
def patience() -> Iterator[None]:
    """A node has twice as long to start as any test may wait: Ray gives it 30 s, too little on a busy machine."""
    once, end = services.get_node, time.monotonic() + 2 * SAFETY

    def get_node(*arguments: Any) -> Any:
        while time.monotonic() < end:
            with suppress(RuntimeError):
                return once(*arguments)
            time.sleep(0.1)
        return once(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "get_node", get_node)
        yield


class RayNodes:
    """Two nodes, the first of which is the head, and two painters with a core each."""

    def __init__(self) -> None:
        with patience():
            self._processes = Processes(initialize_head=True, head_node_args={"include_dashboard": False, **NODE})
            self._second = self._processes.add_node(**NODE)
        self._cluster = Cluster(self._processes.address, cores=1, warm=False)
        self.painters = self._cluster.painters
        for painter in self.painters:
            painter.when_ready(lambda: None)
        wait_until(lambda: all(painter.ready for painter in self.painters))

    def close(self) -> None:
        self._cluster.close()
        self._processes.shutdown()

    def exported(self) -> str:
        """What Ray's exporters offer to Prometheus."""
        ports = [node["MetricsExportPort"] for node in ray.nodes() if node["Alive"]]
        return "".join(httpx.get(f"http://127.0.0.1:{port}").text for port in ports)

    def objects(self) -> int:
        """How many objects are in Ray's stores."""
        summary = memory_summary(self._processes.address, stats_only=True)
        return sum(int(count) for count in re.findall(r"Plasma memory usage \d+ MiB, (\d+) objects", summary))

    def lose_second(self) -> None:
        """Kill the second node with all its processes, then start another in its place."""
        self._processes.remove_node(self._second, allow_graceful=False)
        with patience():
            self._second = self._processes.add_node(**NODE)


class FixedPainters:
    """In place of a ``Cluster``: painters that stay when an engine closes."""

    def __init__(self, painters: Sequence[RemotePainter]) -> None:
        self.painters, self.reachable = painters, True

    def serve(self, added: Callable[[RemotePainter], None]) -> None:
        for painter in self.painters:
            added(painter)

    def close(self) -> None:
        """They are needed for the next test."""


def let_it_arrive(engine: LocalEngine) -> None:
    """Wait until painters in other processes have what their runs were asked for: they answer in turn."""
    for painter in engine._cluster.painters if isinstance(engine, ClusterEngine) else ():
        answered = threading.Event()
        painter.when_ready(answered.set)
        assert answered.wait(SAFETY)


class LossyPainter(RemotePainter):
    """A painter without a process. It is lost at some steps, and then away until ``recover``.

    Args:
        losses: for each run that it takes, the index of the step before which it is lost, for a film with the number of
            the frame before it; then it is not lost any more.
        recovers: whether it is there again at once.
    """

    def __init__(self, *losses: int | tuple[int, int], recovers: bool = True) -> None:
        self.facts, self.ready, self.run, self.losses = PainterFacts("CPU"), True, None, 0
        self._losses, self._recovers = list(losses), recovers
        self._callbacks: list[Callable[[], None]] = []

    def when_ready(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)
        if self._recovers:
            self.recover()

    def recover(self) -> None:
        self.ready = True
        while self._callbacks:
            self._callbacks.pop()()

    def paint(self, *arguments: Any) -> Iterator[Step]:
        return self._lost(self.loop(*arguments))

    def paint_frames(self, *arguments: Any, **more: Any) -> Iterator[Step]:
        return self._lost(self.film_loop(*arguments, **more))

    def _lost(self, steps: Iterator[Step]) -> Iterator[Step]:
        loss = self._losses.pop(0) if self._losses else None
        for step in steps:
            if loss in (step.index, (step.frame, step.index)):
                self.ready = False
                raise PainterLost(began=True)
            yield step


@contextmanager
def cluster_engine(
    painters: Sequence[RemotePainter], tmp_path: Path, loop: Any = paint, **options: Any
) -> Iterator[ClusterEngine]:
    engine = ClusterEngine(
        FixedPainters(painters), tmp_path / "results", paint=loop, **{"preview_seconds": 0.0, **options}
    )
    try:
        wait_until(lambda: all(painter.ready for painter in painters))
        yield engine
    finally:
        engine.close(SAFETY)
