"""The easel: the picture in every state of a run, its status line, and the buttons Run, Pause and Stop."""

from pathlib import Path
from typing import Any

import gradio as gr

from nst.engines.base import FINAL_STATES, Progress
from nst.pictures.png import read_png
from nst.runs.history import PastRun
from nst.ui.data_uri import data_uri
from nst.ui.events import Updates, answer, in_session, respond
from nst.ui.film_strip import FilmStrip, frame_path
from nst.ui.past_view import past_status
from nst.ui.stage import empty_stage, looking_stage, stage
from nst.ui.status_line import status
from nst.ui.studio import Studio
from nst.ui.uploads import SHOWN_SIDE
from nst.ui.visits import PageRun, Session

#: Long side of a live frame in pixels: what a browser keeps up with.
LIVE_SIDE = 512

READY = status("idle", "Ready when you are")


class Easel:
    """The components of the easel; made inside the ``gr.Blocks`` that is open."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.stage = gr.HTML(empty_stage(), elem_id="stage", apply_default_css=False)
        with gr.Row(elem_id="actions"):
            self.run = gr.Button("Run", variant="primary", size="lg", elem_id="run")
            self.pause = gr.Button("Pause", size="lg", elem_id="pause", visible=False)
            self.stop = gr.Button("Stop", variant="stop", size="lg", elem_id="stop", visible=False)
        with gr.Row(elem_id="status-row"):
            self.status = gr.HTML(READY, elem_id="status", apply_default_css=False)
            self.estimate = gr.HTML(elem_id="estimate", apply_default_css=False)
        self.strip = FilmStrip()

    @property
    def before_run(self) -> list[Any]:
        """What a choice changes, unless a run is going on."""
        return [self.stage, self.status, self.strip.box]

    @property
    def components(self) -> list[Any]:
        """What a run changes."""
        return [*self.before_run, self.run, self.pause, self.stop]

    def connect(self, session: gr.State) -> None:
        """Answer Pause, Stop and the strip, and take note of the live frames that have been displayed."""
        answer(self.status.change, None, self.status, js=_NAME_TAB)
        answer(self.stage.change, self.see_frame, [session, self.stage], js=_FRAME_NUMBER, trigger_mode="multiple")
        answer(self.stop.click, in_session(self.stop_run), session, self.stop)
        answer(self.pause.click, in_session(self.pause_run), [session, self.pause], self.pause)
        respond(self.strip.box.click, self.show_frame, session, [self.stage, self.strip.box])

    def see_frame(self, session: Session | None, frame: str) -> None:
        """The tab has displayed a live frame."""
        if session is not None and str(frame).isdigit():
            session.frame_seen = int(frame)

    def stop_run(self, session: Session) -> Updates:
        """Stop was pressed."""
        if session.run:
            session.run.stop()
        return {self.stop: gr.update(value="Stopping", interactive=False)}

    def pause_run(self, session: Session, label: str) -> Updates:
        """Pause or Resume was pressed."""
        pausing = label == "Pause"
        if session.run:
            session.run.pause() if pausing else session.run.resume()
        return {self.pause: gr.update(value="Resume" if pausing else "Pause")}

    def show_frame(self, session: Session, event: gr.EventData) -> Updates:
        """A frame of the strip was clicked; while its film is painted, a second click goes back to the newest."""
        number = int(event.key)
        if session.painting:
            session.frame_held = 0 if session.frame_held == number else number
            return self.strip.mark(session.frame_held)
        folder = session.run.folder if session.run else self._studio.engine.results / session.opened
        return {self.stage: frame_stage(folder, number)} | self.strip.mark(number)

    def ready(self, session: Session) -> Updates:
        """What is chosen, unless a run is going on."""
        if not session.clear_easel():
            return {}
        return {self.stage: ready_stage(session), self.status: READY} | self.strip.empty()

    def refuse(self, session: Session, sentence: str) -> Updates:
        """Why a run could not begin, with everything else as it was."""
        updates = self.ready(session)
        if updates:
            updates[self.stage] = ready_stage(session, refused=True)
        failed = status("failed", "That did not work", notes=[sentence])
        return updates | self.buttons(started=False) | {self.status: failed}

    def look(self) -> Updates:
        """A tab was opened on a run, which is about to be followed."""
        return {self.stage: looking_stage(), self.run: gr.update(interactive=False)}

    def show_past(self, session: Session, past: PastRun) -> Updates:
        """The picture of an earlier run, unless one is going on."""
        if not session.clear_easel():
            return {}
        strip = self.strip.show(past.folder.path, past.folder.painted, past.frames)
        return {self.stage: past_stage(past), self.status: past_status(past)} | strip

    def buttons(self, started: bool, paused: bool = False) -> Updates:
        """Run at rest, Pause and Stop during a run."""
        # One update for each: of two that come while a button appears, the browser may lose the second.
        return {
            self.run: gr.update(visible=not started, interactive=True),
            self.pause: gr.update(
                visible=started and self._studio.steerable, interactive=True, value="Resume" if paused else "Pause"
            ),
            self.stop: gr.update(visible=started, interactive=True, value="Stop"),
        }


_NAME_TAB = """(status) => {
  const [, title] = /data-title="([^"]*)"/.exec(status) || [];
  document.title = (title ? title + ' · ' : '') + document.title.split(' · ').slice(-2).join(' · ');
}"""

#: Of the stage's HTML only the number of its live frame goes back to the studio.
_FRAME_NUMBER = """(session, stage) => [session, (/data-frame="(\\d+)"/.exec(stage) || [null, ""])[1]]"""


def ready_stage(session: Session, *, refused: bool = False) -> str:
    """The easel before a run, or after one that was ``refused``, as HTML."""
    photo, styled = session.photo, bool(session.picks.keys)
    if photo is None:
        return empty_stage(styled=styled)
    if session.start is not None:
        begun = data_uri(session.start.read(), SHOWN_SIDE)
        chip = "Run starts from this picture"
        return stage(begun, photo.size, "ready", alt="The picture to start from", chips=[chip])
    chips = ["Now pick a style"] if not styled else [] if refused else ["Ready: press Run"]
    return stage(photo.uri, photo.size, "ready", alt="Your photo", chips=chips)


def past_stage(past: PastRun) -> str:
    """The easel with the picture of an earlier run, as HTML."""
    return stage(data_uri(read_png(past.picture), SHOWN_SIDE), (past.width, past.height), "done", alt="The painting")


def frame_stage(folder: Path, number: int, share: float | None = None, frame: int = 0) -> str:
    """The easel with a finished frame of a film, as HTML; the rest as for ``run_stage``."""
    picture = read_png(frame_path(folder, number))
    kind = "done" if share is None else "running"
    return stage(
        data_uri(picture, SHOWN_SIDE), picture.shape[1::-1], kind, alt=f"Frame {number} of the film",
        chips=[f"Frame {number}"], share=share, frame=frame,
    )  # fmt: skip


def run_stage(progress: Progress, shown: PageRun, share: float, frame: int = 0) -> str:
    """The easel during a run and at its end, as HTML; ``share`` of the work is done, 0 to 1.

    The number of the ``frame`` comes back from the page when it has been displayed.
    """
    over, preview = progress.state in FINAL_STATES, progress.preview
    paused = progress.paused and progress.state == "running"
    chips = ["Paused"] if paused else {"waiting": ["Waiting in line"], "saving": ["Saving"]}.get(progress.state, [])
    if preview is None or preview.image is None:
        if over:
            return stage(shown.photo.uri, shown.photo.size, "ready", alt="Your photo", chips=chips)
        return stage(shown.photo.uri, shown.run.size, "waiting", alt="Your photo", chips=chips, share=0.0, frame=frame)
    kind = "done" if over else "paused" if paused else progress.state
    uri = data_uri(preview.image, SHOWN_SIDE if over else LIVE_SIDE)
    alt = "The painting" if over else "The painting so far"
    return stage(uri, shown.run.size, kind, alt=alt, chips=chips, share=None if over else share, frame=frame)
