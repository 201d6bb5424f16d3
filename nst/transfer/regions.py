"""Spatial control: which part of the photo gets which style, and what stays as it is.

A mask is a picture, stretched to the photo's frame. Grey is strength: white is painted, black stays the photo, and
between them the result is a blend of both. With several styles, what red, green and blue have beyond the grey in them
belongs to the first, the second and the third style alone; the grey part gets the blend of all.

Source: Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style Transfer", section 4, guidance channels.
Deviations: the styles have no masks, each is taken as a whole; what no style belongs to stays the photo instead of
being one more region; ``nst.transfer.positions`` lists those of the guided Gram matrices.
"""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.errors import ImageError
from nst.features.tiling import Box
from nst.pictures.masks import COLOURS, NOISE, check_painted
from nst.steps import Picture

NO_STYLE = (
    "The mask is {} in some places, which belongs to no style: red, green and blue stand for the first, the second and "
    "the third of several styles."
)

#: One channel of a mask, or made of its channels: uint8 (H, W).
Levels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Region:
    """A part of the picture that is painted in one blend of the styles.

    Attributes:
        blend: the share of each style, summing to 1.
        guide: how much each pixel belongs to it, (1, 1, H, W) in [0, 1]; None where all do.
        share: of its area in all that is painted; 0 where it is nowhere, as in some frames of a film.
        palette: the number of the style whose colours an initial picture takes.
    """

    blend: tuple[float, ...]
    guide: Tensor | None = None
    share: float = 1.0
    palette: int = 0


@dataclass(frozen=True)
class Regions:
    """The regions of a picture at one scale, at least one.

    Attributes:
        parts: the regions; those of a mask may overlap.
        strength: how much each pixel is painted, (1, 1, H, W) in [0, 1]; None where all are.
    """

    parts: tuple[Region, ...]
    strength: Tensor | None = None

    @property
    def painted_share(self) -> float:
        """The share of the pixels that are painted at all."""
        return 1.0 if self.strength is None else float((self.strength > 0).float().mean())

    def guide_of(self, style: int) -> Tensor | None:
        """Where a style is painted, alone or in a blend, (1, 1, H, W), 0 or above; None without a mask, or nowhere."""
        parts = [part for part in self.parts if part.blend[style] > 0 and part.share > 0]
        guides = [part.guide for part in parts if part.guide is not None]
        return torch.stack(guides).sum(dim=0) if guides else None

    def hold(self, image: Tensor, photo: Tensor) -> Tensor:
        """The image with the photo where nothing is painted, (1, 3, H, W) all."""
        return image if self.strength is None else torch.where(self.strength > 0, image, photo)

    def merge(self, pictures: Iterable[Tensor], photo: Tensor) -> Tensor:
        """One picture (1, 3, H, W) of those of all regions, each by its guide, with the photo where nothing is painted.

        Args:
            pictures: (1, 3, H, W) for each region, in order.
            photo: likewise.
        """
        if self.strength is None:
            (picture,) = pictures
            return picture
        total, merged = torch.zeros_like(self.strength), torch.zeros_like(photo)
        for part, picture in zip(self.parts, pictures, strict=True):
            if part.guide is not None:
                merged.addcmul_(picture, part.guide)
                total += part.guide
        merged /= total.clamp_min(torch.finfo(total.dtype).tiny)
        return torch.where(total > 0, merged, photo)


def whole(blend: Sequence[float]) -> Regions:
    """A picture without a mask: a single region."""
    return Regions((Region(tuple(blend)),))


class _Guide(NamedTuple):
    """The plane of a mask that guides one blend of the styles: 0 for grey, 1 to 3 for the colours."""

    blend: tuple[float, ...]
    palette: int
    plane: int


class Mask:
    """A mask picture for some styles; ``regions`` has them at the size of a scale.

    Args:
        picture: uint8 (H, W, 3), of any size.
        blend: the share of each style where the mask is grey, summing to 1.

    Raises:
        ImageError: the mask is black, or has a colour that belongs to no style.
    """

    def __init__(self, picture: Picture, blend: Sequence[float]) -> None:
        self._planes, count = _planes(picture), len(blend)
        for name, plane in list(zip(COLOURS, self._planes[1:], strict=True))[count if count > 1 else 0 :]:
            if plane.any():
                raise ImageError(NO_STYLE.format(name))
        check_painted(self._planes)
        every = _Guide(tuple(blend), 0, 0)
        each = [_Guide(tuple(float(i == j) for j in range(count)), i, i + 1) for i in range(min(count, 3))]
        self._guides = [guide for guide in (every, *each) if self._planes[guide.plane].any()]

    def in_frame(self, picture: Picture) -> "Mask":
        """The same regions where another picture, uint8 (H, W, 3), has them; any of them may be empty there."""
        mask = copy.copy(self)
        mask._planes = _planes(picture)
        return mask

    @property
    def count(self) -> int:
        """How many regions there are, at every scale."""
        return len(self._guides)

    def strength(self, width: int, height: int) -> Levels:
        """How much of a picture of that size is painted: uint8 (height, width), 0 for the photo."""
        return self._strength(width, height).mul_(255).round_().byte()[0, 0].numpy()

    def regions(self, like: Tensor) -> Regions:
        """The regions of a picture (1, 3, H, W), on its device and of its type."""
        height, width = like.shape[-2:]
        maps = [stretch(self._planes[guide.plane], width, height).to(like) for guide in self._guides]
        areas = [float(each.sum()) for each in maps]
        total = sum(areas) or 1.0
        parts = [
            Region(guide.blend, each, area / total, guide.palette)
            for guide, each, area in zip(self._guides, maps, areas, strict=True)
        ]
        return Regions(tuple(parts), self._strength(width, height).to(like))

    def _strength(self, width: int, height: int) -> Tensor:
        # Of the mask as it is: where two colours meet, each fades out in a smaller copy, but not the strength.
        return stretch(self._planes[0] + self._planes[1:].max(axis=0), width, height)


def bounding_box(guide: Tensor) -> Box:
    """The smallest box that holds all of a guide (1, 1, H, W) that is not 0."""
    rows, columns = (guide[0, 0].amax(dim=dim).nonzero()[:, 0].tolist() or [0] for dim in (1, 0))
    return Box(rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)


def _without_noise(picture: Picture) -> Picture:
    """Grey where the channels hardly differ; elsewhere, levels near 0 are 0."""
    most = picture.max(axis=-1, keepdims=True)
    grey = most - picture.min(axis=-1, keepdims=True) <= NOISE
    return np.where(grey, most, np.where(picture <= NOISE, 0, picture)).astype(np.uint8)


def _planes(picture: Picture) -> npt.NDArray[np.uint8]:
    """The grey in a mask, and what red, green and blue have beyond it: uint8 (4, H, W)."""
    channels = np.moveaxis(_without_noise(picture), -1, 0)
    grey = channels.min(axis=0, keepdims=True)
    return np.concatenate([grey, channels - grey])


def stretch(channel: Levels, width: int, height: int) -> Tensor:
    """A channel at a size, (1, 1, height, width) in [0, 1]: what is not 0 stays above 0 in the smallest copy."""
    values = torch.from_numpy(channel)[None, None].float().div_(255)
    if values.shape[-2:] == (height, width):
        return values
    return F.interpolate(values, (height, width), mode="bilinear", antialias=True).clamp_(0, 1)
