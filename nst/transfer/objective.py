"""What is minimised at one scale: the targets of content and styles, and the weighted sum of all losses."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nst.errors import SettingsError
from nst.features.base import FeatureNetwork
from nst.settings import AUTO, Settings
from nst.steps import Losses
from nst.transfer.colours import LEAST_SPREAD
from nst.transfer.losses import (
    balanced_style_loss,
    combine_layers,
    content_loss,
    gram_matrix,
    patch_loss,
    raw_style_loss,
    total_variation,
)
from nst.transfer.patches import PatchStock

#: Where the weighted total is among the terms.
TOTAL = 4


class Objective:
    """The losses of an image against fixed targets.

    Args:
        network: the feature network, on the device of the pictures.
        content: (1, 3, H, W) in [0, 1].
        styles: one or more pictures (1, 3, H, W) in [0, 1], each of any size.
        settings: the layers, the kinds of loss and the styles' weights are fixed here; the other weights are
            given at each ``measure``, because they may be moved during a run.

    Raises:
        SettingsError: as many style weights are needed as styles, and one of them above 0.
    """

    def __init__(self, network: FeatureNetwork, content: Tensor, styles: Sequence[Tensor], settings: Settings) -> None:
        shares = style_shares(settings.style_weights, len(styles))
        used = [(share, style) for share, style in zip(shares, styles, strict=True) if share > 0]
        self.network = network.for_styles([style for _, style in used])
        self.style_layers = settings.style_layers or network.style_layers
        self.content_layers = settings.content_layers or network.content_layers
        mode = network.content_loss if settings.content_loss == AUTO else settings.content_loss
        self._one_sided, self._balanced = mode == "one-sided", settings.style_loss == "balanced"
        self._used = used
        self._stock: PatchStock | None = None
        self._repainted: Tensor | None = None
        with torch.no_grad():
            self._grams = self._style_targets(used)
            self._features = self.network(content, self.content_layers)
            spreads = [share * style.var(dim=(2, 3), correction=0).mean() for share, style in used]
            self._spread = max(float(sum(spreads)), LEAST_SPREAD)

    def repaint(self, image: Tensor) -> Tensor:
        """Put the image (1, 3, H, W) together from pieces of the styles: what the patch loss pulls to from now on."""
        with torch.no_grad():
            if self._stock is None:
                self._stock = PatchStock([style for _, style in self._used], [share for share, _ in self._used])
            self._repainted = self._stock.repaint(image.detach())
        return self._repainted

    def measure(self, image: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
        """The weighted total, and all terms of it for ``losses``.

        Args:
            image: (1, 3, H, W).
            settings: content_weight, style_weight, tv_weight, patch_weight and style_layer_weights are read.

        Returns:
            The total, a scalar with its graph; and a vector without one: content, style, tv, patch, total, then
            each style layer. One tensor, so that a GPU is asked only once.
        """
        layers = self._layer_losses(features := self._forward(image))
        weights = dict(zip(self.style_layers, settings.style_layer_weights, strict=True))
        style = combine_layers(layers, weights, mean=self._balanced)
        content, tv, patch = self._content(features), total_variation(image), self._patch(image)
        total = (
            settings.content_weight * content
            + settings.style_weight * style
            + settings.tv_weight * tv
            + settings.patch_weight * patch
        )
        terms = torch.stack([content, style, tv, patch, total, *layers.values()])
        return total, terms.detach()

    def gradient(self, image: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
        """The gradient of the weighted total in the image, (1, 3, H, W) like it; and the terms, as of ``measure``."""
        pixels = image.detach().requires_grad_(True)
        with torch.enable_grad():
            total, terms = self.measure(pixels, settings)
            (gradient,) = torch.autograd.grad(total, pixels)
        return gradient, terms

    def losses(self, terms: Tensor) -> Losses:
        """The record of the terms that ``measure`` returned."""
        content, style, tv, patch, total, *layers = terms.tolist()
        by_layer = dict(zip(self.style_layers, layers, strict=True))
        return Losses(content=content, style=style, style_layers=by_layer, tv=tv, patch=patch, total=total)

    def _forward(self, image: Tensor) -> dict[str, Tensor]:
        return self.network(image, {*self.style_layers, *self.content_layers})

    def _layer_losses(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        loss = balanced_style_loss if self._balanced else raw_style_loss
        return {name: loss(gram_matrix(features[name]), self._grams[name]) for name in self.style_layers}

    def _content(self, features: dict[str, Tensor]) -> Tensor:
        """The mean over the content layers. Relative whenever the style loss is, so that both weigh alike."""
        losses = [
            content_loss(features[name], target, one_sided=self._one_sided, relative=self._balanced)
            for name, target in self._features.items()
        ]
        return torch.stack(losses).mean()

    def _patch(self, image: Tensor) -> Tensor:
        return image.new_zeros(()) if self._repainted is None else patch_loss(image, self._repainted, self._spread)

    def _style_targets(self, used: Sequence[tuple[float, Tensor]]) -> dict[str, Tensor]:
        """Weighted means of the styles' Gram matrices, by layer."""
        grams: dict[str, Tensor] = {}
        for share, style in used:
            for name, features in self.network(style, self.style_layers).items():
                grams[name] = grams.get(name, 0) + share * gram_matrix(features)
        return grams


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
