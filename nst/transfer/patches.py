"""Pieces of the painting itself: every patch of a picture is replaced by the most similar one in the styles.

What statistics of a whole picture cannot give, the crisp edge of a stroke and its full contrast, is there in every
piece of the painting. The picture that overlapping pieces make together is the target of the patch loss.

Source: patch-based texture optimisation, Kwatra et al. 2005; as style transfer, Elad and Milanfar 2017.
Deviations: it steers the descent beside the other losses instead of replacing them, and takes few rounds.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.features.cpu import linear

#: Side of a patch in pixels, and how many principal components of it are compared.
PATCH = 9
COMPONENTS = 32
#: Patches are taken from the picture at every second pixel, on pictures of more pixels than this at every fourth.
FEW_PIXELS = 300 * 300
#: The most patches that the styles offer, so that the search grows like the picture and not like its square.
MAX_PATCHES = 2**14
#: Distances that are in memory at a time: what a processor's cache can work with.
DISTANCES = 2**20
#: The least of this many distances is found first, then which of them it is: faster than to search for it at once.
GROUP = 256
#: Patches of the picture that are worked on at a time; each is a kilobyte.
AT_ONCE = 2**15


class PatchStock:
    """The patches of the style pictures at one scale.

    Args:
        styles: pictures (1, 3, h, w) in [0, 1], of any size.
        shares: their weights, summing to 1; a style offers patches in proportion.
        device: where they are searched; where the styles are when None.
    """

    def __init__(self, styles: Sequence[Tensor], shares: Sequence[float], device: torch.device | None = None) -> None:
        patches = [_sample_patches(style, share) for style, share in zip(styles, shares, strict=True)]
        self._patches = torch.cat(patches).to(device)
        self._mean, self._basis = principal_components(self._patches, COMPONENTS)
        keys = (self._patches - self._mean) @ self._basis
        # Filled up to whole groups with keys that are infinitely far away.
        missing = -len(keys) % GROUP
        self._keys = F.pad(-2 * keys, (0, 0, 0, missing))
        self._lengths = F.pad(keys.square().sum(dim=1), (0, missing), value=math.inf)

    def nearest(self, patches: Tensor) -> Tensor:
        """The most similar patch of the styles for each of (N, 3 PATCH^2), likewise."""
        queries = (patches - self._mean) @ self._basis
        rows = max(1, DISTANCES // len(self._keys))
        return self._patches[torch.cat([self._search(part) for part in queries.split(rows)])]

    def repaint(self, image: Tensor, home: torch.device | None = None) -> Tensor:
        """The image (1, 3, H, W) put together from overlapping patches of the styles, which are averaged.

        Args:
            image: anywhere; it is worked on in strips of rows.
            home: the device of the result; that of the image when None.
        """
        height, width = image.shape[-2:]
        stride, border = 2 if height * width <= FEW_PIXELS else 4, PATCH // 2
        extended = extend(image, border)
        votes = torch.zeros_like(extended, device=home)
        rows, columns = ((side - 1) // stride + 1 for side in (height, width))
        strip = max(1, AT_ONCE // columns)
        for first in range(0, rows, strip):
            last = min(rows, first + strip) - 1
            part = (..., slice(first * stride, last * stride + PATCH), slice(None))
            votes[part] += self._replace_patches(extended[part].to(self._patches.device), stride).to(votes.device)
        bell = _bell(votes)
        votes /= torch.outer(_coverage(bell, rows, height, stride), _coverage(bell, columns, width, stride))
        return votes[..., border : border + height, border : border + width].contiguous()

    def _replace_patches(self, strip: Tensor, stride: int) -> Tensor:
        """The sum of the nearest patches of the styles, each weighted by the window, in a strip (1, 3, h, W)."""
        patches = self.nearest(F.unfold(strip, PATCH, stride=stride)[0].T)
        bell = _bell(strip)
        patches *= torch.outer(bell, bell).flatten().repeat(3)
        return F.fold(patches.T[None], strip.shape[-2:], PATCH, stride=stride)

    def _search(self, queries: Tensor) -> Tensor:
        """The places of the nearest keys of queries (N, COMPONENTS): (N,)."""
        # The squared length of a query is the same for every key: left out, it changes no order.
        distances = linear(queries, self._keys, self._lengths).unflatten(1, (-1, GROUP))
        groups = distances.amin(dim=2).argmin(dim=1)
        nearest = distances[torch.arange(len(groups), device=groups.device), groups].argmin(dim=1)
        return groups * GROUP + nearest


def principal_components(rows: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The mean (D,) of rows (N, D) and their ``count`` principal directions (D, count), D at most."""
    mean = rows.mean(dim=0)
    centred = rows - mean
    # On the CPU, because not every device can.
    _, directions = torch.linalg.eigh((centred.T @ centred).double().cpu())
    return mean, directions[:, -count:].to(rows.dtype).to(rows.device)


def extend(image: Tensor, border: int) -> Tensor:
    """Mirrored at the edges, or their last pixels repeated where the picture is narrower than the border."""
    mode = "reflect" if min(image.shape[-2:]) > border else "replicate"
    return F.pad(image, (border,) * 4, mode=mode)


def _sample_patches(style: Tensor, share: float) -> Tensor:
    """Patches of a style (N, 3 PATCH^2) on the finest regular grid that keeps to its share of the stock."""
    if min(style.shape[-2:]) < PATCH:
        style = extend(style, PATCH // 2)
    stride = 1
    rows, columns = (side - PATCH + 1 for side in style.shape[-2:])
    while -(-rows // stride) * -(-columns // stride) > max(1, share * MAX_PATCHES):
        stride += 1
    return F.unfold(style, PATCH, stride=stride)[0].T.contiguous()


def _bell(like: Tensor) -> Tensor:
    """How much each row or column of a patch counts, (PATCH,): the middle most, so that no seams show."""
    return torch.hann_window(PATCH + 2, periodic=False, dtype=like.dtype, device=like.device)[1:-1]


def _coverage(bell: Tensor, patches: int, side: int, stride: int) -> Tensor:
    """The sum of the bells over each row or column of an extended picture; 1 where there are none."""
    covered = bell.new_zeros(side + 2 * (PATCH // 2))
    for start in range(0, patches * stride, stride):
        covered[start : start + PATCH] += bell
    return torch.where(covered > 0, covered, 1.0)
