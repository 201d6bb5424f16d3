"""Where strokes lie and what colour they carry: along a flow, along a drawn line, on rings."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.painter.colour import ramp
from tools.painter.flow import Array, Complex, Field, Mask, Points, curve, spread

KNOTS = 13


@dataclass(frozen=True)
class Strokes:
    """n brush strokes: paths (n, KNOTS, 2) and widths (n,) in units, colours (n, 3) in OKLab."""

    paths: Array
    widths: Array
    colours: Array


@dataclass(frozen=True, kw_only=True)
class Hand:
    """How a layer is worked: stroke size in units, how often the area is covered, how freely it varies.

    ``wander`` turns each stroke off the flow (radians), ``tone`` and ``colour`` are the spread of its colour
    along the ramp and in OKLab.
    """

    width: float
    length: float
    coverage: float = 2.5
    wander: float = 0.08
    tone: float = 0.1
    colour: float = 0.015


@dataclass(frozen=True)
class Area:
    """A part of the picture: where it is, which way its paint runs, how light it is, which colours it has."""

    mask: Mask
    field: Field
    tone: Array
    colours: Array


def along_flow(area: Area, hand: Hand, rng: Generator) -> Strokes:
    """Strokes that lie all over an area, follow its field both ways and stop at its border."""
    start = _seeds(area.mask, int(hand.length / 2), hand.coverage / (hand.width * hand.length), rng)
    count = len(start)
    lengths = 0.5 * hand.length * np.exp(rng.normal(0, 0.3, count))
    way = np.exp(1j * rng.normal(0, hand.wander, count)) * rng.choice([-1, 1], count)
    way = way * _way(area, start)
    ahead, behind = _walk(area, start, way, lengths), _walk(area, start, -way, lengths)
    paths = np.concatenate([behind[0][:, :0:-1], ahead[0]], axis=1)
    reached = (ahead[1] + behind[1]) / 2
    middle = paths[:, KNOTS // 2]
    tone = area.tone[_cells(area.mask.shape, middle)] + rng.normal(0, hand.tone, count)
    widths = _vary(hand.width, count, rng) * np.clip(2.5 * reached, 0.3, 1)
    return Strokes(spread(paths), widths, _mix(area.colours, tone, hand, rng))


def along_line(points: Points, colours: Array, hand: Hand, rng: Generator, *, closed: bool = False) -> Strokes:
    """Overlapping strokes that draw a line: each a piece of it, a little off, ``coverage`` of them on every spot."""
    line = curve(points, closed=closed, step=1.0)
    span = min(hand.length, len(line) - 1)
    count = max(2, round(hand.coverage * len(line) / span))
    first = np.linspace(0, len(line) - (0 if closed else span + 1), count) + rng.normal(0, 0.1 * span, count)
    at = first[:, None] + span * np.linspace(0, 1, KNOTS)
    at = at % len(line) if closed else at - np.minimum(at[:, :1], 0) - np.maximum(at[:, -1:] - len(line) + 1, 0)
    paths = line[at.astype(int)] + rng.normal(0, hand.wander * hand.width, (count, 1, 2))
    tone = rng.random(count)
    return Strokes(paths.astype(np.float32), _vary(hand.width, count, rng), _mix(colours, tone, hand, rng))


def on_rings(
    centre: tuple[float, float],
    radius: float,
    colours: Array,
    hand: Hand,
    rng: Generator,
    turns: tuple[float, float] = (0, 1),
) -> Strokes:
    """Arcs that circle a centre and begin between two ``turns`` (0 is right, 0.25 below).

    The ramp runs from the centre to the rim, where the arcs thin out.
    """
    count = int(hand.coverage * np.pi * radius**2 / (hand.width * hand.length)) + 3
    r = radius * np.sqrt(rng.random(count)) * (1 + 0.12 * np.abs(rng.normal(size=count)))
    span = np.minimum(hand.length * np.exp(rng.normal(0, 0.25, count)) / np.maximum(r, 2), 4)
    angle = 2 * np.pi * rng.uniform(*turns, count)[:, None] + span[:, None] * np.linspace(0, 1, KNOTS)
    drift = (1 + rng.normal(0, 0.5 * hand.wander, count))[:, None] ** np.linspace(0, 1, KNOTS)
    paths = complex(*centre) + r[:, None] * drift * np.exp(1j * angle)
    tone = r / radius + rng.normal(0, hand.tone, count)
    return Strokes(spread(paths), _vary(hand.width, count, rng), _mix(colours, tone, hand, rng))


def _seeds(mask: Mask, pad: int, count: float, rng: Generator) -> Complex:
    """Places all over a mask, as many per unit beyond the canvas as on it, so that its edges are not left bare."""
    wide = np.pad(mask, pad, mode="edge")
    cells = np.flatnonzero(wide)
    y, x = np.divmod(rng.choice(cells, int(count * len(cells)) + 1), wide.shape[1])
    return np.asarray(x - pad + rng.random(len(x)) + 1j * (y - pad + rng.random(len(y))))


def _walk(area: Area, start: Complex, way: Complex, lengths: Array) -> tuple[Complex, Array]:
    """Paths along the field as far as the area goes, and the share of their length that they reached."""
    steps = KNOTS // 2
    walk, alive, last = [start], np.ones(len(start), dtype=bool), np.zeros(len(start))
    turn = way / _way(area, start)
    for _ in range(steps):
        ahead = turn * _way(area, walk[-1])
        way = np.where((ahead * np.conj(way)).real < 0, -ahead, ahead)
        walk.append(walk[-1] + way * lengths / steps)
        alive &= area.mask[_cells(area.mask.shape, walk[-1])]
        last += alive
    path = np.stack(walk, axis=1)
    at = np.maximum(last, 0.25)[:, None] * np.linspace(0, 1, steps + 1)
    low = np.minimum(at.astype(int), steps - 1)
    a, b = np.take_along_axis(path, low, 1), np.take_along_axis(path, low + 1, 1)
    return a + (b - a) * (at - low), last / steps


def _way(area: Area, at: Complex) -> Complex:
    """The way the brush goes at some places; it or its opposite."""
    return np.sqrt(area.field[_cells(area.mask.shape, at)])


def _cells(shape: tuple[int, ...], z: Complex) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.clip(z.imag, 0, shape[0] - 1).astype(int), np.clip(z.real, 0, shape[1] - 1).astype(int)


def _vary(width: float, count: int, rng: Generator) -> Array:
    return (width * np.exp(rng.normal(0, 0.22, count))).astype(np.float32)


def _mix(colours: Array, tone: Array, hand: Hand, rng: Generator) -> Array:
    return ramp(colours, tone) + rng.normal(0, hand.colour, (len(tone), 3)).astype(np.float32) * (1.5, 1, 1)
