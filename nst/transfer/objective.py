"""What is minimised at one scale: the targets of content and styles, and the weighted sum of all losses."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from nst.errors import SettingsError
from nst.features.base import FeatureNetwork
from nst.features.precision import available, convolving, look
from nst.features.tiling import Box, Tile, tiles
from nst.settings import Settings
from nst.steps import Losses
from nst.transfer.colours import LEAST_SPREAD
from nst.transfer.losses import (
    TINY,
    balanced_style_loss,
    combine_layers,
    content_loss,
    mean_square,
    patch_loss,
    raw_style_loss,
    variation,
)
from nst.transfer.memory import WHOLE, Tiling
from nst.transfer.patches import PatchStock
from nst.transfer.targets import grams, style_targets
from nst.transfer.tiles import Means, gradient_over, joined, means_over

#: Where the weighted total is among the terms.
TOTAL = 4


class Objective:
    """The losses of an image against fixed targets, measured tile by tile where it does not fit as a whole.

    Args:
        network: the feature network, on the device that computes.
        content: (1, 3, H, W) in [0, 1], there or in the machine's own memory.
        styles: one or more pictures (1, 3, H, W) in [0, 1], each of any size; likewise.
        settings: the layers, the kinds of loss and the styles' weights are fixed here; the other weights are
            given at each ``measure``, because they may be moved during a run.
        tiling: how pictures are cut; it changes no result but by rounding.
        device: the one that computes; the content's when None.

    Raises:
        SettingsError: as many style weights are needed as styles, and one of them above 0.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        content: Tensor,
        styles: Sequence[Tensor],
        settings: Settings,
        tiling: Tiling = WHOLE,
        device: torch.device | None = None,
    ) -> None:
        self.network = network
        shares = style_shares(settings.style_weights, len(styles))
        used = [(share, style) for share, style in zip(shares, styles, strict=True) if share > 0]
        self.style_layers = settings.style_layers or network.style_layers
        self.content_layers = settings.content_layers or network.content_layers
        self._balanced = settings.style_loss == "balanced"
        self._device, self._home, self._side = device or content.device, content.device, tiling.side
        self._precision = available(settings.precision, self._device)
        self._repainted: Tensor | None = None
        self._stock: PatchStock | None = None
        with torch.no_grad(), self._convolving():
            self._grams = style_targets(network, used, self.style_layers, tiling.side, self._device, self._precision)
            self._set_content(content, tiling.keeps_targets)
            spreads = [share * style.var(dim=(2, 3), correction=0).mean() for share, style in used]
            self._spread = max(float(sum(spreads)), LEAST_SPREAD)
            self._used = used
            if settings.patch_weight > 0:
                self._stock_up()

    @property
    def stays_on_device(self) -> bool:
        """Whether all that a gradient needs is on the device that computes, the picture as a whole."""
        return len(self._tiles) == 1 and self._content is None and self._home.type == self._device.type

    def repaint(self, image: Tensor) -> Tensor:
        """Put the image (1, 3, H, W) together from pieces of the styles: what the patch loss pulls to from now on."""
        self._repainted = None  # Freed before there is a new one.
        with torch.no_grad():
            self._repainted = self._stock_up().repaint(image.detach(), self._home)
        return self._repainted

    def measure(self, image: Tensor, settings: Settings) -> Tensor:
        """All terms of the losses, for ``losses``.

        Args:
            image: (1, 3, H, W).
            settings: content_weight, style_weight, tv_weight, patch_weight and style_layer_weights are read.

        Returns:
            A vector: content, style, tv, patch, their weighted total, then each style layer. One tensor, so that a
            GPU is asked only once.
        """
        with self._convolving():
            means = means_over(image, self._tiles, self._means_of)
        return self._judge({name: mean for name, (mean, _) in means.items()}, settings)[1]

    def gradient(self, image: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
        """The gradient of the weighted total in the image, (1, 3, H, W) like it; and the terms, as of ``measure``."""
        with self._convolving():
            return gradient_over(image, self._tiles, self._means_of, lambda means: self._judge(means, settings))

    def losses(self, terms: Tensor) -> Losses:
        """The record of the terms that ``measure`` returned."""
        content, style, tv, patch, total, *layers = terms.tolist()
        by_layer = dict(zip(self.style_layers, layers, strict=True))
        return Losses(content=content, style=style, style_layers=by_layer, tv=tv, patch=patch, total=total)

    def _judge(self, means: dict[tuple[str, str], Tensor], settings: Settings) -> tuple[Tensor, Tensor]:
        """The weighted total with its graph, and the terms without one, from means over the whole picture."""
        loss = balanced_style_loss if self._balanced else raw_style_loss
        layers = {name: loss(means["gram", name], self._grams[name]) for name in self.style_layers}
        weights = dict(zip(self.style_layers, settings.style_layer_weights, strict=True))
        style = combine_layers(layers, weights, mean=self._balanced)
        content = torch.stack([means["content", name] for name in self.content_layers]).mean()
        tv = means["variation", "down"] + means["variation", "across"]
        patch = means.get(("patch", ""), torch.zeros_like(tv))
        total = (
            settings.content_weight * content
            + settings.style_weight * style
            + settings.tv_weight * tv
            + settings.patch_weight * patch
        )
        terms = torch.stack([content, style, tv, patch, total, *layers.values()])
        return total, terms.detach()

    def _means_of(self, crop: Tensor, tile: Tile) -> Means:
        """What all losses are made of, over the core of one tile."""
        features = look(self.network, self._precision, crop, {*self.style_layers, *self.content_layers}, tile.core)
        means = grams(features, self.style_layers)
        for name, target in self._targets(tile).items():
            loss = content_loss(features[name], target, relative_to=self._content_sizes[name])
            means["content", name] = loss, target.numel()
        return means | _variations(crop, tile.core) | self._patch(crop, tile)

    def _patch(self, crop: Tensor, tile: Tile) -> Means:
        if self._repainted is None:
            return {}
        part = tile.core.of(crop)
        repainted = tile.core.of(tile.crop.of(self._repainted)).to(crop.device)
        return {("patch", ""): (patch_loss(part, repainted, self._spread), part.numel())}

    def _stock_up(self) -> PatchStock:
        """The patches of the styles; the styles are let go, as nothing else needs them any more."""
        if self._stock is None:
            styles, shares = [style for _, style in self._used], [share for share, _ in self._used]
            self._stock, self._used = PatchStock(styles, shares, self._device), []
        return self._stock

    def _set_content(self, content: Tensor, keep: bool) -> None:
        """What the content's activations are compared with: kept, or the picture to compute them from."""
        layers = {*self.style_layers, *self.content_layers}
        self._tiles = tiles(content.shape[-2], content.shape[-1], self._side, self.network.reach(layers))
        self._content, self._kept = None if keep else content, {}
        sizes: list[Means] = []
        for tile in self._tiles:
            features = self._see(content, tile, self.content_layers)
            sizes.append({("size", name): (mean_square(x), x.numel()) for name, x in features.items()})
            if keep:
                # Copies, for a view would hold all of a crop's.
                self._kept[tile] = {
                    name: x.contiguous(memory_format=torch.channels_last) for name, x in features.items()
                }
        self._content_sizes = {
            name: max(float(size), TINY) if self._balanced else 1.0 for (_, name), (size, _) in joined(sizes).items()
        }

    def _targets(self, tile: Tile) -> dict[str, Tensor]:
        """The content's activations in a core, by layer."""
        if self._content is None:
            return self._kept[tile]
        with torch.no_grad():
            return self._see(self._content, tile, self.content_layers)

    def _see(self, picture: Tensor, tile: Tile, layers: Sequence[str]) -> dict[str, Tensor]:
        return look(self.network, self._precision, tile.crop.of(picture).to(self._device), layers, tile.core)

    def _convolving(self) -> AbstractContextManager[None]:
        return convolving(self._precision, self._device)


def _variations(crop: Tensor, core: Box) -> Means:
    """From every pixel of the core to the next, which may be outside of it."""
    below = Box(core.top, core.bottom + 1, core.left, core.right).of(crop)
    beside = Box(core.top, core.bottom, core.left, core.right + 1).of(crop)
    return {
        ("variation", "down"): (variation(below, -2), below[..., 1:, :].numel()),
        ("variation", "across"): (variation(beside, -1), beside[..., 1:].numel()),
    }


def style_shares(weights: Sequence[float], count: int) -> list[float]:
    """The styles' weights as shares that sum to 1; equal when none are given.

    Raises:
        SettingsError: another number of weights than styles, or all of them 0.
    """
    if not weights:
        return [1 / count] * count
    if len(weights) != count:
        given = f"{len(weights)} value{'s' * (len(weights) != 1)}"
        raise SettingsError(f"style_weights has {given}; it must have {count}, one for each style.")
    if sum(weights) <= 0:
        raise SettingsError("style_weights are all 0; at least one style must count.")
    return [weight / sum(weights) for weight in weights]
