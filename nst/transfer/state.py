"""The state of one run while it passes from scale to scale, and the records made of it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.precision import shortfall
from nst.pictures.resize import enlarge
from nst.pyramid import Scale, style_size, total_steps
from nst.settings import Settings
from nst.steps import Controls, Losses, Picture, Step
from nst.transfer.colours import finish, match_colours
from nst.transfer.device import describe_device
from nst.transfer.images import initial_image, resize, sent
from nst.transfer.memory import Tiling
from nst.transfer.objective import Objective
from nst.transfer.replay import Replays

logger = logging.getLogger(__name__)


@dataclass
class Previews:
    """Decides which Steps carry a picture: by time, by count, or both (see ``stylize_steps``)."""

    seconds: float = 0.0
    every: int = 0
    _last: float = float("-inf")

    def due(self, index: int) -> bool:
        """Whether the Step of that index carries a picture; if so, the clock starts anew."""
        now = time.monotonic()
        by_time = self.seconds >= 0 and now - self._last >= self.seconds
        if not by_time and not (self.every > 0 and index % self.every == 0):
            return False
        self._last = now
        return True


@dataclass(kw_only=True)
class Painting:
    """One run: what was asked for, and how far it is.

    ``photo`` is the picture that was given; ``content`` and ``styles`` are as the colour mode prepared them. They may
    be in the machine's own memory where another ``device`` computes.
    """

    photo: Tensor
    content: Tensor
    styles: list[Tensor]
    settings: Settings
    network: FeatureNetwork
    scales: tuple[Scale, ...]
    tilings: tuple[Tiling, ...]
    device: torch.device
    controls: Controls
    previews: Previews
    note: str = ""
    enlarged: tuple[int, int] | None = None
    level: int = 0
    index: int = 0
    skipped: int = 0
    restarts: int = 0
    given_up: bool = False
    started: float = field(default_factory=time.monotonic)
    replays: Replays = field(init=False)

    def __post_init__(self) -> None:
        self.replays = Replays(self.device)

    @property
    def shortfall(self) -> str:
        """The sentence for a precision that the device does not have, or ""."""
        return shortfall(self.settings.precision, self.device, describe_device(self.device))

    @property
    def scale(self) -> Scale:
        """The scale being painted."""
        return self.scales[self.level]

    @property
    def over(self) -> bool:
        """Whether no further step is to be taken."""
        return self.given_up or self.controls.stopped

    @property
    def last(self) -> bool:
        """Whether the scale is the finest."""
        return self.level == len(self.scales) - 1

    def objective(self) -> Objective:
        """The objective of the current scale."""
        content = self.content_now()
        styles = [self._style(style) for style in self.styles]
        tiling = self.tilings[self.level]
        return Objective(self.network, content, styles, self.settings, tiling, self.device)

    def content_now(self) -> Tensor:
        """The content at the current scale; at the finest, the larger one is let go."""
        content = resize(self.content, self.scale.width, self.scale.height)
        if self.last:
            self.content = content
        return content

    def start(self, objective: Objective, coarser: Tensor | None) -> Tensor:
        """The initial picture of the current scale: the last scale's result, or what the settings ask for."""
        content = self.content_now()
        if coarser is None:
            picture = initial_image(self.settings, content, self.styles)
        else:
            picture = self._finer(objective, coarser.to(content.device).clamp(0, 1), content)
        return picture.to(self.device)

    def show(self, image: Tensor) -> Callable[[], Picture]:
        """The image as people see it now, uint8 (H, W, 3), on its way: the function waits for it."""
        return sent(self._finished(image))

    def preview(self, image: Callable[[], Tensor]) -> Picture | None:
        """The image of the current step as people see it, where one is due."""
        return self.show(image())() if self.previews.due(self.index) else None

    def step(self, losses: Losses, picture: Picture | None, end: str | None = None) -> Step:
        """The record of the current step; a waiting note travels with it. The last one's picture may be enlarged."""
        note, self.note = self.note, ""
        if picture is not None and end and self.enlarged:
            picture = enlarge(picture, *self.enlarged)
        return Step(
            index=self.index,
            total=total_steps(self.scales),
            scale=self.level + 1,
            scales=len(self.scales),
            width=self.scale.width,
            height=self.scale.height,
            losses=losses,
            seconds=time.monotonic() - self.started,
            settings=self.settings,
            network=self.network.name,
            device=describe_device(self.device),
            image=picture,
            end=end,
            note=note,
        )

    def tell(self, sentence: str, level: int = logging.WARNING) -> None:
        """A sentence for the log and for the user, with the next Step."""
        logger.log(level, sentence)
        self.note = f"{self.note} {sentence}".strip()

    def _finished(self, image: Tensor) -> Tensor:
        """The image as it is shown, in the colours that were asked for."""
        if self.settings.colours != "keep":
            # Most runs need no photo here; one of 12 megapixels takes 27 ms to resize, at every preview.
            return image
        photo = resize(self.photo, image.shape[-1], image.shape[-2])
        return finish(image.detach().to(photo.device).clamp(0, 1), photo, self.settings.colours)

    def _finer(self, objective: Objective, coarse: Tensor, content: Tensor) -> Tensor:
        """A coarser picture enlarged and, where pieces of the painting pull, made of such pieces."""
        width, height = self.scale.width, self.scale.height
        if self.settings.patch_weight == 0:
            return resize(coarse, width, height)
        # With what a coarser picture cannot show of the content, or edges would be answered by flat patches.
        detailed = match_colours(content, self.styles[0])
        shown = resize(detailed, coarse.shape[-1], coarse.shape[-2])
        return objective.repaint(detailed.sub_(resize(shown, width, height)).add_(resize(coarse, width, height)))

    def _style(self, style: Tensor) -> Tensor:
        """A style picture at the current scale, in its own shape."""
        return resize(style, *style_size(style.shape[-1], style.shape[-2], self.scale, self.settings.style_scale))
