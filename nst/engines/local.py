"""The engine of one machine: one thread owns torch and paints the runs one after the other."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from nst.download_progress import ignore_progress, refuse_download
from nst.engines.base import PainterState, RunSummary, State
from nst.engines.estimates import Estimate, Estimates, Observer
from nst.engines.failures import explain, release_memory
from nst.engines.kept_runs import KeptRuns
from nst.engines.lazy import device_name, film_steps, stylize_steps, warm_up
from nst.engines.line import Line, Visitor
from nst.engines.painting import paint_run, save_run
from nst.engines.run import LocalRun
from nst.engines.timeouts import Timeouts
from nst.engines.worker import OwnThread, Paint, PaintFilm, Worker
from nst.errors import BusyError, NSTError, WeightsError
from nst.limits import Limits
from nst.process import trim_heap
from nst.runs.folder import RunFolder
from nst.runs.record import needed_mb
from nst.settings import Settings
from nst.steps import Film, Job, Step
from nst.transfer.options import StylizeOptions

logger = logging.getLogger(__name__)


class LocalEngine:
    """See ``nst.engines.base.Engine``. The worker thread loads torch.

    Args:
        device: None or "auto" for the best one; else "cpu", "cuda", "cuda:1", "mps".
        results: the folder that gets one folder for each run.
        limits: how many runs may wait, how much each may ask for, how long it may take and go without a listener.
        preview_seconds: the least time between two previews.
        memory: bytes that the program may take on the device; what is free when None.
        weights: a file of trained weights; the network's own place when None.
        paint: the loop, called like ``nst.transfer.loop.stylize_steps``.
        paint_frames: the loop of films, called like ``nst.transfer.film.film_steps``; None where films are refused.
        workers: 1, the engine's own thread; 0 for an engine that adds others.
    """

    def __init__(
        self,
        device: str | None = None,
        results: Path = Path("results"),
        *,
        limits: Limits | None = None,
        preview_seconds: float = 0.1,
        memory: int | None = None,
        weights: str | Path | None = None,
        paint: Paint = stylize_steps,
        paint_frames: PaintFilm | None = film_steps,
        workers: int = 1,
    ) -> None:
        self.results = results
        self._device = device
        self._limits = limits or Limits()
        #: What holds for every run.
        self._options = StylizeOptions(
            device=device, weights=weights, preview_seconds=preview_seconds, memory=memory,
            report=ignore_progress if self._limits.downloads else refuse_download,
        )  # fmt: skip
        self._paint = paint
        self._paint_frames = paint_frames
        self._line: Line[LocalRun, Worker] = Line(self._limits, workers)
        self._runs = KeptRuns()
        self._ready = threading.Event()
        #: By the device that paints.
        self._estimates: dict[str, Estimates] = {}
        self._timeouts = Timeouts(self._runs.unfinished, self._line, self._limits)
        self._timeouts.start()
        self._threads: list[threading.Thread] = []
        self._start_threads(workers)

    @property
    def device(self) -> str:
        """The device that paints, in words; DeviceError if there is no such. The first call loads torch."""
        return device_name(self._device)

    @property
    def ready(self) -> bool:
        """Whether everything is loaded and the painter is at work, so that a run begins at once."""
        return self._ready.is_set() and self._threads[0].is_alive()

    @property
    def painters(self) -> Sequence[PainterState]:
        """None: it paints by itself."""
        return ()

    @property
    def waiting(self) -> int:
        """How many runs wait in the line."""
        return len(self._line)

    @property
    def summaries(self) -> Sequence[RunSummary]:
        """The runs that are remembered, the newest first."""
        return self._runs.summaries()

    def submit(
        self,
        make_job: Callable[[], Job],
        where: RunFolder | None = None,
        *,
        visitor: Visitor | None = None,
        owner: str = "",
        saved: bool = True,
        caller: Callable[[], bool] | None = None,
    ) -> LocalRun:
        """See ``nst.engines.base.Engine.submit``."""
        where = where or RunFolder.new(self.results, owner)
        if saved:
            where.check()
        run = LocalRun(where, self._line, saved=saved, caller=caller)
        with self._runs.lock:
            if run.id in self.live:
                raise BusyError("This run is going on already.")
            self._line.join(run, visitor, ready=False)
            self._runs.add(run)
        try:
            job = make_job()
            if job.film is not None and self._paint_frames is None:
                raise NSTError("This studio paints pictures only, no films.")
            if saved:
                where.check(needed_mb(job))
            run.accept(job)
        except BaseException:
            run.stop()
            raise
        return run

    @property
    def live(self) -> frozenset[str]:
        """The ids of the runs that are not over yet."""
        return frozenset(run.id for run in self._runs.unfinished())

    def estimate(self, width: int, height: int, settings: Settings, film: Film | None = None) -> Estimate | None:
        """What a run will take, from the runs on this machine; None before it is ready, and before such a run."""
        estimates = (each.predict(width, height, settings, film) for each in self._estimates.values())
        return min((each for each in estimates if each), key=lambda each: each.seconds, default=None)

    def find(self, run_id: str) -> LocalRun | None:
        """The run of that id while it is kept, else None."""
        return self._runs.find(run_id)

    def close(self, timeout: float = 30.0) -> None:
        """Stop every run, let the one at work save its files, and end the threads; ``timeout`` seconds for each."""
        self._timeouts.close()
        self._line.close()
        for run in self._runs.unfinished():
            run.stop()
        for thread in (*self._threads, self._timeouts.thread):
            if thread.is_alive():
                thread.join(timeout)
            if thread.is_alive():
                logger.warning("%s is still at work after %g s and is left behind", thread.name, timeout)

    # --- the worker ----------------------------------------------------------------------------

    def _start_threads(self, count: int) -> None:
        """Each brings one run at a time to its end."""
        for _ in range(count):
            self._threads.append(threading.Thread(target=self._work, name="nst-painter", daemon=True))
            self._threads[-1].start()

    def _work(self) -> None:
        """Thread: paint one run after the other until the line is closed."""
        self._prepare()
        while (taken := self._line.take()) is not None:
            self._perform(*taken)

    def _prepare(self) -> None:
        """Before a thread takes its first run."""
        self._warm_up()
        self._release(OwnThread(self._paint, self._paint_frames))

    def _release(self, worker: Worker) -> None:
        """A worker has nothing to paint."""
        self._line.free(worker)

    def _warm_up(self) -> None:
        """Load torch, and what it loads late, before anybody waits. An error is only logged: a run reports it."""
        try:
            if self._paint is stylize_steps:
                self._estimates[self.device] = Estimates(self.device)
                warm_up(self._device, self._options.weights)
        except WeightsError as error:
            logger.warning("%s", error)  # Another network may have its own.
        except NSTError as error:
            logger.debug("not warmed up: %s", error)
            return
        except Exception:
            logger.exception("the loop cannot be loaded")
            return
        self._ready.set()

    def _perform(self, run: LocalRun, worker: Worker) -> None:
        """Bring one run to its end. Whatever happens in it, the thread goes on with the next."""
        job = run.begin()
        state: State = "failed"
        failure: NSTError | None = None
        try:
            state = run.context.run(self._paint_and_save, run, job, worker)
        except BaseException as error:  # Also SystemExit and GeneratorExit: whoever listens would wait for ever.
            failure = explain(error, job)
        # Only here, after the exception is gone, is nothing of the run held by its traceback.
        if failure is not None:
            release_memory()
        trim_heap()
        run.end(state, failure)
        self._line.finish(run)

    def _paint_and_save(self, run: LocalRun, job: Job, worker: Worker) -> State:
        job = job.loaded()
        trim_heap()
        observer = Observer(worker.memory)
        last = self._paint_with(worker, run, job, observer)
        if last is None and run.controls.stopped:
            return "stopped"
        if last is None or last.end is None:
            raise RuntimeError("the loop ended without a last Step")
        if run.saved:
            save_run(run, job, last)
            self._learn(run, job, last, observer)
        return "stopped" if job.end(last) == "stopped" else "finished"

    def _paint_with(self, worker: Worker, run: LocalRun, job: Job, observer: Observer) -> Step | None:
        """Let a worker paint a run; the last Step, or None if there was none."""
        try:
            return paint_run(worker, run, job, self._options, observer)
        finally:
            self._release(worker)

    def _learn(self, run: LocalRun, job: Job, last: Step, observer: Observer) -> None:
        """Let the estimates learn from a run that nobody held up or cut short."""
        observation = observer.observation()
        estimates = self._estimates.get(last.device)
        if estimates and observation and job.end(last) == "finished" and not run.was_paused:
            estimates.learn(job.settings, observation, film=job.film is not None)
