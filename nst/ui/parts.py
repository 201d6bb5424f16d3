"""The parts of the page that handlers read and change, by name."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from nst.ui.panel import Panel


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Every component with a life of its own; see ``nst.ui.page`` for where each stands."""

    # what is chosen
    photo: gr.Image
    photo_note: gr.HTML
    examples: gr.HTML
    styles: gr.HTML
    blend: gr.Checkbox
    shares: list[gr.Slider]
    own: gr.Image
    own_note: gr.HTML
    quality: gr.Radio
    recipe: gr.Dropdown
    recipe_line: gr.HTML
    reset: gr.Button
    panel: Panel
    # what comes of it
    stage: gr.HTML
    run: gr.Button
    pause: gr.Button
    stop: gr.Button
    status: gr.HTML
    hint: gr.HTML
    compare: gr.ImageSlider
    curve: gr.LinePlot
    log: gr.HTML
    downloads: dict[str, gr.DownloadButton]
    # what one visitor's page remembers
    chosen: gr.State
    picks: gr.State
    run_id: gr.State
    put: gr.State

    @property
    def setup(self) -> list[Component]:
        """Everything that a recipe changes."""
        return [self.quality, self.recipe, self.recipe_line, self.put, *self.panel.components]
