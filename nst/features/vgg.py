"""VGG-16 and VGG-19 as feature networks: torchvision's architecture, with layers by name.

A layer ``convB_I`` is the activation after the ReLU of the I-th convolution in block B (the paper's
names). Sources: Simonyan and Zisserman 2015 (the networks); Gatys et al. 2016 (which layers).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.features import onednn
from nst.features.base import refuse_unknown
from nst.features.convolution import RectifiedConvolution
from nst.features.tiling import Box, Reach

#: Convolutions in each block.
BLOCKS: dict[str, tuple[int, ...]] = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
CHANNELS = (64, 128, 256, 512, 512)
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

#: Averages of rectified activations are smaller than their maxima, so average pooling is rescaled
#: to keep the activations from shrinking block by block. 2.0 is what one widely used engine settled on.
AVERAGE_POOLING_GAIN = 2.0

#: Bytes of the weights of both directions in oneDNN's layouts and in Winograd's domain.
LAID_OUT = 700_000_000


def layer_names(name: str) -> tuple[str, ...]:
    """All layers of "vgg16" or "vgg19", conv1_1 to the last, in order of depth."""
    return tuple(f"conv{b}_{i}" for b, n in enumerate(BLOCKS[name], start=1) for i in range(1, n + 1))


def tensor_shapes(name: str) -> dict[str, tuple[int, ...]]:
    """The convolution tensors of torchvision's ``features``, "0.weight" and so on, with their shapes."""
    shapes: dict[str, tuple[int, ...]] = {}
    for position, (inner, outer) in zip(_positions(name), _widths(name), strict=True):
        shapes[f"{position}.weight"] = (outer, inner, 3, 3)
        shapes[f"{position}.bias"] = (outer,)
    return shapes


class VGGFeatures(nn.Module):
    """A frozen VGG, cut off at the deepest layer that is asked for.

    The defaults for trained weights, and why. Style layers conv1_1 to conv5_1 and content conv4_2 are those of Gatys et
    al. 2016 and of nearly every engine since. The layers count alike, because the balanced loss is relative to each
    layer's own size: engines with absolute losses need weights from 0.75 for conv1_1 down to 0.003 for conv5_1 for the
    same. Content counts 0.1: published setups end with a content term of the size of their style term, and where a
    relative style loss ends near 0.02, a relative content loss of some tenths does so at 0.1. Max pooling, because that
    is what the weights were trained with. The picture's edge is continued before the first convolution.

    Args:
        name: "vgg19" or "vgg16".
        tensors: the ``features`` part of a torchvision state dict ("0.weight", "0.bias", "2.weight", ...).
        pooling: "max", or "average" (rescaled).
    """

    style_layers: tuple[str, ...] = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    content_layers: tuple[str, ...] = ("conv4_2",)
    content_loss = "mse"
    bytes_per_pixel = 3600

    mean: Tensor
    std: Tensor

    def __init__(
        self, name: str, tensors: Mapping[str, Tensor], *, pooling: Literal["max", "average"] | str = "max"
    ) -> None:
        super().__init__()
        self.name, self.layers, self.pooling = name, layer_names(name), pooling
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        self.convolutions = nn.ModuleList(
            RectifiedConvolution(tensors[f"{position}.weight"], tensors[f"{position}.bias"], padding=min(position, 1))
            for position in _positions(name)
        )

    @property
    def bytes_to_come(self) -> int:
        """What weights laid out for oneDNN take, unless they are there already; measured for the default layers."""
        first = self.convolutions[0]
        return LAID_OUT if first.weight.device.type == "cpu" and onednn.available() and not first.laid_out else 0

    def for_styles(self, styles: Sequence[Tensor], side: int | None = None) -> "VGGFeatures":  # noqa: ARG002
        """The network itself: trained features need no fitting."""
        return self

    def reach(self, layers: Collection[str]) -> Reach:
        """One position to each side for every convolution, in pixels of the picture."""
        deepest = max(self.layers.index(layer) for layer in layers)
        halo = sum(_stride(layer) for layer in self.layers[: deepest + 1])
        return Reach(halo, _stride(self.layers[deepest]), halo)

    def forward(self, image: Tensor, layers: Collection[str], core: Box | None = None) -> dict[str, Tensor]:
        """The activations asked for, by layer name, from an image (1, 3, H, W) in [0, 1], or of its core.

        Raises:
            ValueError: a layer that this network does not have.
        """
        refuse_unknown(self.name, self.layers, layers)
        found: dict[str, Tensor] = {}
        # Channels last: what the quickest convolutions read, on CPUs and on tensor cores.
        x = ((image - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        for name, convolution in zip(self.layers, self.convolutions, strict=True):
            if len(found) == len(set(layers)):
                break
            x = self._activation(name, convolution, x)
            if name in layers:
                found[name] = core.at(_stride(name)).of(x) if core else x
        return found

    def _activation(self, name: str, convolution: nn.Module, x: Tensor) -> Tensor:
        """One convolution and its ReLU, with what comes before it."""
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


def _widths(name: str) -> list[tuple[int, int]]:
    """(input, output) channels of every convolution."""
    outputs = [width for width, n in zip(CHANNELS, BLOCKS[name], strict=True) for _ in range(n)]
    return list(zip([3, *outputs[:-1]], outputs, strict=True))


def _positions(name: str) -> list[int]:
    """Index of every convolution in torchvision's ``features``: conv and ReLU alternate, a pool ends a block."""
    positions, index = [], 0
    for n in BLOCKS[name]:
        positions += [index + 2 * i for i in range(n)]
        index += 2 * n + 1
    return positions
