"""A study after Vincent van Gogh's The Starry Night (1889)."""

import numpy as np
from numpy.random import Generator

from assets.painter.canvas import Brush, Canvas
from assets.painter.colour import oklab
from assets.painter.flow import Guide, around, combed, curve, inside, positions, spiral, unit
from assets.painter.strokes import Area, Hand, along_flow, along_line, on_rings

WIDTH, HEIGHT, SEED, GROUND = 1000, 792, 1889, "#1a2540"
_SHAPE = (HEIGHT, WIDTH)

_SKY = oklab(["#0c1640", "#162a72", "#2446a0", "#3f6fbd", "#6f9dcb", "#a9c6d6", "#d9dfc0", "#efe6a4"])
_STAR = oklab(["#e88a12", "#f6c21f", "#fbe36a", "#f7efb0", "#dfe8c4", "#a9cbd0", "#6d9cc8", "#3f6cb4"])
_MOON = oklab(["#f3c62a", "#f9dc55", "#f4e588", "#e7e7a4", "#c9dba9", "#9cc3b4", "#6d9fbe", "#3f6cb4"])
_CYPRESS = oklab(["#0b0d10", "#13201a", "#1c3526", "#3a4a25", "#5a3d22", "#16261f"])
_HILLS = oklab(["#0d163c", "#1c2f6b", "#2f4f97", "#4b74b0", "#86a6c4"])
_LAND = oklab(["#0e1a33", "#1c3350", "#2f5560", "#4b7763", "#8a9c5c", "#31527f"])
_DARK = oklab(["#0a0f24", "#10183a"])

_STARS = (
    (107, 37, 50), (232, 28, 27), (346, 32, 42), (413, 52, 28), (238, 137, 40), (327, 260, 33),
    (45, 357, 25), (131, 378, 32), (354, 422, 74), (614, 70, 54), (707, 184, 52),
)  # fmt: skip
_MOON_AT, _MOON_REACH = (905, 140), 130

_CYPRESS_OUTLINE = (
    (196, 38), (205, 80), (201, 130), (206, 185), (220, 225), (224, 300), (238, 345), (243, 420), (258, 480), (268, 560),
    (283, 500), (295, 465), (300, 520), (350, 555), (385, 620), (400, 690), (430, 615), (415, 680), (455, 720), (465, 800),
    (120, 800), (142, 720), (128, 650), (150, 590), (147, 450), (158, 380), (152, 260), (172, 310), (178, 240), (191, 200), (187, 120),
)  # fmt: skip
_HILL_OUTLINE = (
    (-20, 575), (60, 597), (140, 585), (370, 580), (445, 545), (490, 562), (560, 520), (630, 495), (690, 500), (735, 522),
    (800, 505), (870, 480), (900, 440), (920, 408), (1020, 400), (1020, 640), (-20, 640),
)  # fmt: skip


def paint(canvas: Canvas, rng: Generator) -> None:
    """Paints the picture from the sky down to the cypress in front."""
    _paint_sky(canvas, rng)
    _paint_stars(canvas, rng)
    _paint_land(canvas, rng)
    _paint_village(canvas, rng)
    _paint_cypress(canvas, rng)


def _sky_guides() -> list[Guide]:
    """The two whirls, the river of air that feeds them, and the pale band above the hills."""
    guides = [
        Guide([(0, 40), (200, 80), (420, 60), (620, 130), (800, 60), (1000, 20)], 0.16),
        Guide([(0, 10), (300, 8), (700, 12), (1000, 8)], 0.2),
        Guide(
            [(0, 95), (60, 190), (130, 215), (230, 190), (320, 130), (430, 105), (540, 115), (625, 165), (665, 240)],
            0.62,
            2,
        ),
        Guide([(0, 150), (60, 235), (140, 252), (240, 222), (330, 160), (430, 128), (530, 138), (605, 185)], 0.7, 2),
        Guide([(0, 215), (120, 290), (240, 270), (330, 200), (400, 160)], 0.45),
        Guide([(0, 290), (120, 330), (240, 330), (330, 330), (400, 370), (520, 400), (620, 370)], 0.4),
        Guide(
            [
                (380, 330),
                (470, 375),
                (570, 350),
                (640, 310),
                (720, 290),
                (790, 335),
                (820, 400),
                (900, 390),
                (1000, 290),
            ],
            0.55,
            2,
        ),
        Guide([(370, 480), (470, 470), (600, 440), (700, 450), (800, 420), (900, 350), (1000, 310)], 0.85, 2),
        Guide([(340, 520), (470, 500), (620, 480), (760, 480), (880, 420), (1000, 345)], 0.9, 2),
        Guide([(0, 470), (70, 480), (150, 540), (260, 540), (370, 540)], 0.75),
        Guide([(0, 420), (120, 450), (260, 480)], 0.5),
        Guide([(700, 240), (800, 290), (900, 300), (1000, 240)], 0.35),
    ]
    for k in range(7):
        guides.append(Guide(spiral((505, 245), 125, 10, 1.15, k / 7, 0.85), 0.85 if k % 2 else 0.3, 1.5))
    for k in range(5):
        guides.append(Guide(spiral((680, 370), 80, 8, 1.1, k / 5, 0.85), 0.85 if k % 2 else 0.35, 1.5))
    return guides


def _paint_sky(canvas: Canvas, rng: Generator) -> None:
    field, tone = combed(_SHAPE, _sky_guides())
    place = positions(_SHAPE)
    for x, y, reach in (*_STARS, (*_MOON_AT, _MOON_REACH)):
        near = np.exp(-((np.abs(place - complex(x, y)) / (1.25 * reach)) ** 4))
        field = unit(field * (1 - near) + around(_SHAPE, (x, y)) * near)
    area = Area(place.imag < 640, field, tone, _SKY)
    canvas.paint(along_flow(area, Hand(width=22, length=90, coverage=3, tone=0.06), rng), Brush(bristles=14), rng)
    canvas.paint(along_flow(area, Hand(width=9, length=44, coverage=1.6, tone=0.13), rng), Brush(body=1.4), rng)
    canvas.paint(
        along_flow(area, Hand(width=6.5, length=34, coverage=0.5, tone=0.25), rng), Brush(bristles=6, body=1.7), rng
    )


def _paint_stars(canvas: Canvas, rng: Generator) -> None:
    hand = Hand(width=6.5, length=26, coverage=2.6, tone=0.09, wander=0.06)
    for x, y, reach in _STARS:
        canvas.paint(on_rings((x, y), reach, _STAR, hand, rng), Brush(bristles=6, body=1.8), rng)
    hand = Hand(width=8, length=34, coverage=2.8, tone=0.08, wander=0.06)
    canvas.paint(on_rings(_MOON_AT, _MOON_REACH, _MOON, hand, rng), Brush(bristles=7, body=1.8), rng)
    gold = oklab(["#e8940c", "#f2b01c", "#f6c832"])
    for k in np.linspace(0, 1, 7):
        sickle = [
            (925 - 8 * k, 88 + 4 * k),
            (880 + 22 * k, 98),
            (860 + 40 * k, 140),
            (882 + 28 * k, 182),
            (935, 192 - 8 * k),
            (958, 160),
        ]
        canvas.paint(along_line(sickle, gold, Hand(width=9, length=40, wander=0.15), rng), Brush(body=1.8), rng)


def _paint_land(canvas: Canvas, rng: Generator) -> None:
    ridge = curve(_HILL_OUTLINE[:-2])
    guides = [Guide(ridge + (0, k * 25), 0.1 + 0.8 * (k % 3) / 2) for k in range(9)]
    field, tone = combed(_SHAPE, guides)
    hills = Area(inside(_SHAPE, _HILL_OUTLINE), field, tone, _HILLS)
    land = Area(positions(_SHAPE).imag > 588, field, tone, _LAND)
    for area in (hills, land):
        canvas.paint(along_flow(area, Hand(width=18, length=60, coverage=3), rng), Brush(bristles=12), rng)
        canvas.paint(along_flow(area, Hand(width=8, length=34, coverage=1.6, tone=0.2), rng), Brush(body=1.4), rng)
    canvas.paint(along_line(ridge, _DARK, Hand(width=7, length=60), rng), Brush(), rng)


def _paint_village(canvas: Canvas, rng: Generator) -> None:
    pale = oklab(["#8fa6b8", "#b9c6c4", "#5f7f9f"])
    spire = inside(_SHAPE, [(556, 640), (566, 500), (576, 640), (592, 700), (540, 700)], sharp=True)
    upright = np.full(_SHAPE, 1j, dtype=np.complex64)
    area = Area(spire, upright, np.full(_SHAPE, 0.5, np.float32), pale)
    canvas.paint(along_flow(area, Hand(width=5, length=40, coverage=4, tone=0.4), rng), Brush(bristles=5), rng)
    canvas.paint(along_line([(566, 500), (577, 640)], _DARK, Hand(width=4, length=60), rng), Brush(bristles=4), rng)


def _paint_cypress(canvas: Canvas, rng: Generator) -> None:
    guides = [
        Guide(
            [(x, 800), (x + 14, 700), (x - 12, 600), (0.6 * x + 85, 480), (0.3 * x + 140, 300), (196, 40)], (k % 3) / 2
        )
        for k, x in enumerate(range(130, 470, 26))
    ]
    field, tone = combed(_SHAPE, guides)
    area = Area(inside(_SHAPE, _CYPRESS_OUTLINE), field, tone, _CYPRESS)
    canvas.paint(along_flow(area, Hand(width=16, length=90, coverage=4), rng), Brush(bristles=10), rng)
    canvas.paint(
        along_flow(area, Hand(width=7, length=60, coverage=1.6, tone=0.3, wander=0.2), rng),
        Brush(bristles=6, body=1.5),
        rng,
    )
