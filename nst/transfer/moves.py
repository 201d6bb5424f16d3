"""What the optimisers have in common: a step taken within bounds, and one that made things worse taken back."""

import math

import torch
from torch import Tensor

#: Keeps a gradient of zero from being divided by zero.
TINY = 1e-12
#: Between these shares of a step that made things worse is what is left of it.
SHORTENED = (0.1, 0.5)


def go(pixels: Tensor, step: Tensor, *, held: bool) -> None:
    """Take a step, no further than from black to white; the step becomes the one that was taken.

    Args:
        pixels: moved in place.
        step: likewise; what is not finite in it becomes 0.
        held: whether pixels stop at 0 and 1.
    """
    step.nan_to_num_(0).clamp_(-1, 1)
    if held:
        step.add_(pixels).clamp_(0, 1).sub_(pixels)
    pixels += step


def go_back(pixels: Tensor, step: Tensor, slope: float, rise: float) -> float:
    """Take a step back to the lowest point of the parabola through both losses and the slope at the first.

    Args:
        pixels: after the step, moved in place.
        step: what was taken, shortened in place.
        slope: of the loss along the step, where it began.
        rise: of the loss over the step, above 0.

    Returns:
        The share of the step that is left, between SHORTENED.
    """
    least, most = SHORTENED
    share = min(max(slope / (2 * (slope - rise)), least), most) if slope < 0 and math.isfinite(rise) else least
    pixels.sub_(step, alpha=1 - share)
    step *= share
    return share


def length(gradient: Tensor) -> Tensor:
    """The sum of absolute values, without a copy of them."""
    return torch.linalg.vector_norm(gradient, ord=1)


def dot(one: Tensor, other: Tensor) -> Tensor:
    """The inner product of two pictures, left on their device."""
    return torch.dot(one.flatten(), other.flatten())
