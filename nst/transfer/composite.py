"""Pictures as they are shown where there is a mask: painted by its strength, and the photo for the rest."""

import numpy as np
import torch
from torch import Tensor

from nst.steps import Picture
from nst.transfer.images import ROWS, resize, to_picture
from nst.transfer.regions import Levels, Mask


class Compositor:
    """Blends what is painted with the photo, at any size.

    Args:
        photo: (1, 3, H, W) in [0, 1], of any size.
        mask: says how much of it is painted.
    """

    def __init__(self, photo: Tensor, mask: Mask) -> None:
        self._photo, self._mask = photo, mask
        self._ready: tuple[Picture, Levels] | None = None

    def blend(self, painted: Picture) -> Picture:
        """The painted picture over the photo, uint8 (h, w, 3): see ``composite``."""
        height, width = painted.shape[:2]
        if self._ready is None or self._ready[1].shape != (height, width):
            # Kept from one preview to the next.
            self._ready = to_picture(resize(self._photo, width, height)), self._mask.strength(width, height)
        return composite(painted, *self._ready)

    def separate(self, shown: Tensor) -> Tensor:
        """What was painted, from a picture that ``blend`` made of it, (1, 3, h, w) both."""
        height, width = shown.shape[-2:]
        photo = resize(self._photo, width, height)
        return separate(shown, photo, torch.from_numpy(self._mask.strength(width, height)).to(photo).div_(255))


def separate(shown: Tensor, photo: Tensor, strength: Tensor) -> Tensor:
    """What was painted, from a picture in which it is blended with the photo by a strength in [0, 1].

    Args:
        shown, photo: (1, 3, H, W) in [0, 1].
        strength: (1, 1, H, W) or (H, W).
    """
    # Where little was painted, little is left of it to tell, but as little of it will be shown.
    painted = (shown - photo).div_(strength.clamp_min(1 / 255)).add_(photo).clamp_(0, 1)
    return torch.where(strength > 0, painted, photo)


def composite(painted: Picture, photo: Picture, strength: Levels) -> Picture:
    """Two pictures blended: the bytes of the painted one at strength 255, and of the photo at 0.

    Args:
        painted, photo: uint8 (h, w, 3).
        strength: uint8 (h, w).
    """
    result = np.empty_like(painted)
    for rows in (slice(start, start + ROWS) for start in range(0, len(painted), ROWS)):
        share = strength[rows, :, None].astype(np.uint16)
        result[rows] = (painted[rows] * share + photo[rows] * (255 - share) + 127) // 255
    return result
