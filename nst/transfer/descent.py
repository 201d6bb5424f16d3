"""The descent at one scale: an optimiser on its objective, with a way back when a loss is not finite."""

import math
from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

from nst.settings import Settings
from nst.steps import Losses
from nst.transfer.objective import TOTAL, Objective
from nst.transfer.optimizers import make_optimizer
from nst.transfer.replay import Replay, Replays

#: Over so many steps the fall of the total is looked at.
PLATEAU_STEPS = 10


class Diverged(Exception):  # noqa: N818  (a state of the descent, not a mistake)
    """A loss that is not finite; the last good picture has been restored. Never leaves ``nst.transfer``."""


class Descent:
    """An optimiser that remembers the last picture whose losses were finite.

    Args:
        start: the initial picture of the scale, (1, 3, H, W); finite.
        objective: what to minimise.
        settings: the optimiser, and the weights to begin with.
        replays: whether steps are recorded and replayed; as the picture's device has it when None.
    """

    def __init__(self, start: Tensor, objective: Objective, settings: Settings, replays: Replays | None = None) -> None:
        self.objective, self.settings = objective, settings
        self._replay = Replay(objective, replays or Replays(start.device))
        self._good = start.detach().clone()
        self._totals: deque[float] = deque(maxlen=PLATEAU_STEPS + 1)
        self._optimizer = make_optimizer(self._good.clone(), settings)

    def step(self, rate: float) -> Losses:
        """One optimiser step at a relative learning rate; the losses of the picture before it.

        Raises:
            Diverged: the losses were not finite; the picture is the last good one again, the optimiser is new.
        """
        terms: list[Tensor] = []
        self._optimizer.step(self._closure(terms), rate)
        # Read once, when all of the step is on its way: a GPU need not wait for it in between.
        losses = self.objective.losses(terms[0])
        if not math.isfinite(losses.total):
            self._restart()
            raise Diverged
        self._totals.append(losses.total)
        return losses

    def settled(self) -> bool:
        """Whether the total fell by no more than the share ``plateau`` over the last steps with these weights."""
        if self.settings.plateau == 0 or len(self._totals) <= PLATEAU_STEPS:
            return False
        # Their lowest, not the last: without a line search a single step may go up.
        first, *rest = self._totals
        return min(rest) >= first * (1 - self.settings.plateau)

    def reweigh(self, settings: Settings) -> None:
        """Other weights from now on. They make another function, whose curvature has to be learnt anew."""
        self.settings = settings
        self._replay.forget()
        pixels = self._optimizer.pixels
        if torch.isfinite(pixels).all():
            self._good.copy_(pixels)
        self._restart()

    def repaint(self) -> None:
        """Find the nearest pieces of the painting anew for the picture now: another function, too."""
        self.reweigh(self.settings)
        self.objective.repaint(self._good)

    def picture(self) -> Tensor:
        """The picture now, (1, 3, H, W): the iterate, or Adam's average of the iterates."""
        return self._optimizer.picture()

    def measure(self) -> Losses:
        """The losses of the picture now. When they are not finite, of the last good picture, restored."""
        terms = self.objective.measure(self.picture(), self.settings)
        if not torch.isfinite(terms[TOTAL]):
            self._restart()
            terms = self.objective.measure(self._good, self.settings)
        return self.objective.losses(terms)

    def _restart(self) -> None:
        self._optimizer = make_optimizer(self._optimizer.pixels.copy_(self._good), self.settings)
        self._totals.clear()

    def _closure(self, terms: list[Tensor]) -> Callable[[], Tensor]:
        def closure() -> Tensor:
            pixels = self._optimizer.pixels
            gradient, measured = self._replay.gradient(pixels, self.settings)
            torch.where(measured[TOTAL].isfinite(), pixels, self._good, out=self._good)
            terms.append(measured)
            return gradient

        return closure
