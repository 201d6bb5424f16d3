"""The engine of a Ray cluster: one page before any number of painters, which Ray places, restarts and streams from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from nst.engines.base import PainterState
from nst.engines.cluster_connection import Cluster
from nst.engines.cluster_metrics import ClusterMetrics
from nst.engines.cluster_remote import PainterLost, RemotePainter
from nst.engines.estimates import Estimates, Observer
from nst.engines.lazy import film_steps, stylize_steps
from nst.engines.local import LocalEngine
from nst.engines.run import LocalRun
from nst.engines.worker import Paint, PaintFilm, Worker
from nst.errors import DeviceError
from nst.limits import Limits
from nst.steps import Job, Start, Step

#: A run has failed when it has lost this many painters; a film, at the same frame.
MOST_LOSSES = 2

WENT_ON = "The machine that painted this was lost; another one went on from step {}."
WENT_ON_FRAME = "The machine that painted this was lost; another one went on at frame {}."
BEGAN_ANEW = "The machine that painted this was lost; another one began anew."
GAVE_UP = "The run ended two painters one after the other, as when memory is used up; it is not tried a third time."
UNREACHABLE = "The cluster that paints for this studio cannot be reached; try again in a few minutes."


class ClusterEngine(LocalEngine):
    """See ``nst.engines.base.Engine``. Line, runs, files and history are here, and only the painting elsewhere.

    Args:
        cluster: who paints; it is closed with the engine.
        results, limits, preview_seconds, memory, paint, paint_frames: see ``LocalEngine``; the memory is each
            painter's.
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
        paint_frames: PaintFilm = film_steps,
    ) -> None:
        self._cluster, self._metrics = cluster, ClusterMetrics()
        super().__init__(
            None,
            results,
            limits=limits,
            preview_seconds=preview_seconds,
            memory=memory,
            paint=paint,
            paint_frames=paint_frames,
            workers=0,
        )
        self._line.choose = self._quickest
        cluster.serve(self._add)

    @property
    def device(self) -> str:
        """What paints, in words, such as "2 x NVIDIA L4"; painters that are away do not count."""
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
        run = super().submit(*job, **options)
        self._metrics.set_queue(self.waiting)
        return run

    def close(self, timeout: float = 30.0) -> None:
        """See ``LocalEngine.close``."""
        super().close(timeout)
        self._cluster.close()

    def _prepare(self) -> None:
        """The painters load what they need themselves."""

    def _add(self, painter: RemotePainter) -> None:
        """Take a painter into service as soon as it is there."""
        painter.loop, painter.film_loop = self._paint, cast(PaintFilm, self._paint_frames)
        self._line.workers = len(self._cluster.painters)
        # Two for each painter, so that it paints the next run while the files of the last are written.
        self._start_threads(2 * self._line.workers - len(self._threads))
        self._release(painter)

    def _quickest(self, run: LocalRun, workers: Sequence[Worker]) -> Worker:
        """A painter of the device that is estimated to be the quickest."""
        painters = cast(Sequence[RemotePainter], workers)
        seconds = {device: self._seconds(run, device) for device in {painter.device for painter in painters}}
        return min(painters, key=lambda painter: seconds[painter.device])

    def _seconds(self, run: LocalRun, device: str) -> float:
        """What a run is estimated to take; 0 where nothing is known, so that a device gets known."""
        job, estimates = run.job, self._estimates.get(device)
        estimate = estimates.predict(*job.content_size, job.settings, job.film) if job and estimates else None
        return estimate.seconds if estimate else 0.0

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

    def _perform(self, run: LocalRun, worker: Worker) -> None:
        self._metrics.set_queue(self.waiting)
        super()._perform(run, worker)
        self._metrics.count_run(run.summary())

    def _paint_with(self, worker: Worker, run: LocalRun, job: Job, observer: Observer) -> Step | None:
        """Paint a run; after the loss of a painter another goes on from the newest picture, tenths of a second old.

        A film goes on at the frame that it had reached.

        Raises:
            DeviceError: too many painters were lost.
        """
        losses = Counter[int]()
        while True:
            painter = cast(RemotePainter, worker)
            painter.run = run
            try:
                last = super()._paint_with(painter, run, job, observer)
                return _cut_off(run) if last is None and run.controls.stopped else last
            except PainterLost as lost:
                painted = run.where.painted if job.film else 0
                losses[painted] += lost.began
                self._metrics.count_losses(lost.began)
            finally:
                painter.run = None
            if losses[painted] == MOST_LOSSES:
                raise DeviceError(GAVE_UP)
            another = self._line.take_over(lambda: not run.controls.stopped)
            if another is None or _is_whole(run, job):
                return _cut_off(run)
            worker, job = another, _continued(run, job, painted, began=losses.total() > 0)


def _is_whole(run: LocalRun, job: Job) -> bool:
    """Whether the last Step of a run is there."""
    last = run.latest.preview
    return last is not None and last.end is not None and (last.frame == job.frames or last.end == "stopped")


def _continued(run: LocalRun, job: Job, painted: int, *, began: bool) -> Job:
    """What is left of a job, whose film has ``painted`` frames; the listeners are told."""
    last = run.latest.preview
    if job.film is None and last is not None and last.index > 0:
        run.warn(WENT_ON.format(last.index))
        return replace(job, start=Start.of_step(last))
    if began:
        run.warn(WENT_ON_FRAME.format(painted + 1) if painted else BEGAN_ANEW)
    return job


def _cut_off(run: LocalRun) -> Step | None:
    """The last Step of a run that ended while nobody painted it."""
    run.controls.stop()
    last = run.latest.preview
    if last is not None and last.end is None:
        last = replace(last, end="stopped")
        run.publish(last)
    return last
