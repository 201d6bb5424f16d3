"""Means over a picture and their gradients, tile by tile: the activations of one tile are all that is ever held.

Every loss here is a function of means over positions, and a mean over a picture is put together from those over its
tiles. So is its gradient: once the means are known, so is what each of them is worth, and each tile can be gone
through backwards on its own. Layers see beyond their tile, into its crop; what is found there is added up.

With a single tile nothing is computed twice, and nothing is different from going through the whole picture.
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from nst.features.tiling import Tile

#: Means over some positions by name, each with the number of values that it was taken over.
Means = dict[tuple[str, str], tuple[Tensor, int]]
#: The means over one tile's core, from its crop of the image; differentiable in the crop.
MeansOf = Callable[[Tensor, Tile], Means]
#: A scalar loss with its graph, and a vector of whatever is to be known of it, from means by name.
LossOf = Callable[[dict[tuple[str, str], Tensor]], tuple[Tensor, Tensor]]


def joined(parts: Iterable[Means]) -> Means:
    """The means over all parts together, from those over each; a single part stays as it is."""
    total: Means = {}
    for part in parts:
        for name, (mean, count) in part.items():
            before, earlier = total.get(name, (mean, 0))
            if earlier == 0:
                total[name] = mean, count
            elif count > 0:  # A narrow core may have no position of a coarse layer.
                total[name] = torch.lerp(before, mean, count / (earlier + count)), earlier + count
    return total


def means_over(image: Tensor, tiles: Sequence[Tile], means_of: MeansOf) -> Means:
    """The means over a whole image (1, 3, H, W), without a graph."""
    with torch.no_grad():
        return joined(means_of(tile.crop.of(image), tile) for tile in tiles)


def gradient_over(image: Tensor, tiles: Sequence[Tile], means_of: MeansOf, loss_of: LossOf) -> tuple[Tensor, Tensor]:
    """The exact gradient of a loss in the image.

    Args:
        image: (1, 3, H, W).
        tiles: of the image, with context as far as the means look.
        means_of: see ``MeansOf``; called twice for each tile, or once for a single one.
        loss_of: see ``LossOf``; called once.

    Returns:
        The gradient, (1, 3, H, W), and the vector that ``loss_of`` returned.
    """
    if len(tiles) == 1:
        crop, own = _traced(image, tiles[0], means_of)
        slopes, told = _slopes(own, loss_of)
        return _pulled_back(own, own, slopes, crop), told
    whole = means_over(image, tiles, means_of)
    slopes, told = _slopes(whole, loss_of)
    gradient = torch.zeros_like(image)
    for tile in tiles:
        crop, own = _traced(image, tile, means_of)
        tile.crop.of(gradient).add_(_pulled_back(own, whole, slopes, crop))
        del crop, own  # Before the next tile is begun, or two are held.
    return gradient, told


def _traced(image: Tensor, tile: Tile, means_of: MeansOf) -> tuple[Tensor, Means]:
    """The crop of a tile, and its means with a graph that goes back to it."""
    crop = tile.crop.of(image.detach()).contiguous().requires_grad_()
    with torch.enable_grad():
        return crop, means_of(crop, tile)


def _slopes(means: Means, loss_of: LossOf) -> tuple[dict[tuple[str, str], Tensor], Tensor]:
    """The derivative of the loss in each mean, and what is told of it."""
    known = {name: mean.detach().requires_grad_() for name, (mean, _) in means.items()}
    with torch.enable_grad():
        loss, told = loss_of(known)
        slopes = torch.autograd.grad(loss, list(known.values()), allow_unused=True, materialize_grads=True)
    return dict(zip(known, slopes, strict=True)), told


def _pulled_back(own: Means, whole: Means, slopes: dict[tuple[str, str], Tensor], crop: Tensor) -> Tensor:
    """The gradient in a crop: each of its means has the share in the whole one that its count has."""
    names = [name for name, (mean, count) in own.items() if mean.requires_grad and count > 0]
    shares = [slopes[name] * (own[name][1] / whole[name][1]) for name in names]
    return torch.autograd.grad([own[name][0] for name in names], crop, shares)[0]
