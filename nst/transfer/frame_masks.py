"""The mask of each frame of a film: a rule applied to it, or a picture that follows what it was drawn on."""

import numpy as np
from torch import Tensor

from nst.pictures.decode import Decoded
from nst.pictures.masks import apply_rule, soften
from nst.steps import Picture
from nst.transfer.flow import Motion
from nst.transfer.tracking import first_points, follow, sample


class FrameMasks:
    """The masks of the frames of a film, one after the other.

    A picture that follows goes on after a cut from where it was.

    Args:
        mask: of the first frame, uint8 (H, W, 3) of any size, or the name of a rule, which is applied to each frame.
        follow: whether a picture follows what it was drawn on; else it is the same in all frames.
    """

    def __init__(self, mask: Picture | str | None, *, follow: bool) -> None:
        self._mask, self.follows = mask, follow and isinstance(mask, np.ndarray)
        self._points: Tensor | None = None

    @property
    def first(self) -> Picture | None:
        """A mask with all regions that any frame may have; None without a mask."""
        return np.full((1, 1, 3), 255, np.uint8) if isinstance(self._mask, str) else self._mask

    def next(self, content: Picture, motion: Motion | None) -> Picture | None:
        """The mask of the next frame, uint8 (H, W, 3) of any size; None without a mask.

        Args:
            content: of the frame, uint8 (H, W, 3), as large as the motion.
            motion: since the frame before; None for the first frame and after a cut.

        Raises:
            ImageError: as from ``apply_rule``.
        """
        if isinstance(self._mask, str):
            return apply_rule(self._mask, Decoded(content))
        if self._mask is None or not self.follows:
            return self._mask
        if motion is not None:
            points = first_points(*content.shape[1::-1]) if self._points is None else self._points
            self._points = follow(points, motion, content)
        # Pixels that took the point of another leave hard edges.
        return self._mask if self._points is None else soften(sample(self._mask, self._points))
