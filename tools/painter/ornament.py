"""Gold leaf and ornament: leaves of gold with flecks, rectangles, rosettes and spirals inset in a robe."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import mottle
from tools.painter.colour import ramp
from tools.painter.flow import Array, Mask, spiral
from tools.painter.handling import line
from tools.painter.spacing import cells_of, kept, squares


def gild(canvas: Canvas, mask: Mask, golds: Array, leaf: float, rng: Generator) -> None:
    """Lays square leaves of gold over a mask, worn and uneven, and scatters flecks on them."""
    canvas.stain(mask, golds[len(golds) // 2])
    worn = mottle(mask.shape, 170, rng)
    y, x = np.mgrid[0 : mask.shape[0] : leaf, 0 : mask.shape[1] : leaf].reshape(2, -1)
    centres = kept(np.stack([x, y], axis=-1) + rng.normal(0, 0.18 * leaf, (x.size, 2)), mask)
    tone = 0.5 + 0.2 * worn[cells_of(centres, mask)] + rng.normal(0, 0.13, len(centres))
    half = leaf * rng.uniform(0.5, 0.75, (len(centres), 1))
    canvas.tiles(squares(centres, half, half, rng.normal(0, 0.06, len(centres))), ramp(golds, tone), 0.4 * tone)
    flecks = kept(rng.random((int(mask.sum() / 22), 2)) * mask.shape[::-1], mask)
    tone = 0.55 + 0.25 * worn[cells_of(flecks, mask)] + rng.normal(0, 0.3, len(flecks))
    canvas.dots(flecks, 0.7 + 0.5 * rng.exponential(1, len(flecks)).clip(0, 5), ramp(golds, tone), body=0.8)


def blocks(canvas: Canvas, mask: Mask, colours: Array, columns: float, lean: float, rng: Generator) -> None:
    """Upright rectangles of many sizes in columns over a mask; neighbours differ, some hold a smaller one."""
    for x in np.arange(0, mask.shape[1], columns):
        y = rng.uniform(-60, 0)
        while y < mask.shape[0]:
            tall = rng.choice([0.5, 0.9, 1.5, 2.4]) * columns
            place = kept(np.array([[x + lean * (y - 500), y + tall / 2]]), mask)
            if len(place) and rng.random() < 0.82:
                half = np.array([[0.42 * columns]]), np.array([[0.46 * tall]])
                pick = rng.integers(len(colours), size=2)
                for share, k in ((1.0, pick[0]), (0.5, pick[1])):
                    tile = squares(place, half[0] * share, half[1] * share, rng.normal(0, 0.03, 1))
                    canvas.tiles(tile, colours[[k]] + rng.normal(0, 0.02, (1, 3)), np.array([0.9]))
            y += tall


def rosette(canvas: Canvas, at: Array, radius: float, colours: Array, rng: Generator) -> None:
    """A round flower: rings of one colour each, beads on the outer ring."""
    for share, colour in zip((1.0, 0.78, 0.52, 0.24), colours, strict=True):
        canvas.dots(at[None], np.array([share * radius]), colour[None], body=0.7)
    count = max(5, int(radius / 1.7))
    beads = at + 0.88 * radius * _ring(count, rng.random())
    canvas.dots(beads, np.full(count, 0.13 * radius), np.repeat(colours[3][None], count, axis=0), body=1.4)
    petals = at + 0.64 * radius * _ring(count - 2, rng.random())
    canvas.dots(petals, np.full(count - 2, 0.12 * radius), np.repeat(colours[2][None], count - 2, axis=0), body=1.2)


def scroll(canvas: Canvas, at: Array, radius: float, colours: Array, rng: Generator) -> None:
    """A spiral of raised gold."""
    line(canvas, spiral((at[0], at[1]), radius, 1.5, 2.4, rng.random()), colours, 0.16 * radius + 1, rng)


def _ring(count: int, start: float) -> Array:
    turn = 2 * np.pi * (np.arange(count) / count + start)
    return np.stack([np.cos(turn), np.sin(turn)], axis=-1)
