"""What the styles ask for at one scale: their Gram matrices, kept from run to run.

Another photo in the same style, or other weights, need the same; they are small beside a picture.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.precision import FLOAT32, look
from nst.features.tiling import tiles
from nst.transfer.losses import gram_matrix
from nst.transfer.tiles import Means, joined

#: So many are kept for a network, those last used: two styles at all scales of a large picture, a few megabytes each.
KEPT = 16

#: Gram matrices (C, C) by layer.
Targets = dict[str, Tensor]

_kept: WeakKeyDictionary[FeatureNetwork, OrderedDict[Hashable, Targets]] = WeakKeyDictionary()


def style_targets(
    network: FeatureNetwork,
    used: Sequence[tuple[float, Tensor]],
    layers: Sequence[str],
    side: int | None,
    device: torch.device,
    precision: str = FLOAT32,
) -> Targets:
    """The weighted means of some styles' Gram matrices, or those of an earlier call with the same.

    Args:
        network: the feature network, on the device that computes; the same object means the same network.
        used: shares of the styles, above 0 and summing to 1, and the pictures (1, 3, h, w) in [0, 1].
        layers: the style layers.
        side: of the tiles' cores, or None for whole pictures.
        device: the one that computes.
        precision: at which it does, see ``nst.features.precision``.
    """
    key = (tuple((share, *_fingerprint(style)) for share, style in used), tuple(layers), side, device, precision)
    kept = _kept.setdefault(network, OrderedDict())
    if key not in kept:
        with torch.no_grad():
            kept[key] = _mean_grams(network, used, layers, side, device, precision)
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return kept[key]


def grams(features: dict[str, Tensor], layers: Sequence[str]) -> Means:
    """Gram matrices, which are means over positions. A narrow core may have no position of a coarse layer."""
    counts = {name: features[name].shape[-2] * features[name].shape[-1] for name in layers}
    return {("gram", name): (gram_matrix(features[name]), count) for name, count in counts.items() if count > 0}


def _mean_grams(
    network: FeatureNetwork,
    used: Sequence[tuple[float, Tensor]],
    layers: Sequence[str],
    side: int | None,
    device: torch.device,
    precision: str,
) -> Targets:
    """Weighted means of the styles' Gram matrices, by layer."""
    means: Targets = {}
    for share, style in used:
        cut = tiles(style.shape[-2], style.shape[-1], side, network.reach(layers))
        crops = ((tile.crop.of(style).to(device), tile.core) for tile in cut)
        parts = (grams(look(network, precision, crop, layers, core), layers) for crop, core in crops)
        for (_, name), (gram, _) in joined(parts).items():
            means[name] = means.get(name, 0) + share * gram
    return means


def _fingerprint(picture: Tensor) -> tuple[Hashable, ...]:
    """What two pictures share only when they are the same."""
    values = picture.detach().cpu().contiguous().numpy()
    return tuple(picture.shape), str(picture.dtype), hashlib.blake2b(values.data, digest_size=16).digest()
