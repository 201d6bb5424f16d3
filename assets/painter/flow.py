"""Shapes and flow: smooth curves through points, masks, and fields combed along guide curves.

A point is (x, y) in units, y downward. A field is a complex64 array on the plan's grid, one unit a cell,
whose numbers have length 1 and lie along the way the brush goes, forth or back alike: z and -z mean the same, so
fields are mixed by their squares, which agree. A tone is a float32 array of the same shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.floating]
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
    pieces = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        t = np.linspace(0, 1, max(2, int(np.hypot(*(c - b)) / step)), endpoint=False)[:, None]
        pieces.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.asarray(np.concatenate([*pieces, p[-2:-1]]), dtype=np.float32)


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


def around(shape: tuple[int, int], centre: tuple[float, float], flat: float = 1.0) -> Field:
    """The field that circles a centre, on ellipses ``flat`` times as high as wide."""
    off = positions(shape) - complex(*centre)
    return unit(-off.imag / flat + 1j * off.real * flat)


def straight(shape: tuple[int, int], way: complex) -> Field:
    """The field that runs one way everywhere."""
    return np.full(shape, way / abs(way), dtype=np.complex64)


def unit(field: NDArray[np.complexfloating]) -> Field:
    """The field with every number scaled to length 1."""
    return np.asarray(field / np.maximum(np.abs(field), 1e-9), dtype=np.complex64)


def mixed(field: Field, other: Field, share: Array | float) -> Field:
    """The field turned towards another by a share from 0 to 1 of it, whichever way either points."""
    return unit(np.sqrt(field**2 * (1 - share) + other**2 * share))


def combed(
    shape: tuple[int, int], guides: Sequence[Guide], reach: Sequence[float] = (8, 24, 80, 240)
) -> tuple[Field, Array]:
    """The field and the tone that guide curves comb into the plan.

    Each guide is spread with Gaussians of every ``reach`` (units); the near one outweighs the far one, so a
    cell follows the guides beside it and the gaps between guides are filled smoothly.
    """
    small = (-(-shape[0] // _CELL), -(-shape[1] // _CELL))
    layers = np.zeros((3, *small), dtype=np.complex128)
    for guide in guides:
        _splat(layers, curve(guide.points), guide)
    total = sum(_blur(layers, r / _CELL) * (reach[0] / r) ** 1.5 for r in reach)
    field, tone, weight = unit(total[0]), total[1].real, np.maximum(total[2].real, 1e-12)
    squared = unit(_enlarge(field.real, shape) + 1j * _enlarge(field.imag, shape))
    return np.sqrt(squared), _enlarge(tone / weight, shape)


def _splat(layers: NDArray[np.complex128], line: Array, guide: Guide) -> None:
    """Adds a guide's squared direction, tone and weight to the cells that it crosses."""
    way = np.diff(line, axis=0)
    x, y = (line[:-1] // _CELL).astype(int).T
    ok = (x >= 0) & (y >= 0) & (y < layers.shape[1]) & (x < layers.shape[2])
    squared = unit((way[:, 0] + 1j * way[:, 1])[ok]) ** 2
    weight = np.hypot(*way[ok].T) * guide.pull
    for layer, value in zip(layers, (squared * weight, weight * guide.tone, weight), strict=True):
        np.add.at(layer, (y[ok], x[ok]), value)


def _blur(layers: NDArray[np.complex128], sigma: float) -> NDArray[np.complex128]:
    """Gaussian blur of each layer, nothing beyond the edges."""
    height, width = layers.shape[1:]
    v = np.fft.fftfreq(2 * height)[:, None]
    u = np.fft.fftfreq(2 * width)[None, :]
    kernel = np.exp(-2 * (np.pi * sigma) ** 2 * (u**2 + v**2))
    return np.fft.ifft2(np.fft.fft2(layers, s=(2 * height, 2 * width)) * kernel)[:, :height, :width]


def _enlarge(values: NDArray[np.floating], shape: tuple[int, int]) -> Array:
    image = Image.fromarray(values.astype(np.float32))
    return np.array(image.resize((values.shape[1] * _CELL, values.shape[0] * _CELL), Image.Resampling.BILINEAR))[
        : shape[0], : shape[1]
    ]
