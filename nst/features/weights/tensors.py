"""Files of tensors: read without running anything in them, and held against the network they are for."""

from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from nst.errors import WeightsError
from nst.features.weights.catalogue import ENTRIES, Entry

#: What trained weights may be stored as.
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64)


def read_tensors(path: Path) -> Mapping[str, Tensor]:
    """All tensors in a .safetensors file or a PyTorch state dict; no code in the file is run.

    Raises:
        WeightsError: the file cannot be read as either.
    """
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # A damaged or hostile file can make its reader raise anything.
        raise WeightsError(f"The weights file {path} cannot be read: it is damaged or not a weights file.") from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"The weights file {path} holds a {type(state).__name__}; a state dict is needed.")
    return state


def parse_tensors(data: bytes, source: str) -> Mapping[str, Tensor]:
    """All tensors in the bytes of a safetensors file.

    Raises:
        WeightsError: the bytes are no such file.
    """
    try:
        return safetensors.torch.load(data)
    except SafetensorError as error:
        raise WeightsError(f"{source} cannot be read as safetensors.") from error


def check_tensors(entry: Entry, state: Mapping[str, Tensor], *, source: str) -> dict[str, Tensor]:
    """The convolution tensors out of a whole model or its features, float32.

    Args:
        entry: the network that they are to be of.
        state: "features.0.weight" or "0.weight" and so on, and anything else.
        source: where they come from, for the sentence.

    Returns:
        "0.weight", "0.bias", ... as in torchvision's ``features``.

    Raises:
        WeightsError: a tensor that is missing, of another shape, not of floating-point numbers, or not finite.
    """
    tensors: dict[str, Tensor] = {}
    for key, shape in entry.shapes.items():
        tensor = state.get(f"features.{key}", state.get(key))
        if not isinstance(tensor, Tensor):
            raise not_weights(entry, source, f"features.{key} is missing")
        if tuple(tensor.shape) != shape:
            raise not_weights(entry, source, f"features.{key} is {tuple(tensor.shape)}, not {shape}")
        if tensor.dtype not in DTYPES:
            raise not_weights(entry, source, f"features.{key} holds {str(tensor.dtype).removeprefix('torch.')} numbers")
        if not torch.isfinite(tensor).all():
            raise WeightsError(f"{source} is damaged: features.{key} holds values that are not finite.")
        tensors[key] = tensor.float()
    return tensors


def not_weights(entry: Entry, source: str, why: str) -> WeightsError:
    """The error for something that is not the weights of a network."""
    return WeightsError(f"{source} is not a {entry.name} weights file: {why}.")


def network_of(state: Mapping[str, Tensor]) -> str | None:
    """The name of the network whose tensors these are, by their names alone, or None."""
    for name, entry in ENTRIES.items():
        if all(f"features.{key}" in state or key in state for key in entry.shapes):
            return name
    return None
