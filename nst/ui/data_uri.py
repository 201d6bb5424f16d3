"""Pictures small enough to travel inside a page, as data URIs: JPEGs, and PNGs of masks."""

import base64
import io

import numpy as np
from PIL import Image

from nst.pictures.resize import shrink
from nst.steps import Picture

#: Long side in pixels, most bytes, and the JPEG qualities that are tried in turn, of a thumbnail.
THUMB_SIDE = 320
THUMB_BYTES = 25_000
THUMB_QUALITIES = (82, 75, 68, 60, 50, 40, 30)


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


def png_uri(picture: Picture) -> str:
    """A picture as ``data:image/png;base64,...``, of which nothing is lost."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def from_data_uri(uri: str) -> Picture:
    """The picture of a ``data_uri``, uint8 (H, W, 3)."""
    return np.array(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))


def thumbnail(picture: Picture) -> str:
    """A small JPEG of a picture as a data URI: of the best quality that has at most THUMB_BYTES, or of the lowest."""
    small = shrink(picture, THUMB_SIDE)
    for quality in THUMB_QUALITIES:
        uri = data_uri(small, THUMB_SIDE, quality)
        if len(uri) * 3 // 4 < THUMB_BYTES:
            break
    return uri
