"""Setting a mosaic: small squares of glass in rows that follow contours, each tilted its own way in the mortar."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon
from tools.painter.colour import oklab
from tools.painter.flow import Array, Mask, Points, curve
from tools.painter.spacing import apart, squares

_JOINT = 0.86  # the share of a row that is glass
_MORTAR = oklab(["#4c4034"])[0]
_FLOOD = (256, 128, 64, 32, 16, 8, 4, 2, 1, 1)


@dataclass(frozen=True)
class Zone:
    """A part of the picture set on its own: ``glass`` units from row to row; level rows if there is no contour."""

    mask: Mask
    contour: Points | None
    glass: float


def set_zones(canvas: Canvas, plan: Cartoon, zones: list[Zone], rng: Generator) -> None:
    """Sets zone after zone, each over what lies below it, with the colours of the plan."""
    for zone in zones:
        canvas.stain(zone.mask, _MORTAR)
        centres, turns = rows_of(zone)
        shade = rng.normal(0, 1, (len(centres), 3)) * (0.045, 0.013, 0.016)
        half = 0.5 * _JOINT * zone.glass * np.exp(rng.normal(0, 0.06, (2, len(centres), 1)))
        corners = squares(centres, half[0], half[1], turns + rng.normal(0, 0.08, len(centres)))
        corners += rng.normal(0, 0.045 * zone.glass, corners.shape)
        canvas.tiles(corners, plan.at(centres) + shade, 1.1 + 0.5 * rng.random(len(centres)))


def rows_of(zone: Zone) -> tuple[Array, Array]:
    """Places in rows at equal distances from the contour, none nearer to another than a piece, and how they turn."""
    y0, x0 = np.argwhere(zone.mask).min(axis=0)
    y1, x1 = np.argwhere(zone.mask).max(axis=0) + 1
    mask = zone.mask[y0:y1, x0:x1]
    far, along = _measured(zone, mask.shape, (x0, y0))
    row = np.floor(far / zone.glass)
    middle = np.abs(far / zone.glass - row - 0.5) < 0.6 / zone.glass
    y, x = np.nonzero(mask & middle)
    order = np.lexsort((along[y, x], row[y, x]))
    chosen = apart(y[order], x[order], mask.shape, 0.95 * zone.glass)
    y, x = y[order][chosen], x[order][chosen]
    down, right = np.gradient(far)
    return np.stack([x + x0, y + y0], axis=-1).astype(float), np.arctan2(down[y, x], right[y, x])


def _measured(zone: Zone, shape: tuple[int, ...], corner: tuple[int, int]) -> tuple[Array, Array]:
    """The distance of each cell from the contour, and how far along the contour its nearest point lies."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    if zone.contour is None:
        return y, x
    points = curve(zone.contour, closed=True, step=1.0) - corner
    nearest = _flooded(points, shape)
    return np.hypot(x - points[nearest, 0], y - points[nearest, 1]), nearest.astype(np.float32)


def _flooded(points: Array, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """The number of the point nearest to each cell, by jump flooding.

    Source: Rong and Tan, "Jump flooding in GPU with applications to Voronoi diagram and distance transform", 2006.
    """
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    best = np.zeros(shape, dtype=np.intp)
    column, row = np.clip(np.round(points).astype(int), 0, (shape[1] - 1, shape[0] - 1)).T
    best[row, column] = np.arange(len(points))
    for step in _FLOOD:
        for down in (-step, 0, step):
            for right in (-step, 0, step):
                rows = np.clip(np.arange(shape[0]) + down, 0, shape[0] - 1)
                columns = np.clip(np.arange(shape[1]) + right, 0, shape[1] - 1)
                other = best[rows[:, None], columns]
                nearer = (points[other, 0] - x) ** 2 + (points[other, 1] - y) ** 2 < (points[best, 0] - x) ** 2 + (
                    points[best, 1] - y
                ) ** 2
                best = np.where(nearer, other, best)
    return best
