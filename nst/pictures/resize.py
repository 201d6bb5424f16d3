"""Resizing of pictures: smaller for thumbnails and previews, larger for enlarged results."""

import numpy as np
from PIL import Image

from nst.steps import Alpha, Picture


def shrink(picture: Picture, side: int) -> Picture:
    """The picture reduced to a long side of at most ``side``; a smaller one is returned unchanged.

    Args:
        picture: uint8, (height, width, 3).
        side: pixels, 1 or more.

    Returns:
        uint8, (height, width, 3), of the same shape to the nearest pixel.
    """
    if max(picture.shape[:2]) <= side:
        return picture
    image = Image.fromarray(picture)
    # With a gap, large pictures are first halved cheaply; the result looks the same.
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.array(image)


def enlarge(picture: Picture, width: int, height: int) -> Picture:
    """The picture enlarged to exactly this size with a Lanczos filter; values are clamped.

    Args:
        picture: uint8, (h, w, 3).
        width, height: in pixels, 1 or more.

    Returns:
        uint8, (height, width, 3).
    """
    return np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def fit_alpha(alpha: Alpha | None, picture: Picture) -> Alpha | None:
    """The alpha at the size of the picture that it is for, uint8 (h, w); None stays None."""
    if alpha is None:
        return None
    height, width = picture.shape[:2]
    return np.array(Image.fromarray(alpha).resize((width, height), Image.Resampling.LANCZOS))
