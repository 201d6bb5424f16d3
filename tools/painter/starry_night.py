"""A study after Vincent van Gogh's The Starry Night (1889)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.colour import oklab
from tools.painter.flow import Guide, around, combed, curve, inside, mixed, positions, spiral, straight
from tools.painter.handling import Tongue, brush_for, line, work
from tools.painter.strokes import Area, Hand, on_rings
from tools.painter.village import paint_valley

WIDTH, HEIGHT, SEED, GROUND = 1000, 792, 1889, "#141d3c"
_SHAPE = (HEIGHT, WIDTH)

_SKY = oklab(["#0b1238", "#14246a", "#1f3c98", "#3160b4", "#5b8ac4", "#93b4d0", "#c4d2c8", "#e8e2a6"])
_GOLD_STAR = oklab(["#e07e10", "#f3b51d", "#f9d84a", "#f6ec9c", "#dfe6bc", "#a4c5cc", "#6793c4", "#3663b0"])
_WHITE_STAR = oklab(["#f2b62a", "#f8e27a", "#fbf6dc", "#f4f4e4", "#dfe8dc", "#b4ccd6", "#7ba3cc", "#3a68b4"])
_MOON = oklab(["#f7d84a", "#f6e070", "#f0e68c", "#e2e39c", "#bcd2a4", "#8db8b4", "#5f93be", "#3160b0"])
_SICKLE = oklab(["#dc8a0c", "#eca414", "#f4ba22", "#f8cd3c"])
_CYPRESS = oklab(["#050808", "#0a1410", "#12281c", "#23401f", "#4c4a20", "#66371f", "#1f4438"])
_STRANDS = [oklab(names) for names in (["#060a0a", "#0c1612"], ["#2c4a24", "#4a6230"], ["#5c3420", "#7c4826"])]
_FAR_HILL = oklab(["#0a0f2a", "#131d4a", "#1c2c68", "#2a4080"])
_HILL = oklab(["#111d58", "#1c3480", "#2c52a4", "#4672b8", "#7398cc"])
_DARK = oklab(["#060a1c", "#0c1434"])

_STARS = (
    (107, 37, 50), (232, 28, 27), (346, 32, 42), (413, 52, 28), (238, 137, 40), (327, 260, 33), (131, 378, 32),
    (614, 70, 54), (707, 184, 52), (45, 357, 26), (354, 422, 76),
)  # fmt: skip
_WHITE_STARS = 3  # the last ones of the list
_MOON_AT, _MOON_REACH = (908, 138), 128

_FAR_OUTLINE = (
    (722, 524), (790, 506), (858, 488), (880, 462), (904, 456), (914, 424), (932, 408), (958, 413), (985, 402),
    (1020, 406), (1020, 520), (800, 540),
)  # fmt: skip
_MID_OUTLINE = (
    (360, 600), (400, 566), (445, 545), (480, 553), (502, 570), (542, 544), (592, 512), (650, 495), (700, 499),
    (738, 524), (770, 570), (760, 620), (360, 640),
)  # fmt: skip
_NEAR_OUTLINE = ((630, 610), (690, 562), (745, 530), (820, 510), (920, 491), (1020, 478), (1020, 650), (630, 650))
_LEFT_OUTLINE = ((-20, 570), (40, 592), (90, 598), (170, 580), (170, 650), (-20, 650))

_FLAMES = (
    Tongue([(432, 612), (424, 640), (396, 668), (398, 720), (420, 810)], (1, 7, 22, 48, 58)),
    Tongue([(297, 462), (284, 500), (302, 560), (322, 640), (318, 720), (320, 810)], (1, 14, 34, 62, 78, 92)),
    Tongue([(150, 245), (160, 310), (176, 400), (180, 480)], (1, 10, 18, 12)),
    Tongue([(242, 325), (236, 400), (222, 480)], (1, 9, 14)),
    Tongue([(160, 420), (150, 480), (160, 560), (180, 640)], (1, 9, 20, 20)),
    Tongue([(254, 408), (246, 470), (236, 540), (220, 620)], (1, 9, 20, 20)),
    Tongue([(372, 560), (356, 600), (350, 660), (330, 740)], (1, 10, 26, 30)),
    Tongue([(136, 540), (138, 600), (160, 680), (170, 760)], (1, 10, 22, 20)),
    Tongue([(268, 500), (262, 560), (244, 640), (240, 740)], (1, 8, 22, 20)),
    Tongue(
        [
            (196, 36),
            (198, 110),
            (204, 190),
            (203, 270),
            (200, 360),
            (205, 460),
            (208, 560),
            (196, 660),
            (205, 740),
            (200, 810),
        ],
        (1, 9, 12, 24, 38, 50, 60, 68, 70, 76),
    ),
)


_AIR = (  # the river that feeds the whirls, the sky about it, the pale band above the hills
    Guide([(0, 10), (300, 4), (700, 8), (1000, 4)], 0.2),
    Guide([(0, 60), (200, 85), (420, 60), (620, 130), (800, 60), (1000, 20)], 0.14),
    Guide(
        [(0, 95), (60, 180), (130, 205), (230, 180), (320, 122), (430, 95), (540, 100), (635, 150), (672, 230)],
        0.3,
        2,
    ),
    Guide(
        [(0, 125), (60, 205), (135, 228), (240, 200), (330, 138), (430, 110), (535, 118), (615, 165), (650, 230)],
        0.74,
        2.5,
    ),
    Guide([(0, 160), (60, 240), (140, 258), (240, 230), (330, 168), (400, 145)], 0.6, 2),
    Guide([(0, 215), (120, 290), (240, 272), (330, 210), (385, 180)], 0.36),
    Guide([(0, 290), (120, 330), (240, 325), (330, 320), (400, 375), (520, 410), (620, 380)], 0.34),
    Guide(
        [
            (365, 340),
            (450, 392),
            (570, 372),
            (630, 318),
            (720, 288),
            (795, 325),
            (815, 400),
            (900, 380),
            (1000, 280),
        ],
        0.52,
        2,
    ),
    Guide([(370, 472), (470, 460), (600, 440), (700, 452), (800, 420), (900, 352), (1000, 312)], 0.7, 2),
    Guide([(340, 510), (470, 490), (620, 470), (760, 478), (880, 420), (1000, 345)], 0.93, 2.5),
    Guide([(340, 545), (470, 530), (620, 480), (760, 495), (860, 460), (1000, 375)], 0.8, 2),
    Guide([(0, 460), (70, 475), (150, 540), (260, 545), (370, 560)], 0.8),
    Guide([(0, 420), (120, 450), (260, 490)], 0.5),
    Guide([(690, 235), (800, 292), (900, 300), (1000, 240)], 0.3),
)


def paint(canvas: Canvas, rng: Generator) -> None:
    """Paints the picture from the sky down to the cypress in front."""
    _paint_sky(canvas, rng)
    _paint_stars(canvas, rng)
    _paint_moon(canvas, rng)
    _paint_hills(canvas, rng)
    paint_valley(canvas, rng, _SHAPE)
    _paint_cypress(canvas, rng)


def _sky_guides() -> list[Guide]:
    """The air and, in it, the two whirls."""
    guides = list(_AIR)
    for k in range(8):
        guides.append(Guide(spiral((508, 248), 132, 9, 1.1, k / 8, 0.86), (0.9, 0.25, 0.7, 0.42)[k % 4], 1.5))
    for k in range(6):
        guides.append(Guide(spiral((682, 368), 82, 8, 1.0, k / 6, 0.86), (0.88, 0.3, 0.6)[k % 3], 1.5))
    return guides


def _paint_sky(canvas: Canvas, rng: Generator) -> None:
    field, tone = combed(_SHAPE, _sky_guides())
    place = positions(_SHAPE)
    for x, y, reach in (*_STARS, (*_MOON_AT, _MOON_REACH)):
        near = np.exp(-((np.abs(place - complex(x, y)) / (1.25 * reach)) ** 4))
        field = mixed(field, around(_SHAPE, (x, y)), near)
    area = Area(place.imag < 640, field, tone, _SKY)
    work(canvas, area, Hand(width=8.5, length=48, coverage=2.2, tone=0.09), rng, accents=0.5)


def _paint_stars(canvas: Canvas, rng: Generator) -> None:
    for k, (x, y, reach) in enumerate(_STARS):
        colours = _GOLD_STAR if k < len(_STARS) - _WHITE_STARS else _WHITE_STAR
        core = Hand(width=0.2 * reach, length=0.3 * reach, coverage=14, tone=0.1)
        for hand in (
            Hand(width=9, length=26, coverage=4, tone=0.06),
            Hand(width=6, length=22, coverage=1.7, tone=0.1),
        ):
            canvas.paint(on_rings((x, y), reach, colours, hand, rng), brush_for(hand, 1.6), rng)
        canvas.paint(on_rings((x, y), 0.13 * reach, colours[:2], core, rng), brush_for(core, 1.6), rng)


def _paint_moon(canvas: Canvas, rng: Generator) -> None:
    for hand in (Hand(width=13, length=50, coverage=2, tone=0.05), Hand(width=8, length=36, coverage=1.6, tone=0.08)):
        canvas.paint(on_rings(_MOON_AT, _MOON_REACH, _MOON, hand, rng), brush_for(hand, 1.5), rng)
    place = positions(_SHAPE)
    x, y = _MOON_AT
    disc, bite = np.abs(place - complex(x, y)) < 54, np.abs(place - complex(x + 20, y - 9)) < 43
    field, flat = around(_SHAPE, (x + 8, y - 4)), np.full(_SHAPE, 0.5, np.float32)
    hand = Hand(width=7, length=40, tone=0.2, coverage=3)
    work(canvas, Area(bite, around(_SHAPE, (x + 130, y - 30)), flat, _MOON[:4]), hand, rng)
    work(canvas, Area(disc & ~bite, field, flat, _SICKLE), hand, rng, accents=0.1)
    for centre, radius, begin, end in ((complex(x, y), 53, 0.1, 0.76), (complex(x + 20, y - 9), 43, 0.16, 0.7)):
        arc = centre + radius * np.exp(2j * np.pi * np.linspace(begin, end, 24))
        line(canvas, np.stack([arc.real, arc.imag], axis=-1), _SICKLE[:2], 5, rng)


def _paint_hills(canvas: Canvas, rng: Generator) -> None:
    hatch = mixed(straight(_SHAPE, 1 - 0.1j), straight(_SHAPE, 1 - 1.6j), 0.8)
    for outline, colours, crest in (
        (_FAR_OUTLINE, _FAR_HILL, 10), (_LEFT_OUTLINE, _HILL, 4), (_MID_OUTLINE, _HILL, 8), (_NEAR_OUTLINE, _HILL, 8),
    ):  # fmt: skip
        ridge = curve(outline[:crest])
        folds = [Guide(ridge + np.array([0, 18 * k]), (0.15, 0.7, 0.45)[k % 3]) for k in range(8)]
        field, tone = combed(_SHAPE, folds)
        if outline is _NEAR_OUTLINE:
            field, tone = hatch, tone + 0.15
        area = Area(inside(_SHAPE, outline), field, tone, colours)
        work(canvas, area, Hand(width=8, length=42, tone=0.12), rng)
        line(canvas, ridge, _DARK, 7, rng)


def _paint_cypress(canvas: Canvas, rng: Generator) -> None:
    for flame in _FLAMES:
        strands = [
            Guide(flame.side(u, sway=9), (0.05, 0.55, 0.2, 0.9)[k % 4]) for k, u in enumerate(np.linspace(-1, 1, 11))
        ]
        field, tone = combed(_SHAPE, strands)
        area = Area(flame.mask(_SHAPE), field, tone, _CYPRESS)
        work(canvas, area, Hand(width=8, length=80, tone=0.14, wander=0.12, coverage=2.5), rng, accents=0.5)
        for k, u in enumerate(np.linspace(-0.85, 0.85, int(max(flame.halves) / 9))):
            line(canvas, flame.side(u, sway=9)[12:], _STRANDS[k % len(_STRANDS)], 4.5, rng)
        for edge in (-1, 1):
            line(canvas, flame.side(edge, sway=5, wave=80)[2:], _CYPRESS[:2], 6, rng)
