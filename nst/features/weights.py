"""Networks on their trained weights, which are checked before they are used. No code in a file is run."""

import os
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from nst.download_progress import Report, ignore_progress
from nst.errors import ServerPath, WeightsError
from nst.features.base import check_layers
from nst.features.packaged import read_packaged
from nst.features.published import fetch_published
from nst.features.vgg import VGGFeatures, tensor_shapes
from nst.networks import NETWORKS, Network, PackagedWeights
from nst.settings import Settings

#: torchvision's networks divide pixels from 0 to 1 by about 0.226, the original ones take them from 0 to 255: the
#: original activations are larger by this factor, in every layer.
SCALE = 255 * 0.226

#: The last network, with the weights that it has laid out for its device.
_kept: dict[Hashable, VGGFeatures] = {}


def load_network(
    settings: Settings, weights: str | Path | None = None, report: Report = ignore_progress
) -> VGGFeatures:
    """The network that the settings name; the same object as the last time while nothing differs.

    Args:
        settings: network, pooling and the layers are read.
        weights: a file of trained weights; the network's own when None.
        report: called with how far a download is.

    Raises:
        WeightsError: there are no such weights.
        SettingsError: a layer that the network does not have, or a weight too many or too few.
    """
    network = NETWORKS[settings.network]
    check_layers(network.title, network.layers, network.style_layers, settings)
    key = (network.name, settings.pooling, weights and _stamp(Path(os.path.expanduser(weights))))
    if key not in _kept:
        _kept.clear()  # First, so that there are never two in memory.
        _kept[key] = VGGFeatures(network, load_weights(network, weights, report), pooling=settings.pooling)
    return _kept[key]


def load_weights(network: Network, file: str | Path | None, report: Report) -> dict[str, Tensor]:
    """The convolution tensors of a network: from a file, or the network's own when None.

    Returns:
        "0.weight" (O, I, 3, 3), "0.bias" (O,), ... float32, as in torchvision's ``features``, for RGB normalised by
        ImageNet's mean and deviation. The activations have the scale of the original networks.

    Raises:
        WeightsError: there are no weights, or they are damaged or of another network.
    """
    if file is not None:
        path = Path(os.path.expanduser(file))
    elif isinstance(network.weights, PackagedWeights):
        return read_packaged(network, network.weights)
    else:
        path = fetch_published(network, network.weights, report)
    return check_tensors(network, read_tensors(path), ServerPath(path))


def read_tensors(path: Path) -> Mapping[str, Any]:
    """The content of a .safetensors file or a PyTorch state dict; WeightsError where it is neither."""
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except FileNotFoundError:
        raise WeightsError("The weights file ", ServerPath(path), " does not exist.") from None
    except Exception as error:  # A damaged or hostile file can make its reader raise anything.
        raise WeightsError(
            "The weights file ", ServerPath(path), " cannot be read: it is damaged or not a state dict."
        ) from error


def check_tensors(network: Network, state: Mapping[str, Any], source: str | ServerPath) -> dict[str, Tensor]:
    """The tensors of ``load_weights`` out of a torchvision model ("features.0.weight") or its features ("0.weight").

    Args:
        source: where the state is from, for the sentence of an error.

    Raises:
        WeightsError: a tensor is missing, of another shape or type, or not finite.
    """
    tensors: dict[str, Tensor] = {}
    for key, shape in tensor_shapes(network).items():
        tensor = state.get(f"features.{key}", state.get(key))
        if not isinstance(tensor, Tensor) or tuple(tensor.shape) != shape or not tensor.is_floating_point():
            raise WeightsError(source, f" holds no weights of {network.title}: it has no {key} of {shape} floats.")
        if not torch.isfinite(tensor).all():
            raise WeightsError(source, f" is damaged: {key} holds values that are not finite.")
        tensors[key] = tensor.float() * (SCALE if key == "0.weight" or key.endswith("bias") else 1)
    return tensors


def _stamp(file: Path) -> tuple[str, int]:
    """Differs when the file has changed."""
    return str(file), file.stat().st_mtime_ns if file.is_file() else 0
