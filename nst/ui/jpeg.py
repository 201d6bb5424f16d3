"""Pictures small enough to travel inside a page: JPEG data URIs."""

import base64
import io

import numpy as np
from PIL import Image

from nst.steps import Picture


def smaller(picture: Picture, side: int) -> Picture:
    """The picture with its long side at most ``side`` pixels; uint8 (H, W, 3), unchanged when it fits."""
    return np.asarray(_shrunk(picture, side))


def fitted(picture: Picture, width: int, height: int) -> Picture:
    """The picture at exactly this size in pixels; uint8 (height, width, 3)."""
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0))


def data_uri(picture: Picture, side: int, quality: int = 88) -> str:
    """A picture as ``data:image/jpeg;base64,...``.

    Args:
        picture: uint8 (H, W, 3).
        side: the long side is made at most so many pixels; a smaller picture keeps its size.
        quality: JPEG quality, 1 to 95.
    """
    buffer = io.BytesIO()
    _shrunk(picture, side).save(buffer, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _shrunk(picture: Picture, side: int) -> Image.Image:
    image = Image.fromarray(picture)
    if max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image
