"""The optimisers that move the pixels, one evaluation of the losses at each step."""

import math
from collections import deque
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
#: A step over which the gradient changes less than this, times its length, tells nothing of the curvature.
LEAST_CURVATURE = 1e-10
#: Adam's decay of its two moments, and what keeps it from dividing by zero.
BETAS, EPSILON = (0.9, 0.99), 1e-8
#: How much of Adam's moving average of the iterates is kept at each step.
AVERAGING = 0.97


#: A step of L-BFGS, the change of the gradient over it, and the inverse of their product, 0 where that is too small.
Pair = tuple[Tensor, Tensor, Tensor]


class PixelOptimizer(Protocol):
    """Moves ``pixels`` downhill. All work on N times the loss, N being the number of pixel values.

    The losses are means, so their gradient shrinks with the picture; times N it does not, and step lengths,
    Adam's epsilon and L-BFGS's thresholds mean the same at every size.
    """

    pixels: Tensor

    def step(self, closure: Callable[[], Tensor], rate: float) -> None:
        """One step. ``closure`` is called once, before the pixels move, and returns the loss's gradient at them.

        That tensor is the optimiser's from then on: it is overwritten, or kept.
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
    return LBFGS(pixels, rate, settings.history, held=settings.pixel_range == "held")


def copies(settings: Settings) -> float:
    """How many pictures in float32 the optimiser holds between its steps, beside the pixels themselves.

    In a step it holds one more, the new gradient, when the network has let go of its activations.

    Args:
        settings: optimizer and history are read.
    """
    match settings.optimizer:
        case "adam":
            return 3
        case "sgd":
            return 0
    return 2 * settings.history + 2


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

    It holds the last step, the gradient before it, and ``history`` pairs made of such; nothing is asked of the device,
    so a GPU need not wait. Sources: Nocedal 1980, the two-loop recursion; held pixels as by Bertsekas 1982.
    Deviations: held pixels stop at 0 and 1 and rest there while they are pushed outwards, and the step that is
    remembered is the one they took; free ones would be cut off only at the end, at a higher loss. A pair without
    curvature keeps its place in the memory, with a weight of 0, until it is the oldest.
    """

    def __init__(self, pixels: Tensor, rate: float, history: int, *, held: bool) -> None:
        self.pixels, self.rate, self._held = pixels, rate, held
        self._pairs: deque[Pair] = deque(maxlen=history)
        self._last: tuple[Tensor, Tensor] | None = None
        self._scale = pixels.new_ones(())

    def step(self, closure: Callable[[], Tensor], rate: float) -> None:
        """One quasi-Newton step; the first goes straight down the gradient, FIRST_STEP far in the mean."""
        gradient = closure().mul_(self.pixels.numel())
        if self._last is None:
            step = gradient * (-FIRST_STEP * self.pixels.numel() / _length(gradient).clamp_min(1))
        else:
            self._remember(*self._last, gradient)
            step = self._downhill(gradient)
        step *= self.rate * rate
        if self._held:
            step.add_(self.pixels).clamp_(0, 1).sub_(self.pixels)
        self.pixels += step
        self._last = step, gradient

    def picture(self) -> Tensor:
        """The iterate itself."""
        return self.pixels

    def _remember(self, step: Tensor, before: Tensor, gradient: Tensor) -> None:
        """The last step with the change of gradient over it, which takes the place of the gradient before."""
        change = torch.sub(gradient, before, out=before)
        curvature = _dot(change, step)
        bends = curvature > LEAST_CURVATURE
        self._scale = torch.where(bends, curvature / _dot(change, change), self._scale)
        self._pairs.append((step, change, torch.where(bends, 1 / curvature, 0.0)))

    def _downhill(self, gradient: Tensor) -> Tensor:
        """Minus the inverse Hessian, as far as it is known, times the gradient."""
        resting = self._resting(gradient)
        direction, shares = -gradient, []
        if resting is not None:
            direction.masked_fill_(resting, 0)
        for step, change, inverse in reversed(self._pairs):
            shares.append(share := _dot(step, direction) * inverse)
            direction.addcmul_(change, share, value=-1)
        direction *= self._scale
        for step, change, inverse in self._pairs:
            direction.addcmul_(step, shares.pop() - _dot(change, direction) * inverse)
        return direction if resting is None else direction.masked_fill_(resting, 0)

    def _resting(self, gradient: Tensor) -> Tensor | None:
        """Held pixels at an end of their range that would leave it downhill."""
        if not self._held:
            return None
        return ((self.pixels <= 0) & (gradient > 0)) | ((self.pixels >= 1) & (gradient < 0))


class Adam:
    """Adam with the pixels held in [0, 1] and a bias-corrected moving average of the iterates as its picture.

    It holds two moments and the average. beta2 is 0.99, as the pixels' curvature changes fast.
    Source: Kingma and Ba 2015, algorithm 1; the average from section 7.2.
    """

    def __init__(self, pixels: Tensor, rate: float) -> None:
        self.pixels, self.rate, self._count = pixels, rate, 0
        self._first, self._second, self._sum = (torch.zeros_like(pixels) for _ in range(3))

    def step(self, closure: Callable[[], Tensor], rate: float) -> None:
        """One step, then clamp and average."""
        gradient = closure().mul_(self.pixels.numel())
        self._count += 1
        self._first.lerp_(gradient, 1 - BETAS[0])
        self._second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        first, second = (1 - beta**self._count for beta in BETAS)
        size = torch.div(self._second, second, out=gradient).sqrt_().add_(EPSILON)
        self.pixels.addcdiv_(self._first, size, value=-self.rate * rate / first).clamp_(0, 1)
        self._sum.lerp_(self.pixels, 1 - AVERAGING)

    def picture(self) -> Tensor:
        """The averaged iterate; before the first step, the initial picture."""
        return self._sum / (1 - AVERAGING**self._count) if self._count else self.pixels


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
        length = (_length(gradient) / gradient.numel()).clamp_min(TINY)
        self.pixels.sub_(gradient.mul_(self.rate * rate / length)).clamp_(0, 1)

    def picture(self) -> Tensor:
        """The iterate itself."""
        return self.pixels


def _length(gradient: Tensor) -> Tensor:
    """The sum of absolute values, without a copy of them."""
    return torch.linalg.vector_norm(gradient, ord=1)


def _dot(one: Tensor, other: Tensor) -> Tensor:
    """The inner product of two pictures, left on their device."""
    return torch.dot(one.flatten(), other.flatten())
