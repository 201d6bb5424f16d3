"""The optimisers that move the pixels, one evaluation of the losses at each step."""

import math
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from nst.settings import AUTO, Settings

#: Learning rates for learning_rate = "auto", in units of pixel values (see ``PixelOptimizer``).
RATES = {"lbfgs": 1.0, "adam": 0.02, "sgd": 0.003}
#: Mean change of a pixel value in L-BFGS's first step, before it knows any curvature.
FIRST_STEP = 0.01
#: Keeps a gradient of zero from being divided by zero.
TINY = 1e-12
#: How much of Adam's moving average of the iterates is kept at each step.
AVERAGING = 0.97


class PixelOptimizer(Protocol):
    """Moves ``pixels`` downhill. All work on N times the loss, N being the number of pixel values.

    The losses are means, so their gradient shrinks with the picture; times N it does not, and step lengths,
    Adam's epsilon and L-BFGS's thresholds mean the same at every size.
    """

    pixels: Tensor

    def step(self, closure: Callable[[], Tensor], rate: float) -> None:
        """One step. ``closure`` is called once, before the pixels move, and returns the loss's gradient at them.

        ``rate`` is the learning rate relative to the first step's (see ``rate_factor``).
        """
        ...

    def picture(self) -> Tensor:
        """The image to show now, (1, 3, H, W)."""
        ...


def make_optimizer(pixels: Tensor, settings: Settings) -> PixelOptimizer:
    """The optimiser named in the settings, over pixels (1, 3, H, W), which it moves in place."""
    auto = settings.learning_rate == AUTO
    rate = RATES[settings.optimizer] if auto else float(settings.learning_rate)
    match settings.optimizer:
        case "adam":
            return Adam(pixels, rate)
        case "sgd":
            return SGD(pixels, rate)
    return LBFGS(pixels, rate, settings.history)


def copies(settings: Settings) -> float:
    """How many float32 pictures the optimiser holds at its peak, beside the pixels."""
    match settings.optimizer:
        case "adam":
            return 5
        case "sgd":
            return 2
    return 2 * settings.history + 4


def rate_factor(schedule: str, final: float, step: int, steps: int) -> float:
    """The learning rate at a step of a scale, as a share of the first step's.

    Args:
        schedule: "constant", "exponential" or "cosine".
        final: the share that is left at the last step, in (0, 1].
        step: from 0 to ``steps - 1``.
        steps: how many steps the scale has.

    Returns:
        1 at step 0 and, but for "constant", ``final`` at the last step.
    """
    progress = step / (steps - 1) if steps > 1 else 0.0
    match schedule:
        case "exponential":
            return final**progress
        case "cosine":
            return final + (1 - final) * (1 + math.cos(math.pi * progress)) / 2
    return 1.0


class LBFGS:
    """Limited-memory BFGS without a line search: one evaluation a step, so that every step can be shown.

    The pixels are never clamped between steps: that would make its memory of past steps untrue.
    Source: Nocedal 1980, in torch.optim's implementation.
    """

    def __init__(self, pixels: Tensor, rate: float, history: int) -> None:
        self.pixels, self.rate, self._started = pixels, rate, False
        # Tolerances off: a step counter, not a plateau, ends a scale.
        self._inner = torch.optim.LBFGS(
            [pixels], max_iter=1, history_size=history, tolerance_grad=0, tolerance_change=0
        )

    def step(self, closure: Callable[[], Tensor], rate: float) -> None:
        """One quasi-Newton step; the first goes straight down the gradient, FIRST_STEP far in the mean."""
        # torch divides the first step by the gradient's 1-norm: times N that is a mean change per value.
        first = FIRST_STEP * self.pixels.numel()
        self._inner.param_groups[0]["lr"] = (self.rate * rate) * (1.0 if self._started else first)
        self._inner.step(lambda: _evaluate(self.pixels, closure))
        self._started = True

    def picture(self) -> Tensor:
        """The iterate itself."""
        return self.pixels


class Adam:
    """Adam with the pixels held in [0, 1] and a bias-corrected moving average of the iterates as its picture.

    Source: Kingma and Ba 2015, the average from its section 7.2. beta2 is 0.99, as the pixels' curvature changes fast.
    """

    def __init__(self, pixels: Tensor, rate: float) -> None:
        self.pixels, self.rate = pixels, rate
        self._inner = torch.optim.Adam([pixels], lr=rate, betas=(0.9, 0.99))
        self._sum, self._share = torch.zeros_like(pixels), 0.0

    def step(self, closure: Callable[[], Tensor], rate: float) -> None:
        """One step, then clamp and average."""
        self._inner.param_groups[0]["lr"] = self.rate * rate
        _evaluate(self.pixels, closure)
        self._inner.step()
        self.pixels.clamp_(0, 1)
        self._sum.lerp_(self.pixels, 1 - AVERAGING)
        self._share = AVERAGING * self._share + (1 - AVERAGING)

    def picture(self) -> Tensor:
        """The averaged iterate; before the first step, the initial picture."""
        return self._sum / self._share if self._share else self.pixels


class SGD:
    """Gradient descent with the pixels held in [0, 1]; the learning rate is the mean change of a pixel value.

    Deviation from plain gradient descent: the gradient is divided by its mean size. Its own size varies by orders of
    magnitude between networks, weights and steps, so that no fixed rate is both stable and quick.
    """

    def __init__(self, pixels: Tensor, rate: float) -> None:
        self.pixels, self.rate = pixels, rate

    def step(self, closure: Callable[[], Tensor], rate: float) -> None:
        """One step, then clamp."""
        gradient = closure()
        length = gradient.abs().mean().clamp_min(TINY)
        self.pixels.sub_(gradient / length * (self.rate * rate)).clamp_(0, 1)

    def picture(self) -> Tensor:
        """The iterate itself."""
        return self.pixels


def _evaluate(pixels: Tensor, closure: Callable[[], Tensor]) -> float:
    """Leave N times the gradient in ``pixels.grad``; see ``PixelOptimizer``. The 0 is for torch, which ignores it."""
    pixels.grad = closure() * pixels.numel()
    return 0.0
