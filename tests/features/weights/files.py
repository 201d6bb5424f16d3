"""Small networks and the files that hold them, so that a download takes milliseconds."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from nst.features.weights.catalogue import Entry
from nst.features.weights.remote import Patience

SHAPES = {"0.weight": (8, 3, 3, 3), "0.bias": (8,), "2.weight": (64, 64, 3, 3), "2.bias": (64,), "5.weight": (90, 9)}

#: Waits for nothing longer than it must: a stall is one after a fifth of a second.
QUICK = Patience(connect=2, read=0.2, pauses=(0.01, 0.01, 0.01))


def small_entry(server: str = "http://127.0.0.1:9", **changes: object) -> Entry:
    """A network like VGG whose tensors have 150 KB."""
    told = {
        "name": "vgg19", "title": "VGG-19", "shapes": SHAPES, "repo": "timm/small", "revision": "abc",
        "original": f"{server}/models/small-00000000.pth",
    }  # fmt: skip
    return Entry(**{**told, **changes})


def small_tensors(seed: int = 0) -> dict[str, Tensor]:
    """The tensors of ``small_entry``."""
    generator = torch.Generator().manual_seed(seed)
    return {key: torch.randn(shape, generator=generator) for key, shape in SHAPES.items()}


def whole(tensors: Mapping[str, Tensor], classifier: int = 50_000) -> dict[str, Tensor]:
    """As a whole model is saved: features with their prefix, and a classifier nobody here uses."""
    return {f"features.{key}": value for key, value in tensors.items()} | {"head.fc.weight": torch.ones(classifier)}


def safetensors_file(tensors: Mapping[str, Tensor], **changes: object) -> bytes:
    """The bytes of a safetensors file with the tensors in just this order; ``changes`` replace header entries."""
    table, data = {}, b""
    for name, tensor in tensors.items():
        piece = tensor.contiguous().view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        dtype = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}[tensor.dtype]
        offsets = [len(data), len(data) + len(piece)]
        table[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": offsets}
        data += piece
    header = json.dumps(table | changes).encode()
    return len(header).to_bytes(8, "little") + header + data


def same(found: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> bool:
    return found.keys() == tensors.keys() and all(torch.equal(found[key], tensors[key]) for key in tensors)


class Payload:
    """What a pickle may do when it is read without care: make a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (Path.touch, (self.target,))
