"""What the styles ask for at one scale: the weighted means of their Gram matrices."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.precision import FLOAT32, compute_activations
from nst.features.tiling import tiles
from nst.transfer.losses import gram_matrix
from nst.transfer.tiles import Means, add_means


def style_targets(
    network: FeatureNetwork,
    styles: Sequence[tuple[float, Tensor]],
    layers: Sequence[str],
    side: int | None,
    device: torch.device,
    precision: str = FLOAT32,
) -> dict[str, Tensor]:
    """The weighted means of some styles' Gram matrices.

    Args:
        network: the feature network, on the device that computes.
        styles: shares, above 0 and summing to 1, and pictures (1, 3, h, w) in [0, 1].
        layers: the style layers.
        side: of the tiles' cores, or None for whole pictures.
        device: the one that computes.
        precision: at which it does, see ``nst.features.precision``.

    Returns:
        Layer name -> (C, C), without a graph.
    """
    targets: dict[str, Tensor] = {}
    with torch.no_grad():
        for share, style in styles:
            means: Means = {}
            for tile in tiles(style.shape[-2], style.shape[-1], side, network.reach(layers)):
                crop = tile.crop.of(style).to(device)
                add_means(means, grams(compute_activations(network, precision, crop, layers, tile.core), layers))
            for (_, name), (gram, _) in means.items():
                targets[name] = targets.get(name, 0) + share * gram
    return targets


def grams(features: dict[str, Tensor], layers: Sequence[str]) -> Means:
    """Gram matrices, which are means over positions. A narrow core may have no position of a coarse layer."""
    counts = {name: features[name].shape[-2] * features[name].shape[-1] for name in layers}
    return {("gram", name): (gram_matrix(features[name]), count) for name, count in counts.items() if count > 0}
