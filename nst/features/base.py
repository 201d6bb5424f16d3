"""The protocol of a feature network: what losses, tiles and the memory estimate need to know of it, and no more."""

from collections.abc import Collection, Sequence
from typing import Protocol, Self

import torch
from torch import Tensor

from nst.errors import FieldName, SettingsError
from nst.features.tiling import Box, Reach
from nst.settings import Settings


class FeatureNetwork(Protocol):
    """Turns a picture into activations by layer name.

    Attributes:
        name: what the page and the log call it.
        layers: every layer, fine to coarse.
        style_layers: the default style layers, fine to coarse.
        content_layers: the default content layers.
        bytes_per_pixel: memory at the peak of a step for each pixel of the picture, measured, float32.
        bytes_to_come: memory that the network may still allocate for itself, and keep.
    """

    name: str
    layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_layers: tuple[str, ...]
    bytes_per_pixel: int

    @property
    def bytes_to_come(self) -> int: ...

    def reach(self, layers: Collection[str]) -> Reach:
        """The context that a tile needs so that its activations are those of the whole picture.

        For a single layer, ``step`` is its stride: the pixels of the picture from one position to the next.
        """
        ...

    def to(self, device: torch.device) -> Self:
        """The network with its weights on a device."""
        ...

    def __call__(self, image: Tensor, layers: Collection[str], core: Box | None = None) -> dict[str, Tensor]:
        """The activations (1, C, h, w) of some layers, by name, from an image (1, 3, H, W) in [0, 1].

        With a core, only the activations of that part of the image; the rest is context. Together the cores of a
        picture's ``nst.features.tiling.tiles`` have each of its activations once, as the whole picture has it.

        Differentiable in the image; the weights take no gradient. Stops at the deepest layer needed.
        """
        ...


def check_layers(title: str, layers: Sequence[str], style_layers: Sequence[str], settings: Settings) -> None:
    """Check the layers and layer weights in the settings against a network.

    Args:
        title: the network's name in the error's sentence.
        layers: all layers of the network.
        style_layers: its default style layers.
        settings: style_layers, content_layers and style_layer_weights are read.

    Raises:
        SettingsError: a layer that the network does not have, or a weight too many or too few.
    """
    for field in ("style_layers", "content_layers"):
        for layer in getattr(settings, field):
            if layer not in layers:
                raise SettingsError(FieldName(field), f" names {layer}; {title} has {', '.join(layers)}.")
    expected, count = len(settings.style_layers or style_layers), len(settings.style_layer_weights)
    if count != expected:
        values = f"{count} value{'s' * (count != 1)}"
        sentence = f" has {values}; it must have {expected}, one for each style layer."
        raise SettingsError(FieldName("style_layer_weights"), sentence)


def refuse_unknown(name: str, known: Collection[str], layers: Collection[str]) -> None:
    """Raise ValueError for a layer that a network does not have: the caller's bug, as settings are checked before."""
    unknown = set(layers) - set(known)
    if unknown:
        raise ValueError(f"{name} has no layer {sorted(unknown)[0]}")
