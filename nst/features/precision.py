"""The precision of a network's convolutions: float32, TF32 or bfloat16. The activations leave here as float32.

TF32 rounds the factors of a product to 10 bits, bfloat16 rounds every activation to 7; float32 keeps 23. PyTorch lets
CUDA's convolutions take TF32 by default; here they do only where the settings say so.
"""

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.tiling import Box

FLOAT32, TF32, BFLOAT16 = "float32", "tf32", "bfloat16"

LACKING = "Precision {} was asked for, which is not to be had on {}: it computes in float32."
SLOW = "Precision bfloat16 was asked for, which this processor only imitates: it is slower than float32."

#: PyTorch's switch for TF32 is one for the whole process, and each GPU may have a run of its own.
_switch = threading.RLock()


def shortfall(precision: str, device: torch.device, name: str) -> str:
    """A sentence for the user where a device does not compute at a precision, or only slowly; else "".

    Args:
        precision: "float32", "tf32" or "bfloat16".
        device: the device that computes.
        name: the device in words.
    """
    if supported_precision(precision, device) != precision:
        return LACKING.format(precision, name)
    return SLOW if precision == BFLOAT16 and device.type == "cpu" and not _has_bfloat16_products() else ""


def supported_precision(precision: str, device: torch.device) -> str:
    """The precision at which a device will compute: the given one, or float32 where the device lacks it."""
    # Every CPU computes in bfloat16, if need be by way of float32.
    has = precision == FLOAT32 or (precision == BFLOAT16 and device.type == "cpu")
    return precision if has or (device.type == "cuda" and _has_tensor_cores_for_it(device)) else FLOAT32


def compute_activations(
    network: FeatureNetwork, precision: str, image: Tensor, layers: Collection[str], core: Box | None = None
) -> dict[str, Tensor]:
    """The activations of ``FeatureNetwork.__call__``, computed at a precision; always float32.

    Args:
        precision: one that the image's device has, see ``supported_precision``; TF32 also needs the call to be inside
            ``tf32_where_chosen``.
    """
    if precision != BFLOAT16:
        return network(image, layers, core)
    # The cache would not keep frozen weights between calls anyway, and a captured graph must not read one.
    with torch.autocast(image.device.type, torch.bfloat16, cache_enabled=False):
        activations = network(image, layers, core)
    return {name: x.float() for name, x in activations.items()}


@contextmanager
def tf32_where_chosen(precision: str, device: torch.device) -> Iterator[None]:
    """On CUDA, let convolutions inside the block take TF32, forward and backward, only if it is the precision."""
    if device.type != "cuda":
        yield
        return
    with _switch:
        before, torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.allow_tf32, precision == TF32
        try:
            yield
        finally:
            torch.backends.cudnn.allow_tf32 = before


def _has_tensor_cores_for_it(device: torch.device) -> bool:
    """Whether a GPU has both TF32 and bfloat16: NVIDIA's do since Ampere."""
    with torch.cuda.device(device):
        return torch.cuda.is_bf16_supported(including_emulation=False)


def _has_bfloat16_products() -> bool:
    """Whether the processor multiplies in bfloat16; also True where PyTorch cannot tell."""
    capabilities: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return not capabilities or any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
