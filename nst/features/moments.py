"""Means and deviations over more positions than are there at one time."""

import torch
from torch import Tensor


class Moments:
    """Mean and deviation of each channel, over activations (1, C, h, w) that come one after the other.

    Source: the parallel update of Chan, Golub and LeVeque 1983, which does not lose digits as sums of squares do.
    """

    def __init__(self) -> None:
        self.count, self._mean, self._squares = 0, torch.zeros(()), torch.zeros(())

    def add(self, activations: Tensor) -> None:
        """Take more positions in."""
        positions = activations.shape[-2] * activations.shape[-1]
        variance, mean = torch.var_mean(activations, dim=(0, 2, 3), correction=0)
        total = self.count + positions
        apart = mean - self._mean.to(mean)
        self._squares = self._squares.to(mean) + variance * positions + apart**2 * (self.count * positions / total)
        self._mean = self._mean.to(mean) + apart * (positions / total)
        self.count = total

    @property
    def mean(self) -> Tensor:
        """(C,)."""
        return self._mean

    @property
    def deviation(self) -> Tensor:
        """(C,), with one position less in the division, as of a sample."""
        return (self._squares / (self.count - 1)).sqrt()
