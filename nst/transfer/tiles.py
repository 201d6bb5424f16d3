"""Means over a picture and their gradients, tile by tile: only the activations of one tile are in memory at a time.

Every loss here is a function of means over positions, and a mean over a picture is made of those over its tiles. So is
its gradient: once the means are known, so is the derivative of the loss in each of them, and each tile can be
differentiated on its own. Layers see beyond their tile, into its crop; the gradients there are added up.

With a single tile nothing is computed twice, and nothing differs from working on the whole picture.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nst.features.tiling import Tile

#: What a mean is of: its kind, then a layer, a direction, the number of a region.
Name = tuple[str | int, ...]
#: Means over some positions by name, each with the number of values in it, or the sum of their weights.
Means = dict[Name, tuple[Tensor, float]]
#: The means over one tile's core, from its crop of the image; differentiable in the crop.
MeansOf = Callable[[Tensor, Tile], Means]
#: A scalar loss with its graph, and a vector of values to report, from means by name.
LossOf = Callable[[dict[Name, Tensor]], tuple[Tensor, Tensor]]


def add_means(total: Means, part: Means) -> None:
    """Make the means over some positions those over the positions of another part as well; the first stays as it is."""
    for name, (mean, count) in part.items():
        so_far, counted = total.get(name, (mean, 0))
        if counted == 0:
            total[name] = mean, count
        elif count > 0:  # A narrow core may have no position of a coarse layer.
            total[name] = torch.lerp(so_far, mean, count / (counted + count)), counted + count


def means_over(image: Tensor, tiles: Sequence[Tile], means_of: MeansOf) -> Means:
    """The means over a whole image (1, 3, H, W), without a graph."""
    means: Means = {}
    with torch.no_grad():
        for tile in tiles:
            add_means(means, means_of(tile.crop.of(image), tile))
    return means


def gradient_over(image: Tensor, tiles: Sequence[Tile], means_of: MeansOf, loss_of: LossOf) -> tuple[Tensor, Tensor]:
    """The exact gradient of a loss in the image; autograd has to be enabled.

    Args:
        image: (1, 3, H, W).
        tiles: of the image, each with the context that its means depend on.
        means_of: see ``MeansOf``; called twice for each tile, or once for a single one.
        loss_of: see ``LossOf``; called once.

    Returns:
        The gradient, (1, 3, H, W), and the vector that ``loss_of`` returned.
    """
    if len(tiles) == 1:
        crop = _crop(image, tiles[0])
        means = means_of(crop, tiles[0])
        slopes, values = _slopes(means, loss_of)
        return _backward(means, means, slopes, crop), values
    whole = means_over(image, tiles, means_of)
    slopes, values = _slopes(whole, loss_of)
    gradient = torch.zeros_like(image)
    for tile in tiles:
        crop = _crop(image, tile)
        means = means_of(crop, tile)
        tile.crop.of(gradient).add_(_backward(means, whole, slopes, crop))
        del crop, means  # Before the next tile is begun, or both are in memory.
    return gradient, values


def _crop(image: Tensor, tile: Tile) -> Tensor:
    """The crop of a tile as the leaf of a graph."""
    return tile.crop.of(image.detach()).contiguous().requires_grad_()


def _slopes(means: Means, loss_of: LossOf) -> tuple[dict[Name, Tensor], Tensor]:
    """The derivative of the loss in each mean, and the values to report."""
    leaves = {name: mean.detach().requires_grad_() for name, (mean, _) in means.items()}
    loss, values = loss_of(leaves)
    if not leaves:
        return {}, values  # Nothing is painted at all.
    slopes = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True, materialize_grads=True)
    return dict(zip(leaves, slopes, strict=True)), values


def _backward(means: Means, whole: Means, slopes: dict[Name, Tensor], crop: Tensor) -> Tensor:
    """The gradient in a crop: each of its means has the share in the whole one that its count has."""
    names = [name for name, (mean, count) in means.items() if mean.requires_grad and count > 0]
    if not names:
        return torch.zeros_like(crop)  # Nothing of a mask is painted here.
    shares = [slopes[name] * (means[name][1] / whole[name][1]) for name in names]
    return torch.autograd.grad([means[name][0] for name in names], crop, shares)[0]
