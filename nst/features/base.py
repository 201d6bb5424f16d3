"""The protocol of a feature network: what the loss functions need to know, and no more."""

from collections.abc import Collection
from typing import Protocol, Self

import torch
from torch import Tensor

from nst.features.tiling import Box, Reach


class FeatureNetwork(Protocol):
    """Turns a picture into activations by layer name.

    Attributes:
        name: what the page and the log call it.
        layers: every layer that can be asked for, fine to coarse.
        style_layers: the five layers whose Gram matrices make the style by default, fine to coarse.
        content_layers: the layers that hold the content by default.
        bytes_per_pixel: memory at the peak of a step for each pixel of the picture, measured, float32.
        bytes_to_come: memory that it may still take for itself, and keep.
    """

    name: str
    layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_layers: tuple[str, ...]
    bytes_per_pixel: int

    @property
    def bytes_to_come(self) -> int: ...

    def reach(self, layers: Collection[str]) -> Reach:
        """What a tile needs around it, so that its activations are those of the whole picture."""
        ...

    def to(self, device: torch.device) -> Self:
        """The network with its weights on a device."""
        ...

    def __call__(self, image: Tensor, layers: Collection[str], core: Box | None = None) -> dict[str, Tensor]:
        """The activations (1, C, h, w) of the layers asked for, from an image (1, 3, H, W) in [0, 1].

        With a core, only those of that part of the image; the rest of it is context. Together the cores of a
        picture's ``nst.features.tiling.tiles`` have each of its activations once, as the whole picture has it.

        Differentiable in the image; the weights take no gradient. Stops at the deepest layer needed.
        """
        ...


def refuse_unknown(name: str, known: Collection[str], asked: Collection[str]) -> None:
    """Raise ValueError for a layer that a network does not have: the caller's bug, as settings are checked before."""
    missing = set(asked) - set(known)
    if missing:
        raise ValueError(f"{name} has no layer {sorted(missing)[0]}")
