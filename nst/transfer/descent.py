"""The descent at one scale: an optimiser on its objective, which never shows a picture that is worse than the last."""

import math
from collections import deque

from torch import Tensor

from nst.settings import Settings
from nst.steps import Losses
from nst.transfer.objective import Objective, Values
from nst.transfer.optimizers import PixelOptimizer, make_optimizer
from nst.transfer.replay import Replay

#: The fall of the total is measured over this many steps.
PLATEAU_STEPS = 10
#: A step over which the total rose by more than this share is not taken.
RISE = 0.02
#: How long the first step from a predicted frame is, beside that from a picture: it begins close to its minimum.
PREDICTED_STEP = 0.25


class Diverged(Exception):  # noqa: N818  (a state of the descent, not a mistake)
    """A loss that is not finite; the last good picture has been restored. Never leaves ``nst.transfer``."""


class Descent:
    """An optimiser whose steps are judged one by one; ``losses`` are those of the last picture that was accepted.

    Args:
        start: the initial picture of the scale, (1, 3, H, W); finite.
        objective: what to minimise.
        settings: the optimiser, and the weights to begin with.
        replay: records and replays the steps; none are when None.
        hessian_scale: of the inverse Hessian, as an earlier descent on a similar objective found it.
    """

    def __init__(
        self,
        start: Tensor,
        objective: Objective,
        settings: Settings,
        replay: Replay | None = None,
        hessian_scale: Tensor | None = None,
    ) -> None:
        self.objective, self.settings = objective, settings
        self.losses: Losses | None = None
        self._replay = replay
        self._totals: deque[float] = deque(maxlen=PLATEAU_STEPS + 1)
        self._share = objective.regions.painted_share * (PREDICTED_STEP if objective.prediction else 1)
        self._optimizer = self._make_optimizer(start.detach().clone(), hessian_scale)
        self._finished: Tensor | None = None
        #: Of the finished picture, where they are known.
        self._means: Values | None = None
        self._begin_function()

    def step(self, rate: float) -> Losses:
        """One optimiser step at a relative learning rate; the losses of the picture before it.

        Where the picture to judge is worse than the one before, the step to it is shortened, and these are the losses
        of the one before once more.

        Raises:
            Diverged: the losses were not finite; the picture is the last good one again, the optimiser is new.
        """
        pixels = self._optimizer.pixels
        if self._replay is None:
            gradient, values = self.objective.gradient(pixels, self.settings)
        else:
            gradient, values = self._replay.gradient(self.objective, pixels, self.settings)
        # The one thing in a step that waits for a GPU.
        losses = self.objective.losses(values)
        if not math.isfinite(losses.total):
            self._restart()
            raise Diverged
        if (
            self.losses is None
            or not self._worse(losses)
            or not self._optimizer.shorten(losses.total - self.losses.total)
        ):
            self._optimizer.move(gradient, rate)
            self.losses = losses
        self._totals.append(self.losses.total)
        return self.losses

    def settled(self) -> bool:
        """Whether the total fell by no more than the share ``plateau`` over the last steps with these weights."""
        if self.settings.plateau == 0 or len(self._totals) <= PLATEAU_STEPS:
            return False
        # Their lowest, not the last: with Adam a single step may go up.
        first, *rest = self._totals
        return min(rest) >= first * (1 - self.settings.plateau)

    def reweigh(self, settings: Settings) -> None:
        """Other weights from now on. They make another function, whose curvature has to be learnt anew."""
        self.settings = settings
        self._optimizer = self._make_optimizer(self._optimizer.pixels)
        self._begin_function()

    def repaint(self) -> None:
        """Find the nearest pieces of the painting anew: another function, but with the same curvature."""
        self._optimizer.forget_gradient()
        self._begin_function()
        self.objective.repaint(self._optimizer.pixels)

    def picture(self) -> Tensor:
        """The last picture that was accepted, (1, 3, H, W), or Adam's average of the iterates."""
        return self._optimizer.picture() if self._finished is None else self._finished

    def judge_last_step(self) -> Losses:
        """Accept the last step, or not; the losses of the finished picture, which is ``picture`` from now on."""
        self._finished = self._optimizer.result()
        means = self.objective.means(self._finished)
        losses = self.objective.losses(self.objective.evaluate(means, self.settings))
        if math.isfinite(losses.total) and (self.losses is None or not self._worse(losses)):
            self._means = means if self.settings.pixel_range == "held" else None
            return losses
        self._finished = self._optimizer.picture()
        return self.losses or losses

    def relative_losses(self) -> dict[str, float | dict[str, float]]:
        """The metrics of these losses of the finished picture, with its pixels in [0, 1]."""
        means = self._means or self.objective.means(self.picture().clamp(0, 1))
        return self.objective.relative_losses(means)

    @property
    def hessian_scale(self) -> Tensor | None:
        """The scale of the inverse Hessian, as far as L-BFGS has found it."""
        return self._optimizer.hessian_scale

    def _worse(self, losses: Losses) -> bool:
        return self.losses is not None and losses.total > self.losses.total * (1 + RISE)

    def _make_optimizer(self, pixels: Tensor, hessian_scale: Tensor | None = None) -> PixelOptimizer:
        prediction = self.objective.prediction
        preconditioner = None if prediction is None else prediction.inverse_curvature.to(pixels.device)
        return make_optimizer(pixels, self.settings, hessian_scale, self._share, preconditioner)

    def _begin_function(self) -> None:
        """From now on the losses are those of another function, and are not compared with those before."""
        self.losses = None
        self._totals.clear()
        if self._replay is not None:
            self._replay.forget()

    def _restart(self) -> None:
        """The last good picture again, with an optimiser that knows nothing."""
        self._optimizer = self._make_optimizer(self._optimizer.picture().clone())
        self._totals.clear()
