"""The results: before and after, downloads, the loss curve and the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from nst.engines.base import Progress
from nst.pictures.resize import shrink
from nst.steps import Job, Picture
from nst.ui.downloads import OFFERED, named, slug
from nst.ui.events import Updates
from nst.ui.run_view import RunView, log_box
from nst.ui.theme import CURVE_COLOURS, MARK_COLOUR
from nst.ui.uploads import SHOWN_SIDE

_HINT = '<p class="hint">When the picture is finished, slide between the photo and the painting here.</p>'


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
            with gr.Tab("Downloads"), gr.Row(elem_id="downloads"):
                self.downloads = {
                    kind: gr.DownloadButton(file.label, interactive=False, elem_id=f"download-{kind}", min_width=180)
                    for kind, file in OFFERED.items()
                }
            with gr.Tab("Loss"):
                self.curve = gr.LinePlot(
                    x="step", y="loss", color="term", color_map=CURVE_COLOURS, height=280, show_label=False,
                    x_title="step", y_title="loss (log10)", color_title=" ", elem_id="curve", buttons=[],
                )  # fmt: skip
            with gr.Tab("Log"):
                self.log = gr.HTML(log_box(""), elem_id="log", apply_default_css=False)

    @property
    def components(self) -> list[Any]:
        """What a run changes."""
        return [self.hint, self.compare, self.curve, self.log, *self.downloads.values()]

    def clear(self) -> Updates:
        """Nothing of an earlier run."""
        empty: Updates = {button: gr.update(value=None, interactive=False) for button in self.downloads.values()}
        return empty | {
            self.log: log_box(""),
            self.curve: None,
            self.hint: gr.update(visible=True),
            self.compare: gr.update(visible=False),
        }

    def chart(self, view: RunView) -> Updates:
        """The log and the loss curve of a run so far."""
        curve = view.curve()
        colours = {term: CURVE_COLOURS.get(term, MARK_COLOUR) for term in curve["term"].unique()}
        return {self.log: view.log(), self.curve: gr.update(value=curve, color_map=colours)}

    @contextmanager
    def finished(self, progress: Progress, job: Job) -> Iterator[Updates]:
        """The comparison and the files of a run that is over; the files have these names only within the block."""
        image = progress.preview.image if progress.preview else None
        size = "" if image is None else str(max(image.shape))
        with named(progress.files, slug(job.content_name, *job.style_names, size)) as files:
            updates: Updates = {
                button: gr.update(value=files.get(kind), interactive=kind in files)
                for kind, button in self.downloads.items()
            }
            yield updates if image is None else updates | self._comparison(job.content, image)

    def _comparison(self, photo: Picture, painting: Picture) -> Updates:
        after = shrink(painting, SHOWN_SIDE)
        size = after.shape[1], after.shape[0]
        before = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
        return {self.hint: gr.update(visible=False), self.compare: gr.update(value=(before, after), visible=True)}
