"""One run of the local engine, between the thread that paints it and the threads that listen to it."""

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
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
    it has a job, see ``accept``.

    Attributes:
        caller: whether the one client that it is painted for still listens; None where more can come, such as another
            page of the same visit.
        held_up: how many seconds of pauses others have waited for.
        job: what it is to paint; None before it is accepted and after it began.
        latest: what has happened so far. Its position, its Steps and whether it is paused are added for each listener.
        context: what surrounded whoever submitted it: on ZeroGPU the painter asks there whose quota it uses.
    """

    def __init__(
        self,
        where: RunFolder,
        line: "Line[LocalRun, Any]",
        *,
        saved: bool = True,
        caller: Callable[[], bool] | None = None,
    ) -> None:
        self.where, self.saved, self.caller = where, saved, caller
        self.was_paused = False
        self.held_up = 0.0
        self.controls = Controls()
        self.context = contextvars.copy_context()
        self.job: Job | None = None
        self.scales: tuple[Scale, ...] = ()
        self.frames = 0
        self.size = (0, 0)
        self.titles: tuple[str, ...] = ()
        self.latest = Progress(state="waiting")
        self._line = line
        self._layers = 0
        self._changed = threading.Condition()
        self._steps: list[Step] = []
        self._preview_at = -1
        self._listening = 0
        self._submitted = self._heard = time.monotonic()
        self._began: float | None = None
        self._ended: float | None = None

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
        return self.latest.state in FINAL_STATES

    def progress(self, interval: float = 0.1, listening: Callable[[], bool] = _always) -> Iterator[Progress]:
        """See ``nst.engines.base.Run.progress``."""
        for record in self._records(listening):
            yield record
            if record.state not in FINAL_STATES:
                time.sleep(interval)

    def steps(self) -> Iterator[Step]:
        """See ``nst.engines.base.Run.steps``. Only the newest Step has an image; it may be left early, too."""
        for record in self._records():
            for step in record.steps:
                self._heard = time.monotonic()
                yield step
            if record.error is not None:
                raise record.error

    def update(self, **weights: Any) -> None:
        """See ``nst.engines.base.Run.update``; SettingsError, too, unless there is a weight for each style layer."""
        layer_weights = weights.get("style_layer_weights")
        if isinstance(layer_weights, list | tuple) and len(layer_weights) != self._layers:
            raise SettingsError(
                FieldName("style_layer_weights"),
                f" has {len(layer_weights)} values; this run has {self._layers} style layers.",
            )
        self.controls.update(**weights)

    def pause(self) -> None:
        """Hold before the next step."""
        self.was_paused = True
        self.controls.pause()
        self._change()

    def resume(self) -> None:
        """Go on after a pause."""
        self.controls.resume()
        self._change()

    def stop(self) -> None:
        """End after the current step and keep everything; a waiting run leaves the line."""
        self.controls.stop()
        if self._line.leave(self):
            self.end("stopped")

    def silence(self) -> float:
        """Seconds since anybody listened; 0 while somebody waits for news."""
        before_its_job = self.latest.state == "waiting" and self.job is None
        if before_its_job or (self.caller is not None and self.caller()):
            self._heard = time.monotonic()
        return 0.0 if self._listening else time.monotonic() - self._heard

    def age(self) -> float:
        """Seconds since it started, including pauses; 0 while it waits."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def summary(self) -> RunSummary:
        """What its operator may know."""
        now = time.monotonic() if self._ended is None else self._ended
        began = now if self._began is None else self._began
        return RunSummary(self.latest.state, began - self._submitted, now - began, str(self.latest.error or ""))

    # --- for the engine ------------------------------------------------------------------------

    def accept(self, job: Job) -> None:
        """Take the job, which may begin from now on."""
        self.scales, self.size, self.titles = job.all_scales, job.size, (job.content_name, *job.style_names)
        self.frames = job.frames
        self._layers = len(job.settings.style_layer_weights)
        self.job, self._heard = job, time.monotonic()
        self._change(*job.notes)
        self._line.make_ready(self)

    def begin(self) -> Job:
        """Start running: hands over the job, which the run itself does not need any more."""
        job, self.job = self.job, None
        if job is None:
            raise RuntimeError("a run begins once")
        self._began = time.monotonic()
        self._change(state="running")
        return job

    def downloading(self, download: Download) -> None:
        """Tell the listeners how far the download is that this run waits for."""
        self._change(download=download)

    def publish(self, step: Step) -> None:
        """Hand a Step to the listeners, unless they have it: a run that lost its worker takes some steps once more."""
        with self._changed:
            if self._steps and step.end is None and _place(step) <= _place(self._steps[-1]):
                self._change(download=None)
                return
            kept = step.frame == 0 or step.end is not None
            if step.image is not None:
                self._preview_at = len(self._steps) if kept else -1
            if kept:
                self._steps.append(replace(step, image=None))
            preview = self.latest.preview if step.image is None else step
            self._change(*[step.note] * bool(step.note), preview=preview, download=None)

    def warn(self, sentence: str) -> None:
        """Add a note for the user."""
        self._change(sentence)

    def save(self) -> None:
        """Tell the listeners that the last Step is there and its files are being written."""
        self._change(state="saving")

    def add_file(self, kind: str, path: Path) -> None:
        """Tell the listeners of a file that has been written."""
        self._change(files={**self.latest.files, kind: path})

    def end(self, state: State, failure: NSTError | None = None) -> None:
        """Go into the last state."""
        self.job, self.context = None, contextvars.Context()
        self._ended = time.monotonic()
        self._change(state=state, error=failure, download=None)

    def forget_picture(self) -> None:
        """Let go of the image of a run that is over."""
        with self._changed:
            self._preview_at = -1
            self._change(preview=None)

    # --- inside --------------------------------------------------------------------------------

    def _change(self, *notes: str, **changes: Any) -> None:
        """Make a change in one piece, then wake the listeners."""
        with self._changed:
            self.latest = replace(self.latest, notes=self.latest.notes + notes, **changes)
            self._changed.notify_all()

    def _records(self, listening: Callable[[], bool] = _always) -> Iterator[Progress]:
        """For one listener: what is new, again and again until the run is over."""
        known: Progress | None = None
        seen = 0
        while known is None or known.state not in FINAL_STATES:
            self._wait_beyond(known, listening)
            with self._changed:
                known, steps = self.latest, self._steps[seen:]
                if known.preview is not None and self._preview_at >= seen:
                    steps[self._preview_at - seen] = known.preview
            seen += len(steps)
            position = self._line.position(self) if known.state == "waiting" else 0
            yield replace(known, position=position, steps=tuple(steps), paused=self.controls.paused)

    def _wait_beyond(self, known: Progress | None, listening: Callable[[], bool]) -> None:
        """Return when there is something newer than what is ``known``, or after a while."""
        heard = listening()
        with self._changed:
            self._listening += heard
            self._changed.wait_for(lambda: self.latest is not known, timeout=IDLE_SECONDS)
            self._listening -= heard
            if heard:
                self._heard = time.monotonic()


def _place(step: Step) -> tuple[int, int]:
    """Where a Step is in its run: the number of its frame, and its own in that."""
    return step.frame, step.index
