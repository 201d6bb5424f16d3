"""What the styles ask for at one scale: the weighted means of their Gram matrices."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nst.errors import FieldName, SettingsError
from nst.features.base import FeatureNetwork
from nst.features.precision import FLOAT32, compute_activations
from nst.features.tiling import tiles
from nst.transfer.losses import gram_matrix
from nst.transfer.tiles import Means, add_means

#: The shares of some styles, summing to 1.
Blend = Sequence[float]


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


def style_targets(
    network: FeatureNetwork,
    styles: Sequence[Tensor],
    blends: Sequence[Blend],
    layers: Sequence[str],
    side: int | None,
    device: torch.device,
    precision: str = FLOAT32,
) -> list[dict[str, Tensor]]:
    """The weighted means of the styles' Gram matrices, for some blends of them.

    Args:
        network: the feature network, on the device that computes.
        styles: pictures (1, 3, h, w) in [0, 1].
        blends: the shares of the styles in each; a style without any is not looked at.
        layers: the style layers.
        side: of the tiles' cores, or None for whole pictures.
        device: the one that computes.
        precision: at which it does, see ``nst.features.precision``.

    Returns:
        For each blend, layer name -> (C, C), without a graph.
    """
    targets: list[dict[str, Tensor]] = [{} for _ in blends]
    with torch.no_grad():
        for style, shares in zip(styles, zip(*blends, strict=True), strict=True):
            if not any(shares):
                continue
            grams: Means = {}
            for tile in tiles(style.shape[-2], style.shape[-1], side, network.reach(layers)):
                features = compute_activations(network, precision, tile.crop.of(style).to(device), layers, tile.core)
                # A narrow core may have no position of a coarse layer.
                present = {name: x for name, x in features.items() if x.numel()}
                add_means(grams, {(name,): (gram_matrix(x), x[0, 0].numel()) for name, x in present.items()})
            for target, share in zip(targets, shares, strict=True):
                for (name,), (gram, _) in grams.items():
                    if share > 0:
                        target[str(name)] = target.get(str(name), 0) + share * gram
    return targets
