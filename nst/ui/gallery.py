"""The styles as they stand on the page: a card for each, and all of them to take along."""

import logging
import tempfile
from functools import cache
from pathlib import Path

import gradio as gr

from nst.errors import ImageError
from nst.gallery.archive import NAME, write_style_zip
from nst.gallery.manifest import Style, available_styles
from nst.pictures.decode import read_picture
from nst.ui.doors import thumbnail
from nst.ui.picker import Card, card

logger = logging.getLogger(__name__)


def style_cards() -> list[Card]:
    """A card for each study, and for each photograph of an original that is on this machine."""
    cards = []
    for style in available_styles():
        try:
            cards.append(_card(style))
        except ImageError as error:
            if not style.photograph:
                raise
            logger.warning("%s is left out, %s: %s", style.title, style.path, error)
    return cards


def zip_button() -> gr.DownloadButton:
    """A small button that hands out all style pictures. Gradio keeps a copy of the file as long as the page runs."""
    with tempfile.TemporaryDirectory(prefix="impasto-") as folder:
        path = Path(folder) / f"{NAME}.zip"
        write_style_zip(path)
        return gr.DownloadButton("All style pictures (zip)", str(path), size="sm", elem_id="style-zip")


def _card(style: Style) -> Card:
    return card(
        style.key,
        style.title.removesuffix(" (original)"),
        _thumb(style.path),
        by=f"{style.artist}, {style.year}",
        mark="photograph of the original" if style.photograph else "",
        about=style.about,
        alt=style.alt,
    )


@cache
def _thumb(path: Path) -> str:
    return thumbnail(read_picture(path))
