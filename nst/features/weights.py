"""Where the trained VGG weights come from: a file the user names, torch hub's cache, or a checked download."""

import logging
import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from nst.errors import WeightsError
from nst.features.vgg import tensor_shapes

logger = logging.getLogger(__name__)

ENVIRONMENT = "NST_WEIGHTS"

#: torchvision's published files; the end of the name is the start of the file's SHA-256.
URLS = {
    "vgg19": "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    "vgg16": "https://download.pytorch.org/models/vgg16-397923af.pth",
}
#: The size of those files.
MEGABYTES = {"vgg19": 575, "vgg16": 553}


def find_weights(name: str, weights: str | Path | None = None) -> Path | None:
    """The weight file of "vgg19" or "vgg16" on this machine, or None; looks, downloads nothing.

    Args:
        name: the network.
        weights: a file the user names; else the environment's NST_WEIGHTS; else torch hub's cache.

    Raises:
        WeightsError: a file was named and is not there.
    """
    named = weights or os.environ.get(ENVIRONMENT)
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise WeightsError(f"The weights file {path} does not exist.")
        return path
    cached = hub_path(name)
    return cached if cached.is_file() else None


def hub_path(name: str) -> Path:
    """Where torch hub keeps torchvision's weights of the network."""
    return Path(torch.hub.get_dir()) / "checkpoints" / URLS[name].rsplit("/", 1)[1]


def load_tensors(name: str, weights: str | Path | None = None) -> dict[str, Tensor]:
    """The convolution tensors of a network, downloading them when they are nowhere on this machine.

    Returns:
        "0.weight", "0.bias", ... as in torchvision's ``features``, float32, checked for names, shapes and finiteness.

    Raises:
        WeightsError: nothing found and no download possible, or a file that is not weights of this network.
    """
    path = find_weights(name, weights)
    if path is None:
        return check_tensors(name, _download(name), source="the download")
    logger.info("Loading %s weights from %s", name, path)
    return check_tensors(name, read_tensors(path), source=str(path))


def read_tensors(path: Path) -> Mapping[str, Tensor]:
    """All tensors in a .safetensors file or a PyTorch state dict; no code in the file is run.

    Raises:
        WeightsError: the file cannot be read as either.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise WeightsError(f"The weights file {path} cannot be read: it is damaged or not a weights file.") from error
    except Exception as error:
        # safetensors raises an exception type of its own, straight from Exception.
        raise WeightsError(f"The weights file {path} cannot be read as safetensors.") from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"The weights file {path} holds a {type(state).__name__}; a state dict is needed.")
    return state


def check_tensors(name: str, state: Mapping[str, Tensor], *, source: str) -> dict[str, Tensor]:
    """The convolution tensors out of a whole model or its features, float32.

    Raises:
        WeightsError: a tensor that is missing, of another shape, or not finite.
    """
    tensors: dict[str, Tensor] = {}
    for key, shape in tensor_shapes(name).items():
        tensor = state.get(f"features.{key}", state.get(key))
        if not isinstance(tensor, Tensor):
            raise WeightsError(f"{source} is not a {name} weights file: features.{key} is missing.")
        if tuple(tensor.shape) != shape:
            raise WeightsError(
                f"{source} is not a {name} weights file: features.{key} is {tuple(tensor.shape)}, not {shape}."
            )
        if not torch.isfinite(tensor).all():
            raise WeightsError(f"{source} is damaged: features.{key} holds values that are not finite.")
        tensors[key] = tensor.float()
    return tensors


def _download(name: str) -> Mapping[str, Tensor]:
    """torchvision's own file, its hash checked, kept in torch hub's cache."""
    logger.info("Downloading %s weights from %s", name, URLS[name])
    try:
        state: Mapping[str, Tensor] = torch.hub.load_state_dict_from_url(
            URLS[name], map_location="cpu", check_hash=True, progress=False, weights_only=True
        )
    except Exception as error:
        raise WeightsError(
            f"The trained {name} weights are not on this machine and could not be downloaded. "
            "Start the program with --weights FILE, or choose the network gabor, which needs none."
        ) from error
    return state
