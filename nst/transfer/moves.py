"""What the optimisers have in common: a step within bounds, which is shortened if it made things worse."""

import math

import torch
from torch import Tensor

#: Keeps a gradient of zero from being divided by zero.
TINY = 1e-12
#: A step that made things worse is shortened to a share between these.
SHORTENED = (0.1, 0.5)


def take_step(pixels: Tensor, step: Tensor, *, bounded: bool) -> None:
    """Add a step to the pixels, no further than from black to white; the step becomes the one that was taken.

    Args:
        pixels: moved in place.
        step: changed in place; what is not finite in it becomes 0.
        bounded: whether pixels stop at 0 and 1.
    """
    step.nan_to_num_(0).clamp_(-1, 1)
    if bounded:
        step.add_(pixels).clamp_(0, 1).sub_(pixels)
    pixels += step


def shorten_step(pixels: Tensor, step: Tensor, slope: float, rise: float) -> float:
    """Shorten a step to the lowest point of the parabola through both losses and the slope at the first.

    Args:
        pixels: after the step, moved in place.
        step: the one that was taken, shortened in place.
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


class ReversibleSteps:
    """Keeps an optimiser's last step until it has been judged, with the gradient before it."""

    def __init__(self, pixels: Tensor, *, bounded: bool) -> None:
        self.pixels, self._bounded = pixels, bounded
        self._last: tuple[Tensor, Tensor] | None = None

    def forget_gradient(self) -> None:
        """The step has been judged, and no gradient is compared with that of another function."""
        self._last = None

    def picture(self) -> Tensor:
        """The iterate before the step that has not been judged yet."""
        return self.pixels if self._last is None else self.pixels - self._last[0]

    def result(self) -> Tensor:
        """The iterate."""
        return self.pixels

    def _take(self, step: Tensor, gradient: Tensor) -> None:
        """Take a step from where the loss has that gradient."""
        take_step(self.pixels, step, bounded=self._bounded)
        self._last = step, gradient

    def _shorten(self, rise: float, multiple: int = 1) -> float | None:
        """The share of the last step that is left, or None without one; its gradient is a multiple of the loss's."""
        if self._last is None:
            return None
        step, gradient = self._last
        return shorten_step(self.pixels, step, float(dot(gradient, step)) / multiple, rise)


def absolute_sum(gradient: Tensor) -> Tensor:
    """The sum of absolute values, without a copy of them."""
    return torch.linalg.vector_norm(gradient, ord=1)


def dot(one: Tensor, other: Tensor) -> Tensor:
    """The inner product of two pictures, left on their device."""
    return torch.dot(one.flatten(), other.flatten())
