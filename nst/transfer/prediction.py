"""What is known of a film's frame from those before it.

Source: Ruder, Dosovitskiy and Brox 2016, "Artistic style transfer for videos", section 3.3.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nst.steps import PaintedFrame, Picture, Start
from nst.transfer.composite import separate
from nst.transfer.flow import Motion, compare, warp
from nst.transfer.images import resize, to_picture, to_tensor
from nst.transfer.paths import BACK, Paths
from nst.transfer.regions import stretch

#: How far a pixel is held that came into view after the oldest frame that is looked at: it is still being painted.
FRESH = 0.1


def predict(
    done: Sequence[PaintedFrame],
    content: Picture,
    motion: Motion,
    paths: Paths,
    mask: Picture | None,
    weight: float,
) -> Start:
    """What is known of a frame from those before it.

    Args:
        done: the frames of the shot before it, oldest first, or the last of them.
        content: of the frame, uint8 (H, W, 3), at the size of the film.
        motion: since the last of them.
        paths: from the frame back to them.
        mask: of the frame, uint8 (h, w, 3) of any size; None without one.
        weight: of the temporal loss.

    Source: Ruder et al. 2016, equations 8 and 9. Deviation: one warped picture, in which each pixel is that of the
    nearest frame that is trusted most, takes the place of a loss for each frame; with trust of 0 and 1 they are the
    same.
    """
    size = content.shape[1::-1]
    image, known = torch.zeros(1, 3, *content.shape[:2]), torch.zeros(1, 1, *content.shape[:2])
    for back in sorted({min(back, len(done)) for back in BACK}):
        frame = done[-back]
        if back > 1:
            motion = compare(scaled(frame.content, size), content, paths.guesses(back))
        trust = motion.trust
        if mask is not None and frame.mask is not None:
            trust = trust * _same_region(warp(_channels(frame.mask, size), motion.backward, "bilinear"), mask)
        warped = warp(_painted(frame, size), motion.backward).clamp_(0, 1)
        image = torch.where(trust > known, warped, image)
        known = torch.maximum(known, trust)
    # The steps of one frame are too few for what the oldest of them did not show.
    known = torch.where(trust > 0, known, known.clamp(max=FRESH))
    levels = known.mul(255).round().byte()[0, 0].numpy()
    return Start(to_picture(image), trust=levels, temporal_weight=weight)


def scaled(picture: Picture, size: tuple[int, int]) -> Picture:
    """A picture, uint8 (H, W, 3), at (width, height)."""
    return picture if picture.shape[1::-1] == size else to_picture(resize(to_tensor(picture), *size))


def _painted(frame: PaintedFrame, size: tuple[int, int]) -> Tensor:
    """What was painted of a frame, (1, 3, H, W), without the photo that shows through a mask."""
    shown = to_tensor(scaled(frame.result, size))
    if frame.mask is None:
        return shown
    return separate(shown, to_tensor(scaled(frame.content, size)), stretch(frame.mask.max(axis=2), *size))


def _same_region(before: Tensor, mask: Picture) -> Tensor:
    """Where two masks say nearly the same, (1, 1, H, W); elsewhere there was another style, or none.

    Args:
        before: (1, 3, H, W) in [0, 1].
        mask: uint8 (h, w, 3) of any size.
    """
    now = _channels(mask, before.shape[:1:-1])
    return ((before - now).abs() <= torch.maximum(before, now) / 2).all(dim=1, keepdim=True)


def _channels(mask: Picture, size: tuple[int, ...]) -> Tensor:
    """A mask at (width, height) as a tensor, (1, 3, H, W) in [0, 1]."""
    return torch.cat([stretch(np.ascontiguousarray(mask[..., channel]), *size) for channel in range(3)], dim=1)
