"""The results: before and after, downloads, the loss curve, the metrics and the log."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from PIL import Image

from nst.files import link_or_copy, slug
from nst.pictures.png import read_png
from nst.pictures.resize import shrink
from nst.runs.finish import GIF_SECONDS
from nst.runs.history import PastRun
from nst.ui.downloads import OFFERED, named
from nst.ui.events import Updates, answer
from nst.ui.metrics_view import metrics_table
from nst.ui.past_view import past_log
from nst.ui.players import players
from nst.ui.run_view import RunView, log_box
from nst.ui.theme import CURVE_COLOURS, MARK_COLOUR
from nst.ui.uploads import SHOWN_SIDE

#: What a picture is compared with first: the label and the value of the choice.
PHOTO = ("The photo", "")

#: The labels of the downloads of a film that differ from a picture's.
FILM_LABELS = {
    "png": "PNG\nthe frame in the middle", "gif": f"GIF\nup to {GIF_SECONDS} seconds", "mp4": "MP4\nthe film",
}  # fmt: skip
_TOO_LONG = {"gif": f"GIF\nthe film is longer than {GIF_SECONDS} s"}

#: A film has no one picture that its easel shows.
_ENLARGE = """(png) => {
  const still = !document.querySelector('#film-strip .card');
  document.getElementById('viewer').dataset.full = still && png?.url || '';
}"""
#: The style sheet shows the one for what is chosen.
_HINT = """<p class="hint"><span class="of-picture">At the end you can compare before and after here.</span>
<span class="of-film">When the film is finished, it plays here beside the clip.</span></p>"""
_UNFINISHED = '<p class="hint">This film is not finished; the frames so far are in the strip.</p>'


class Results:
    """The components of the results; made inside the ``gr.Blocks`` that is open."""

    def __init__(self) -> None:
        with gr.Tabs(elem_id="results"):
            with gr.Tab("Before/after"):
                self.hint = gr.HTML(_HINT, apply_default_css=False)
                self.compare = gr.ImageSlider(
                    show_label=False, format="jpeg", interactive=False, elem_id="compare", buttons=["fullscreen"],
                    visible=False,
                )  # fmt: skip
                self.players = gr.HTML(visible=False, elem_id="players", apply_default_css=False)
                self.against = gr.Dropdown(
                    [PHOTO], value="", label="Compare with", visible=False, interactive=True, elem_id="against"
                )
            with gr.Tab("Downloads"), gr.Row(elem_id="downloads"):
                self.downloads = {
                    kind: gr.DownloadButton(file.label, interactive=False, elem_id=f"download-{kind}", min_width=180)
                    for kind, file in OFFERED.items()
                }
            with gr.Tab("Loss"):
                self.curve = gr.LinePlot(
                    x="step", y="loss", color="term", color_map=CURVE_COLOURS, height=280, show_label=False,
                    y_title="loss (log10)", color_title=" ", elem_id="curve", buttons=[],
                )  # fmt: skip
            with gr.Tab("Metrics"):
                self.metrics = gr.HTML(metrics_table({}), elem_id="metrics", apply_default_css=False)
            with gr.Tab("Log"):
                self.log = gr.HTML(log_box(""), elem_id="log", apply_default_css=False)

    @property
    def components(self) -> list[Any]:
        """What a run changes."""
        shown = [self.hint, self.compare, self.players, self.against, self.curve, self.metrics, self.log]
        return [*shown, *self.downloads.values()]

    def enlarge_after(self, event: Any) -> None:
        """After an event that showed a picture, the view in the whole window takes the file itself."""
        answer(event.then, None, self.downloads["png"], js=_ENLARGE)

    def clear(self) -> Updates:
        """Nothing of an earlier run."""
        return self._downloads({}) | {
            self.log: log_box(""),
            self.curve: None,
            self.metrics: metrics_table({}),
            **self._nothing_to_compare(_HINT),
        }

    def chart(self, view: RunView) -> Updates:
        """The log and the loss curve of a run so far."""
        return self._chart(view.log(), view.curve())

    def chart_of(self, past: PastRun) -> Updates:
        """The log and the loss curve of an earlier run."""
        return self._chart(*past_log(past))

    def show(self, past: PastRun, secret: str, others: Sequence[tuple[str, str]]) -> Updates:
        """The files of a run that is over, and its picture beside the photo.

        Args:
            past: the run.
            secret: see ``downloads.named``.
            others: the title and the id of every run that it can be compared with.
        """
        stem = slug(past.content_title, *past.style_titles, str(max(past.width, past.height)))
        files = named(past.files, stem, secret)
        return (
            self._downloads(files, film=past.frames > 0)
            | {
                self.metrics: metrics_table(past.document.get("metrics", {}), film=past.frames > 0),
                self.hint: gr.update(visible=False),
                self.against: gr.update(choices=[PHOTO, *others], value="", visible=not past.frames),
            }
            | self._before_and_after(past, files)
        )

    def _downloads(self, files: Mapping[str, Path], *, film: bool = False) -> Updates:
        """The buttons of these files, by kind; of a film there is no sheet."""
        labels = {kind: file.label for kind, file in OFFERED.items()} | (FILM_LABELS if film else {})
        if "mp4" in files and "gif" not in files:
            labels |= _TOO_LONG
        return {
            button: gr.update(value=files.get(kind), interactive=kind in files, label=labels[kind],
                              visible=not film or kind != "sheet")
            for kind, button in self.downloads.items()
        }  # fmt: skip

    def _before_and_after(self, past: PastRun, files: Mapping[str, Path]) -> Updates:
        if not past.frames:
            return self.compare_pictures(past.content, past.picture)
        return self._play(past, files["mp4"]) if "mp4" in files else self._nothing_to_compare(_UNFINISHED)

    def _nothing_to_compare(self, hint: str) -> Updates:
        return {
            self.hint: gr.update(value=hint, visible=True),
            self.compare: gr.update(visible=False),
            self.players: gr.update(value="", visible=False),
            self.against: gr.update(visible=False),
        }

    def _play(self, past: PastRun, film: Path) -> Updates:
        """The clip and the film side by side."""
        before = link_or_copy(past.folder.before, film.with_name(past.folder.before.name))
        clip, rate = past.document["clip"], past.document["film"]["frame_rate"]
        frames = max(1, past.folder.painted)
        html = players(before, film, frames, min(rate, clip["rate"]), sound=clip["sound"])
        return {self.players: gr.update(value=html, visible=True), self.compare: gr.update(visible=False)}

    def compare_pictures(self, before: Path, after: Path) -> Updates:
        """Two pictures in the slider, the first at the size of the second."""
        picture = shrink(read_png(after), SHOWN_SIDE)
        size = picture.shape[1], picture.shape[0]
        stretched = Image.fromarray(read_png(before)).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
        return {
            self.compare: gr.update(value=(np.asarray(stretched), picture), visible=True),
            self.players: gr.update(value="", visible=False),
        }

    def _chart(self, log: str, curve: pd.DataFrame) -> Updates:
        colours = {term: CURVE_COLOURS.get(term, MARK_COLOUR) for term in curve["term"].unique()}
        return {self.log: log, self.curve: gr.update(value=curve, x=curve.columns[0], color_map=colours)}
