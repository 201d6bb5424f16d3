"""How an area is worked up: broad strokes first, finer and thicker ones over them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Brush, Canvas
from tools.painter.cartoon import Cartoon
from tools.painter.flow import Array, Field, Mask, Points, curve, inside
from tools.painter.strokes import KNOTS, Area, Hand, along_flow, along_line

_BRISTLES_PER_UNIT = 0.8


def work(canvas: Canvas, area: Area, hand: Hand, rng: Generator, *, accents: float = 0.35) -> None:
    """Covers an area in three layers over a stain: broad strokes, strokes of the hand's size, slender accents.

    ``accents`` is the share of the area that the last layer covers.
    """
    canvas.stain(area.mask, area.colours[: max(2, len(area.colours) // 2)].mean(axis=0))
    broad = replace(hand, width=2.2 * hand.width, length=1.6 * hand.length, coverage=3.0, tone=0.6 * hand.tone)
    slender = replace(hand, width=0.7 * hand.width, length=0.85 * hand.length, coverage=accents, tone=2 * hand.tone)
    for layer, body, dry in ((broad, 0.8, 0.0), (hand, 1.1, 0.12), (slender, 1.4, 0.25)):
        canvas.paint(along_flow(area, layer, rng), brush_for(layer, body, dry), rng)


def line(canvas: Canvas, points: Points, colours: Array, width: float, rng: Generator, *, closed: bool = False) -> None:
    """Draws a line in overlapping strokes, firm enough to close a contour."""
    hand = Hand(width=width, length=14 * width**0.6, coverage=3, wander=0.12)
    canvas.paint(along_line(points, colours, hand, rng, closed=closed), brush_for(hand, 1.3), rng)


def brush_for(hand: Hand, body: float, dry: float = 0.0) -> Brush:
    """A brush with as many bristles as the width of its stroke holds."""
    return Brush(bristles=int(np.clip(hand.width * _BRISTLES_PER_UNIT, 4, 18)), body=body, dry=dry)


@dataclass(frozen=True)
class Tongue:
    """A shape along an axis, such as a flame or an arm: its half-widths (units) are spread evenly over the axis."""

    axis: Points
    halves: tuple[float, ...]

    def side(self, offset: float, sway: float = 0.0, wave: float = 120.0) -> Array:
        """The line beside the axis, ``offset`` half-widths away.

        ``sway`` makes it sinuous by so many units where the shape is widest; a ``wave`` is so many units long.
        """
        spine = curve(self.axis)
        way = np.gradient(spine, axis=0)
        pace = np.hypot(*way.T)
        half = np.interp(np.linspace(0, 1, len(spine)), np.linspace(0, 1, len(self.halves)), self.halves)
        swing = sway * half / max(self.halves) * np.sin(2 * np.pi * (np.cumsum(pace) / wave + 0.6 * offset))
        across = np.stack([-way[:, 1], way[:, 0]], axis=-1) / pace[:, None]
        return np.asarray(spine + across * (offset * half + swing)[:, None], dtype=np.float32)

    def mask(self, shape: tuple[int, int]) -> np.ndarray:
        """Where it is."""
        return inside(shape, np.concatenate([self.side(-1), self.side(1)[::-1]]), sharp=True)


def follow(
    canvas: Canvas,
    cartoon: Cartoon,
    field: Field,
    hand: Hand,
    rng: Generator,
    *,
    mask: Mask | None = None,
    body: float = 1.1,
    dry: float = 0.1,
) -> None:
    """Lays strokes along a field that take their colour from the cartoon under their middle."""
    everywhere = np.ones(field.shape, dtype=bool) if mask is None else mask
    flat = np.zeros(field.shape, dtype=np.float32)
    strokes = along_flow(Area(everywhere, field, flat, np.zeros((1, 3), np.float32)), replace(hand, tone=0), rng)
    under = cartoon.at(strokes.paths[:, KNOTS // 2])
    canvas.paint(replace(strokes, colours=strokes.colours + under), brush_for(hand, body, dry), rng)
