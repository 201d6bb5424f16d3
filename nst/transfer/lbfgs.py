"""L-BFGS for pixels: one evaluation a step."""

from collections import deque

import torch
from torch import Tensor

from nst.transfer.moves import ReversibleSteps, absolute_sum, dot

#: Mean change of a pixel value in the first step, where nothing is known of the curvature.
FIRST_STEP = 0.01
#: A step over which the gradient changes less than this, times its length, says nothing about the curvature.
LEAST_CURVATURE = 1e-10

#: A step, the change of the gradient over it, and the inverse of their product, 0 where that is too small.
Pair = tuple[Tensor, Tensor, Tensor]


class LBFGS(ReversibleSteps):
    """Limited-memory BFGS without a line search: one evaluation a step, so that every step can be shown.

    It holds the last step, the gradient before it, and ``history`` pairs of the two; no value is read back from the
    device, so a GPU need not wait. Sources: Nocedal 1980, the two-loop recursion; bounded pixels as by Bertsekas 1982.
    Deviations: bounded pixels stop at 0 and 1 and rest there while they are pushed outwards, and the step that is
    remembered is the one they took; free ones would be cut off only at the end, at a higher loss. A pair without
    curvature keeps its place in the memory, with a weight of 0, until it is the oldest. In place of a line search, a
    step that raised the loss is shortened by its parabola and tried again at the next evaluation.

    ``preconditioner``, (1, 1, H, W) and above 0, is what is known beforehand of the inverse Hessian, up to its scale.
    """

    def __init__(
        self,
        pixels: Tensor,
        rate: float,
        history: int,
        *,
        bounded: bool,
        hessian_scale: Tensor | None = None,
        share: float = 1.0,
        preconditioner: Tensor | None = None,
    ) -> None:
        super().__init__(pixels, bounded=bounded)
        self._first_step = FIRST_STEP * share
        self.rate, self.hessian_scale = rate, hessian_scale
        self._preconditioner = preconditioner
        self._pairs: deque[Pair] = deque(maxlen=history)

    def move(self, gradient: Tensor, rate: float) -> None:
        """One quasi-Newton step; the first goes straight down the gradient."""
        gradient = gradient.mul_(self.pixels.numel())
        scale = self.hessian_scale
        if scale is None:
            scale = self._first_step * gradient.numel() / absolute_sum(self._preconditioned(gradient)).clamp_min(1)
        self.hessian_scale = scale if self._last is None else self._remember(*self._last, gradient, scale)
        step = self._downhill(gradient, self.hessian_scale).mul_(self.rate * rate)
        self._take(step, gradient)

    def shorten(self, rise: float) -> bool:
        """Back to the lowest point of the parabola through both losses and the slope at the first."""
        return self._shorten(rise, self.pixels.numel()) is not None

    def _remember(self, step: Tensor, before: Tensor, gradient: Tensor, scale: Tensor) -> Tensor:
        """Keep the last step with the change of the gradient over it, and drop the gradient before; the new scale."""
        change = torch.sub(gradient, before, out=before)
        curvature = dot(change, step)
        bends = curvature > LEAST_CURVATURE
        self._pairs.append((step, change, torch.where(bends, 1 / curvature, 0.0)))
        return torch.where(bends, curvature / dot(change, self._preconditioned(change)), scale)

    def _downhill(self, gradient: Tensor, scale: Tensor) -> Tensor:
        """Minus the inverse Hessian, as far as it is known, times the gradient."""
        resting = self._resting(gradient)
        direction, shares = -gradient, []
        if resting is not None:
            direction.masked_fill_(resting, 0)
        for step, change, inverse in reversed(self._pairs):
            shares.append(share := dot(step, direction) * inverse)
            direction.addcmul_(change, share, value=-1)
        direction = self._preconditioned(direction).mul_(scale)
        for step, change, inverse in self._pairs:
            direction.addcmul_(step, shares.pop() - dot(change, direction) * inverse)
        return direction if resting is None else direction.masked_fill_(resting, 0)

    def _preconditioned(self, gradient: Tensor) -> Tensor:
        return gradient if self._preconditioner is None else gradient * self._preconditioner

    def _resting(self, gradient: Tensor) -> Tensor | None:
        """Bounded pixels at an end of their range that would leave it downhill."""
        if not self._bounded:
            return None
        return ((self.pixels <= 0) & (gradient > 0)) | ((self.pixels >= 1) & (gradient < 0))
