"""The photo or clip: upload, paste, webcam, and the example photos that come with Gradio."""

from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from nst.errors import NSTError
from nst.jobs import TRANSPARENT
from nst.pictures.decode import read_picture
from nst.ui.data_uri import from_data_uri, thumbnail
from nst.ui.easel import Easel
from nst.ui.events import DECODING, Updates, respond
from nst.ui.film_panel import FilmPanel
from nst.ui.picker import Card, card, picker
from nst.ui.studio import Studio
from nst.ui.uploads import Upload, accept_photo_or_clip, picture_box
from nst.ui.visits import Session

_FOLDER = Path(gr.__file__).parent / "media_assets" / "images"
_EXAMPLES = {"tower": ("Tower at dusk", "tower.jpg"), "lion": ("Lion", "lion.jpg"),
             "cheetah": ("Cheetah", "cheetah1.jpg"), "running": ("At full speed", "cheetah.jpg")}  # fmt: skip


class PhotoArea:
    """The components of the photo; made inside the ``gr.Blocks`` that is open."""

    def __init__(self, studio: Studio, easel: Easel, film: FilmPanel) -> None:
        self._studio, self._easel, self._film = studio, easel, film
        self.box = picture_box(
            label="Photo", show_label=False, sources=["upload", "clipboard", "webcam"], elem_id="photo", height=172,
            placeholder="Drop a photo or a clip here\nor click to choose one", alt_text="Your photo",
        )  # fmt: skip
        self.note = gr.HTML(elem_id="photo-note", apply_default_css=False)
        self.examples = picker("Example photos", example_cards(), "examples")

    @property
    def components(self) -> list[Any]:
        """What a photo changes."""
        return [self.box, self.note, self._film.group, *self._easel.before_run]

    def connect(self, session: gr.State) -> None:
        """Answer a photo that is chosen or taken away."""
        # "input" comes from a file, the clipboard and the camera alike; "upload" does not. The event of a box that was
        # just emptied may still be pending when the next photo comes.
        respond(self.box.input, self.choose, [session, self.box], self.components, trigger_mode="multiple", **DECODING)
        respond(self.box.clear, self.remove, session, self.components)
        respond(self.examples.click, self.choose_example, session, self.components, **DECODING)

    def choose(self, session: Session, path: str | None) -> Updates:
        """A photo came in, by upload, paste or webcam."""
        return self.accept(session, path) if path else gr.skip()

    def choose_example(self, session: Session, event: gr.EventData) -> Updates:
        """An example photo was clicked."""
        return self.accept(session, *example(event.key))

    def remove(self, session: Session) -> Updates:
        """The photo was taken away."""
        session.choose_photo(None)
        return {self.note: ""} | self._film.show(session) | self._easel.ready(session)

    def accept(self, session: Session, path: str | Path, title: str = "") -> Updates:
        """Make a file the photo, or say why it cannot be, and have no photo."""
        try:
            return self.take(session, path, title)
        except NSTError as error:
            return self._refuse(session, error) | self._easel.ready(session)

    def take(self, session: Session, path: str | Path, title: str = "") -> Updates:
        """Make a file the photo.

        Raises:
            ImageError: it cannot be; the photo before stays.
        """
        return self._read(session, path, title) | self._easel.ready(session)

    def restore(self, session: Session) -> Updates:
        """Put the photo of the session into the box again."""
        photo = session.photo
        if photo is None:
            return {}
        try:
            self._studio.check_kept(photo)
            return {self.box: from_data_uri(photo.uri), self.note: _notes(photo)} | self._film.show(session)
        except NSTError as error:
            return self._refuse(session, error)

    def _read(self, session: Session, path: str | Path, title: str) -> Updates:
        photo, preview = accept_photo_or_clip(path, title, self._studio.limits.clip_seconds)
        session.choose_photo(photo)
        return {self.box: preview, self.note: _notes(photo)} | self._film.show(session)

    def _refuse(self, session: Session, error: NSTError) -> Updates:
        session.choose_photo(None)
        return {self.box: None, self.note: refusal(error)} | self._film.show(session)


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


def _notes(photo: Upload) -> str:
    return remarks(*photo.notes, TRANSPARENT if photo.has_alpha else "")


def remarks(*sentences: str) -> str:
    """What there is to say about a picture that was taken, as HTML."""
    return "".join(f'<p class="remark" role="status">{escape(sentence)}</p>' for sentence in sentences if sentence)


def refusal(error: Exception) -> str:
    """Why a file was refused, as HTML."""
    return f'<p class="refusal" role="alert">{escape(str(error))}</p>'
