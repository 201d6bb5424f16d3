"""The easel: the picture in every state of a run, its status line, and the buttons Run, Pause and Stop."""

import gradio as gr

from nst.engines.base import FINAL_STATES, Progress
from nst.pyramid import enlarged_size
from nst.steps import Job
from nst.ui.data_uri import data_uri
from nst.ui.events import Updates, answer
from nst.ui.picks import Picks
from nst.ui.run_view import status
from nst.ui.stage import empty_stage, stage
from nst.ui.studio import Studio
from nst.ui.uploads import SHOWN_SIDE, Upload

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
        self.status = gr.HTML(READY, elem_id="status", apply_default_css=False)
        self.run_id = gr.State("")

    def connect(self) -> None:
        """Answer Pause and Stop."""
        answer(self.status.change, None, self.status, js=_NAME_TAB)
        answer(self.stop.click, self.stop_run, self.run_id, self.stop)
        answer(self.pause.click, self.pause_run, [self.run_id, self.pause], self.pause)

    def stop_run(self, run_id: str) -> Updates:
        """Stop was pressed."""
        self._studio.stop(run_id)
        return {self.stop: gr.update(value="Stopping", interactive=False)}

    def pause_run(self, run_id: str, label: str) -> Updates:
        """Pause or Resume was pressed."""
        pausing = label == "Pause"
        self._studio.pause(run_id, pausing)
        return {self.pause: gr.update(value="Resume" if pausing else "Pause")}

    def ready(self, photo: Upload | None, picks: Picks, run_id: str) -> Updates:
        """What is chosen, unless a run is on the easel."""
        return {} if run_id else {self.stage: ready_stage(photo, picks), self.status: READY}

    def buttons(self, started: bool) -> Updates:
        """Run at rest, Pause and Stop during a run."""
        # One update for each: of two that come while a button appears, the browser may lose the second.
        return {
            self.run: gr.update(visible=not started, interactive=True),
            self.pause: gr.update(visible=started and self._studio.steerable, interactive=True, value="Pause"),
            self.stop: gr.update(visible=started, interactive=True, value="Stop"),
        }


_NAME_TAB = """(status) => {
  const [, title] = /data-title="([^"]*)"/.exec(status) || [];
  document.title = (title ? title + ' · ' : '') + document.title.split(' · ').slice(-2).join(' · ');
}"""


def ready_stage(photo: Upload | None, picks: Picks) -> str:
    """The easel before a run, as HTML."""
    if photo is None:
        return empty_stage(styled=bool(picks.keys))
    chip = "Ready: press Run" if picks.keys else "Now pick a style"
    return stage(photo.uri, photo, "ready", alt="Your photo", chips=[chip])


def run_stage(progress: Progress, photo: Upload, job: Job, share: float) -> str:
    """The easel during a run and at its end, as HTML; ``share`` of the work is done, 0 to 1."""
    last = job.scales[-1]
    width, _ = enlarged_size(photo.width, photo.height, job.settings) or (last.width, last.height)
    over, preview = progress.state in FINAL_STATES, progress.preview
    paused = progress.paused and progress.state == "running"
    chips = ["Paused"] if paused else {"waiting": ["Waiting in line"], "saving": ["Saving"]}.get(progress.state, [])
    if preview is None or preview.image is None:
        if over:
            return stage(photo.uri, photo, "ready", alt="Your photo", chips=chips)
        return stage(photo.uri, photo, "waiting", alt="Your photo", chips=chips, share=0.0, width=width)
    kind = "done" if over else "paused" if paused else progress.state
    uri = data_uri(preview.image, SHOWN_SIDE if over else LIVE_SIDE)
    alt = "The painting" if over else "The painting so far"
    return stage(uri, photo, kind, alt=alt, chips=chips, share=None if over else share, width=width)
