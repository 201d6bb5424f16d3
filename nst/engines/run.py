"""One run of the local engine, between the thread that paints it and the threads that listen to it."""

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from nst.controls import Controls
from nst.download_progress import Download
from nst.engines.base import FINAL_STATES, Progress, RunSummary, State
from nst.engines.line import Line
from nst.errors import FieldName, NSTError, SettingsError
from nst.pyramid import Scale
from nst.runs.folder import RunFolder
from nst.steps import Job, Step

#: A listener hears from a run at least this often, in seconds.
IDLE_SECONDS = 0.5


def _always() -> bool:
    return True


class LocalRun:
    """See ``nst.engines.base.Run``. Every listener gets all Steps, each at its own pace.

    The Steps are kept without their images; of the images only the newest is held. It has its place in the line before
    it has a job, see ``accept``. ``caller`` says whether the one client that it is painted for still listens; None
    where more can come, such as another page of the same visit.
    """

    def __init__(
        self,
        where: RunFolder,
        line: "Line[LocalRun, Any]",
        *,
        saved: bool = True,
        caller: Callable[[], bool] | None = None,
    ) -> None:
        self.where = where
        self.saved = saved
        self.was_paused = False
        self.controls = Controls()
        self.caller = caller
        #: How many seconds of pauses others have waited for.
        self.held_up = 0.0
        self._line = line
        self.scales: tuple[Scale, ...] = ()
        self.frames = 0
        self.size = (0, 0)
        self.titles: tuple[str, ...] = ()
        self._job: Job | None = None
        self._layers = 0
        self._changed = threading.Condition()
        self._version = 0
        self._state: State = "waiting"
        self._steps: list[Step] = []
        self._preview: Step | None = None
        self._preview_at = -1
        self._notes: tuple[str, ...] = ()
        self._files: dict[str, Path] = {}
        self._download: Download | None = None
        self._failure: NSTError | None = None
        self._heard = time.monotonic()
        self._listening = 0
        self._submitted = time.monotonic()
        self._began: float | None = None
        self._ended: float | None = None
        #: What surrounded whoever submitted it: on ZeroGPU the painter asks there whose quota it uses.
        self.context = contextvars.copy_context()

    # --- for those who asked for it ------------------------------------------------------------

    @property
    def id(self) -> str:
        """A name made by the engine, safe in a path."""
        return self.where.id

    @property
    def folder(self) -> Path:
        """The folder that the run writes if it is saved."""
        return self.where.path

    @property
    def over(self) -> bool:
        """Whether nothing changes any more."""
        return self._state in FINAL_STATES

    @property
    def failure(self) -> NSTError | None:
        """Why the run failed, or None."""
        return self._failure

    def progress(self, interval: float = 0.1, listening: Callable[[], bool] = _always) -> Iterator[Progress]:
        """Yields at most every ``interval`` seconds and, while nothing happens, about twice a second.

        The state of the last record is one of FINAL_STATES. Closing this iterator early does not stop the run; the
        engine does after its grace. ``listening`` says whether anybody receives the records, where that can end before
        the iterator is closed.
        """
        for record in self._records(listening):
            yield record
            if record.state not in FINAL_STATES:
                time.sleep(interval)

    def steps(self) -> Iterator[Step]:
        """Every Step in order, waiting for each; raises the NSTError of a failed run at its end.

        Only the newest Step has an image. Leaving this iterator early does not stop the run.
        """
        for record in self._records():
            for step in record.steps:
                self._heard = time.monotonic()
                yield step
        if self._failure is not None:
            raise self._failure

    def update(self, **weights: Any) -> None:
        """Change live settings from the next step on.

        Raises:
            SettingsError: a bad value, a setting that is not live, or not one weight for each style layer.
        """
        layer_weights = weights.get("style_layer_weights")
        if isinstance(layer_weights, list | tuple) and len(layer_weights) != self._layers:
            raise SettingsError(
                FieldName("style_layer_weights"),
                f" has {len(layer_weights)} values; this run has {self._layers} style layers.",
            )
        self.controls.update(**weights)

    def pause(self) -> None:
        """Hold before the next step."""
        with self._change():
            self.was_paused = True
            self.controls.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        with self._change():
            self.controls.resume()

    def stop(self) -> None:
        """End after the current step and keep everything; a waiting run leaves the line."""
        self.controls.stop()
        if self._line.leave(self):
            self.end("stopped")

    def silence(self) -> float:
        """Seconds since anybody listened; 0 while somebody waits for news."""
        if (self._state == "waiting" and self._job is None) or (self.caller is not None and self.caller()):
            self._heard = time.monotonic()
        return 0.0 if self._listening else time.monotonic() - self._heard

    def age(self) -> float:
        """Seconds since it started, including pauses; 0 while it waits."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def summary(self) -> RunSummary:
        """What its operator may know."""
        now = time.monotonic() if self._ended is None else self._ended
        began = now if self._began is None else self._began
        return RunSummary(self._state, began - self._submitted, now - began, str(self._failure or ""))

    # --- for the engine ------------------------------------------------------------------------

    def accept(self, job: Job) -> None:
        """Take the job, which may begin from now on."""
        self.scales, self.size, self.titles = job.all_scales, job.size, (job.content_name, *job.style_names)
        self.frames = job.frames
        self._layers = len(job.settings.style_layer_weights)
        with self._change():
            self._job, self._notes, self._heard = job, job.notes, time.monotonic()
        self._line.make_ready(self)

    def begin(self) -> Job:
        """Start running: hands over the job, which the run itself does not need any more."""
        with self._change():
            job, self._job = self._job, None
            self._state, self._began = "running", time.monotonic()
        if job is None:
            raise RuntimeError("a run begins once")
        return job

    def downloading(self, download: Download) -> None:
        """Tell the listeners how far the download is that this run waits for."""
        with self._change():
            self._download = download

    @property
    def job(self) -> Job | None:
        """What it is to paint; None before it is accepted and after it began."""
        return self._job

    @property
    def preview(self) -> Step | None:
        """The newest Step with an image so far."""
        return self._preview

    def publish(self, step: Step) -> None:
        """Hand a Step to the listeners, unless they have it: a run that lost its worker takes some steps once more."""
        with self._change():
            self._download = None
            if self._steps and step.end is None and _place(step) <= _place(self._steps[-1]):
                return
            kept = step.frame == 0 or step.end is not None
            if step.image is not None:
                self._preview, self._preview_at = step, len(self._steps) if kept else -1
            if kept:
                self._steps.append(replace(step, image=None))
            self._notes += (step.note,) if step.note else ()

    def warn(self, sentence: str) -> None:
        """Add a note for the user."""
        with self._change():
            self._notes += (sentence,)

    def save(self) -> None:
        """Tell the listeners that the last Step is there and its files are being written."""
        with self._change():
            self._state = "saving"

    def add_file(self, kind: str, path: Path) -> None:
        """Tell the listeners of a file that has been written."""
        with self._change():
            self._files[kind] = path

    def end(self, state: State, failure: NSTError | None = None) -> None:
        """Go into the last state."""
        with self._change():
            self._state, self._failure, self._job, self._download = state, failure, None, None
            self._ended = time.monotonic()
            self.context = contextvars.Context()

    def forget_picture(self) -> None:
        """Let go of the image of a run that is over."""
        with self._change():
            self._preview, self._preview_at = None, -1

    # --- inside --------------------------------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Make a change in one piece, then wake the listeners."""
        with self._changed:
            yield
            self._version += 1
            self._changed.notify_all()

    def _records(self, listening: Callable[[], bool] = _always) -> Iterator[Progress]:
        """For one listener: what is new, again and again until the run is over."""
        seen, version = 0, -1
        while True:
            self._wait_beyond(version, listening)
            position = self._line.position(self) if self._state == "waiting" else 0
            record, version = self._look(seen, position)
            seen += len(record.steps)
            yield record
            if record.state in FINAL_STATES:
                return

    def _wait_beyond(self, version: int, listening: Callable[[], bool]) -> None:
        """Return when there is something newer than ``version``, or after a while."""
        heard = listening()
        with self._changed:
            self._listening += heard
            self._changed.wait_for(lambda: self._version > version, timeout=IDLE_SECONDS)
            self._listening -= heard
            if heard:
                self._heard = time.monotonic()

    def _look(self, seen: int, position: int) -> tuple[Progress, int]:
        """What is new after ``seen`` Steps, and the version it is of."""
        with self._changed:
            steps = self._steps[seen:]
            if self._preview is not None and self._preview_at >= seen:
                steps[self._preview_at - seen] = self._preview
            record = Progress(
                state=self._state,
                position=position if self._state == "waiting" else 0,
                steps=tuple(steps),
                preview=self._preview,
                notes=self._notes,
                files=dict(self._files),
                download=self._download,
                error=self._failure,
                paused=self.controls.paused,
            )
            return record, self._version


def _place(step: Step) -> tuple[int, int]:
    """Where a Step is in its run: the number of its frame, and its own in that."""
    return step.frame, step.index
