"""Example photos: those that come with Gradio itself, so nothing is downloaded or bundled for them."""

from functools import cache
from pathlib import Path

import gradio as gr

from nst.pictures.decode import read_picture
from nst.ui.doors import thumbnail
from nst.ui.picker import Card, card

_FOLDER = Path(gr.__file__).parent / "media_assets" / "images"
_PHOTOS = {"tower": ("Tower at dusk", "tower.jpg"), "lion": ("Lion", "lion.jpg"),
           "cheetah": ("Cheetah", "cheetah1.jpg"), "running": ("At full speed", "cheetah.jpg")}  # fmt: skip


def example(key: str) -> tuple[Path, str]:
    """The file and the title of an example photo.

    Raises:
        KeyError: there is no example of that key.
    """
    title, file = _PHOTOS[key]
    return _FOLDER / file, title


@cache
def example_cards() -> tuple[Card, ...]:
    """A card for each example photo that this version of Gradio brings."""
    found = {key: title for key, (title, file) in _PHOTOS.items() if (_FOLDER / file).is_file()}
    return tuple(
        card(key, title, thumbnail(read_picture(example(key)[0])), alt=f"Example photo: {title}")
        for key, title in found.items()
    )
