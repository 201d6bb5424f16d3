"""How pictures come in: an image box that hands over the raw file, and what is known of a picture that came in."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

from nst.pictures.decode import read_picture
from nst.pictures.resize import shrink
from nst.steps import Picture
from nst.ui.jpeg import data_uri
from nst.ui.raw import raw

#: Long side of the pictures that stand in for an upload on the page, in pixels.
SHOWN_SIDE = 1024
THUMB_SIDE = 320
THUMB_BYTES = 25_000
THUMB_QUALITIES = (82, 75, 68, 60, 50, 40)


def picture_door(**more: Any) -> gr.Image:
    """Gradio's image box without its decoder.

    Gradio would open the file itself before any handler runs, and answer a damaged or unusual one with a
    bare "Error". Here the path goes to the handler untouched, and the project's own decoder speaks.
    """
    return _Door(type="filepath", image_mode=None, format="jpeg", buttons=["fullscreen"], **more)


def _path(_door: gr.Image, payload: ImageData | None) -> str | None:
    """The file that came in. One without a size is what the page itself put into the box: when a picture is
    taken away, the browser sends that one more time, after the event that says so."""
    return payload.path if payload and payload.size is not None else None


_Door = raw(gr.Image, _path)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A picture that was accepted: where its file is, what to call it, its upright size in pixels,
    and a smaller JPEG of it as a data URI."""

    path: str
    name: str
    width: int
    height: int
    uri: str = field(default="", repr=False)


def accept(path: str | Path, name: str = "") -> tuple[Upload, Picture]:
    """Decode a file once, and keep what the page needs of it.

    Args:
        path: the file, which stays where it is.
        name: what to call it; without one, the file's own name.

    Returns:
        The Upload, and the picture made small enough to show: uint8 (H, W, 3).

    Raises:
        ImageError: the file cannot be used, in one sentence.
    """
    picture = read_picture(path)
    height, width = picture.shape[:2]
    uri = data_uri(picture, SHOWN_SIDE)
    upload = Upload(path=str(path), name=name or Path(path).stem[:60], width=width, height=height, uri=uri)
    return upload, shrink(picture, SHOWN_SIDE)


def thumbnail(picture: Picture) -> str:
    """A small JPEG of a picture as a data URI, for a card: of the best quality that has at most THUMB_BYTES."""
    small = shrink(picture, THUMB_SIDE)
    uris = (data_uri(small, THUMB_SIDE, quality) for quality in THUMB_QUALITIES)
    return next((uri for uri in uris if len(uri) * 3 // 4 < THUMB_BYTES), data_uri(small, THUMB_SIDE, 30))
