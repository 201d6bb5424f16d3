"""What Run does: a Job from what the page holds, then the live picture, the status and the results until it is over."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any, cast

import gradio as gr

from nst.engines.base import FINAL_STATES, Progress, Run
from nst.errors import NSTError
from nst.jobs import make_job
from nst.settings import by_label
from nst.steps import Job
from nst.ui.easel import Easel, ready_stage, run_stage
from nst.ui.events import Updates, answer
from nst.ui.listeners import visitor
from nst.ui.picks import MAX_STYLES, Picks
from nst.ui.results import Results
from nst.ui.run_view import RunView, status
from nst.ui.settings_panel import SettingsPanel
from nst.ui.studio import Studio
from nst.ui.styles import StylesArea
from nst.ui.uploads import Upload

logger = logging.getLogger(__name__)

#: At most this many visitors may wait or watch at once; the engine's own line decides who is painted.
VISITORS = 32
#: Live frames in a second at most: what a browser keeps up with.
FRAMES_PER_SECOND = 8
#: The curve is redrawn, and the log extended, at most once in so many seconds.
SLOW_SECONDS = 0.6

BROKEN = "Something went wrong; the log of the studio has the details. Nothing that you chose is lost."

_SHOW_EASEL = """() => {
  if (innerWidth < 900) document.getElementById('stage').scrollIntoView({block: 'start'});
}"""


class RunButton:
    """Answers Run with the areas of the page that a run reads and changes."""

    def __init__(self, studio: Studio, easel: Easel, results: Results, settings: SettingsPanel) -> None:
        self._studio, self._easel, self._results, self._settings = studio, easel, results, settings

    def connect(self, upload: gr.State, styles: StylesArea) -> None:
        """Answer Run."""
        easel, panel = self._easel, self._settings
        inputs = [upload, styles.picks, panel.recipe, *styles.shares, *panel.components]
        outputs = [
            easel.stage, easel.status, easel.run_id, easel.run, easel.pause, easel.stop, *self._results.components
        ]  # fmt: skip
        # First, because a browser calls the listeners of one event in turn, each after the one before has ended.
        answer(easel.run.click, None, js=_SHOW_EASEL)
        easel.run.click(
            self.run, inputs, outputs, show_progress="hidden", api_visibility="private",
            concurrency_limit=VISITORS,
        )  # fmt: skip

    def run(
        self, request: gr.Request | None, photo: Upload | None, picks: Picks, recipe: str, *values: Any
    ) -> Iterator[Updates]:
        """Paint, and yield what changes on the page until the run is over.

        Closing this generator, as happens when the visitor leaves, stops the run.
        """
        easel = self._easel
        yield {easel.status: status("preparing", "Preparing"), easel.run: gr.update(interactive=False)}
        try:
            job = self._job(photo, picks, recipe, values)
            run = self._studio.engine.submit(job, visitor=visitor(request))
            yield from self._follow(run, job, cast(Upload, photo), self._studio.listeners.of(request))
        except NSTError as error:
            yield self._failed(error.sentence(by_label), photo, picks)
        except Exception:
            logger.exception("a run failed in the page")
            yield self._failed(BROKEN, photo, picks)

    def _job(self, photo: Upload | None, picks: Picks, recipe: str, values: Any) -> Job:
        settings, styles = self._settings.values(values[MAX_STYLES:]), picks.files()
        if len(styles) > 1:
            settings["style_weights"] = values[: len(styles)]
        file = photo.file if photo else None
        return make_job(file, styles, settings, recipe=recipe, limits=self._studio.limits)

    def _follow(self, run: Run, job: Job, photo: Upload, listening: Callable[[], bool]) -> Iterator[Updates]:
        """Follow a run to its end."""
        easel, view = self._easel, RunView(job.scales, self._studio.engine.device, job.notes)
        yield {easel.run_id: run.id} | easel.buttons(started=True) | self._results.clear()
        drawn, charted = None, 0.0
        with closing(cast("Generator[Progress]", run.progress(1 / FRAMES_PER_SECOND, listening))) as records:
            for progress in records:
                view.take(progress)
                updates: Updates = {easel.status: view.status(progress)}
                look = (progress.preview, progress.state, progress.paused)
                if look != drawn:
                    updates[easel.stage], drawn = run_stage(progress, photo, view.share()), look
                if time.monotonic() - charted > SLOW_SECONDS or progress.state in FINAL_STATES:
                    updates, charted = updates | self._results.chart(view), time.monotonic()
                if progress.state not in FINAL_STATES:
                    yield updates
        with self._results.finished(progress, job) as results:
            yield updates | {easel.run_id: ""} | easel.buttons(started=False) | results

    def _failed(self, sentence: str, photo: Upload | None, picks: Picks) -> Updates:
        """The page after a run that could not begin: the sentence, and everything as it was."""
        gr.Warning(sentence)
        return {
            self._easel.status: status("failed", "That did not work", notes=[sentence]),
            self._easel.stage: ready_stage(photo, picks),
            self._easel.run_id: "",
            **self._easel.buttons(started=False),
        }
