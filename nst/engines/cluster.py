"""The engine of a Ray cluster: one page before any number of painters, which Ray places, restarts and streams from."""

import itertools
import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

# How long Ray's library lives without the head of its cluster, in seconds: by default it then ends the whole program.
os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", "86400")
# A wrong address is told within seconds; by default it takes minutes.
os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "2")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError, RaySystemError, RayTaskError

import nst
from nst.engines.base import PainterState
from nst.engines.cluster_painter import Painter
from nst.engines.estimates import Estimates, Observer
from nst.engines.lazy import stylize_steps
from nst.engines.local import LocalEngine, Paint, Worker
from nst.engines.run import LocalRun
from nst.errors import DeviceError
from nst.limits import Limits
from nst.pyramid import total_steps
from nst.settings import Settings
from nst.steps import (
    Controls,
    Download,
    Job,
    Picture,
    Pictures,
    Report,
    Requests,
    Start,
    Step,
    ignore_progress,
    refuse_download,
)
from nst.transfer.options import StylizeOptions

logger = logging.getLogger(__name__)

#: How often the head of the cluster and its machines are looked at, and how long a head may be away until the
#: connection is given up and made anew; in seconds.
LOOK_SECONDS = 2.0
AWAY_SECONDS = 20.0
#: How often a painter that is being started again is asked whether it is there.
RETRY_SECONDS = 0.5
#: So many painters may be lost under one run before it has failed.
LOSSES = 2

WENT_ON = "The machine that painted this was lost; another one went on from step {}."
BEGAN_ANEW = "The machine that painted this was lost; another one began anew."
GAVE_UP = "The run ended two painters one after the other, as when memory is used up; it is not tried a third time."
UNREACHABLE = "The cluster that paints for this studio cannot be reached; try again in a few minutes."

#: In place of an address: a cluster on this machine, which ends with the program.
LOCAL = "local"


class PainterLost(Exception):  # noqa: N818  (the run goes on)
    """A painter's process, its machine or the connection to it is gone; ``begun``: it had taken the run."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__()
        self.begun = begun


class RemotePainter:
    """This side of a painter, a worker of the engine.

    Args:
        resources: what Ray is to reserve for it, as ``ray.remote`` takes them.
        device, weights, warm: see ``Painter``.

    Attributes:
        ready: whether it was there when it was last heard of.
        device: what it paints with, in words, once it was ready.
        process: the id of its process on its machine.
        loop: what it runs, called like ``nst.transfer.loop.stylize_steps``.
        run: what it is at work on.
    """

    def __init__(
        self, resources: Mapping[str, float], device: str | None = None, weights: Any = None, *, warm: bool = True
    ) -> None:
        remote = cast(Any, ray.remote)(max_restarts=-1, concurrency_groups={"control": 1}, **resources)
        self._actor = remote(Painter).remote(device, weights, warm=warm)
        self._numbers = itertools.count()
        self._given_up = threading.Event()
        self._used = 0
        self.ready, self.device, self.process = False, "", 0
        self.loop: Paint = stylize_steps
        self.run: LocalRun | None = None

    def memory(self, *, restart: bool = False) -> int:  # noqa: ARG002
        """Bytes that it used when it was last heard of."""
        return self._used

    def state(self) -> PainterState:
        """What it does."""
        run, last = self.run, self.run.preview if self.run else None
        if not self.ready or run is None:
            return PainterState(self.device, "idle" if self.ready else "away")
        return PainterState(self.device, "painting", last.index if last else 0, total_steps(run.scales))

    def when_ready(self, then: Callable[[], None]) -> None:
        """Call ``then`` once it answers, which may be after Ray has started it again."""

        def answered(answer: "Future[tuple[str, int, int]]") -> None:
            if answer.exception() is None and not self._given_up.is_set():
                self.device, self._used, self.process = answer.result()
                self.ready = True
                then()
            else:
                # Ray's own retries come at growing intervals.
                again = threading.Timer(RETRY_SECONDS, self.when_ready, [then])
                again.daemon = True
                again.start()

        if not self._given_up.is_set():
            self._actor.describe.remote().future().add_done_callback(answered)

    def give_up(self, *, kill: bool = False) -> None:
        """Never use it again; whatever is at work on it ends."""
        self.ready = False
        self._given_up.set()
        if kill:
            ray.kill(self._actor)

    def paint(
        self, content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions
    ) -> Iterator[Step]:
        """Run the loop over there.

        Raises:
            PainterLost: it is gone.
        """
        controls, number, begun = options.controls or Controls(), next(self._numbers), False
        report = refuse_download if options.report is refuse_download else ignore_progress
        if self._given_up.is_set():
            raise PainterLost(begun=False)
        try:
            controls.watch(lambda: self._steer(number, controls.requests()))
            self._steer(number, controls.requests())
            pictures = ray.put(Pictures(content, tuple(styles)))
            sent = replace(options, controls=None, report=report)
            for items in self._stream(number, pictures, settings, sent):
                begun = True
                yield from _steps(items, options.report)
        except RayTaskError as error:
            raise error.cause from None
        except RayError as error:
            self.ready = False
            logger.warning("a painter is lost: %s", str(error).partition("\n")[0])
            raise PainterLost(begun=begun) from None
        finally:
            controls.watch()
            self._steer(number, Requests({}, stopped=True, paused=False))

    def _steer(self, number: int, requests: Requests) -> None:
        """Pass on what the run of that number was asked for; a painter that is gone does not hear it."""
        if self.ready:
            self._actor.steer.remote(number, requests)

    def _stream(self, number: int, *what: Any) -> Iterator[list[Step | Download]]:
        """What comes from over there, as it comes; RayError when the painter is gone or was given up."""
        streaming = {"num_returns": "streaming", "_generator_backpressure_num_objects": 2}
        stream = self._actor.paint.options(**streaming).remote(number, *what, self.loop)
        while True:
            # To wait in ``next`` itself could not be ended.
            while not self._given_up.is_set() and not ray.wait([stream], timeout=LOOK_SECONDS)[0]:
                pass
            if self._given_up.is_set():
                raise RaySystemError("the connection was given up")
            try:
                items, self._used = ray.get(next(stream))
            except StopIteration:
                return
            yield items


def _steps(items: Sequence[Step | Download], report: Report) -> Iterator[Step]:
    """The Steps of a batch; the progress of downloads is reported."""
    for item in items:
        if isinstance(item, Download):
            report(item)
        else:
            yield item


class Cluster:
    """The connection to a Ray cluster, and its painters; both are made anew after the head of the cluster was lost.

    Args:
        address: of the head, "host:port"; "auto" for the cluster that this machine belongs to; ``LOCAL``.
        cores: of each painter, on CPUs; one painter for each GPU when None, or for each machine if there are none.
        weights: a file of trained weights on every machine; the network's own place when None.

    Raises:
        DeviceError: there is no such cluster.
    """

    def __init__(self, address: str, cores: int | None = None, weights: str | Path | None = None) -> None:
        self._address, self._cores, self._weights = address, cores, weights
        self.painters: list[RemotePainter] = []
        self._added: Callable[[RemotePainter], None] = _ignore
        self._seen = 0.0
        self._closed = threading.Event()
        self._connect()
        self._look()
        self._thread = threading.Thread(target=self._watch, name="nst-cluster", daemon=True)

    @property
    def reachable(self) -> bool:
        """Whether its head has answered lately."""
        return time.monotonic() - self._seen < 3 * LOOK_SECONDS

    def serve(self, added: Callable[[RemotePainter], None]) -> None:
        """Call ``added`` with every painter, now and whenever there is another."""
        self._added = added
        for painter in self.painters:
            added(painter)
        self._thread.start()

    def close(self) -> None:
        """End the painters and the connection, and a cluster that was started here."""
        self._closed.set()
        self._thread.join(AWAY_SECONDS)
        for painter in self.painters:
            painter.give_up(kill=self.reachable)
        ray.shutdown()

    def _connect(self) -> None:
        try:
            if ":" in self._address:
                _probe(self._address)
            _init(self._address)
            context = ray.get_runtime_context()
            self._node, self._head = context.get_node_id(), context.gcs_address
            if self._address != LOCAL:
                self._address = self._head
        except Exception as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
            raise DeviceError(f"The Ray cluster {self._address!r} cannot be reached: {reason}.") from None

    def _look(self) -> None:
        """See whether the head answers, for which this waits, and whether there is room for more painters."""
        node = self._node
        machines = [machine for machine in ray.nodes() if machine["Alive"]]
        if node != self._node or node not in [machine["NodeID"] for machine in machines]:
            return
        self._seen = time.monotonic()
        count, resources, device = plan_painters([machine["Resources"] for machine in machines], self._cores)
        for _ in range(count - len(self.painters)):
            self.painters.append(RemotePainter(resources, device, self._weights))
            self._added(self.painters[-1])

    def _watch(self) -> None:
        """Thread: look again and again, and connect anew when the head has been away for too long."""
        looking = threading.Thread()
        while not self._closed.wait(LOOK_SECONDS):
            if time.monotonic() - self._seen > AWAY_SECONDS:
                self._disconnect()
                with suppress(DeviceError):
                    self._connect()
                    self._seen = time.monotonic()
                    looking = threading.Thread()
            elif not looking.is_alive() and _listens(self._head):
                looking = threading.Thread(target=self._look, name="nst-cluster-look", daemon=True)
                looking.start()

    def _disconnect(self) -> None:
        for painter in self.painters:
            painter.give_up()
        if self.painters:
            logger.warning("the head of the cluster %s is lost", self._address)
            time.sleep(2 * LOOK_SECONDS)  # Nobody may be waiting for Ray when it ends.
        self.painters = []
        ray.shutdown()


def _ignore(_painter: RemotePainter) -> None:
    """Nobody is to be told yet."""


def plan_painters(machines: Sequence[Mapping[str, float]], cores: int | None) -> tuple[int, Mapping[str, float], str]:
    """How many painters machines have room for, what each reserves, and its device.

    Args:
        machines: the resources of each, by Ray's names.
        cores: see ``Cluster``.
    """
    gpus = int(sum(machine.get("GPU", 0) for machine in machines))
    if gpus and cores is None:
        return gpus, {"num_gpus": 1, "num_cpus": 0}, "cuda"
    processors = [int(machine.get("CPU", 0)) for machine in machines]
    cores = cores or min((count for count in processors if count), default=1)
    return sum(count // cores for count in processors), {"num_cpus": cores, "num_gpus": 0}, "cpu"


def _probe(head: str) -> None:
    """Raises an OSError where nobody listens: Ray would wait there, and end the program if another head came."""
    host, port = head.rsplit(":", 1)
    socket.create_connection((host, int(port)), LOOK_SECONDS).close()


def _listens(head: str) -> bool:
    try:
        _probe(head)
    except OSError:
        return False
    return True


def _init(address: str) -> None:
    """Connect this program, whose code goes to all machines, so that every painter runs the same."""
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == LOCAL:
        options["include_dashboard"] = False
    else:
        options |= {"runtime_env": {"py_modules": [str(Path(nst.__file__).parent)]}}
    ray.init(address, **options)


class ClusterEngine(LocalEngine):
    """See ``nst.engines.base.Engine``. Line, runs, files and history are here, and only the painting elsewhere.

    Args:
        cluster: who paints; it is closed with the engine.
        results, limits, preview_seconds, memory, paint: see ``LocalEngine``; the memory is each painter's.
    """

    def __init__(
        self,
        cluster: Cluster,
        results: Path = Path("results"),
        *,
        limits: Limits | None = None,
        preview_seconds: float = 0.1,
        memory: int | None = None,
        paint: Paint = stylize_steps,
    ) -> None:
        self._cluster = cluster
        super().__init__(
            None, results, limits=limits, preview_seconds=preview_seconds, memory=memory, paint=paint, workers=0
        )
        cluster.serve(self._add)

    @property
    def device(self) -> str:
        """What paints, in words, such as "2 x NVIDIA L4"; the painters that are not there now do not count."""
        counts = Counter(painter.device for painter in self._cluster.painters if painter.ready)
        names = (device if count == 1 else f"{count} x {device}" for device, count in counts.items())
        return ", ".join(names) or "a cluster without painters"

    @property
    def painters(self) -> Sequence[PainterState]:
        """What each painter does, in the order in which they were added."""
        return [painter.state() for painter in self._cluster.painters]

    @property
    def ready(self) -> bool:
        """Whether a painter is there and the cluster can be reached."""
        return self._cluster.reachable and any(painter.ready for painter in self._cluster.painters)

    def submit(self, *job: Any, **options: Any) -> LocalRun:
        """See ``LocalEngine.submit``.

        Raises:
            DeviceError: the cluster cannot be reached.
        """
        if not self._cluster.reachable:
            raise DeviceError(UNREACHABLE)
        return super().submit(*job, **options)

    def close(self, timeout: float = 30.0) -> None:
        """See ``LocalEngine.close``."""
        super().close(timeout)
        self._cluster.close()

    def _prepare(self) -> None:
        """A thread has nothing to load here."""

    def _add(self, painter: RemotePainter) -> None:
        """Take a painter into service as soon as it is there."""
        painter.loop = self._paint
        self._line.workers = len(self._cluster.painters)
        # Two for each painter, so that one paints while the files of another run are written.
        self._start_threads(2 * self._line.workers - len(self._threads))
        self._release(painter)

    def _cost(self, run: LocalRun, worker: Worker) -> float:
        job, estimates = run.job, self._estimates.get(cast(RemotePainter, worker).device)
        estimate = estimates.predict(*job.content_size, job.settings) if job and estimates else None
        return estimate.seconds if estimate else 0.0  # Which is how it gets known.

    def _release(self, worker: Worker) -> None:
        painter = cast(RemotePainter, worker)
        if painter.ready:
            self._line.free(painter)
        else:
            painter.when_ready(lambda: self._welcome(painter))

    def _welcome(self, painter: RemotePainter) -> None:
        if painter.device not in self._estimates:
            self._estimates[painter.device] = Estimates(painter.device)
        self._line.free(painter)

    def _paint_with(self, worker: Worker, run: LocalRun, job: Job, observer: Observer) -> Step | None:
        """Paint a run; where a painter is lost, another goes on from the newest picture, tenths of a second old.

        Raises:
            DeviceError: it has lost too many.
        """
        losses = 0
        while True:
            painter = cast(RemotePainter, worker)
            painter.run = run
            try:
                return super()._paint_with(worker, run, job, observer)
            except PainterLost as lost:
                losses += lost.begun
            finally:
                painter.run = None
            if losses == LOSSES:
                raise DeviceError(GAVE_UP)
            last, another = run.preview, self._line.take_over(lambda: not run.controls.stopped)
            if another is None or (last is not None and last.end):
                return self._cut_off(run, last)
            worker = another
            if last is not None and last.index > 0:
                run.warn(WENT_ON.format(last.index))
                job = replace(job, start=Start.of_step(last))
            elif losses:
                run.warn(BEGAN_ANEW)

    def _cut_off(self, run: LocalRun, last: Step | None) -> Step | None:
        """The last Step of a run that was stopped while nobody painted it."""
        run.controls.stop()
        if last is None:
            return None
        last = replace(last, end=last.end or "stopped")
        run.publish(last)
        return last
