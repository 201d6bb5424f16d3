"""What paint does on canvas: bristles leave colour and height, later strokes cover earlier ones, light rakes across."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from tools.painter.colour import oklab, srgb
from tools.painter.flow import Array, Mask
from tools.painter.strokes import Strokes

_OVERSAMPLE = 2
_DENSITY = 1.45  # samples per pixel both ways: a turned grid leaves no hole above sqrt(2)
_CHUNK = 1_500_000
_LIGHT = (-0.75, -0.65)


@dataclass(frozen=True, kw_only=True)
class Brush:
    """A brush and its load.

    ``bristles`` across, ``streak`` is how far their colours differ (OKLab), ``ragged`` how unevenly they touch and
    lift, ``dry`` the share of them that run out of paint on the way, ``body`` how thick the paint lies.
    """

    bristles: int = 9
    streak: float = 0.04
    ragged: float = 0.25
    dry: float = 0.0
    body: float = 1.0


class Canvas:
    """A canvas of ``width`` x ``height`` units, painted so that its long side has ``size`` pixels."""

    def __init__(self, width: float, height: float, size: int, ground: str) -> None:
        self.scale = size * _OVERSAMPLE / max(width, height)
        self.columns = round(width * size / max(width, height)) * _OVERSAMPLE
        self.rows = round(height * size / max(width, height)) * _OVERSAMPLE
        self._colour = np.full(self.rows * self.columns, _packed(oklab([ground]))[0], dtype=np.uint32)
        self._height = np.zeros(self.rows * self.columns, dtype=np.float32)

    def stain(self, mask: Mask, colour: Array) -> None:
        """Covers a mask of the plan with one thin OKLab colour, so that nothing from below shows between strokes."""
        plan = Image.fromarray(mask).resize((self.columns, self.rows), Image.Resampling.NEAREST)
        self._colour[np.array(plan).ravel()] = _packed(colour[None])[0]

    def cover(self, picture: Image.Image) -> None:
        """Covers everything with a thin, flat picture, such as a cartoon."""
        rgb = np.asarray(picture.convert("RGB").resize((self.columns, self.rows), Image.Resampling.BILINEAR))
        self._colour = _joined(rgb.astype(np.uint32)).ravel()

    def dots(self, places: Array, radii: Array, colours: Array, body: float = 1.0) -> None:
        """Sets round touches of the brush in their order: places (n, 2) and radii (n,) in units, OKLab (n, 3)."""
        packed, reach = _packed(colours), radii * self.scale
        steps = 2 * int(reach.max() * _DENSITY) + 3  # odd, so that the smallest dot has a middle
        grid = np.linspace(-1, 1, steps, dtype=np.float32)
        u, v = (g.ravel() for g in np.meshgrid(grid, grid))
        ring = np.hypot(u, v)
        u, v, dome = u[ring <= 1], v[ring <= 1], body * (1 - ring[ring <= 1] ** 4)
        for part in _parts(len(reach), len(u)):
            x = places[part, 0, None] * self.scale + reach[part, None] * u
            y = places[part, 1, None] * self.scale + reach[part, None] * v
            self._put(x, y, packed[part, None], dome)

    def tiles(self, corners: Array, colours: Array, body: Array) -> None:
        """Sets flat four-cornered pieces in their order: corners (n, 4, 2) in units, colours (n, 3), heights (n,)."""
        packed = _packed(colours)
        scaled = (corners * self.scale).astype(np.float32)
        longest = np.linalg.norm(scaled - np.roll(scaled, 1, axis=1), axis=-1).max()
        u, v = (g.ravel() for g in np.meshgrid(*[np.linspace(0, 1, int(longest * _DENSITY) + 2, dtype=np.float32)] * 2))
        weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v])
        slope = (u - 0.5) * 0.3
        for part in _parts(len(scaled), len(u)):
            x, y = scaled[part, :, 0] @ weights, scaled[part, :, 1] @ weights
            self._put(x, y, packed[part, None], body[part, None] + slope)

    def _put(self, x: Array, y: Array, colour: NDArray[np.uint32], body: Array) -> None:
        touch = (x >= 0) & (x < self.columns) & (y >= 0) & (y < self.rows)
        at = y[touch].astype(np.int64) * self.columns + x[touch].astype(np.int64)
        self._colour[at] = np.broadcast_to(colour, touch.shape)[touch]
        self._height[at] = np.broadcast_to(body, touch.shape)[touch]

    def paint(self, strokes: Strokes, brush: Brush, rng: Generator) -> None:
        """Lays the strokes down in their order."""
        tips = _Tips.draw(strokes, brush, rng)
        lengths = np.hypot(*np.diff(strokes.paths, axis=1).T).sum(axis=0) * self.scale
        widths = strokes.widths * self.scale
        first = 0
        while first < len(lengths):
            last = first + max(1, int(_CHUNK / (_DENSITY**2 * lengths[first:].max() * widths[first:].max() + 16)))
            part = slice(first, last)
            grid = int(lengths[part].max() * _DENSITY) + 2, int(widths[part].max() * _DENSITY) + 2
            self._lay(strokes.paths[part] * self.scale, widths[part], tips.of(part), brush, grid)
            first = last

    def _lay(self, paths: Array, widths: Array, tips: "_Tips", brush: Brush, grid: tuple[int, int]) -> None:
        """Samples each stroke as a ribbon, along x across, and leaves paint where its bristles touch."""
        t, a = np.linspace(0, 1, grid[0], dtype=np.float32), np.linspace(-1, 1, grid[1], dtype=np.float32)
        centre = np.einsum("sk,nkc->nsc", _spline(paths.shape[1], t), paths)
        way = np.gradient(centre, axis=1)
        way /= np.maximum(np.hypot(way[..., 0], way[..., 1]), 1e-6)[..., None]
        half = widths[:, None] / 2 * (0.45 + 0.55 * np.sin(np.pi * np.clip(t * 0.92 + 0.06, 0, 1)) ** 0.6)
        x = centre[..., 0, None] - (way[..., 1] * half)[..., None] * a
        y = centre[..., 1, None] + (way[..., 0] * half)[..., None] * a
        across = _between(tips.start.shape[1], a)
        begin, end = tips.start @ across.T, tips.end @ across.T
        touch = (t[:, None] >= begin[:, None]) & (t[:, None] <= end[:, None])
        touch &= (x >= 0) & (x < self.columns) & (y >= 0) & (y < self.rows)
        at = y[touch].astype(np.int64) * self.columns + x[touch].astype(np.int64)
        colour = _packed(np.einsum("mb,nbc->nmc", across, tips.colour))
        body = (tips.relief @ across.T) * (1 - a**6) * brush.body
        self._colour[at] = np.broadcast_to(colour[:, None], touch.shape)[touch]
        self._height[at] = 0.35 * self._height[at] + np.broadcast_to(body[:, None], touch.shape)[touch]

    def finish(self, rng: Generator, relief: float = 1.35, grain: float = 0.1) -> Image.Image:
        """The painting under light from the upper left, as an RGB picture."""
        height = self._height.reshape(self.rows, self.columns) + grain * self._weave(rng)
        down, right = np.gradient(height)
        slope = np.tanh((right * _LIGHT[0] + down * _LIGHT[1]) * -relief * self.scale / 2.56)[..., None]
        colour = self._colour.reshape(self.rows, self.columns)
        rgb = np.stack([colour >> 16 & 255, colour >> 8 & 255, colour & 255], axis=-1).astype(np.float32) / 255
        rgb = np.where(slope > 0, rgb + (1 - rgb) * slope * 0.55, rgb * (1 + 0.75 * slope))
        k = _OVERSAMPLE
        small = rgb.reshape(self.rows // k, k, self.columns // k, k, 3).mean(axis=(1, 3))
        return Image.fromarray(np.round(np.clip(small, 0, 1) * 255).astype(np.uint8))

    def _weave(self, rng: Generator) -> Array:
        """Threads of the canvas, three units apart, over and under."""
        y = np.arange(self.rows)[:, None] / self.scale
        x = np.arange(self.columns)[None, :] / self.scale
        slack = rng.normal(0, 0.4, 64)
        u = x * 2.1 + np.interp(y[:, 0] % 1000, np.linspace(0, 1000, 64), slack)[:, None]
        v = y * 2.1 + np.interp(x[0] % 1000, np.linspace(0, 1000, 64), slack)[None, :]
        return (np.sin(u) * np.sin(v)).astype(np.float32)


@dataclass(frozen=True)
class _Tips:
    """Each bristle of each stroke: where it touches and lifts (0 to 1), its colour, how much paint it leaves."""

    start: Array
    end: Array
    colour: Array
    relief: Array

    @classmethod
    def draw(cls, strokes: Strokes, brush: Brush, rng: Generator) -> "_Tips":
        """Draws the bristles of all strokes at once, so that they do not depend on the picture's size."""
        shape = (len(strokes.paths), brush.bristles)
        round_off = 0.12 * np.linspace(-1, 1, brush.bristles) ** 2
        start = round_off + brush.ragged * 0.4 * rng.random(shape) ** 2
        end = 1 - round_off - brush.ragged * rng.random(shape) ** 2
        end = np.where(rng.random(shape) < brush.dry, end * rng.random(shape), end)
        streak = rng.normal(0, brush.streak, (*shape, 3)) * (1, 0.25, 0.25)
        relief = 0.25 + 0.75 * rng.random(shape)
        return cls(*(v.astype(np.float32) for v in (start, end, strokes.colours[:, None] + streak, relief)))

    def of(self, part: slice) -> "_Tips":
        return _Tips(self.start[part], self.end[part], self.colour[part], self.relief[part])


def _parts(count: int, samples: int) -> Iterator[slice]:
    """Slices of ``count`` things of so many samples each, few enough at a time to stay in memory."""
    step = max(1, _CHUNK // samples)
    return (slice(first, first + step) for first in range(0, count, step))


def _packed(lab: Array) -> NDArray[np.uint32]:
    return _joined(srgb(lab).astype(np.uint32))


def _joined(rgb: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.asarray(rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2], dtype=np.uint32)


def _between(knots: int, at: Array) -> Array:
    """Linear interpolation from knots on [-1, 1] to ``at``, as a (len(at), knots) matrix."""
    place = (at + 1) / 2 * (knots - 1)
    return np.maximum(0, 1 - np.abs(place[:, None] - np.arange(knots))).astype(np.float32)


def _spline(knots: int, t: Array) -> Array:
    """A smoothing cubic B-spline from knots on [0, 1] to ``t``, as a (len(t), knots) matrix."""
    off = np.abs(t[:, None] * (knots - 1) - np.arange(knots))
    basis = np.where(off < 1, 2 / 3 - off**2 + off**3 / 2, np.clip(2 - off, 0, None) ** 3 / 6)
    return (basis / basis.sum(axis=1, keepdims=True)).astype(np.float32)
