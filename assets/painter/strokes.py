"""Where strokes lie and what colour they carry: along a flow, along a drawn line, on rings."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from assets.painter.colour import ramp
from assets.painter.flow import Array, Field, Mask, Points, curve

KNOTS = 12


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
    """Strokes that start all over an area, follow its field either way and stop at its border."""
    cells = np.flatnonzero(area.mask)
    count = int(len(cells) * hand.coverage / (hand.width * hand.length)) + 1
    y, x = np.divmod(rng.choice(cells, count), area.mask.shape[1])
    start = x + 1j * y + (rng.random(count) + 1j * rng.random(count))
    lengths = hand.length * np.exp(rng.normal(0, 0.3, count))
    turn = np.exp(1j * rng.normal(0, hand.wander, count)) * rng.choice([-1, 1], count)
    paths = _trace(area, start, lengths, turn)
    middle = paths[:, KNOTS // 2]
    tone = area.tone[_cells(area.mask.shape, middle)] + rng.normal(0, hand.tone, count)
    return Strokes(_points(paths), _vary(hand.width, count, rng), _mix(area.colours, tone, hand, rng))


def along_line(points: Points, colours: Array, hand: Hand, rng: Generator, *, closed: bool = False) -> Strokes:
    """Overlapping strokes that draw a line: each a piece of it, a little off, ``coverage`` of them on every spot."""
    line = curve(points, closed=closed, step=1.5)
    span = max(2, int(hand.length / 1.5))
    count = max(1, round(hand.coverage * len(line) / span))
    first = np.linspace(-0.3 * span, len(line) - 0.7 * span, count) + rng.normal(0, 0.1 * span, count)
    at = first[:, None] + np.linspace(0, span, KNOTS)
    at = at % len(line) if closed else np.clip(at, 0, len(line) - 1)
    paths = line[at.astype(int)] + rng.normal(0, hand.wander * hand.width, (count, 1, 2))
    tone = rng.random(count)
    return Strokes(paths.astype(np.float32), _vary(hand.width, count, rng), _mix(colours, tone, hand, rng))


def on_rings(centre: tuple[float, float], radius: float, colours: Array, hand: Hand, rng: Generator) -> Strokes:
    """Arcs that circle a centre; the ramp runs from the centre to the rim, where they thin out."""
    count = int(hand.coverage * np.pi * radius**2 / (hand.width * hand.length)) + 3
    r = radius * np.sqrt(rng.random(count)) * (1 + 0.12 * np.abs(rng.normal(size=count)))
    span = np.minimum(hand.length * np.exp(rng.normal(0, 0.25, count)) / np.maximum(r, 2), 4)
    angle = rng.random(count)[:, None] * 2 * np.pi + span[:, None] * np.linspace(0, 1, KNOTS)
    drift = (1 + rng.normal(0, 0.5 * hand.wander, count))[:, None] ** np.linspace(0, 1, KNOTS)
    paths = complex(*centre) + r[:, None] * drift * np.exp(1j * angle)
    tone = r / radius + rng.normal(0, hand.tone, count)
    return Strokes(_points(paths), _vary(hand.width, count, rng), _mix(colours, tone, hand, rng))


def lit_last(strokes: Strokes) -> Strokes:
    """The same strokes with the light ones on top."""
    order = np.argsort(strokes.colours[:, 0], kind="stable")
    return replace(strokes, paths=strokes.paths[order], widths=strokes.widths[order], colours=strokes.colours[order])


def _trace(
    area: Area, start: NDArray[np.complexfloating], lengths: Array, turn: NDArray[np.complexfloating]
) -> NDArray[np.complexfloating]:
    """Walks along the field, then spreads the knots over the part that stayed in the area."""
    walk = [start]
    alive = np.ones(len(start), dtype=bool)
    last = np.zeros(len(start))
    for _ in range(KNOTS - 1):
        z = walk[-1]
        z = z + area.field[_cells(area.mask.shape, z)] * turn * lengths / (KNOTS - 1)
        alive &= area.mask[_cells(area.mask.shape, z)]
        last += alive
        walk.append(z)
    path = np.stack(walk, axis=1)
    at = np.maximum(last, 1.0)[:, None] * np.linspace(0, 1, KNOTS)
    low = np.minimum(at.astype(int), KNOTS - 2)
    a, b = np.take_along_axis(path, low, 1), np.take_along_axis(path, low + 1, 1)
    return a + (b - a) * (at - low)


def _cells(shape: tuple[int, ...], z: NDArray[np.complexfloating]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.clip(z.imag, 0, shape[0] - 1).astype(int), np.clip(z.real, 0, shape[1] - 1).astype(int)


def _points(paths: NDArray[np.complexfloating]) -> Array:
    return np.stack([paths.real, paths.imag], axis=-1).astype(np.float32)


def _vary(width: float, count: int, rng: Generator) -> Array:
    return (width * np.exp(rng.normal(0, 0.22, count))).astype(np.float32)


def _mix(colours: Array, tone: Array, hand: Hand, rng: Generator) -> Array:
    return ramp(colours, tone) + rng.normal(0, hand.colour, (len(tone), 3)).astype(np.float32) * (1.5, 1, 1)
