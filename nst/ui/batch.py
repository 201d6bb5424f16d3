"""The tab for many photos."""

import gradio as gr

from nst.ui.studio import Studio


class BatchArea:
    """The components of the tab; made inside the ``gr.Tab`` that is open."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        gr.HTML('<h2 class="heading">Many photos</h2>', apply_default_css=False)
