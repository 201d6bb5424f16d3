"""What is minimised at one scale: the targets of content and styles, and the weighted sum of all losses."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from nst.errors import FieldName, SettingsError
from nst.features.base import FeatureNetwork
from nst.features.precision import compute_activations, supported_precision, tf32_where_chosen
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
from nst.transfer.tiles import Means, add_means, gradient_over, means_over

#: Means over a whole picture by kind and layer; see ``Objective._means_of``.
Values = Mapping[tuple[str, str], Tensor]


class Objective:
    """The losses of an image against fixed targets, measured tile by tile where it does not fit as a whole.

    Args:
        network: the feature network, on the device that computes.
        content: (1, 3, H, W) in [0, 1], there or in the machine's own memory.
        styles: one or more pictures (1, 3, H, W) in [0, 1], each of any size; likewise.
        settings: the layers, the kinds of loss and the styles' weights are fixed here; the other weights are
            passed to each ``measure``, because they may be moved during a run.
        tiling: how pictures are cut; it changes results only by rounding.
        device: the one that computes; the content's when None.

    Raises:
        SettingsError: not one style weight for each style, or all of them 0.
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
        self.style_layers = settings.style_layers or network.style_layers
        self.content_layers = settings.content_layers or network.content_layers
        self._balanced = settings.style_loss == "balanced"
        self._device, self._home = device or content.device, content.device
        self._precision = supported_precision(settings.precision, self._device)
        self._styles = [(share, style) for share, style in zip(shares, styles, strict=True) if share > 0]
        self._repainted: Tensor | None = None
        self._stock: PatchStock | None = None
        with torch.no_grad(), self._convolving():
            self._grams = style_targets(
                network, self._styles, self.style_layers, tiling.side, self._device, self._precision
            )
            self._set_content(content, tiling)
            spreads = [share * style.var(dim=(2, 3), correction=0).mean() for share, style in self._styles]
            self._spread = max(float(sum(spreads)), LEAST_SPREAD)
            if settings.patch_weight > 0:
                self._fill_stock()

    @property
    def stays_on_device(self) -> bool:
        """Whether all that a gradient needs is on the device that computes, the picture as a whole."""
        return len(self._tiles) == 1 and self._content is None and self._home.type == self._device.type

    def repaint(self, image: Tensor) -> Tensor:
        """Put the image (1, 3, H, W) together from pieces of the styles: the target of the patch loss from now on."""
        self._repainted = None  # Freed before there is a new one.
        with torch.no_grad():
            self._repainted = self._fill_stock().repaint(image.detach(), self._home)
        return self._repainted

    def measure(self, image: Tensor, settings: Settings) -> Tensor:
        """All losses of an image, for ``losses``.

        Args:
            image: (1, 3, H, W).
            settings: style_layer_weights and the weight of each term are read.

        Returns:
            A vector: the weighted total, each of TERMS, then each style layer. One tensor, so that a GPU is waited for
            only once.
        """
        return self.evaluate(self.means(image), settings)

    def means(self, image: Tensor) -> Values:
        """What all losses of an image (1, 3, H, W) are made of, in one pass of the network without a graph."""
        with self._convolving():
            means = means_over(image, self._tiles, self._means_of)
        return {name: mean for name, (mean, _) in means.items()}

    def evaluate(self, means: Values, settings: Settings) -> Tensor:
        """All losses of an image as from ``measure``, from its ``means``."""
        return self._evaluate(means, settings)[1]

    def gradient(self, image: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
        """The gradient of the weighted total in the image, (1, 3, H, W), and all losses, as from ``measure``."""
        with self._convolving():
            return gradient_over(image, self._tiles, self._means_of, lambda means: self._evaluate(means, settings))

    def relative_losses(self, means: Values) -> dict[str, float | dict[str, float]]:
        """The metrics of an image's ``means``: layers' losses relative to their targets, whatever is minimised."""
        layers = {name: balanced_style_loss(means["gram", name], self._grams[name]) for name in self.style_layers}
        sizes = {name: 1.0 if self._balanced else size for name, size in self._content_sizes.items()}
        contents = [float(means["content", name]) / sizes[name] for name in self.content_layers]
        return {
            "relative_style_loss": {name: float(loss) for name, loss in layers.items()},
            "relative_content_loss": sum(contents) / len(contents),
        }

    def losses(self, values: Tensor) -> Losses:
        """The record of the vector that ``measure`` returned."""
        total, *losses = values.tolist()
        terms, layers = losses[: len(TERMS)], losses[len(TERMS) :]
        return Losses(
            terms=dict(zip(TERMS, terms, strict=True)),
            style_layers=dict(zip(self.style_layers, layers, strict=True)),
            total=total,
        )

    # --- the terms: each a function of means, weighted by the setting of its name --------------

    def content_term(self, means: Values, _settings: Settings) -> Tensor:
        """The mean of the content layers' losses."""
        return torch.stack([means["content", name] for name in self.content_layers]).mean()

    def style_term(self, means: Values, settings: Settings) -> Tensor:
        """The style layers' losses, combined by their weights."""
        layers = {name: means["style", name] for name in self.style_layers}
        weights = dict(zip(self.style_layers, settings.style_layer_weights, strict=True))
        return combine_layers(layers, weights, mean=self._balanced)

    def tv_term(self, means: Values, _settings: Settings) -> Tensor:
        """Total variation."""
        return means["variation", "down"] + means["variation", "across"]

    def patch_term(self, means: Values, _settings: Settings) -> Tensor:
        """The distance to the repainted picture; 0 before there is one."""
        return means.get(("patch", ""), torch.zeros_like(means["variation", "down"]))

    def _evaluate(self, means: Values, settings: Settings) -> tuple[Tensor, Tensor]:
        """The weighted total with its graph, and the vector of ``measure`` without one."""
        loss = balanced_style_loss if self._balanced else raw_style_loss
        layers = {("style", name): loss(means["gram", name], self._grams[name]) for name in self.style_layers}
        means = {**means, **layers}
        terms = {name: term(self, means, settings) for name, term in TERMS.items()}
        weighted = (getattr(settings, f"{name}_weight") * term for name, term in terms.items())
        total = sum(weighted, start=torch.zeros(()))
        return total, torch.stack([total, *terms.values(), *layers.values()]).detach()

    # --- what they are made of -----------------------------------------------------------------

    def _means_of(self, crop: Tensor, tile: Tile) -> Means:
        """What all terms are made of, over the core of one tile."""
        layers = {*self.style_layers, *self.content_layers}
        features = compute_activations(self.network, self._precision, crop, layers, tile.core)
        means = grams(features, self.style_layers)
        for name, target in self._content_targets(tile).items():
            size = self._content_sizes[name] if self._balanced else 1.0
            loss = content_loss(features[name], target, relative_to=size)
            means["content", name] = loss, target.numel()
        return means | _variations(crop, tile.core) | self._patch_distance(crop, tile)

    def _patch_distance(self, crop: Tensor, tile: Tile) -> Means:
        if self._repainted is None:
            return {}
        part = tile.core.of(crop)
        repainted = tile.core.of(tile.crop.of(self._repainted)).to(crop.device)
        return {("patch", ""): (patch_loss(part, repainted, self._spread), part.numel())}

    def _fill_stock(self) -> PatchStock:
        """The patches of the styles; the styles are let go, as nothing else needs them any more."""
        if self._stock is None:
            styles, shares = [style for _, style in self._styles], [share for share, _ in self._styles]
            self._stock, self._styles = PatchStock(styles, shares, self._device), []
        return self._stock

    def _set_content(self, content: Tensor, tiling: Tiling) -> None:
        """Cut the picture into tiles; keep the content's activations in each, or the content to compute them from."""
        reach = self.network.reach({*self.style_layers, *self.content_layers})
        self._tiles = tiles(content.shape[-2], content.shape[-1], tiling.side, reach)
        self._content: Tensor | None = content
        self._activations: dict[Tile, dict[str, Tensor]] = {}
        sizes: Means = {}
        for tile in self._tiles:
            features = self._content_targets(tile)
            add_means(sizes, {("size", name): (mean_square(x), x.numel()) for name, x in features.items()})
            if tiling.keeps_targets:
                # Copies, for a view would hold all of a crop's.
                self._activations[tile] = {
                    name: x.contiguous(memory_format=torch.channels_last) for name, x in features.items()
                }
        self._content = None if tiling.keeps_targets else content
        self._content_sizes = {name: max(float(size), TINY) for (_, name), (size, _) in sizes.items()}

    def _content_targets(self, tile: Tile) -> dict[str, Tensor]:
        """The content's activations in a core, by layer."""
        if self._content is None:
            return self._activations[tile]
        crop = tile.crop.of(self._content).to(self._device)
        with torch.no_grad():
            return compute_activations(self.network, self._precision, crop, self.content_layers, tile.core)

    def _convolving(self) -> AbstractContextManager[None]:
        return tf32_where_chosen(self._precision, self._device)


#: How each term of the loss is computed, in the order of the log. The weight of "tv" is the setting ``tv_weight``, and
#: so on; log, report and page show every term that is here.
TERMS: dict[str, Callable[[Objective, Values, Settings], Tensor]] = {
    "content": Objective.content_term,
    "style": Objective.style_term,
    "tv": Objective.tv_term,
    "patch": Objective.patch_term,
}


def _variations(crop: Tensor, core: Box) -> Means:
    """From every pixel of the core to the next, which may be outside of it."""
    below = Box(core.top, core.bottom + 1, core.left, core.right).of(crop)
    beside = Box(core.top, core.bottom, core.left, core.right + 1).of(crop)
    return {
        ("variation", "down"): (variation(below, -2), below[..., 1:, :].numel()),
        ("variation", "across"): (variation(beside, -1), beside[..., 1:].numel()),
    }


def style_shares(weights: Sequence[float], count: int) -> list[float]:
    """The styles' weights as shares that sum to 1; equal shares without weights.

    Raises:
        SettingsError: another number of weights than styles, or all of them 0.
    """
    if not weights:
        return [1 / count] * count
    if len(weights) != count:
        values = f"{len(weights)} value{'s' * (len(weights) != 1)}"
        raise SettingsError(FieldName("style_weights"), f" has {values}; it must have {count}, one for each style.")
    if sum(weights) <= 0:
        raise SettingsError(FieldName("style_weights"), " are all 0; at least one style must count.")
    return [weight / sum(weights) for weight in weights]
