"""A study after Edvard Munch's The Scream (1893)."""

import numpy as np
from numpy.random import Generator

from assets.painter.canvas import Brush, Canvas
from assets.painter.colour import oklab
from assets.painter.flow import Guide, Points, combed, inside, positions
from assets.painter.strokes import Area, Hand, along_flow, along_line

WIDTH, HEIGHT, SEED, GROUND = 785, 1000, 1893, "#5a3a22"
_SHAPE = (HEIGHT, WIDTH)

_SKY = oklab(["#b3200f", "#d8331a", "#e85a1c", "#ee8423", "#e9a83a", "#e6c877", "#c9b48a", "#7f9a86"])
_WATER = oklab(["#2f4b57", "#6f8468", "#b39a4e", "#d9b04c", "#e0b765", "#c47a35"])
_LAND = oklab(["#0d1622", "#13233a", "#1d3852", "#2f5a73", "#5f86a0", "#24443f"])
_SLOPE = oklab(["#1d2c2a", "#3a4a38", "#6b5a35", "#9a7440", "#b98d55", "#4f7a64"])
_DECK = oklab(["#2a1c16", "#4a3222", "#74492a", "#9c6a3c", "#b98a58", "#8a4a2a"])
_RAIL = oklab(["#2a1712", "#7a3a1d", "#c2541f", "#e0752c", "#b8602c"])
_ROBE = oklab(["#0a0c0e", "#121a1e", "#1d2b30", "#2c3f44", "#3a3226"])
_SKIN = oklab(["#8a6c3c", "#b08a4f", "#cba766", "#dcc288", "#b9a86a"])
_DARK = oklab(["#0c0d10", "#151a20", "#231a16"])

_HEAD = (
    (412, 488),
    (450, 498),
    (466, 535),
    (462, 580),
    (446, 612),
    (436, 645),
    (414, 660),
    (396, 645),
    (386, 612),
    (364, 580),
    (358, 535),
    (374, 500),
)


def paint(canvas: Canvas, rng: Generator) -> None:
    """Paints the picture from the sky down to the figure in front."""
    _paint_sky(canvas, rng)
    _paint_fjord(canvas, rng)
    _paint_bridge(canvas, rng)
    _paint_walkers(canvas, rng)
    _paint_figure(canvas, rng)


def _fill(
    canvas: Canvas,
    points: Points,
    guides: list[Guide],
    colours: str | np.ndarray,
    rng: Generator,
    *,
    sharp: bool = False,
    fine: float = 1.0,
) -> None:
    field, tone = combed(_SHAPE, guides)
    area = Area(inside(_SHAPE, points, sharp=sharp), field, tone, colours)
    canvas.paint(
        along_flow(area, Hand(width=22 * fine, length=130 * fine, coverage=3, tone=0.08), rng), Brush(bristles=16), rng
    )
    canvas.paint(
        along_flow(area, Hand(width=10 * fine, length=90 * fine, coverage=1.6, tone=0.16), rng),
        Brush(bristles=9, body=1.3),
        rng,
    )
    canvas.paint(
        along_flow(area, Hand(width=5.5 * fine, length=70 * fine, coverage=0.4, tone=0.3), rng),
        Brush(bristles=5, body=1.5),
        rng,
    )


def _paint_sky(canvas: Canvas, rng: Generator) -> None:
    bands = [
        ((5, 12, 5, 20, 8), 0.75), ((35, 28, 40, 22, 40), 0.05), ((60, 48, 62, 50, 60), 0.9), ((80, 70, 95, 70, 85), 0.6),
        ((120, 92, 120, 95, 110), 0.1), ((150, 135, 110, 100, 125), 0.05), ((165, 165, 145, 125, 145), 0.7), ((190, 190, 190, 160, 165), 0.5),
        ((215, 205, 215, 185, 180), 0.65), ((235, 215, 245, 210, 190), 0.1), ((250, 240, 270, 235, 205), 0.05), ((270, 265, 290, 260, 230), 0.55),
        ((285, 285, 300, 280, 245), 0.4),
    ]  # fmt: skip
    guides = [Guide([(x, y) for x, y in zip((-10, 180, 390, 590, 800), ys, strict=True)], tone) for ys, tone in bands]
    _fill(canvas, [(-20, -20), (805, -20), (805, 330), (-20, 330)], guides, _SKY, rng, sharp=True)


def _paint_fjord(canvas: Canvas, rng: Generator) -> None:
    guides = [
        Guide([(0, 340 + 25 * k), (200, 345 + 22 * k), (400, 345 + 18 * k), (480, 385)], (0.2, 0.75, 0.5)[k % 3])
        for k in range(5)
    ]
    _fill(canvas, [(-20, 320), (540, 320), (480, 450), (-20, 450)], guides, _WATER, rng, sharp=True, fine=0.7)
    land = [(-20, 285), (60, 280), (200, 295), (350, 305), (450, 280), (560, 250), (700, 250), (820, 270), (820, 800), (400, 800), (100, 430),
            (420, 435), (482, 405), (475, 370), (400, 362), (530, 335), (480, 320), (-20, 325)]  # fmt: skip
    sweep = [
        Guide(
            [(120, 440 + 25 * k), (300, 460 + 22 * k), (470, 440 + 18 * k), (600, 400 + 10 * k), (760, 330 + 10 * k)],
            (0.1, 0.6, 0.3)[k % 3],
        )
        for k in range(6)
    ]
    sweep += [Guide([(-10, 300), (200, 310), (400, 315), (600, 270), (800, 280)], 0.1)]
    _fill(canvas, land, sweep, _LAND, rng)
    slope = [
        Guide(
            [
                (740 - 25 * k, 390 + 6 * k),
                (600 - 12 * k, 480),
                (540 - 5 * k, 580),
                (560 + 3 * k, 700),
                (700, 820 - 10 * k),
            ],
            (0.7, 0.4, 0.15)[k % 3],
        )
        for k in range(-4, 4)
    ]
    _fill(
        canvas, [(820, 350), (640, 440), (530, 500), (490, 600), (500, 680), (820, 880)], slope, _SLOPE, rng, fine=0.8
    )


def _paint_bridge(canvas: Canvas, rng: Generator) -> None:
    guides = [Guide([(40 + 8 * k, 440), (-250 + 130 * k, 1020)], (0.2, 0.6, 0.45, 0.8)[k % 4]) for k in range(8)]
    _fill(canvas, [(-20, 440), (70, 440), (820, 930), (820, 1020), (-20, 1020)], guides, _DECK, rng, sharp=True)
    for top, bottom, width in (((75, 432), (790, 890), 26), ((75, 470), (680, 1010), 22)):
        for off in (-0.3, 0.3):
            line = [(x, y + off * width * (x + 100) / 500) for x, y in (top, bottom)]
            canvas.paint(along_line(line, _RAIL, Hand(width=width * 0.6, length=150, coverage=4), rng), Brush(), rng)


def _paint_walkers(canvas: Canvas, rng: Generator) -> None:
    for x in (18, 62):
        body = [(x, 350), (x + 14, 380), (x + 14, 500), (x + 8, 540), (x - 12, 540), (x - 16, 480), (x - 14, 380)]
        _fill(canvas, body, [Guide([(x, 340), (x, 560)], 0.2)], _ROBE, rng, fine=0.5)


def _paint_figure(canvas: Canvas, rng: Generator) -> None:
    robe = [
        (412, 650),
        (480, 690),
        (500, 760),
        (470, 830),
        (440, 900),
        (455, 1020),
        (300, 1020),
        (310, 900),
        (295, 800),
        (310, 690),
        (345, 640),
    ]
    wave = [
        Guide(
            [(330 + 30 * k, 640), (310 + 34 * k, 780), (340 + 22 * k, 900), (310 + 30 * k, 1020)],
            (0.1, 0.5, 0.3)[k % 3],
        )
        for k in range(6)
    ]
    _fill(canvas, robe, wave, _ROBE, rng, fine=0.7)
    face = [
        Guide([(412 + 45 * k, 490), (412 + 52 * k, 560), (412 + 24 * k, 655)], (0.4, 0.8, 0.6)[abs(k)])
        for k in (-1, 0, 1)
    ]
    _fill(canvas, _HEAD, face, _SKIN, rng, fine=0.4)
    for arm in ([(350, 540), (342, 580), (350, 620), (372, 680)], [(478, 540), (478, 590), (465, 630), (470, 680)]):
        canvas.paint(along_line(arm, _SKIN, Hand(width=16, length=70, coverage=5), rng), Brush(), rng)
    line = Hand(width=4.5, length=40, coverage=4)
    canvas.paint(along_line(_HEAD, _DARK, line, rng, closed=True), Brush(bristles=4), rng)
    for x, y, w, h in ((382, 555, 12, 9), (432, 555, 12, 9), (410, 608, 9, 18)):
        ring = [(x, y - h), (x + w, y), (x, y + h), (x - w, y)]
        canvas.paint(along_line(ring, _DARK, line, rng, closed=True), Brush(bristles=4), rng)
