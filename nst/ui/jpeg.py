"""Pictures small enough to travel inside a page: JPEG data URIs."""

import base64
import io

import numpy as np
from PIL import Image

from nst.pictures.resize import shrink
from nst.steps import Picture


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
    Image.fromarray(shrink(picture, side)).save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
