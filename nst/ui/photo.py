"""The photo: upload, paste, webcam, and the example photos that come with Gradio."""

from functools import cache
from html import escape
from pathlib import Path

import gradio as gr

from nst.errors import NSTError
from nst.pictures.decode import read_picture
from nst.ui.data_uri import thumbnail
from nst.ui.easel import Easel
from nst.ui.events import Updates, answer
from nst.ui.picker import Card, card, picker
from nst.ui.picks import Picks
from nst.ui.uploads import accept, picture_box

_FOLDER = Path(gr.__file__).parent / "media_assets" / "images"
_EXAMPLES = {"tower": ("Tower at dusk", "tower.jpg"), "lion": ("Lion", "lion.jpg"),
             "cheetah": ("Cheetah", "cheetah1.jpg"), "running": ("At full speed", "cheetah.jpg")}  # fmt: skip


class PhotoArea:
    """The components of the photo; made inside the ``gr.Blocks`` that is open. ``upload`` is what was accepted."""

    def __init__(self, easel: Easel) -> None:
        self._easel = easel
        self.box = picture_box(
            label="Photo", show_label=False, sources=["upload", "clipboard", "webcam"], elem_id="photo", height=172,
            placeholder="Drop a photo here\nor click to choose one", alt_text="Your photo",
        )  # fmt: skip
        self.note = gr.HTML(elem_id="photo-note", apply_default_css=False)
        self.examples = picker("Example photos", example_cards(), "examples")
        self.upload = gr.State(None)

    def connect(self, picks: gr.State) -> None:
        """Answer a photo that is chosen or taken away."""
        rest = [picks, self._easel.run_id]
        outputs = [self.box, self.note, self.upload, self._easel.stage, self._easel.status]
        # "input" comes from a file, the clipboard and the camera alike; "upload" does not.
        answer(self.box.input, self.choose, [self.box, *rest], outputs)
        answer(self.box.clear, self.remove, rest, outputs)
        answer(self.examples.click, self.choose_example, rest, outputs)

    def choose(self, path: str | None, picks: Picks, run_id: str) -> Updates:
        """A photo came in, by upload, paste or webcam."""
        return self._accept(path, "", picks, run_id) if path else gr.skip()

    def choose_example(self, event: gr.EventData, picks: Picks, run_id: str) -> Updates:
        """An example photo was clicked."""
        return self._accept(*example(event.key), picks, run_id)

    def remove(self, picks: Picks, run_id: str) -> Updates:
        """The photo was taken away."""
        return {self.upload: None, self.note: ""} | self._easel.ready(None, picks, run_id)

    def _accept(self, path: str | Path, title: str, picks: Picks, run_id: str) -> Updates:
        try:
            upload, preview = accept(path, title)
        except NSTError as error:
            cleared: Updates = {self.box: None, self.upload: None, self.note: refusal(error)}
            return cleared | self._easel.ready(None, picks, run_id)
        accepted: Updates = {self.box: preview, self.upload: upload, self.note: ""}
        return accepted | self._easel.ready(upload, picks, run_id)


def example(key: str) -> tuple[Path, str]:
    """The file and the title of an example photo.

    Raises:
        KeyError: there is no example of that key.
    """
    title, file = _EXAMPLES[key]
    return _FOLDER / file, title


@cache
def example_cards() -> tuple[Card, ...]:
    """A card for each example photo that this version of Gradio brings."""
    return tuple(
        card(key, title, thumbnail(read_picture(_FOLDER / file)), alt=f"Example photo: {title}")
        for key, (title, file) in _EXAMPLES.items()
        if (_FOLDER / file).is_file()
    )


def refusal(error: Exception) -> str:
    """Why a file was refused, as HTML."""
    return f'<p class="refusal" role="alert">{escape(str(error))}</p>'
