"""What Run does: a Job from what the page holds, then the live picture, the status and the results until it is over."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import gradio as gr

from nst.engines.base import FINAL_STATES, Progress
from nst.errors import NSTError
from nst.jobs import PictureFile, combine_settings, fit_limits, make_film_job, make_job
from nst.recipes import find_recipe
from nst.settings import by_label
from nst.steps import Job
from nst.ui.easel import Easel, frame_stage, run_stage
from nst.ui.events import DECODING, Updates, answer, in_session, respond, stream
from nst.ui.film_panel import COUNT as FILM_VALUES
from nst.ui.film_panel import FilmPanel
from nst.ui.film_strip import shown_numbers
from nst.ui.listeners import visitor
from nst.ui.past_pictures import PastPictures
from nst.ui.photo import PhotoArea
from nst.ui.results import Results
from nst.ui.run_view import RunView
from nst.ui.status_line import estimate_line, status
from nst.ui.studio import Studio
from nst.ui.styles import StylesArea
from nst.ui.uploads import Upload
from nst.ui.visits import PageRun, Session

logger = logging.getLogger(__name__)

#: At most this many visitors may wait or watch at once; the engine's own line decides who is painted.
VISITORS = 32
#: Live frames in a second at most: what a browser keeps up with.
FRAMES_PER_SECOND = 8
#: The curve is redrawn, and the log extended, at most once in so many seconds, and in as many times what they take to
#: arrive: both are long.
SLOW_SECONDS = 0.6
CHART_PAUSE = 5
#: A tab that has not displayed a frame after so many seconds is sent the next one all the same.
LOST_SECONDS = 15

BROKEN = "Something went wrong; the log of the studio has the details. Nothing that you chose is lost."

_BEGIN = f"""() => {{
  document.getElementById('viewer').dataset.full = '';
  if (innerWidth < 900) document.getElementById('stage').scrollIntoView({{block: 'start'}});
  return {json.dumps(status("preparing", "Preparing"))};
}}"""


class RunButton:
    """Answers Run with the areas of the page that a run reads and changes."""

    def __init__(
        self, studio: Studio, easel: Easel, results: Results, styles: StylesArea, history: PastPictures, film: FilmPanel
    ) -> None:
        self._studio, self._easel, self._results, self._styles = studio, easel, results, styles
        self._history, self._film = history, film

    @property
    def components(self) -> list[Any]:
        """What a run changes."""
        return list(dict.fromkeys([*self._history.components, *self._easel.components]))

    def connect(self, session: gr.State, photo: PhotoArea) -> None:
        """Answer Run, and tell before it what a run would take."""
        run = self._easel.run
        # First, because a browser calls the listeners of one event in turn, each after the one before has ended.
        answer(run.click, None, outputs=self._easel.status, js=_BEGIN)
        submitted = respond(run.click, self.submit, [session, *self._choices], self.components, **DECODING)
        self.follow_after(submitted, session)
        changes = [part.change for part in (photo.box, self._styles.cards, *self._choices)]
        answer(partial(gr.on, changes), in_session(self.estimate), [session, *self._choices], self._easel.estimate,
               trigger_mode="always_last")  # fmt: skip

    def follow_after(self, event: Any, session: gr.State) -> None:
        """When an event was answered that put a run on the easel, follow it."""
        followed = stream(event, self.follow, session, self.components, VISITORS, "follow")
        finished = answer(followed.then, self.finish, session, self._easel.components)
        # After the picture, for which a slow line takes long enough.
        self._results.enlarge_after(answer(finished.then, self.show_results, session, self._history.components))
        answer(finished.then, in_session(self.estimate), [session, *self._choices], self._easel.estimate)

    @property
    def _choices(self) -> list[Any]:
        """What holds the settings of a film, and the other choices."""
        return [*self._film.components, *self._styles.choices]

    def estimate(self, session: Session, *values: Any) -> str:
        """What a run would take on this machine, in words, as HTML; "" while nothing is known of such runs."""
        photo, limits = session.photo, self._studio.limits
        if photo is None:
            return ""
        try:
            changes = self._styles.changes(session.picks, values[FILM_VALUES + 1 :])
            settings = combine_settings(find_recipe(values[FILM_VALUES]), session.picks.files(), changes)
            film = self._film.film(photo.clip, values[:FILM_VALUES])
        except NSTError:  # Run says what is wrong.
            return ""
        settings, _ = fit_limits(settings, max(photo.size), limits.size)
        estimate = self._studio.engine.estimate(*photo.size, settings, film)
        return "" if estimate is None else estimate_line(estimate, film.frames if film else 0)

    def submit(self, session: Session, request: gr.Request | None, *values: Any) -> Updates:
        """Take what is chosen into the line."""
        session.sampling = False
        try:
            owner = session.visit.owner
            make_job = partial(self._job, session, values)
            run = self._studio.engine.submit(make_job, visitor=visitor(request, owner), owner=owner)
        except NSTError as error:
            return self._easel.refuse(session, error.sentence(by_label))
        except Exception:
            logger.exception("a run failed in the page")
            return self._easel.refuse(session, BROKEN)
        session.show(run, cast(Upload, session.photo))
        return {self._easel.run: gr.update(interactive=False)} | self._results.clear() | self._easel.strip.empty()

    def follow(self, session: Session | None, request: gr.Request | None) -> Iterator[Updates]:
        """Yield what changes on the page while the run on the easel goes on.

        Closing this generator, as happens when the visitor leaves, does not stop the run.
        """
        if session is not None and session.shown is not None:
            yield from self._live(session, session.shown, self._studio.listeners.of(request))
        yield gr.skip()

    def finish(self, session: Session | None) -> Updates:
        """The run on the easel when it is over: its picture, the status and the buttons."""
        if session is None or session.shown is None or session.painting:
            return gr.skip()
        progress, view = self._end(session.shown)
        return self._easel.buttons(started=False) | {
            self._easel.status: view.status(progress),
            self._easel.stage: run_stage(progress, session.shown, view.share()),
            **self._strip(session.shown, view),
        }

    def show_results(self, session: Session | None) -> Updates:
        """The files of the run on the easel when it is over, its losses, and its place among the pictures."""
        if session is None or session.shown is None or session.painting:
            return gr.skip()
        _, view = self._end(session.shown)
        return self._results.chart(view) | self._history.show(session, session.shown.run.id)

    def _live(self, session: Session, shown: PageRun, listening: Callable[[], bool]) -> Iterator[Updates]:
        easel, paused = self._easel, False
        view, frames, strip = RunView(shown.run, self._studio.engine.device), _Frames(session), None
        for progress in shown.run.progress(1 / FRAMES_PER_SECOND, listening):
            if progress.state in FINAL_STATES:
                return
            view.take(progress)
            # A visitor who has left displays nothing any more: only a yield lets Gradio close this generator.
            if not frames.line_is_free() and listening():
                continue
            updates: Updates = {easel.status: view.status(progress)}
            if not frames.count or (paused and not progress.paused):  # A pause may end by itself.
                updates |= easel.buttons(started=True, paused=progress.paused)
            paused = progress.paused
            if frames.due(progress):
                updates[easel.stage] = self._stage(session, shown, progress, view, frames.count)
                numbers = shown_numbers(view.painted, shown.run.frames)
                if numbers != strip:
                    strip = numbers
                    updates |= self._strip(shown, view)
                if frames.chart_due():
                    updates |= self._results.chart(view)
            yield updates

    def _end(self, shown: PageRun) -> tuple[Progress, RunView]:
        """The last record of a run that is over, and what the page tells of it."""
        view = RunView(shown.run, self._studio.engine.device)
        (progress,) = shown.run.progress()
        view.take(progress)
        return progress, view

    def _stage(self, session: Session, shown: PageRun, progress: Progress, view: RunView, frame: int) -> str:
        """The easel: the newest picture, or a finished frame that the visitor looks at."""
        if 0 < session.frame_held <= view.painted:
            return frame_stage(shown.run.folder, session.frame_held, view.share(), frame)
        return run_stage(progress, shown, view.share(), frame)

    def _strip(self, shown: PageRun, view: RunView) -> Updates:
        """The finished frames of a film."""
        return self._easel.strip.show(shown.run.folder, view.painted, shown.run.frames)

    def _job(self, session: Session, values: Any) -> Job:
        for upload in (session.photo, session.picks.own):
            self._studio.check_kept(upload)
        photo, recipe, rest = session.photo, values[FILM_VALUES], values[FILM_VALUES + 1 :]
        film = self._film.film(photo.clip if photo else None, values[:FILM_VALUES])
        changes, styles = self._styles.changes(session.picks, rest), session.picks.files()
        more: dict[str, Any] = {
            "recipe": recipe, "limits": self._studio.limits, "start": session.start, "mask": session.mask
        }  # fmt: skip
        if film is not None and photo is not None:
            clip = PictureFile(path=film.clip.path, name=photo.name)
            return make_film_job(clip, styles, changes, film.settings, **more)
        return make_job(photo.file if photo else None, styles, changes, **more)


class _Frames:
    """Decides what is sent when: nothing before the tab has displayed the last frame and what came with it."""

    def __init__(self, session: Session) -> None:
        self.count = 0
        self._session = session
        self._sent = self._next_chart = 0.0
        self._has_chart = False
        self._look: tuple[Any, ...] = ()

    def line_is_free(self) -> bool:
        """Whether everything that was sent has arrived, or takes so long that it may be lost."""
        passed = time.monotonic() - self._sent
        free = self._session.frame_seen >= self.count or passed > LOST_SECONDS
        if free and self._has_chart:
            self._has_chart = False
            self._next_chart = self._sent + max(SLOW_SECONDS, CHART_PAUSE * passed)
        return free

    def due(self, progress: Progress) -> bool:
        """Whether there is a new frame to be sent; if so, it counts as sent."""
        step = progress.preview
        place = step and (step.frame, step.index)
        look = (place, progress.state, progress.paused, self._session.frame_held)
        if look == self._look:
            return False
        self._look, self._sent = look, time.monotonic()
        self.count += 1
        return True

    def chart_due(self) -> bool:
        """Whether the chart is to go with the frame; if so, it counts as sent."""
        self._has_chart = self._sent >= self._next_chart
        return self._has_chart
