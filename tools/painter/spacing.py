"""Where small things lie: places that keep their distance, and the corners of small rectangles."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.painter.flow import Array, Mask

Cells = NDArray[np.intp]


def apart(y: Cells, x: Cells, shape: tuple[int, ...], gap: float) -> list[int]:
    """Which of the places are taken, in their order, if each keeps all others ``gap`` away."""
    reach = int(np.ceil(gap))
    near = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1]) < gap
    free = np.ones((shape[0] + 2 * reach, shape[1] + 2 * reach), dtype=bool)
    chosen = []
    for k, (row, column) in enumerate(zip(y.tolist(), x.tolist(), strict=True)):
        if free[row + reach, column + reach]:
            chosen.append(k)
            free[row : row + 2 * reach + 1, column : column + 2 * reach + 1] &= ~near
    return chosen


def places(mask: Mask, gap: float, rng: Generator) -> Array:
    """Places all over a mask, no two nearer than ``gap`` units."""
    points = kept(rng.random((int(12 * mask.size / gap**2), 2)) * mask.shape[::-1], mask)
    return points[apart(*cells_of(points, mask), mask.shape, gap + 0.8)]


def squares(centres: Array, wide: Array, high: Array, turns: Array) -> Array:
    """Corners (n, 4, 2) of rectangles by centre, half-width, half-height and turn (radians)."""
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * np.stack([wide, high], axis=-1)
    cos, sin = np.cos(turns)[:, None], np.sin(turns)[:, None]
    x, y = corners[..., 0] * cos - corners[..., 1] * sin, corners[..., 0] * sin + corners[..., 1] * cos
    return centres[:, None] + np.stack([x, y], axis=-1)


def kept(points: Array, mask: Mask) -> Array:
    """The points (n, 2) that lie in the mask."""
    return points[mask[cells_of(points, mask)]]


def cells_of(points: Array, mask: Mask) -> tuple[Cells, Cells]:
    """Row and column of the cells in which points lie."""
    x, y = points.astype(int).T
    return np.clip(y, 0, mask.shape[0] - 1), np.clip(x, 0, mask.shape[1] - 1)
