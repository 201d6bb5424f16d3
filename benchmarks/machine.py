"""What the figures were measured on, and what is measured with: the trained network, made-up photos, example photos."""

import os
import platform
from datetime import UTC, datetime
from functools import cache

import numpy as np
import torch

from nst.features.vgg import VGGFeatures
from nst.features.weights import load_weights
from nst.networks import VGG19
from nst.steps import Picture, untold


def describe() -> str:
    """One line: date, processor, cores, GPU, versions."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    day = datetime.now(UTC).date().isoformat()
    versions = f"Python {platform.python_version()}, PyTorch {torch.__version__}"
    return f"{day}, {_processor()}, {os.cpu_count()} cores, {gpu}, {versions}"


@cache
def tensors() -> dict[str, torch.Tensor]:
    """VGG-19's trained weights."""
    return load_weights(VGG19, None, untold)


def vgg19(pooling: str = "max") -> VGGFeatures:
    """A trained network of its own, with nothing laid out yet."""
    return VGGFeatures(VGG19, tensors(), pooling=pooling)


def photo(width: int, height: int, seed: int = 0) -> Picture:
    """A made-up photo: smooth shapes at several sizes with some grain, uint8 (height, width, 3)."""
    random = np.random.default_rng(seed)
    picture = np.zeros((3, height, width))
    for cells in (3, 6, 12, 48):
        coarse = torch.from_numpy(random.standard_normal((1, 3, cells, cells)))
        size = (height, width)
        picture += torch.nn.functional.interpolate(coarse, size, mode="bicubic")[0].numpy() / cells**0.5
    picture = 127 + 70 * picture + 5 * random.standard_normal(picture.shape)
    return np.ascontiguousarray(picture.clip(0, 255).astype(np.uint8).transpose(1, 2, 0))


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
