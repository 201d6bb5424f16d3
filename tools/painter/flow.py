"""Shapes and flow: smooth curves through points, masks, and fields combed along guide curves.

A point is (x, y) in units, y downward. A field is a complex64 array on the plan's grid, one unit a cell: the
square of the brush's way as a number of length 1. A way and its opposite have the same square, so strokes run
either way and fields are mixed by adding. A tone is a float32 array of the same shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.floating]
Complex = NDArray[np.complexfloating]
Field = NDArray[np.complex64]
Mask = NDArray[np.bool_]
Points = Sequence[tuple[float, float]] | Array

_CELL = 4


@dataclass(frozen=True)
class Guide:
    """A curve that combs the paint beside it: its direction, the tone it leaves (0 to 1) and its pull."""

    points: Points
    tone: float = 0.5
    pull: float = 1.0


def curve(points: Points, *, closed: bool = False, step: float = 3.0) -> Array:
    """A dense (m, 2) Catmull-Rom curve through the points, ``step`` units from sample to sample."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    counts = np.maximum(2, np.hypot(*(c - b).T) / step).astype(int)
    piece = np.repeat(np.arange(len(counts)), counts)
    t = ((np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[piece])[:, None]
    a, b, c, d = a[piece], b[piece], c[piece], d[piece]
    line = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([line, p[-2:-1]]).astype(np.float32)


def spiral(
    centre: tuple[float, float], outer: float, inner: float, turns: float, start: float, flat: float = 1.0
) -> Array:
    """A clockwise spiral inwards from angle ``start`` (turns), ``flat`` times as high as wide."""
    t = np.linspace(0, 1, max(8, int(32 * turns)))
    radius = outer * (inner / outer) ** t
    angle = 2 * np.pi * (start + turns * t)
    return np.stack([centre[0] + radius * np.cos(angle), centre[1] + flat * radius * np.sin(angle)], -1).astype(
        np.float32
    )


def inside(shape: tuple[int, int], points: Points, *, sharp: bool = False) -> Mask:
    """The (height, width) mask of a closed outline: smooth through its points, or straight between them."""
    outline = np.asarray(points, dtype=np.float32) if sharp else curve(points, closed=True)
    image = Image.new("1", (shape[1], shape[0]))
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in outline], fill=1)
    return np.array(image, dtype=bool)


def positions(shape: tuple[int, int]) -> NDArray[np.complex64]:
    """x + iy at every cell of a (height, width) grid."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return np.asarray(x + 1j * y, dtype=np.complex64)


def spread(places: Complex) -> Array:
    """Complex places as (n, 2) points."""
    return np.stack([places.real, places.imag], axis=-1).astype(np.float32)


def around(shape: tuple[int, int], centre: tuple[float, float], flat: float = 1.0) -> Field:
    """The field that circles a centre, on ellipses ``flat`` times as high as wide."""
    off = positions(shape) - complex(*centre)
    return unit((-off.imag / flat + 1j * off.real * flat) ** 2)


def straight(shape: tuple[int, int], way: complex) -> Field:
    """The field that runs one way everywhere."""
    return np.full(shape, (way / abs(way)) ** 2, dtype=np.complex64)


def unit(field: Complex) -> Field:
    """The field with every number scaled to length 1; where it has no direction it becomes level."""
    length = np.abs(field)
    return np.divide(field, length, out=np.ones_like(field), where=length > 1e-12).astype(np.complex64)


def mixed(field: Field, other: Field, share: Array | float) -> Field:
    """The field turned towards another by a share from 0 to 1."""
    return unit(field + (other - field) * share)


def combed(
    shape: tuple[int, int], guides: Sequence[Guide], reach: tuple[float, ...] = (8, 24, 80, 240)
) -> tuple[Field, Array]:
    """The field and the tone that guide curves comb into the plan.

    Each guide is spread with Gaussians of every ``reach`` (units); the near one outweighs the far one, so a
    cell follows the guides beside it and the gaps between guides are filled smoothly.
    """
    squares = np.zeros((-(-shape[0] // _CELL), -(-shape[1] // _CELL)), dtype=np.complex128)
    tones = np.zeros_like(squares)
    for guide in guides:
        _splat(squares, tones, guide)
    turned, toned = unit(_blurred(squares, reach)), _blurred(tones, reach)
    field = unit(_enlarge(turned.real, shape) + 1j * _enlarge(turned.imag, shape))
    return field, _enlarge(toned.real / np.maximum(toned.imag, 1e-12), shape)


def _splat(squares: Complex, tones: Complex, guide: Guide) -> None:
    """Adds a guide's squared direction, and its tone and weight as one number, to the cells that it crosses."""
    line = curve(guide.points)
    way = np.diff(line, axis=0)
    x, y = (line[:-1] // _CELL).astype(int).T
    ok = (x >= 0) & (y >= 0) & (y < squares.shape[0]) & (x < squares.shape[1])
    weight = np.hypot(*way[ok].T) * guide.pull
    np.add.at(squares, (y[ok], x[ok]), weight * unit((way[:, 0] + 1j * way[:, 1])[ok]) ** 2)
    np.add.at(tones, (y[ok], x[ok]), weight * (guide.tone + 1j))


def _blurred(grid: Complex, reach: tuple[float, ...]) -> Complex:
    """The sum of Gaussian blurs of a grid; nothing lies beyond the edges."""
    height, width = grid.shape
    return np.fft.ifft2(np.fft.fft2(grid, s=(2 * height, 2 * width)) * _kernel(grid.shape, reach))[:height, :width]


@cache
def _kernel(shape: tuple[int, int], reach: tuple[float, ...]) -> Array:
    """The blur by every ``reach`` (units), the near one weighing most, as a filter of the padded grid's spectrum."""
    height, width = shape
    frequency = np.fft.fftfreq(2 * height)[:, None] ** 2 + np.fft.fftfreq(2 * width)[None, :] ** 2
    weights = {r / _CELL: (reach[0] / r) ** 1.5 for r in reach}
    return sum(weight * np.exp(-2 * (np.pi * sigma) ** 2 * frequency) for sigma, weight in weights.items())


def _enlarge(values: NDArray[np.floating], shape: tuple[int, int]) -> Array:
    image = Image.fromarray(values.astype(np.float32))
    return np.array(image.resize((values.shape[1] * _CELL, values.shape[0] * _CELL), Image.Resampling.BILINEAR))[
        : shape[0], : shape[1]
    ]
