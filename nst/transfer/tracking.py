"""Points of a picture, followed from frame to frame along the flow.

Points are (1, 2, H, W), float32: x and y, in pixels, of where each pixel of a frame was in the first one. As what is
followed is the point and not the pixel's value, slow motions add up, and nothing that is sampled there is blurred.

Where the flow cannot be relied on, as beside what moves in front of something else and where something comes into view,
a pixel takes the point of another that is near and of a similar colour. The nearest alone will not do: half of what a
thing uncovers would go on as part of the thing, which then has a tail.
"""

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nst.steps import Picture
from nst.transfer.flow import NEIGHBOURS, Motion, warp

#: How far a pixel is that looks for another's point, in pixels, for each level of difference between their colours.
COLOUR_DISTANCE = 0.5
#: Where it looks: beside itself, in eight directions.
WAYS = [(reach * down, reach * right) for reach in (3, 6, 12, 24) for down in (-1, 0, 1) for right in (-1, 0, 1)]

Indices = npt.NDArray[np.intp]


def first_points(width: int, height: int) -> Tensor:
    """The points of the first frame: each pixel's own place."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([columns, rows]).float()[None]


def follow(points: Tensor, motion: Motion, now: Picture) -> Tensor:
    """The points of a frame.

    Args:
        points: of the frame before, (1, 2, H, W).
        motion: since that.
        now: the frame, uint8 (H, W, 3).
    """
    moved = warp(points, motion.backward, "bilinear")[0].numpy()
    # At the edge of a motion the flow is smooth, and so wrong by some pixels.
    trusted = cv2.erode((motion.trust[0, 0].numpy() == 1).astype(np.uint8), np.ones((NEIGHBOURS, NEIGHBOURS))) > 0
    if trusted.any():
        moved = moved.reshape(2, -1)[:, _sources(trusted, now)]
    return torch.from_numpy(np.stack([cv2.medianBlur(np.ascontiguousarray(x), NEIGHBOURS) for x in moved]))[None]


def sample(picture: Picture, points: Tensor) -> Picture:
    """The pixels of a picture of the first frame at points, without any blending, uint8 (H, W, 3).

    Args:
        picture: uint8 (h, w, 3), of any size.
        points: (1, 2, H, W).
    """
    sides = zip(picture.shape[1::-1], points.shape[:1:-1], points[0].numpy(), strict=True)
    x, y = (
        np.clip(np.floor((place + 0.5) * (side / frame_side)), 0, side - 1).astype(np.intp)
        for side, frame_side, place in sides
    )
    return np.ascontiguousarray(picture[y, x])


def _sources(trusted: npt.NDArray[np.bool_], now: Picture) -> Indices:
    """For each pixel the index of a trusted one: its own, or of one that is near and of a similar colour."""
    nearest, (height, width) = _nearest(trusted), trusted.shape
    rows, columns = np.nonzero(~trusted)
    colours = now.reshape(-1, 3).astype(np.float32)
    own, best, least = colours[rows * width + columns], np.zeros(len(rows), np.intp), np.full(len(rows), np.inf)
    for down, right in WAYS:
        candidate = nearest[np.clip(rows + down, 0, height - 1), np.clip(columns + right, 0, width - 1)]
        away = np.hypot(candidate // width - rows, candidate % width - columns)
        cost = away + COLOUR_DISTANCE * np.abs(colours[candidate] - own).mean(axis=1)
        best = np.where(cost < least, candidate, best)
        least = np.minimum(cost, least)
    nearest[rows, columns] = best
    return nearest


def _nearest(trusted: npt.NDArray[np.bool_]) -> Indices:
    """For each pixel the index of the trusted one that is nearest; there is at least one."""
    _, labels = cv2.distanceTransformWithLabels(
        (~trusted).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    indices = np.zeros(labels.max() + 1, np.intp)
    indices[labels[trusted]] = np.flatnonzero(trusted)
    return indices[labels]
