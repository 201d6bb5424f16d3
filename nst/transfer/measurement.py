"""What all losses are made of: means over the positions of a tile, from the network's activations and the pixels."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.precision import compute_activations
from nst.features.tiling import Box, Tile, tiles
from nst.transfer.losses import TINY, content_loss, gram_matrix, mean_square, patch_loss, temporal_loss, variation
from nst.transfer.memory import Tiling
from nst.transfer.positions import Positions
from nst.transfer.regions import Regions
from nst.transfer.tiles import Means, add_means


class Prediction(NamedTuple):
    """What a frame of a film is held to: a picture (1, 3, H, W), and how much each pixel counts, (1, 1, H, W).

    ``weight`` is that of the temporal loss.
    """

    picture: Tensor
    trust: Tensor
    weight: float

    @property
    def inverse_curvature(self) -> Tensor:
        """Of the total in each pixel, up to a factor, (1, 1, H, W): the temporal loss bends by its weight."""
        return 1 / (1 + self.weight * self.trust)


class Measurement:
    """The content at one scale, cut into tiles, with all that an image is compared with there but the styles.

    Args:
        network: the feature network, on the device that computes.
        content: (1, 3, H, W) in [0, 1].
        layers: the style layers and the content layers.
        regions: of the content.
        spreads: variance of the pixel values of each region's styles, above 0.
        tiling: how the content is cut.
        device: the one that computes.
        precision: at which it does.
        relative: whether content losses are relative to the size of their targets.
        prediction: of a frame of a film.

    Attributes:
        tiles: of the picture.
        content_sizes: mean squares of the content's activations, by layer.
        repainted: the picture that pieces of the styles make, once there is one.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        content: Tensor,
        layers: tuple[Sequence[str], Sequence[str]],
        regions: Regions,
        spreads: Sequence[float],
        tiling: Tiling,
        device: torch.device,
        precision: str,
        *,
        relative: bool,
        prediction: Prediction | None = None,
    ) -> None:
        self._network, self._device, self._precision = network, device, precision
        self._style_layers, self._content_layers = layers
        self._spreads, self._relative, self._prediction = spreads, relative, prediction
        self.repainted: Tensor | None = None
        self._layers = {*self._style_layers, *self._content_layers}
        self.tiles = tiles(content.shape[-2], content.shape[-1], tiling.side, network.reach(self._layers))
        trust = prediction.trust if prediction else None
        self.positions = Positions(network, regions, layers, self.tiles, device, trust)
        self._set_content(content, tiling.keeps_targets)

    @property
    def keeps_targets(self) -> bool:
        """Whether the content's activations are in memory."""
        return self._content is None

    def means_of(self, crop: Tensor, tile: Tile) -> Means:
        """The means over the core of a tile, from its crop of the image; differentiable in the crop.

        Returns:
            By name: ("gram", number of the region, layer), ("content", layer), ("variation", "down" or "across"),
            ("patch", number of the region) and ("temporal",). None over positions of which none counts.
        """
        features = compute_activations(self._network, self._precision, crop, self._layers, tile.core)
        means: Means = {}
        for number in range(len(self._spreads)):
            for name in self._style_layers:
                x = features[name]
                gram = partial(gram_matrix, x)
                means |= self.positions.mean(("gram", number, name), tile, x[0, 0].numel(), gram)
        for name, target in self._content_targets(tile).items():
            size = self.content_sizes.get(name, 1.0) if self._relative else 1.0
            loss = partial(content_loss, features[name], target, size)
            means |= self.positions.mean(("content", name), tile, target.numel(), loss)
        return means | self._variations(crop, tile) | self._pixel_distances(crop, tile)

    def _variations(self, crop: Tensor, tile: Tile) -> Means:
        """From every pixel of the core to the next, which may be outside of it."""
        core, means = tile.core, Means()
        below = Box(core.top, core.bottom + 1, core.left, core.right).of(crop)
        beside = Box(core.top, core.bottom, core.left, core.right + 1).of(crop)
        for direction, part, dim in (("down", below, -2), ("across", beside, -1)):
            count = part.narrow(dim, 1, part.shape[dim] - 1).numel()
            means |= self.positions.mean(("variation", direction), tile, count, partial(variation, part, dim))
        return means

    def _pixel_distances(self, crop: Tensor, tile: Tile) -> Means:
        """To the picture that pieces of the styles make, and to the prediction, as far as there are any."""
        part, means = tile.core.of(crop), Means()

        def core_of(picture: Tensor) -> Tensor:
            return tile.core.of(tile.crop.of(picture)).to(crop.device)

        if self.repainted is not None:
            repainted = core_of(self.repainted)
            for number, spread in enumerate(self._spreads):
                loss = partial(patch_loss, part, repainted, spread)
                means |= self.positions.mean(("patch", number), tile, part.numel(), loss)
        if self._prediction is not None:
            loss = partial(temporal_loss, part, core_of(self._prediction.picture))
            means |= self.positions.mean(("temporal",), tile, part.numel(), loss)
        return means

    def _set_content(self, content: Tensor, keeps_targets: bool) -> None:
        """Keep the content's activations in each tile, or the content to compute them from."""
        self._content: Tensor | None = content
        self._activations: dict[Tile, dict[str, Tensor]] = {}
        sizes: Means = {}
        for tile in self.tiles:
            features = self._content_targets(tile)
            for name, x in features.items():
                add_means(sizes, self.positions.mean(("content", name), tile, x.numel(), partial(mean_square, x)))
            if keeps_targets:
                # Copies, for a view would hold all of a crop's.
                self._activations[tile] = {
                    name: x.contiguous(memory_format=torch.channels_last) for name, x in features.items()
                }
        self._content = None if keeps_targets else content
        self.content_sizes = {str(name): max(float(size), TINY) for (_, name), (size, _) in sizes.items()}

    def _content_targets(self, tile: Tile) -> dict[str, Tensor]:
        """The content's activations in a core, by layer."""
        if self._content is None:
            return self._activations[tile]
        crop = tile.crop.of(self._content).to(self._device)
        with torch.no_grad():
            return compute_activations(self._network, self._precision, crop, self._content_layers, tile.core)
