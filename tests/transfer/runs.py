"""Runs of the loop with a tiny seeded network, in which a picture takes milliseconds."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from nst.features.tiling import Box
from nst.settings import Settings
from nst.steps import Picture, Step
from nst.transfer.loop import stylize_steps
from nst.transfer.options import StylizeOptions
from tests.networks import TinyNetwork

TINY = Settings(
    size=64, coarsest=32, pyramid_factor=2, steps=6, step_decay=0.5, plateau=0, init="recoloured",
    content_weight=0.1, style_weight=1, tv_weight=0.02, patch_weight=0, style_layer_weights=(1, 1),
)  # fmt: skip


def picture(height: int = 30, width: int = 40, seed: int = 0) -> Picture:
    """A smooth random picture."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    tensor = torch.from_numpy(coarse).permute(2, 0, 1)[None].float()
    smooth = torch.nn.functional.interpolate(tensor, (height, width), mode="bicubic").clamp(0, 255)
    return smooth[0].permute(1, 2, 0).byte().numpy()


def run(
    settings: Settings = TINY,
    content: Picture | None = None,
    styles: Picture | Sequence[Picture] | None = None,
    **options: object,
) -> Iterator[Step]:
    """The loop on the CPU, with a TinyNetwork unless there is another among the options."""
    content = picture() if content is None else content
    styles = picture(seed=1) if styles is None else styles
    options = {"device": "cpu", "network": TinyNetwork(), **options}
    return stylize_steps(content, styles, settings, StylizeOptions(**options))


def paint(*arguments: object, **options: object) -> list[Step]:
    """All Steps of a ``run``."""
    return list(run(*arguments, **options))


class Failing(TinyNetwork):
    """Not finite on some of its calls with a gradient."""

    def __init__(self, *bad: int) -> None:
        super().__init__()
        self.bad, self.calls = set(bad), 0

    def forward(self, image: Tensor, layers: Collection[str], core: Box | None = None) -> dict[str, Tensor]:
        activations = super().forward(image, layers, core)
        if image.requires_grad:
            self.calls += 1
            if self.calls in self.bad:
                return {name: x * float("nan") for name, x in activations.items()}
        return activations
