"""The valley of The Starry Night: fields, round trees, a village with its church."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.colour import oklab
from tools.painter.flow import Array, Guide, Points, combed, inside, positions, straight
from tools.painter.handling import brush_for, line, work
from tools.painter.strokes import Area, Hand, along_flow, on_rings

_FIELD = oklab(["#0c1836", "#142c5c", "#1f4c70", "#3a6a88", "#7a9c84", "#a8b47c", "#2c58a0"])
_BUSH = oklab(["#0a142c", "#153350", "#27566c", "#457c88", "#7ca8a4", "#b0ccb8"])
_OLIVE = oklab(["#0c1614", "#1f3020", "#3c4c24", "#6c7434", "#a09c4c", "#4c6c68"])
_WALL = oklab(["#33507c", "#6c8cb0", "#9fb6c4", "#c4cec4"])
_ROOFS = tuple(
    oklab(names)
    for names in (
        ["#1c3058", "#34548c", "#5c80ac"],
        ["#50281c", "#944424", "#b87048"],
        ["#243c3c", "#48706c", "#7c9c8c"],
        ["#4c4a3c", "#7c7860", "#a8a480"],
    )
)
_WINDOW = oklab(["#e89410", "#fbd848"])
_CONTOUR = oklab(["#081028", "#1c2c58"])

_ROWS = ((660, 30), (684, 38), (712, 48), (744, 60), (784, 78))  # height of the eaves, width of a house
_WEST, _EAST = 418, 860


def paint_valley(canvas: Canvas, rng: Generator, shape: tuple[int, int]) -> None:
    """Paints the valley floor, then everything on it from the far trees to the near ones."""
    floor = [
        Guide([(0, y), (250, y - 8), (500, y + 6), (750, y - 5), (1000, y)], (0.1, 0.75, 0.3, 0.95, 0.5)[k % 5])
        for k, y in enumerate(range(600, 800, 12))
    ]
    fields = Area(positions(shape).imag > 618, *combed(shape, floor), _FIELD)
    work(canvas, fields, Hand(width=8, length=46, tone=0.12), rng)
    for k in range(70):
        x = 440 + 570 * (0.618 * k % 1)
        _bush(canvas, (x, 640 - 0.08 * (x - 450) + 0.55 * k), rng.uniform(12, 20), _BUSH, rng)
    for k, (y, width) in enumerate(_ROWS):
        _paint_row(canvas, rng, shape, y, width)
        if k == 1:
            _paint_church(canvas, rng, shape)
    for k in range(46):
        at = 0.618 * k % 1
        centre = (10 + 130 * at, 700 + 2 * k) if k % 2 else (790 + 220 * at, 700 + 2 * k)
        _bush(canvas, centre, rng.uniform(20, 30), _OLIVE, rng)


def _paint_row(canvas: Canvas, rng: Generator, shape: tuple[int, int], y: float, width: float) -> None:
    """A row of houses from west to east, a tree here and there instead."""
    x = _WEST + rng.uniform(0, 1.5) * width
    while x < _EAST + 2 * (720 - y):
        if rng.random() < 0.35:
            _bush(canvas, (x + 0.4 * width, y + 0.2 * width), 0.42 * width, _BUSH, rng)
        else:
            _house(canvas, rng, shape, (x, y + rng.uniform(-5, 5)), width * rng.uniform(0.8, 1.25))
        x += width * rng.uniform(1.15, 1.7)


def _house(canvas: Canvas, rng: Generator, shape: tuple[int, int], at: tuple[float, float], width: float) -> None:
    """A small house: a wall, a roof that leans a little, perhaps a lit window."""
    (x, y), deep, lean = at, 0.36 * width, rng.uniform(-0.15, 0.3)
    left, right = x + (0.15 + lean) * width, x + (0.75 + lean) * width
    tilt = rng.uniform(-0.08, 0.08) * width
    _block(canvas, rng, shape, [(x, y), (x + width, y + tilt), (x + width, y + deep), (x, y + deep)], 1, _WALL)
    eaves = (x - 0.1 * width, y + 2), (x + 1.1 * width, y + tilt + 2)
    roof = [eaves[0], (left, y - 1.1 * deep), (right, y - 1.1 * deep + tilt), eaves[1]]
    _block(canvas, rng, shape, roof, 0.3 + lean + 1j, _ROOFS[rng.integers(len(_ROOFS))])
    if rng.random() < 0.6:
        for pane in (0.55, 0.68):
            foot = x + pane * width
            line(canvas, [(foot, y + 0.3 * deep), (foot, y + 0.85 * deep)], _WINDOW, 0.11 * width, rng)


def _paint_church(canvas: Canvas, rng: Generator, shape: tuple[int, int]) -> None:
    _block(canvas, rng, shape, [(500, 655), (500, 690), (590, 692), (590, 655)], 1j, _WALL)
    _block(canvas, rng, shape, [(494, 658), (512, 634), (560, 634), (548, 660)], 0.4 + 1j, _ROOFS[0])
    _block(canvas, rng, shape, [(532, 690), (532, 662), (548, 636), (564, 662), (564, 692)], 1j, _WALL)
    _block(canvas, rng, shape, [(557, 692), (557, 628), (580, 628), (582, 694)], 1j, _WALL[:3])
    _block(canvas, rng, shape, [(556, 630), (567, 500), (569, 500), (582, 630)], 0.03 + 1j, _WALL[:3])
    for x in (512, 520, 569):
        line(canvas, [(x, 668), (x, 680)], _CONTOUR, 4, rng)


def _block(
    canvas: Canvas, rng: Generator, shape: tuple[int, int], outline: Points, way: complex, colours: Array
) -> None:
    """A wall or a roof: strokes one way, a dark contour."""
    area = Area(inside(shape, outline, sharp=True), straight(shape, way), np.full(shape, 0.5, np.float32), colours)
    hand = Hand(width=6, length=26, coverage=4, tone=0.3)
    canvas.paint(along_flow(area, hand, rng), brush_for(hand, 1.0), rng)
    for a, b in zip(outline, [*outline[1:], outline[0]], strict=True):
        line(canvas, [a, b], _CONTOUR, 3, rng)


def _bush(canvas: Canvas, at: tuple[float, float], radius: float, colours: Array, rng: Generator) -> None:
    """A round tree: a dark ball, curls of light over its crown."""
    ball = Hand(width=10, length=26, coverage=3, tone=0.2)
    canvas.paint(on_rings(at, radius, colours[2::-1], ball, rng), brush_for(ball, 1.0), rng)
    curls = Hand(width=6, length=0.9 * radius, coverage=1.2, tone=0.3)
    crown = (at[0], at[1] + 0.2 * radius)
    canvas.paint(on_rings(crown, radius, colours[1:], curls, rng, (0.5, 0.85)), brush_for(curls, 1.4), rng)
