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


class Moves:
    """What an optimiser keeps of its last move until it has been judged: the step, and the gradient before it."""

    def __init__(self, pixels: Tensor, *, held: bool) -> None:
        self.pixels, self._held = pixels, held
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

    def _go(self, step: Tensor, gradient: Tensor) -> None:
        """Take a step from where the loss has that gradient."""
        go(self.pixels, step, held=self._held)
        self._last = step, gradient

    def _go_back(self, rise: float, multiple: int = 1) -> float | None:
        """The share of the last step that is left; the gradient that was kept is so many times the loss's."""
        if self._last is None:
            return None
        step, gradient = self._last
        return go_back(self.pixels, step, float(dot(gradient, step)) / multiple, rise)


def length(gradient: Tensor) -> Tensor:
    """The sum of absolute values, without a copy of them."""
    return torch.linalg.vector_norm(gradient, ord=1)


def dot(one: Tensor, other: Tensor) -> Tensor:
    """The inner product of two pictures, left on their device."""
    return torch.dot(one.flatten(), other.flatten())
