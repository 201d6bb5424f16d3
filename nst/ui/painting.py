"""What happens between Run and the end: the live picture, the status, the log, the files."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import gradio as gr

from nst.engines.base import OVER, Progress, Run
from nst.errors import NSTError
from nst.jobs import PictureFile, make_job
from nst.networks import NETWORKS
from nst.pictures.resize import shrink
from nst.steps import Job
from nst.ui.choosing import Updates, ready_stage
from nst.ui.doors import SHOWN_SIDE, Upload
from nst.ui.downloads import named, slug
from nst.ui.jpeg import data_uri, fitted
from nst.ui.listeners import visitor
from nst.ui.order import MOST_STYLES, Picks
from nst.ui.parts import Parts
from nst.ui.run_view import RunView, log_box, status
from nst.ui.stage import stage
from nst.ui.studio import Studio

logger = logging.getLogger(__name__)

#: A live frame is at most so large, and there are at most so many in a second: what a browser keeps up with.
LIVE_SIDE = 512
FRAMES_PER_SECOND = 8
#: The curve is redrawn, and the log extended, at most once in so many seconds.
SLOW_SECONDS = 0.6

BROKEN = "Something went wrong inside the studio, and its log says what. Nothing that you chose is lost."


class Painting:
    """The handlers of Run, Pause and Stop, and of the sliders that act during a run."""

    def __init__(self, studio: Studio, parts: Parts) -> None:
        self._studio = studio
        self._parts = parts

    def run(
        self,
        request: gr.Request | None,
        photo: Upload | None,
        picks: Picks,
        recipe: str,
        *held: Any,
    ) -> Iterator[Updates]:
        """Paint, and yield what changes on the page until the run is over.

        Closing this generator, as happens when the visitor leaves, stops the run.
        """
        preparing = gr.update(interactive=False)
        yield {self._parts.status: status("preparing", "Preparing"), self._parts.run: preparing}
        try:
            job = self._job(photo, picks, recipe, held)
            run = self._studio.engine.submit(job, visitor=visitor(request))
            yield from self._watch(run, job, cast(Upload, photo), self._studio.listeners.of(request))
        except NSTError as error:
            yield self._failed(str(error), photo, picks)
        except Exception:
            logger.exception("a run failed in the page")
            yield self._failed(BROKEN, photo, picks)

    def stop(self, run_id: str) -> Updates:
        """Stop was pressed."""
        self._studio.stop(run_id)
        return {self._parts.stop: gr.update(value="Stopping", interactive=False)}

    def pause(self, run_id: str, label: str) -> Updates:
        """Pause or Resume was pressed."""
        hold = label == "Pause"
        self._studio.hold(run_id, hold)
        return {self._parts.pause: gr.update(value="Resume" if hold else "Pause")}

    def steer(self, name: str, run_id: str, value: Any) -> None:
        """A live slider was moved."""
        try:
            self._studio.steer(run_id, **{name: value})
        except NSTError as error:
            gr.Warning(str(error))

    def steer_layers(self, run_id: str, chosen: list[str], network: str, *weights: float) -> None:
        """The slider of a style layer was moved."""
        self.steer("style_layer_weights", run_id, list(weights[: len(chosen or NETWORKS[network].style_layers)]))

    def _job(self, photo: Upload | None, picks: Picks, recipe: str, held: Any) -> Job:
        shares, controls = held[:MOST_STYLES], held[MOST_STYLES:]
        settings = self._parts.panel.values(controls)
        styles = picks.files()
        if len(styles) > 1:
            settings["style_weights"] = shares[: len(styles)]
        file = PictureFile(path=Path(photo.path), name=photo.name) if photo else None
        return make_job(file, styles, settings, recipe=recipe, limits=self._studio.limits)

    def _watch(self, run: Run, job: Job, photo: Upload, listening: Callable[[], bool]) -> Iterator[Updates]:
        """Follow a run to its end."""
        parts = self._parts
        view = RunView(job.scales, self._studio.engine.device, job.notes)
        yield {
            parts.run_id: run.id,
            parts.log: log_box(""),
            parts.curve: None,
            parts.hint: gr.update(visible=True),
            parts.compare: gr.update(visible=False),
            **self._buttons(started=True),
        }
        drawn, slow_at = None, 0.0
        with closing(cast("Generator[Progress]", run.progress(1 / FRAMES_PER_SECOND, listening))) as records:
            for progress in records:
                view.take(progress)
                changes: Updates = {parts.status: view.status(progress)}
                kind = (progress.preview, progress.state, progress.paused)
                if kind != drawn:
                    changes[parts.stage] = live_stage(progress, photo, view)
                    drawn = kind
                now = time.monotonic()
                if now - slow_at > SLOW_SECONDS or progress.state in OVER:
                    changes |= {parts.log: view.log(), parts.curve: view.curve()}
                    slow_at = now
                if progress.state not in OVER:
                    yield changes
        yield from self._end(changes, progress, job)

    def _end(self, changes: Updates, progress: Progress, job: Job) -> Iterator[Updates]:
        """The last update: the finished picture, the comparison, the files."""
        parts = self._parts
        changes |= {parts.run_id: "", **self._buttons(started=False)}
        if progress.preview is not None and progress.preview.image is not None:
            after = shrink(progress.preview.image, SHOWN_SIDE)
            before = fitted(job.content, after.shape[1], after.shape[0])
            changes |= {
                parts.hint: gr.update(visible=False),
                parts.compare: gr.update(value=(before, after), visible=True),
            }
        image = progress.preview.image if progress.preview else None
        size = "" if image is None else str(max(image.shape))
        with named(progress.files, slug(job.content_name, *job.style_names, size)) as files:
            for kind, button in parts.downloads.items():
                changes[button] = gr.update(value=files.get(kind), interactive=kind in files)
            yield changes

    def _failed(self, sentence: str, photo: Upload | None, picks: Picks) -> Updates:
        """The page after a run that could not begin: the sentence, and everything as it was."""
        gr.Warning(sentence)
        return {
            self._parts.status: status("failed", "That did not work", notes=[sentence]),
            self._parts.stage: ready_stage(photo, picks),
            self._parts.run_id: "",
            **self._buttons(started=False),
        }

    def _buttons(self, started: bool) -> Updates:
        """Run at rest, Pause and Stop during a run; the files of an earlier run go when a new one starts."""
        parts = self._parts
        # One update each: of two that come while a button appears, the browser may lose the second.
        changes: Updates = {
            parts.run: gr.update(visible=not started, interactive=True),
            parts.pause: gr.update(visible=started and self._studio.steerable, interactive=True, value="Pause"),
            parts.stop: gr.update(visible=started, interactive=True, value="Stop"),
        }
        if started:
            changes |= {button: gr.update(value=None, interactive=False) for button in parts.downloads.values()}
        return changes


def live_stage(progress: Progress, photo: Upload, view: RunView) -> str:
    """The easel during a run and at its end."""
    chips = {"waiting": ["Waiting in line"], "saving": ["Saving"]}.get(progress.state, [])
    kind: str = "done" if progress.state in OVER else progress.state
    if progress.paused and progress.state == "running":
        chips, kind = ["Paused"], "paused"
    if progress.preview is None or progress.preview.image is None:
        kind, share = ("ready", None) if progress.state in OVER else ("waiting", 0.0)
        return stage(photo.uri, photo, kind, alt="Your photo", chips=chips, share=share)
    side = SHOWN_SIDE if progress.state in OVER else LIVE_SIDE
    share = None if kind == "done" else view.share()
    uri = data_uri(progress.preview.image, side)
    return stage(uri, photo, kind, alt="The painting so far", chips=chips, share=share)
