"""VGGs as feature networks, with layers by name.

Sources: Simonyan and Zisserman 2015 (the networks); Gatys et al. 2016 (which layers).
"""

from collections.abc import Collection, Mapping
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.features import cpu
from nst.features.base import refuse_unknown
from nst.features.tiling import Box, Reach
from nst.networks import Network

CHANNELS = (64, 128, 256, 512, 512)
#: ImageNet's mean and standard deviation of red, green and blue: the weights take pictures normalised by these.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

#: Averages of rectified activations are smaller than their maxima, so average pooling is rescaled
#: to keep the activations from shrinking block by block. 2.0 is one widely used engine's value.
AVERAGE_POOLING_GAIN = 2.0

#: Most bytes that the weights take in oneDNN's layouts and in Winograd's domain, both directions, to conv5_1.
LAID_OUT = 450_000_000


def tensor_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """The convolution tensors of torchvision's ``features``, "0.weight" and so on, with their shapes."""
    shapes: dict[str, tuple[int, ...]] = {}
    for position, (inner, outer) in zip(convolution_positions(network), _widths(network), strict=True):
        shapes[f"{position}.weight"] = (outer, inner, 3, 3)
        shapes[f"{position}.bias"] = (outer,)
    return shapes


def convolution_positions(network: Network) -> list[int]:
    """Index of every convolution in torchvision's ``features``: conv and ReLU alternate, a pool ends a block."""
    positions, index = [], 0
    for count in network.blocks:
        positions += [index + 2 * i for i in range(count)]
        index += 2 * count + 1
    return positions


class VGGFeatures(nn.Module):
    """A frozen VGG, computed no further than the deepest layer needed.

    Why the defaults are what they are. Style layers conv1_1 to conv5_1 and content conv4_2 are those of Gatys et
    al. 2016 and of nearly every engine since. The layers weigh the same, because the balanced loss is relative to each
    layer's size: engines with absolute losses need weights from 0.75 for conv1_1 down to 0.003 for conv5_1 for the same
    effect. Max pooling, because the weights were trained with it. The picture's edge is continued before the first
    convolution. benchmarks/LOOK.md shows how these look.

    Args:
        network: an entry of the table.
        tensors: the ``features`` part of a torchvision state dict ("0.weight", "0.bias", "2.weight", ...).
        pooling: "max", or "average" (rescaled).
    """

    bytes_per_pixel = 3600

    mean: Tensor
    std: Tensor

    def __init__(
        self, network: Network, tensors: Mapping[str, Tensor], *, pooling: Literal["max", "average"] | str = "max"
    ) -> None:
        super().__init__()
        self.name, self.layers, self.pooling = network.name, network.layers, pooling
        self.style_layers, self.content_layers = network.style_layers, network.content_layers
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        self._convolutions = [
            cpu.RectifiedConvolution(tensors[f"{place}.weight"], tensors[f"{place}.bias"], padding=min(place, 1))
            for place in convolution_positions(network)
        ]
        self.convolutions = nn.ModuleList(self._convolutions)

    @property
    def bytes_to_come(self) -> int:
        """Bytes that weights not yet laid out may take on a CPU."""
        if self.mean.device.type != "cpu" or not cpu.available():
            return 0
        return max(0, LAID_OUT - sum(convolution.laid_out for convolution in self._convolutions))

    def reach(self, layers: Collection[str]) -> Reach:
        """One position to each side for every convolution, in pixels of the picture."""
        deepest = max(self.layers.index(layer) for layer in layers)
        halo = sum(_stride(layer) for layer in self.layers[: deepest + 1])
        return Reach(halo, _stride(self.layers[deepest]), halo)

    def forward(self, image: Tensor, layers: Collection[str], core: Box | None = None) -> dict[str, Tensor]:
        """The activations (1, C, h, w) of some layers, by name, from an image (1, 3, H, W) in [0, 1], or of its core.

        Raises:
            ValueError: a layer that this network does not have.
        """
        refuse_unknown(self.name, self.layers, layers)
        activations: dict[str, Tensor] = {}
        # Channels last: what the fastest convolutions read, on CPUs and on tensor cores.
        x = ((image - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        for name, convolution in zip(self.layers, self._convolutions, strict=True):
            if len(activations) == len(set(layers)):
                break
            x = self._activation(name, convolution, x)
            if name in layers:
                activations[name] = core.at(_stride(name)).of(x) if core else x
        return activations

    def _activation(self, name: str, convolution: cpu.RectifiedConvolution, x: Tensor) -> Tensor:
        """One convolution and its ReLU, after the pooling or padding before it."""
        if name.endswith("_1") and name != "conv1_1":
            x = self._pool(x)
        if name == "conv1_1":
            # Deviation from the paper: zero padding would paint a dark frame; the picture's edge is continued.
            x = F.pad(x, (1, 1, 1, 1), mode="replicate")
        return convolution(x)

    def _pool(self, x: Tensor) -> Tensor:
        """Half the size; a side of one pixel stays, so that the narrowest pictures pass."""
        kernel = [2 if side > 1 else 1 for side in x.shape[-2:]]
        if self.pooling == "average":
            return F.avg_pool2d(x, kernel) * AVERAGE_POOLING_GAIN
        return F.max_pool2d(x, kernel)


def _stride(layer: str) -> int:
    """Pixels of the picture from one position of a layer to the next."""
    return 2 ** (int(layer[len("conv")]) - 1)


def _widths(network: Network) -> list[tuple[int, int]]:
    """(input, output) channels of every convolution."""
    outputs = [width for width, count in zip(CHANNELS, network.blocks, strict=True) for _ in range(count)]
    return list(zip([3, *outputs[:-1]], outputs, strict=True))
