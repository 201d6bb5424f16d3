"""The filters of the built-in network: a bank of Gabor filters, and the low-pass filter between its octaves."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

KERNEL = 11
ORIENTATIONS = 8
#: Cycles per pixel. The even filters of the two lowest see colour as well; all others luminance only.
FREQUENCIES = (0.12, 0.2, 0.3, 0.42)
COLOUR_FREQUENCIES = 2
#: Ratio of a filter's length to its width.
ELONGATION = 1.6


def gabor_bank() -> Tensor:
    """Gabor filters of every frequency, orientation and both phases, then one Gaussian for the mean colour.

    Returns:
        (2 * 4 * 8 + 1, 1, 11, 11): each of length 1; all but the last sum to 0. Their negatives are not
        in it: rectifying a response and its negative gives the opposite phases.
    """
    filters = [
        _gabor(frequency, math.pi * turn / ORIENTATIONS, phase)
        for frequency in FREQUENCIES
        for turn in range(ORIENTATIONS)
        for phase in (0.0, math.pi / 2)
    ]
    y, x = _grid()
    return F.normalize(torch.stack([*filters, torch.exp(-(x**2 + y**2) / 8)]).flatten(1), dim=1).view(
        -1, 1, KERNEL, KERNEL
    )


def binomial_filter() -> Tensor:
    """The 5x5 binomial low-pass filter (1, 1, 5, 5), which sums to 1. Source: Burt and Adelson 1983."""
    row = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    return torch.outer(row, row)[None, None]


def _gabor(frequency: float, angle: float, phase: float) -> Tensor:
    """One filter (11, 11): a wave under an elongated bell, freed of its mean."""
    y, x = _grid()
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    width = min(0.5 / frequency, KERNEL / 5)
    bell = torch.exp(-(along**2 / (2 * width**2) + across**2 / (2 * (ELONGATION * width) ** 2)))
    wave = bell * torch.cos(2 * math.pi * frequency * along + phase)
    return wave - bell * (wave.sum() / bell.sum())


def _grid() -> tuple[Tensor, Tensor]:
    """(y, x) coordinates of a kernel's pixels, 0 in the middle."""
    y, x = torch.meshgrid(*[torch.arange(KERNEL) - KERNEL // 2] * 2, indexing="ij")
    return y.float(), x.float()
