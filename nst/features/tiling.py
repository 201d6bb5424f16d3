"""Cutting a picture into tiles: cores that cover it once, each in a crop that holds the core's context."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Reach:
    """What a network needs around a tile for some layers, in pixels of the picture.

    Attributes:
        halo: how far to each side activations look; pixels farther away do not change them.
        step: cores begin and end at multiples of it, so that strides and poolings fall as in the whole picture.
        context: the width of a border that costs as much as the halo does: less than the halo if the network computes
            less around a core than inside it.
    """

    halo: int
    step: int
    context: int


@dataclass(frozen=True)
class Box:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right`` of a picture, without ``bottom`` and ``right``."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def whole(cls, x: Tensor) -> "Box":
        """All of a tensor (..., H, W)."""
        return cls(0, x.shape[-2], 0, x.shape[-1])

    def of(self, x: Tensor) -> Tensor:
        """This part of a tensor (..., H, W), as a view; rows and columns beyond its end are left out."""
        return x[..., self.top : self.bottom, self.left : self.right]

    def at(self, stride: int) -> "Box":
        """The same part in the positions of a layer with a stride, rounded outward."""
        top, left = self.top // stride, self.left // stride
        return Box(top, -(-self.bottom // stride), left, -(-self.right // stride))

    def within(self, other: "Box") -> "Box":
        """The same part, counted from another box's corner."""
        return Box(self.top - other.top, self.bottom - other.top, self.left - other.left, self.right - other.left)

    def grown(self, border: int, limit: "Box") -> "Box":
        """With a border around it, as far as the limit goes."""
        top, left = max(limit.top, self.top - border), max(limit.left, self.left - border)
        return Box(top, min(limit.bottom, self.bottom + border), left, min(limit.right, self.right + border))

    @property
    def area(self) -> int:
        """Its pixels."""
        return (self.bottom - self.top) * (self.right - self.left)


@dataclass(frozen=True)
class Tile:
    """A crop of a picture, and this tile's core, counted from the crop's corner."""

    crop: Box
    core: Box


def tiles(height: int, width: int, side: int | None, reach: Reach) -> tuple[Tile, ...]:
    """Cut a picture into tiles, row by row.

    Args:
        height, width: the picture's, in pixels.
        side: the longest side of a core, but at least ``reach.step``; None for one tile, the whole picture.
        reach: what the network needs around a core.

    Returns:
        At least one Tile. The cores cover every pixel once; a crop ends where the picture does, so that the network
        pads there as it would in the whole.
    """
    whole = Box(0, height, 0, width)
    # At least one pixel, which total variation needs to the right and below.
    halo = -(-max(1, reach.halo) // reach.step) * reach.step
    cores = [
        Box(*rows, *columns) for rows in _spans(height, side, reach.step) for columns in _spans(width, side, reach.step)
    ]
    crops = [core.grown(halo, whole) for core in cores]
    return tuple(Tile(crop, core.within(crop)) for core, crop in zip(cores, crops, strict=True))


def _spans(length: int, side: int | None, step: int) -> Iterator[tuple[int, int]]:
    """Equal parts of a length, none above ``side``; all but the last end at a multiple of ``step``."""
    count = 1 if side is None else -(-length // max(step, side // step * step))
    part = max(1, -(-length // (count * step)) * step)
    for start in range(0, length, part):
        yield start, min(length, start + part)
