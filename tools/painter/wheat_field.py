"""A study after Vincent van Gogh's Wheat Field with Cypresses (1889)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import mottle
from tools.painter.colour import oklab, ramp
from tools.painter.flow import Array, Guide, combed, curve, inside, spiral, spread, unit
from tools.painter.handling import Tongue, brush_for, line, work
from tools.painter.strokes import KNOTS, Area, Hand, Strokes, along_flow, on_rings

WIDTH, HEIGHT, SEED, GROUND = 1000, 792, 1890, "#c8c4a0"
_SHAPE = (HEIGHT, WIDTH)

_SKY = oklab(["#5c80c4", "#86a4d8", "#aebfe4", "#8fc4bc", "#b4dccc", "#dfe6e4", "#f8f5ea", "#fbf3cf"])
_HILLS = oklab(["#2c4484", "#4668a8", "#7090c4", "#9cb4d4", "#c4d0d8"])
_WHEAT = oklab(["#8c5c10", "#b87c14", "#d89c1c", "#ecb82c", "#f4d04c", "#f8e48c", "#b08c2c"])
_STALKS = oklab(["#8c6418", "#c89020", "#f0c83c", "#f8e890"])
_GRASS = oklab(["#1c4430", "#34683c", "#5c8c48", "#88b068", "#b4cc94", "#5c9c88"])
_BUSH = oklab(["#0c2420", "#1c4030", "#38643c", "#5c8848", "#98a848"])
_OLIVE = oklab(["#1c4838", "#3c7458", "#6c9c78", "#9cc09c", "#d4e0c4"])
_CYPRESS = oklab(["#040c0c", "#0a1c18", "#163424", "#2c5430", "#5c7430", "#a08c34"])
_BLUE_LINE = oklab(["#1c2c64", "#34508c"])
_TUFTS = ((930, 690, 60, 0.6), (830, 750, 56, 0.3), (700, 780, 50, 0.7), (600, 780, 40, 0.4), (960, 780, 44, 0.8))
_POPPY, _ROCK = oklab(["#d8301c", "#f05838"]), oklab(["#8c9c84", "#c8c8b0", "#f0ead4", "#dcd8e4"])

_CURLS = (  # whirls of cloud: centre, outer radius, turns, start, tone
    (120, 150, 92, 1.6, 0.1, 0.97), (250, 150, 88, 1.7, 0.6, 0.93), (426, 196, 92, 1.9, 0.3, 0.9), (560, 40, 84,
    1.5, 0.7, 0.78), (636, 172, 64, 1.6, 0.0, 0.86), (624, 322, 84, 1.9, 0.5, 0.98), (722, 342, 60, 1.6, 0.2, 0.92),
    (396, 400, 60, 1.4, 0.6, 0.95), (300, 350, 56, 1.4, 0.1, 0.9), (40, 150, 44, 1.6, 0.4, 0.48), (740, 36, 62, 1.6,
    0.9, 0.44), (948, 130, 70, 1.6, 0.2, 0.9), (950, 300, 52, 1.8, 0.5, 0.3),
)  # fmt: skip
_BREEZES = (
    (((-10, 30), (100, 14), (220, 44), (340, 10), (480, 16)), 0.2), (((-10, 70), (90, 62), (200, 92), (330, 70),
    (450, 104), (520, 110)), 0.5), (((-10, 96), (80, 70), (190, 60), (300, 40), (420, 60)), 0.1), (((-10, 236),
    (60, 262), (140, 250), (220, 226), (300, 262), (420, 290), (520, 262)), 0.15), (((-10, 256), (60, 286),
    (150, 282), (230, 250), (300, 290), (440, 306), (560, 262), (640, 236)), 0.05), (((-10, 290), (100, 318),
    (200, 300), (260, 270), (340, 300)), 0.5), (((-10, 326), (80, 350), (180, 366), (260, 330), (360, 322),
    (480, 320), (560, 290)), 0.55), (((-10, 368), (100, 392), (220, 372), (300, 392)), 0.22), (((-10, 410),
    (100, 436), (220, 412), (320, 440)), 0.52), (((-10, 452), (80, 470), (160, 440), (260, 450)), 0.3),
    (((-10, 500), (100, 520), (180, 500)), 0.85), (((440, 110), (540, 128), (600, 88), (640, 10)), 0.9),
    (((480, 140), (580, 120), (640, 70), (660, -10)), 0.18), (((660, 20), (676, 90), (740, 118), (800, 80),
    (830, -10)), 0.97), (((640, 60), (680, 130), (760, 150), (830, 110), (860, 30)), 0.2), (((520, 240), (600, 222),
    (700, 212), (790, 226), (830, 200)), 0.5), (((640, 250), (720, 250), (800, 270), (830, 300)), 0.62),
    (((480, 360), (540, 340), (560, 280), (620, 246)), 0.3), (((880, 60), (940, 80), (1010, 40)), 0.5),
    (((900, 210), (960, 220), (1010, 196)), 0.55), (((900, 246), (950, 236), (1010, 252)), 0.8), (((420, 430),
    (520, 370), (560, 372)), 0.6),
)  # fmt: skip
_RIDGE = (
    (-20, 560), (40, 542), (110, 556), (200, 540), (320, 470), (350, 452), (400, 444), (440, 430), (480, 404),
    (530, 402), (560, 384), (600, 378), (640, 392), (680, 404), (710, 376), (750, 364), (790, 384), (840, 420),
    (900, 360), (920, 306), (960, 282), (1020, 270), (1020, 600), (-20, 600),
)  # fmt: skip
_FIELD = (
    (-20, 578), (100, 580), (300, 600), (430, 566), (520, 560), (620, 578), (760, 590), (900, 584), (1020, 566),
    (1020, 810), (-20, 810),
)  # fmt: skip
_MEADOW = (
    (1020, 630), (930, 648), (850, 668), (800, 700), (690, 732), (560, 752), (470, 740), (380, 770), (330, 810),
    (1020, 810),
)  # fmt: skip
_SHRUBS = (  # centre, radius, 1 for an olive
    (110, 590, 26, 0), (60, 592, 20, 0), (20, 594, 20, 0), (830, 520, 30, 0), (890, 556, 28, 0), (940, 560, 30, 1),
    (560, 490, 30, 0), (470, 520, 30, 0), (530, 522, 34, 0), (600, 524, 36, 0), (430, 546, 34, 0), (660, 532, 40,
    0), (500, 552, 26, 0), (610, 470, 32, 0), (660, 470, 30, 0), (700, 552, 34, 0), (860, 500, 40, 0), (910, 520,
    34, 0), (970, 496, 34, 0), (970, 540, 40, 0), (150, 510, 44, 0), (230, 470, 50, 0), (300, 480, 46, 0), (140,
    560, 44, 0), (800, 548, 40, 1), (760, 560, 30, 1), (860, 556, 34, 1), (200, 540, 52, 1), (270, 530, 54, 1),
    (340, 530, 52, 1), (180, 590, 46, 1), (250, 590, 40, 1), (320, 578, 44, 1), (380, 560, 34, 1), (190, 622, 28,
    1),
)  # fmt: skip
_TREES = (
    Tongue([(802, 288), (806, 340), (790, 410), (770, 480), (760, 560)], (1, 16, 30, 44, 52, 40)),
    Tongue([(856, 24), (866, 110), (872, 220), (876, 330), (884, 430), (880, 540)], (4, 17, 24, 34, 48, 58, 62, 54)),
)


def paint(canvas: Canvas, rng: Generator) -> None:
    """Paints the picture from the sky down to the poppies in front."""
    _paint_sky(canvas, rng)
    _paint_hills(canvas, rng)
    _paint_wheat(canvas, rng)
    _paint_meadow(canvas, rng)
    for tree in _TREES:
        _paint_cypress(canvas, tree, rng)
    for x, y, radius, olive in _SHRUBS:
        _paint_shrub(canvas, (x, y), radius, _OLIVE if olive else _BUSH, rng)


def _paint_sky(canvas: Canvas, rng: Generator) -> None:
    guides = [Guide(points, tone, 1.6) for points, tone in _BREEZES]
    for x, y, reach, turns, start, tone in _CURLS:
        guides.append(Guide(spiral((x, y), reach, 5, turns, start, 0.72), tone, 1.3))
        guides.append(Guide([(x - 9, y), (x, y + 2), (x + 9, y)], tone, 4))
        rim = spiral((x, y), 1.22 * reach, 1.1 * reach, 0.9, start, 0.72)
        guides.append(Guide(rim, 0.12, 0.5))
    field, light = combed(_SHAPE, guides)
    sky = inside(_SHAPE, [(-9, -9), (1009, -9), (1009, 600), (-9, 600)], sharp=True)
    work(canvas, Area(sky, field, 1.25 * light - 0.1, _SKY), Hand(width=10, length=72, tone=0.07), rng, accents=0.6)


def _paint_hills(canvas: Canvas, rng: Generator) -> None:
    ridge = curve(_RIDGE[:20])
    folds = [
        Guide(ridge * (1, 0.94) + np.array([9.0 * (k % 2), 30 + 16 * k]), (0.7, 0.2, 0.9, 0.45)[k % 4])
        for k in range(9)
    ]
    folds += [
        Guide(spiral((x, y), reach, 8, 1.3, 0.5, 0.8), 0.75)
        for x, y, reach in ((600, 420, 40), (950, 340, 50), (740, 410, 40))
    ]
    field, tone = combed(_SHAPE, [*folds, Guide(ridge, 0.3)])
    work(canvas, Area(inside(_SHAPE, _RIDGE), field, tone, _HILLS), Hand(width=8, length=50, tone=0.12), rng)
    line(canvas, ridge, _BLUE_LINE, 5, rng)


def _paint_wheat(canvas: Canvas, rng: Generator) -> None:
    """Rolling rows, then ears and stalks that lean with the wind, longer towards the front."""
    rows = []
    for k in range(13):
        y = 566 + 18 * k
        path = [(-10, y + 26), (160, y + 14), (340, y + 12 * np.sin(k)), (520, y - 8), (720, y + 6), (1010, y - 20)]
        rows.append(Guide(path, (0.25, 0.6, 0.45, 0.8)[k % 4]))
    field, tone = combed(_SHAPE, rows)
    wheat = inside(_SHAPE, _FIELD)
    work(canvas, Area(wheat, field, tone, _WHEAT), Hand(width=8, length=52, tone=0.12), rng)
    lean = unit(np.exp(2j * (-0.75 + 0.35 * mottle(_SHAPE, 150, rng))))
    for hand in (Hand(width=6, length=34, coverage=0.9, tone=0.22), Hand(width=4.5, length=46, coverage=0.6, tone=0.3)):
        area = Area(wheat, lean, np.full(_SHAPE, 0.55, np.float32), _WHEAT)
        canvas.paint(along_flow(area, hand, rng), brush_for(hand, 1.5, 0.2), rng)
    roots = np.stack([rng.uniform(-10, 760, 700), 800 - 130 * rng.random(700) ** 1.6], axis=-1)
    t = np.linspace(0, 1, KNOTS)
    tall, bend = rng.uniform(40, 90, (700, 1)), rng.normal(34, 16, (700, 1))
    blades = np.stack([roots[:, :1] + bend * t**2, roots[:, 1:] - tall * t], axis=-1).astype(np.float32)
    stalks = Strokes(blades, rng.uniform(2.5, 5, 700), _STALKS[rng.integers(len(_STALKS), size=700)])
    canvas.paint(stalks, brush_for(Hand(width=5, length=1), 1.4, 0.2), rng)


def _paint_meadow(canvas: Canvas, rng: Generator) -> None:
    """The green corner with its tufts, a pale stone, poppies."""
    whirl = [Guide(spiral((x, y), reach, 6, 1.2, 0.3, 0.7), tone) for x, y, reach, tone in _TUFTS]
    field, tone = combed(_SHAPE, [*whirl, Guide(_MEADOW[:8], 0.2)])
    work(
        canvas,
        Area(inside(_SHAPE, _MEADOW), field, tone, _GRASS),
        Hand(width=7, length=36, tone=0.16),
        rng,
        accents=0.7,
    )
    stone = Tongue([(370, 806), (420, 782), (480, 776), (540, 788), (590, 810)], (6, 14, 20, 14, 6))
    field, tone = combed(_SHAPE, [Guide(stone.side(u), 0.5 - 0.4 * u) for u in (-0.8, 0, 0.8)])
    work(canvas, Area(stone.mask(_SHAPE), field, tone, _ROCK), Hand(width=7, length=44), rng)
    for x, y, reach in ((620, 740, 44), (690, 722, 30), (310, 772, 30), (950, 650, 50), (840, 664, 30)):
        for place in rng.normal(0, 0.6, (14, 2)) * (reach, 0.4 * reach) + (x, y):
            dab = Hand(width=4, length=6, coverage=2)
            canvas.paint(on_rings((place[0], place[1]), 2.4, _POPPY, dab, rng), brush_for(dab, 1.6), rng)


def _paint_shrub(canvas: Canvas, at: tuple[float, float], radius: float, colours: Array, rng: Generator) -> None:
    """A dark heart, then hooked strokes that spring up and outwards, lighter towards the light."""
    ball = Hand(width=11, length=26, coverage=2, tone=0.15)
    canvas.paint(on_rings(at, 0.9 * radius, colours[1::-1], ball, rng), brush_for(ball, 1.0), rng)
    count = int(2.2 * radius)
    place = np.sqrt(rng.random(count)) * np.exp(2j * np.pi * rng.random(count))
    place = place[np.argsort(place.imag)[::-1]]
    tone = 0.42 - 0.3 * place.imag - 0.12 * place.real + rng.normal(0, 0.2, count)
    reach = rng.uniform(0.35, 0.6, count) * radius
    hook = place.real * 1.6 + rng.normal(0, 0.5, count)
    _paint_licks(canvas, np.array(at) + radius * spread(place), reach, hook, ramp(colours, tone), rng)


def _paint_licks(canvas: Canvas, roots: Array, reach: Array, hook: Array, colours: Array, rng: Generator) -> None:
    """Short strokes that rise from their roots and hook to one side."""
    t = np.linspace(0, 1, KNOTS)
    x = roots[:, :1] + (0.7 * reach * hook)[:, None] * np.sin(1.6 * t) ** 1.5
    y = roots[:, 1:] - reach[:, None] * np.sin((1.2 + 0.5 * np.abs(hook[:, None])) * t)
    widths = rng.uniform(3.5, 7, len(roots))
    brush = brush_for(Hand(width=6, length=1), 1.5, 0.1)
    canvas.paint(Strokes(np.stack([x, y], axis=-1).astype(np.float32), widths, colours), brush, rng)


def _paint_cypress(canvas: Canvas, tree: Tongue, rng: Generator) -> None:
    """A flame of short strokes that rise outwards, with licks beyond its edge."""
    strands = [
        Guide(tree.side(u, sway=8, wave=90), (0.1, 0.55, 0.2, 0.8)[k % 4]) for k, u in enumerate(np.linspace(-1, 1, 9))
    ]
    field, tone = combed(_SHAPE, strands)
    area = Area(tree.mask(_SHAPE), field, tone, _CYPRESS)
    work(canvas, area, Hand(width=7, length=40, tone=0.16, wander=0.2, coverage=2.5), rng, accents=0.8)
    rows = rng.integers(4, len(tree.side(0)), 420)
    side = rng.uniform(-1, 1, 420)
    sides = [tree.side(u) for u in np.linspace(-1, 1, 21)]
    roots = np.array([sides[int((u + 1) * 10)][row] for u, row in zip(side, rows, strict=True)])
    colours = _CYPRESS[np.clip(rng.normal(2, 1.5, 420), 0, 5).astype(int)]
    _paint_licks(canvas, roots, rng.uniform(16, 38, 420), 0.8 * side, colours, rng)
