"""The optimisers that move the pixels, one evaluation of the losses for each move.

The caller evaluates the losses and judges: a move that made things worse is shortened.
"""

import math
from typing import Protocol

import torch
from torch import Tensor

from nst.settings import AUTO, Settings
from nst.transfer.lbfgs import LBFGS
from nst.transfer.moves import TINY, ReversibleSteps, absolute_sum, take_step

#: Mean change of a pixel value in the first step of SGD, where the rate is "auto".
FIRST_STEP = 0.003
#: Adam's learning rate for learning_rate = "auto", in units of pixel values (see ``PixelOptimizer``).
ADAM_RATE = 0.02
#: Adam's decay of its two moments, and what keeps it from dividing by zero.
BETAS, EPSILON = (0.9, 0.99), 1e-8
#: How much of Adam's moving average of the iterates is kept at each step.
AVERAGING = 0.97


class PixelOptimizer(Protocol):
    """Moves ``pixels`` downhill.

    L-BFGS and Adam work on N times the loss, N being the number of pixel values. The losses are means, so their
    gradient shrinks with the picture; times N it does not, and step lengths, Adam's epsilon and L-BFGS's thresholds
    mean the same at every size.
    """

    pixels: Tensor
    #: Of the inverse Hessian, for L-BFGS.
    hessian_scale: Tensor | None

    def move(self, gradient: Tensor, rate: float) -> None:
        """One step from pixels at which the gradient of the loss is known.

        That tensor is the optimiser's from then on: it is overwritten, or kept.
        ``rate`` is the learning rate relative to the first step's (see ``rate_factor``).
        """
        ...

    def shorten(self, rise: float) -> bool:
        """Go back along the last move, which raised the loss by ``rise``, to where it is likely to be lower.

        False where that cannot be done, and the next move is due.
        """
        ...

    def forget_gradient(self) -> None:
        """The loss is about to be another one with a similar curvature: what is known of that stays."""
        ...

    def picture(self) -> Tensor:
        """The image to show, (1, 3, H, W): where the last move began, or the average of Adam's iterates."""
        ...

    def result(self) -> Tensor:
        """The image to end with: where the last move led, or the average of Adam's iterates."""
        ...


def make_optimizer(
    pixels: Tensor,
    settings: Settings,
    hessian_scale: Tensor | None = None,
    share: float = 1.0,
    preconditioner: Tensor | None = None,
) -> PixelOptimizer:
    """The optimiser named in the settings, over pixels (1, 3, H, W), which it moves in place.

    Args:
        pixels: where it starts.
        settings: optimizer, learning_rate, history and pixel_range are read.
        hessian_scale: for L-BFGS that of the inverse Hessian, where another one on a similar function has found it.
        share: of its usual length that a first step has, such as that of the pixels that have a gradient at all.
        preconditioner: for L-BFGS, (1, 1, H, W) above 0: the inverse Hessian of each pixel, up to a factor.
    """
    rate = None if settings.learning_rate == AUTO else float(settings.learning_rate)
    bounded = settings.pixel_range == "held"
    match settings.optimizer:
        case "adam":
            return Adam(pixels, rate or ADAM_RATE, bounded=bounded)
        case "sgd":
            return SGD(pixels, rate, bounded=bounded, share=share)
        case "lbfgs":
            return LBFGS(
                pixels, rate or 1.0, settings.history, bounded=bounded, hessian_scale=hessian_scale, share=share,
                preconditioner=preconditioner,
            )  # fmt: skip
    raise ValueError(f"there is no optimiser {settings.optimizer!r}")


def copies(settings: Settings) -> int:
    """How many pictures in float32 the optimiser holds between its steps, beside the pixels themselves.

    In a step it holds one more, the new gradient, when the network has let go of its activations.

    Args:
        settings: optimizer and history are read.
    """
    return {"adam": 3, "sgd": 2, "lbfgs": 2 * settings.history + 2}[settings.optimizer]


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


class Adam:
    """Adam with a bias-corrected moving average of the iterates as its picture.

    It holds two moments and the average. beta2 is 0.99, as the pixels' curvature changes fast.
    Source: Kingma and Ba 2015, algorithm 1; the average from section 7.2.
    """

    def __init__(self, pixels: Tensor, rate: float, *, bounded: bool) -> None:
        self.pixels, self.rate, self._bounded, self._count = pixels, rate, bounded, 0
        self.hessian_scale: Tensor | None = None
        self._first, self._second, self._sum = (torch.zeros_like(pixels) for _ in range(3))

    def move(self, gradient: Tensor, rate: float) -> None:
        """One step, then average."""
        gradient = gradient.mul_(self.pixels.numel())
        self._count += 1
        self._first.lerp_(gradient, 1 - BETAS[0])
        self._second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        first, second = (1 - beta**self._count for beta in BETAS)
        size = torch.div(self._second, second, out=gradient).sqrt_().add_(EPSILON)
        step = torch.div(self._first, size, out=size).mul_(-self.rate * rate / first)
        take_step(self.pixels, step, bounded=self._bounded)
        self._sum.lerp_(self.pixels, 1 - AVERAGING)

    def shorten(self, _rise: float) -> bool:
        """Never: its steps have a fixed length, and its picture is an average."""
        return False

    def forget_gradient(self) -> None:
        """Its moments go on."""

    def result(self) -> Tensor:
        """The averaged iterate."""
        return self.picture()

    def picture(self) -> Tensor:
        """The averaged iterate; before the first step, the initial picture."""
        return self._sum / (1 - AVERAGING**self._count) if self._count else self.pixels


class SGD(ReversibleSteps):
    """Plain gradient descent; a rate of None is the one at which its first step changes pixels by FIRST_STEP.

    It holds the last step and its gradient.
    """

    def __init__(self, pixels: Tensor, rate: float | None, *, bounded: bool, share: float = 1.0) -> None:
        super().__init__(pixels, bounded=bounded)
        self._rate, self._first_step = rate, FIRST_STEP * share
        self.hessian_scale: Tensor | None = None

    def move(self, gradient: Tensor, rate: float) -> None:
        """One step; on the loss itself, as published rates have it."""
        if self._rate is None:
            self._rate = self._first_step * gradient.numel() / max(float(absolute_sum(gradient)), TINY)
        self._take(gradient * (-self._rate * rate), gradient)

    def shorten(self, rise: float) -> bool:
        """A rate at which the loss rises is too high for the steps after it, too."""
        share = self._shorten(rise)
        if share is not None:
            self._rate = (self._rate or 0.0) * share
        return share is not None
