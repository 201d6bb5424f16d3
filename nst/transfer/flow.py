"""Optical flow between two pictures, warping along it, and where it can be relied on.

A flow is (1, 2, H, W), float32: how many pixels to the right and down each pixel of one picture has moved in another.

Source: Ruder, Dosovitskiy and Brox 2016, "Artistic style transfer for videos", section 3.
Deviations: the flow is OpenCV's DIS (Kroeger et al. 2016), which takes milliseconds, in place of DeepFlow or EpicFlow;
as it may be consistent by chance, colours have to agree as well; where they alone agree, there is a little trust left;
single pixels count like those around them; and the search begins with how things moved before, or it would lose what
moves far.
"""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.steps import Picture
from nst.transfer.images import to_tensor

#: DIS compares patches of 8 x 8 pixels: smaller pictures are extended.
LEAST_SIDE = 16
#: Colours of a histogram, in each channel.
BINS = 8
#: Two frames are of two shots if the flow is not trusted in more than a share of the pixels, and their histograms have
#: less than a share in common.
CUTS = ((0.75, 1.0), (0.4, 0.7))
#: A pixel that differs by more than this, of black to white, is not the same after all.
SAME = 0.15
#: How much a pixel is trusted that looks the same, but whose flow is not consistent, as in a clear sky.
DOUBTFUL = 0.1
#: Trust is that of most pixels in squares of this side, or edges would be torn.
NEIGHBOURS = 5

#: The motion of the ground is fitted to one pixel out of as many rows and columns, and those that move otherwise by
#: more than so many pixels are not of the ground.
STRIDE, ASTRAY = 4, 1.0


class Motion(NamedTuple):
    """How a frame differs from one before it, both of one size.

    Attributes:
        backward: the flow into the frame before, (1, 2, H, W).
        trust: how far it can be relied on, (1, 1, H, W): 1, DOUBTFUL or 0.
    """

    backward: Tensor
    trust: Tensor


def find_flow(first: Picture, second: Picture, guess: Tensor | None = None) -> Tensor:
    """Where the pixels of one picture are in another: the flow, (1, 2, H, W), of the first.

    Args:
        first, second: uint8 (H, W, 3), of one size.
        guess: the flow that the search begins with, (1, 2, H, W).
    """
    height, width = first.shape[:2]
    grey = [_extended(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)) for picture in (first, second)]
    begin = None if guess is None else _extended(guess[0].permute(1, 2, 0).numpy())
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale(0)  # Down to whole pixels: a third of the error for 12 ms, see benchmarks/notes/films.md.
    flow = search.calc(*grey, begin)  # type: ignore[call-overload]
    return torch.from_numpy(np.ascontiguousarray(flow[:height, :width].transpose(2, 0, 1)))[None]


def warp(image: Tensor, flow: Tensor, mode: str = "bicubic") -> Tensor:
    """The image as seen from where a flow begins: each pixel is taken from where the flow leads.

    Args:
        image: (1, C, H, W), float32; beyond its edges, its last pixels are repeated.
        flow: (1, 2, H, W), into the image.
        mode: "bicubic", which blurs less when it is repeated from frame to frame, or "bilinear".

    Returns:
        (1, C, H, W); bicubic values may lie a little outside of the image's range.
    """
    height, width = image.shape[-2:]
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    # From pixels to the coordinates of grid_sample, in which the picture reaches from -1 to 1, edge to edge.
    x = (columns + flow[0, 0] + 0.5) * (2 / width) - 1
    y = (rows + flow[0, 1] + 0.5) * (2 / height) - 1
    grid = torch.stack([x, y], dim=-1)[None]
    return F.grid_sample(image, grid, mode=mode, padding_mode="border", align_corners=False)


def compare(before: Picture, now: Picture, guesses: Sequence[Tensor | None] = (None,)) -> Motion:
    """The motion of a frame since one before it.

    Args:
        before, now: uint8 (H, W, 3), of one size.
        guesses: of the flow back, (1, 2, H, W): the search begins with each, or afresh for None, and each pixel has the
            motion that is trusted most, the first of those.
    """
    return reduce(_more_trusted, (_search(before, now, guess) for guess in guesses))


def _search(before: Picture, now: Picture, guess: Tensor | None) -> Motion:
    backward = find_flow(now, before, guess)
    differences = (warp(to_tensor(before), backward, "bilinear") - to_tensor(now)).abs().mean(dim=1, keepdim=True)
    same = within_picture(backward) & (differences < SAME)
    forward = find_flow(before, now, None if guess is None else -guess)
    trust = same * torch.where(consistent(backward, forward), 1.0, DOUBTFUL)
    return Motion(backward, torch.from_numpy(cv2.medianBlur(trust[0, 0].numpy(), NEIGHBOURS))[None, None])


def _more_trusted(one: Motion, other: Motion) -> Motion:
    backward = torch.where(other.trust > one.trust, other.backward, one.backward)
    return Motion(backward, torch.maximum(one.trust, other.trust))


def ground_flow(motion: Motion) -> Tensor:
    """The flow of what most of the picture shows, everywhere: that of a camera over a plane, (1, 2, H, W).

    It is affine, found among the pixels that are trusted (RANSAC); 0 where they are too few.
    """
    flow = motion.backward
    height, width = flow.shape[-2:]
    places = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    trusted = (motion.trust[0, 0] == 1).numpy()[::STRIDE, ::STRIDE]
    now = places[::STRIDE, ::STRIDE][trusted]
    before = now + flow[0].permute(1, 2, 0).numpy()[::STRIDE, ::STRIDE][trusted]
    affine = cv2.estimateAffine2D(now, before, ransacReprojThreshold=ASTRAY)[0] if len(now) >= 3 else None
    if affine is None:
        return torch.zeros_like(flow)
    ground = places @ affine[:, :2].T + affine[:, 2] - places
    return torch.from_numpy(ground.transpose(2, 0, 1).astype(np.float32, order="C"))[None]


def consistent(backward: Tensor, forward: Tensor) -> Tensor:
    """Where a picture can be warped along a flow, by the flow alone: (1, 1, H, W), boolean.

    Args:
        backward: the flow w^ of the new picture into the old one, along which the old one is warped, (1, 2, H, W).
        forward: the flow w of the old picture into the new one, likewise.

    A pixel is disoccluded where the way there and back does not end near it, with w~ the forward flow at the far end:
    ``|w~ + w^|^2 > 0.01 (|w~|^2 + |w^|^2) + 0.5`` (section 3.2, equation 5); and it is at the edge of a motion where
    ``|grad u^|^2 + |grad v^|^2 > 0.01 |w^|^2 + 0.002`` (equation 6).
    """
    there = warp(forward, backward, "bilinear")
    astray = _square(there + backward) > 0.01 * (_square(there) + _square(backward)) + 0.5
    around = F.pad(backward, (1, 1, 1, 1), mode="replicate")
    down = (around[..., 2:, 1:-1] - around[..., :-2, 1:-1]) / 2
    across = (around[..., 1:-1, 2:] - around[..., 1:-1, :-2]) / 2
    edge = _square(down) + _square(across) > 0.01 * _square(backward) + 0.002
    return ~(astray | edge)


def within_picture(flow: Tensor) -> Tensor:
    """Where a flow leads to a pixel of the picture and not beyond its edges: (1, 1, H, W), boolean."""
    height, width = flow.shape[-2:]
    x = torch.arange(width) + flow[:, :1]
    y = torch.arange(height)[:, None] + flow[:, 1:]
    return (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)


def is_cut(before: Picture, now: Picture, trust: Tensor) -> bool:
    """Whether a new shot begins between two frames, from their colours and from how much of the flow is trusted.

    Args:
        before, now: uint8 (H, W, 3).
        trust: from ``compare``.
    """
    untrusted, shared = float((trust < 1).float().mean()), _shared_colours(before, now)
    return any(untrusted > failed and shared <= common for failed, common in CUTS)


def _shared_colours(one: Picture, other: Picture) -> float:
    """The intersection of two colour histograms, 0 to 1 (Swain and Ballard 1991)."""
    counts = [np.bincount(_bins(picture), minlength=BINS**3) / (picture.size / 3) for picture in (one, other)]
    return float(np.minimum(*counts).sum())


def _bins(picture: Picture) -> np.ndarray:
    """The number of each pixel's colour in a histogram."""
    red, green, blue = (picture.reshape(-1, 3).astype(np.int64) * BINS // 256).T
    return (red * BINS + green) * BINS + blue


def _square(flow: Tensor) -> Tensor:
    """Squared lengths, (1, 1, H, W)."""
    return flow.square().sum(dim=1, keepdim=True)


def _extended(values: np.ndarray) -> np.ndarray:
    """A copy of (H, W) or (H, W, C) values with the last row and column repeated to the least side."""
    missing = [(0, max(0, LEAST_SIDE - side)) for side in values.shape[:2]]
    return np.pad(values, [*missing, (0, 0)][: values.ndim], mode="edge")
