"""Functions whose minimum is known, and optimisers on them."""

from collections.abc import Callable

import torch
from torch import Tensor

from nst.settings import Settings
from nst.transfer.optimizers import make_optimizer


def quadratic(pixels: Tensor) -> Callable[[], Tensor]:
    """The gradient of a mean of squares with curvatures from 1 to 20 and its minimum at 0.3."""
    curvature = torch.linspace(1, 20, pixels.numel()).view_as(pixels)
    return gradient(lambda x: (curvature * (x - 0.3) ** 2).mean(), pixels)


def gradient(loss: Callable[[Tensor], Tensor], pixels: Tensor) -> Callable[[], Tensor]:
    """What an optimiser asks for: the gradient of a loss at the pixels as they are then."""
    return lambda: torch.func.grad(loss)(pixels)


def run(size: int = 4, steps: int = 60, **settings: object) -> tuple[Tensor, Tensor]:
    pixels = torch.full((1, 3, size, size), 0.8)
    optimizer = make_optimizer(pixels, Settings.from_mapping(settings))
    for _ in range(steps):
        optimizer.move(quadratic(pixels)(), 1.0)
    return pixels, optimizer.result()


def rosenbrock(pixels: Tensor) -> Tensor:
    """A curved valley, 0 where every value is 1."""
    values = pixels.flatten()
    return (10 * (values[1:] - values[:-1] ** 2) ** 2 + (1 - values[:-1]) ** 2).mean() / 10


def parabola(pixels: Tensor) -> tuple[float, Tensor]:
    """The loss and its gradient: lowest at 0.3, and 0.01 at 0.4."""
    return float(((pixels - 0.3) ** 2).mean()), 2 * (pixels - 0.3) / pixels.numel()
