"""A study after Claude Monet's Water Lilies (about 1906)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Brush, Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab
from tools.painter.flow import Array, Field, unit
from tools.painter.handling import brush_for, follow
from tools.painter.strokes import KNOTS, Area, Hand, Strokes, along_flow

WIDTH, HEIGHT, SEED, GROUND = 1000, 780, 1906, "#39506c"
_SHAPE = (HEIGHT, WIDTH)

_WATER = oklab(["#12302e", "#1f4a3c", "#2c5c58", "#3f6a84", "#5a7cac", "#8490c8", "#b09ccc", "#d8b4c8", "#f0d0c4"])
_RIPPLE = oklab(["#324a86", "#5468b0", "#8a86cc", "#b8a4d8", "#e4c4d4"])
_WILLOW = oklab(["#123834", "#1f4c44", "#3a6440", "#5c7c50", "#8c9c64", "#5c6898"])
_PAD = oklab(["#24584c", "#3a7c60", "#5a9c74", "#84b88c", "#b4d0a4", "#d8e0b4", "#88b8b0"])
_PAD_FAR = oklab(["#345c70", "#5c8c84", "#8cb49c", "#bcd0b4", "#dcdcc8"])
_SHADOW = oklab(["#24385c", "#3a4080", "#5a4c94"])
_RIM = oklab(["#8c4a7c", "#c47098", "#e8a8b4"])
_PETALS = (
    oklab(["#f0b4c8", "#fbe0e4", "#fffaf2"]), oklab(["#c83c74", "#ec78a0", "#fbc8d4"]), oklab(["#f4d8c0", "#fff4dc",
    "#fffdf6"]), oklab(["#8c2c6c", "#d4588c", "#f4a0b8"]),
)  # fmt: skip
_HEART = oklab(["#e8a020", "#f8d84c"])

_CLUSTERS = (  # centre, half-width and half-height of a group of pads, how many, flowers
    (170, 92, 150, 22, 15, 2), (600, 70, 190, 18, 16, 2), (905, 128, 110, 22, 10, 2), (360, 168, 120, 20, 10, 3),
    (720, 226, 170, 34, 15, 4), (120, 268, 140, 34, 12, 3), (440, 350, 160, 38, 13, 4), (880, 388, 140, 40, 11, 3),
    (190, 486, 190, 52, 14, 5), (640, 540, 210, 56, 14, 5), (950, 640, 120, 50, 7, 2), (330, 690, 230, 56, 12, 5),
)  # fmt: skip


def paint(canvas: Canvas, rng: Generator) -> None:
    """Paints the water with what it mirrors, the willow, then the pads from the far ones to the near."""
    _paint_water(canvas, rng)
    _paint_willow(canvas, rng)
    _paint_ripples(canvas, rng)
    for x, y, wide, high, pads, flowers in _CLUSTERS:
        places = _places(x, y, wide, high, pads, rng)
        for place in places[np.argsort(places[:, 1])]:
            _paint_pad(canvas, place, rng)
        for k in rng.choice(len(places), flowers, replace=False):
            _paint_flower(canvas, places[k] - (0, 3), _PETALS[rng.integers(len(_PETALS))], rng)


def _paint_water(canvas: Canvas, rng: Generator) -> None:
    """Sky and trees upside down: tall soft patches, worked with upright strokes, then level ones."""
    mirror = Cartoon(WIDTH, HEIGHT, GROUND)
    x = np.linspace(0, 1, WIDTH)[None, :]
    y = np.linspace(0, 1, HEIGHT)[:, None]
    open_sky = np.exp(-(((x - 0.46 - 0.1 * np.sin(5 * y)) / 0.2) ** 2)) + 0.5 * np.exp(-(((x - 0.95) / 0.12) ** 2))
    tone = 0.2 + 0.46 * open_sky + 0.12 * mottle(_SHAPE, (110, 420), rng) + 0.1 * (1 - y)
    mirror.shade(_WATER, tone)
    canvas.cover(mirror.image)
    upright, level = _swaying(1j, 0.16, rng), _swaying(1, 0.16, rng)
    follow(canvas, mirror, upright, Hand(width=17, length=110, coverage=2.2, colour=0.035), rng, body=0.7)
    follow(canvas, mirror, upright, Hand(width=9, length=52, coverage=1.6, colour=0.05), rng, dry=0.3)
    follow(canvas, mirror, level, Hand(width=7, length=34, coverage=1.1, colour=0.05), rng, dry=0.3)


def _paint_willow(canvas: Canvas, rng: Generator) -> None:
    """Fronds that hang into the picture from both upper corners, and their reflection."""
    sides = np.concatenate([rng.beta(1.1, 2.6, 190) * 420, 1000 - rng.beta(1.1, 3, 150) * 330])
    top = rng.uniform(-60, 420, len(sides))
    drop = rng.uniform(90, 260, len(sides))
    t = np.linspace(0, 1, KNOTS)
    sway = rng.normal(0, 14, len(sides))[:, None] * np.sin(2.4 * t) + 5 * np.sin(
        9 * t + rng.random((len(sides), 1)) * 6
    )
    paths = np.stack([sides[:, None] + sway, top[:, None] + drop[:, None] * t], axis=-1).astype(np.float32)
    tone = rng.random(len(sides))[:, None]
    colours = _WILLOW[(tone[:, 0] * len(_WILLOW)).astype(int)] + rng.normal(0, 0.03, (len(sides), 3))
    hand = Hand(width=8, length=150)
    canvas.paint(Strokes(paths, rng.uniform(3, 7, len(sides)), colours), brush_for(hand, 1.2, 0.4), rng)


def _paint_ripples(canvas: Canvas, rng: Generator) -> None:
    """Short level commas of sky colour, in bands where the water is ruffled."""
    ruffled = mottle(_SHAPE, (380, 60), rng) > 0.35
    tone = np.clip(0.5 + 0.22 * mottle(_SHAPE, (200, 40), rng), 0, 1)
    hand = Hand(width=5.5, length=30, coverage=0.75, tone=0.2, colour=0.03)
    canvas.paint(
        along_flow(Area(ruffled, _swaying(1, 0.16, rng), tone, _RIPPLE), hand, rng), brush_for(hand, 1.4, 0.2), rng
    )


def _places(x: float, y: float, wide: float, high: float, count: int, rng: Generator) -> Array:
    """Places for pads in an oval, none too near another."""
    chosen: list[Array] = []
    for point in rng.normal(0, 0.5, (40 * count, 2)) * (wide, high) + (x, y):
        gap = 1.25 * _reach(point[1])
        if all(np.hypot(*((point - other) * (1, 3.2))) > gap for other in chosen):
            chosen.append(point)
        if len(chosen) == count:
            break
    return np.array(chosen)


def _reach(y: float) -> float:
    """Half the width of a pad: near ones are larger."""
    return float(20 + 0.05 * y)


def _paint_pad(canvas: Canvas, place: Array, rng: Generator) -> None:
    """A pad of level strokes: its shadow on the water, green, light along the far rim, a touch of pink."""
    reach = _reach(place[1]) * rng.uniform(0.8, 1.25)
    far = np.clip(1 - place[1] / 330, 0, 1) * 0.8
    greens = _PAD[:5] * (1 - far) + _PAD_FAR * far
    flat = 0.2 + 0.00012 * place[1]
    canvas.paint(*_dabs(place + np.array([4, 0.17 * reach]), reach * 1.1, flat, _SHADOW, 8, rng), rng)
    canvas.paint(*_dabs(place, reach, flat, greens, 17, rng), rng)
    canvas.paint(*_dabs(place - (0, 0.09 * reach), 0.75 * reach, flat, greens[2:], 6, rng), rng)
    if rng.random() < 0.55:
        canvas.paint(*_dabs(place + np.array([0, 0.22 * reach]), 0.8 * reach, 0.08, _RIM, 3, rng), rng)


def _dabs(place: Array, reach: float, flat: float, colours: Array, count: int, rng: Generator) -> tuple[Strokes, Brush]:
    """Level strokes, a little bowed, that fill a flat oval from its far side to its near one."""
    down = np.sort(rng.uniform(-1, 1, count))
    half = reach * np.sqrt(1 - 0.9 * down**2) * rng.uniform(0.5, 0.85, count)
    t = np.linspace(-1, 1, KNOTS)
    x = place[0] + rng.normal(0, 0.16 * reach, count)[:, None] + half[:, None] * t
    y = (
        place[1]
        + (down * flat * reach)[:, None]
        + (0.1 * half * down)[:, None] * (1 - t**2)
        + rng.normal(0, 1, (count, 1))
    )
    tone = np.clip(0.5 - 0.4 * down + rng.normal(0, 0.28, count), 0, 0.999)
    mixed = colours[(tone * len(colours)).astype(int)] + rng.normal(0, 0.02, (count, 3)).astype(np.float32)
    widths = np.maximum(3.5, 2.6 * flat * reach / np.sqrt(count)) * np.exp(rng.normal(0, 0.2, count))
    return Strokes(np.stack([x, y], -1).astype(np.float32), widths, mixed), brush_for(
        Hand(width=8, length=1), 1.5, 0.15
    )


def _paint_flower(canvas: Canvas, place: Array, colours: Array, rng: Generator) -> None:
    """Petals that open upward like a fan, the near ones last, and a yellow heart."""
    reach = 0.6 * _reach(place[1])
    angles = np.concatenate([np.linspace(-0.48, -0.02, 7), np.linspace(-0.4, -0.1, 5), (0.52, 0.98, 0.0, 0.5)])
    lengths = np.concatenate([np.full(7, 1.0), np.full(5, 0.65), np.full(4, 0.7)]) * reach * rng.uniform(0.85, 1.15, 16)
    way = np.exp(2j * np.pi * (angles + rng.normal(0, 0.015, 16)))
    t = np.linspace(0.1, 1, KNOTS)
    paths = complex(*place) + lengths[:, None] * way[:, None] * t * np.exp(0.25j * np.sign(way.real)[:, None] * t)
    tone = rng.integers(0, len(colours), 16)
    points = np.stack([paths.real, paths.imag * 0.85 + 0.15 * place[1]], axis=-1).astype(np.float32)
    brush = brush_for(Hand(width=6, length=1), 2.0)
    canvas.paint(Strokes(points, np.full(16, 0.36 * reach), colours[tone]), brush, rng)
    canvas.paint(Strokes(points[8:11] * 0.3 + place * 0.7, np.full(3, 0.22 * reach), _HEART[[0, 1, 1]]), brush, rng)


def _swaying(way: complex, sway: float, rng: Generator) -> Field:
    """A field that runs one way, turned here and there by about ``sway`` (radians)."""
    return unit(way**2 * np.exp(2j * sway * mottle(_SHAPE, (90, 90), rng)))
