"""How much each position of the picture and of the network's layers counts in the means that the losses are made of.

A guided Gram matrix is a mean over the positions of a layer that see nothing but their region: a position counts by the
least of the guide in its receptive field. So neither styles nor statistics leak over a border, and a deep layer, whose
field is wide, takes part only where a region has room for it.

Source: Gatys et al. 2017, section 4.1, guided Gram matrices. Deviations: the guide of a layer is the minimum over the
receptive field; it weighs products of activations, so it enters once and not squared; and a layer counts the less in a
region, the less of the region it sees: a position is pulled as hard as without a mask, and nothing jumps where a layer
drops out. Where none is left, in strokes of a pixel or two, colours and patches of the style still do their part.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.tiling import Reach, Tile
from nst.transfer.losses import Weights
from nst.transfer.regions import Regions
from nst.transfer.tiles import Means, Name

#: Pixels from one position to the next, and how much each position counts, (1, 1, h, w), 0 or above.
Map = tuple[int, Tensor]

#: By how much less a position counts in the Gram matrices of a film's frame where that is held to the one before.
#: What is held has the style's statistics already and would hide that what comes into view has not.
HELD = 0.5


class Positions:
    """The weights of positions at one scale, tile by tile; without a mask all positions count the same.

    Args:
        network: its ``reach`` is read.
        regions: of the picture.
        layers: the style layers and the content layers.
        tiles: how the picture is cut.
        device: the one that computes.
        trust: how much each pixel of a film's frame is held to the one before, (1, 1, H, W) in [0, 1]; None for a
            picture.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        regions: Regions,
        layers: tuple[Sequence[str], Sequence[str]],
        tiles: Sequence[Tile],
        device: torch.device,
        trust: Tensor | None = None,
    ) -> None:
        self._device = device
        maps = dict(_maps(network, regions, *layers))
        self._areas = {name: float(values.mean()) for name, (_, values) in maps.items()}
        if trust is not None:
            maps |= dict(_film_maps(network, trust, layers[0], len(regions.parts), maps))
        self._weights = {
            (name, tile): _weights(values, stride, tile) for name, (stride, values) in maps.items() for tile in tiles
        }

    def mean(self, name: Name, tile: Tile, count: int, mean_of: Callable[[Weights | None], Tensor]) -> Means:
        """The entry of a mean over a tile's core; none where nothing in it counts.

        Args:
            name: of the mean.
            tile: of the picture.
            count: how many values there are: what the mean weighs without a mask.
            mean_of: takes the mean by weights; by none, if all count the same.
        """
        weights = self._weights.get((name, tile))
        if weights is None:
            return {name: (mean_of(None), count)} if count > 0 else {}
        if weights.total == 0:
            return {}
        return {name: (mean_of(Weights(weights.values.to(self._device), weights.total)), weights.total)}

    def coverage(self, number: int, layer: str) -> float:
        """The share of a region that its guided Gram matrix of a layer is taken over, 1 without a mask."""
        name = "gram", number, layer
        if name not in self._areas:
            return 1.0
        area = self._areas["patch", number]
        return min(1.0, self._areas[name] / area) if area else 0.0


def inside(guide: Tensor, reach: Reach) -> Tensor:
    """The least of a guide in the receptive field of each position of a layer; beyond the edge it counts as 1.

    Args:
        guide: (1, 1, H, W) in [0, 1].
        reach: of that layer alone.

    Returns:
        (1, 1, h, w), with the positions of the layer.
    """
    halo, stride = reach.halo, reach.step
    height, width = guide.shape[-2:]
    field = 2 * halo + stride
    outside = F.pad(-guide, (0, -width % stride, 0, -height % stride), value=-torch.inf)
    outside = F.max_pool2d(outside, (field, 1), (stride, 1), (halo, 0))
    return _of_layer(-F.max_pool2d(outside, (1, field), (1, stride), (0, halo)), guide, stride)


def _maps(
    network: FeatureNetwork, regions: Regions, style_layers: Sequence[str], content_layers: Sequence[str]
) -> Iterator[tuple[Name, Map]]:
    """How much each position counts in each mean with a mask; nothing without one."""
    strength = regions.strength
    if strength is None:
        return
    for number, part in enumerate(regions.parts):
        if part.guide is not None:
            yield ("patch", number), (1, part.guide)
            for layer in style_layers:
                reach = network.reach([layer])
                yield ("gram", number, layer), (reach.step, inside(part.guide, reach))
    for layer in content_layers:
        stride = network.reach([layer]).step
        yield ("content", layer), (stride, _cells(strength, stride))
    # Between two pixels, of which one is left alone, nothing is smoothed.
    yield ("variation", "down"), (1, torch.minimum(strength[..., 1:, :], strength[..., :-1, :]))
    yield ("variation", "across"), (1, torch.minimum(strength[..., 1:], strength[..., :-1]))


def _film_maps(
    network: FeatureNetwork, trust: Tensor, style_layers: Sequence[str], regions: int, maps: Mapping[Name, Map]
) -> Iterator[tuple[Name, Map]]:
    """The same in a film's frame, where it differs from the ``maps`` of its mask."""
    yield ("temporal",), (1, trust)
    for layer in style_layers:
        stride = network.reach([layer]).step
        free = _cells(1 - HELD * trust, stride)
        for number in range(regions):
            name = "gram", number, layer
            yield name, (stride, free * maps[name][1] if name in maps else free)


def _weights(values: Tensor, stride: int, tile: Tile) -> Weights:
    """Those of a tile's core, out of a map of the whole picture."""
    # A copy, for a view would hold all of the picture's.
    part = tile.core.at(stride).of(tile.crop.at(stride).of(values)).clone()
    return Weights(part, float(part.sum()))


def _cells(pixels: Tensor, stride: int) -> Tensor:
    """The means of a map's pixels (1, 1, H, W) in the cell of each position of a layer."""
    return _of_layer(F.avg_pool2d(pixels, stride, ceil_mode=True), pixels, stride)


def _of_layer(cells: Tensor, picture: Tensor, stride: int) -> Tensor:
    """Without the cells that the picture does not fill: poolings drop them, but keep at least one position."""
    height, width = (max(1, side // stride) for side in picture.shape[-2:])
    return cells[..., :height, :width]
