"""A study after Edvard Munch's The Scream (1893)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.colour import oklab
from tools.painter.flow import Array, Guide, Points, around, combed, inside, mixed, straight
from tools.painter.handling import Tongue, line, work
from tools.painter.strokes import Area, Hand

WIDTH, HEIGHT, SEED, GROUND = 785, 1000, 1893, "#4a2c1c"
_SHAPE = (HEIGHT, WIDTH)

_SKY = oklab(["#b01c0c", "#d62c10", "#e64d14", "#ee7a1c", "#f2a32c", "#efc45c", "#d8b880", "#a8a088", "#5f9088"])
_WATER = oklab(["#3c5c5c", "#7f8450", "#c4942c", "#eab83c", "#f0cc68", "#d88428"])
_LAND = oklab(["#080e18", "#0d1a2e", "#142c48", "#1f4868", "#3f7494", "#86acc0", "#1c3c3c"])
_SLOPE = oklab(["#14201e", "#2c3c30", "#5c4c28", "#94682c", "#c4924c", "#dcb878", "#4c8468"])
_DECK = oklab(["#1c1412", "#3c2c1c", "#6c4424", "#98642c", "#b88448", "#cca06c", "#3c5450"])
_SHADE = oklab(["#0c0c10", "#181a20", "#2c2420", "#4c3020", "#24383c"])
_RAIL = oklab(["#5c2c14", "#94481c", "#c4642c", "#e08c48", "#b07444"])
_RED = oklab(["#b8280c", "#dc4414", "#f06c28"])
_ROBE = oklab(["#06080a", "#0d1416", "#16242a", "#263c44", "#48646c", "#2c2418"])
_SKIN = oklab(["#86683a", "#b08c4c", "#d0ac64", "#e4cc90", "#efe2b8"])
_DARK = oklab(["#0a0a0c", "#16161a"])
_UMBER = oklab(["#2c1c10", "#40280f"])

_SKY_BANDS = (  # heights at x = 0, 160, 320, 480, 640, 800, and the tone
    ((6, 14, 4, 10, 18, 6), 0.72), ((36, 26, 30, 42, 24, 34), 0.06), ((62, 48, 56, 74, 50, 56), 0.88),
    ((84, 74, 78, 98, 78, 78), 0.55), ((106, 112, 98, 118, 104, 96), 0.14),
    ((132, 150, 124, 128, 130, 114), 0.05), ((156, 178, 152, 146, 152, 136), 0.3),
    ((174, 198, 180, 164, 164, 152), 0.68), ((192, 212, 206, 186, 172, 164), 0.5),
    ((212, 220, 232, 212, 180, 176), 0.1), ((236, 232, 256, 238, 196, 188), 0.04),
    ((258, 250, 276, 260, 216, 204), 0.4), ((276, 268, 290, 276, 238, 222), 0.6),
    ((292, 290, 302, 290, 262, 250), 0.2),
)  # fmt: skip
_WATER_OUTLINE = (
    (-20, 330), (200, 326), (400, 322), (528, 326), (545, 340), (500, 350), (420, 353), (392, 364), (402, 380),
    (462, 378), (488, 392), (474, 414), (400, 432), (220, 438), (90, 434), (-20, 420),
)  # fmt: skip
_LAND_OUTLINE = (
    (-30, 300), (60, 284), (140, 284), (260, 300), (360, 306), (450, 286), (540, 258), (640, 246), (720, 256),
    (800, 262), (900, 266), (900, 930), (60, 450), (-30, 450),
)  # fmt: skip
_VANISHING = (52, 418)

_ROBE_OUTLINE = (
    (392, 648), (356, 640), (326, 668), (308, 730), (298, 810), (312, 890), (304, 960), (300, 1030),
    (452, 1030), (440, 960), (446, 890), (478, 830), (496, 770), (494, 710), (470, 664), (436, 650),
)  # fmt: skip
_HEAD = (
    (412, 488), (442, 494), (462, 514), (468, 545), (462, 578), (448, 606), (442, 634), (430, 656), (412, 662),
    (396, 654), (386, 632), (378, 606), (362, 578), (356, 545), (362, 514), (382, 494),
)  # fmt: skip
_ARMS = (
    Tongue([(346, 524), (340, 560), (346, 604), (360, 648), (366, 700)], (3, 8, 12, 13, 14)),
    Tongue([(478, 524), (485, 560), (480, 604), (468, 648), (466, 694)], (3, 8, 12, 13, 14)),
)


def paint(canvas: Canvas, rng: Generator) -> None:
    """Paints the picture from the sky down to the figure in front."""
    _paint_sky(canvas, rng)
    _paint_land(canvas, rng)
    _paint_water(canvas, rng)
    _paint_deck(canvas, rng)
    _paint_railing(canvas, rng)
    _paint_walkers(canvas, rng)
    _paint_robe(canvas, rng)
    _paint_head(canvas, rng)


def _paint_sky(canvas: Canvas, rng: Generator) -> None:
    guides = [Guide(list(zip(range(-10, 800, 160), heights, strict=False)), tone) for heights, tone in _SKY_BANDS]
    field, tone = combed(_SHAPE, guides)
    sky = inside(_SHAPE, [(-9, -9), (800, -9), (800, 330), (-9, 330)], sharp=True)
    work(canvas, Area(sky, field, tone, _SKY), Hand(width=12, length=190, tone=0.05, wander=0.03), rng, accents=0.4)


def _paint_land(canvas: Canvas, rng: Generator) -> None:
    sweep = [Guide([(-10, 300), (150, 296), (330, 312), (480, 288), (640, 256), (800, 268)], 0.05, 2)]
    for k in range(7):
        path = [
            (90, 430 + 22 * k),
            (260, 446 + 20 * k),
            (430, 440 + 16 * k),
            (540, 400 + 14 * k),
            (660, 330 + 15 * k),
            (790, 290 + 14 * k),
        ]
        sweep.append(Guide(path, (0.1, 0.55, 0.25, 0.75)[k % 4]))
    field, tone = combed(_SHAPE, sweep)
    work(
        canvas,
        Area(inside(_SHAPE, _LAND_OUTLINE), field, tone, _LAND),
        Hand(width=8, length=85, tone=0.1),
        rng,
        accents=0.5,
    )
    curls = []
    for k in range(10):
        x = 500 + 30 * k
        path = [
            (790 + 6 * k, 372 + 3 * k),
            (x + 120, 440),
            (x + 30, 520),
            (x, 600),
            (x + 25, 690),
            (x + 110, 790),
            (x + 260, 880),
        ]
        curls.append(Guide(path, (0.1, 0.6, 0.35, 0.85, 0.5)[k % 5]))
    field, tone = combed(_SHAPE, curls)
    slope = inside(_SHAPE, [(830, 372), (720, 404), (610, 450), (530, 510), (488, 590), (486, 700), (830, 930)])
    work(canvas, Area(slope, field, tone, _SLOPE), Hand(width=8, length=95, tone=0.1), rng, accents=0.5)


def _paint_water(canvas: Canvas, rng: Generator) -> None:
    rows = [
        Guide([(-10, 334), (200, 332), (400, 328), (540, 336), (420, 348), (384, 366), (410, 386), (480, 390)], 0.25),
        Guide([(-10, 350), (200, 346), (360, 344), (364, 372), (420, 398), (474, 402)], 0.75),
        Guide([(-10, 372), (160, 366), (300, 372), (400, 412), (460, 414)], 0.5),
        Guide([(-10, 392), (160, 388), (290, 396), (360, 424)], 0.85),
        Guide([(-10, 414), (160, 418), (320, 430), (440, 424)], 0.3),
    ]
    field, tone = combed(_SHAPE, rows)
    water = inside(_SHAPE, _WATER_OUTLINE)
    work(canvas, Area(water, field, tone, _WATER), Hand(width=6.5, length=70, tone=0.1), rng)
    line(canvas, _WATER_OUTLINE[2:-1], _LAND[:3], 6, rng)
    for x in (236, 284):
        line(canvas, [(x, 340), (x, 364)], _DARK, 3, rng)
        line(canvas, [(x - 13, 364), (x + 13, 364)], _DARK, 3.5, rng)


def _paint_deck(canvas: Canvas, rng: Generator) -> None:
    x, y = _VANISHING
    boards = [
        Guide([(x, y), (x + 1.4 * (end - x), 1230)], (0.08, 0.6, 0.3, 0.75, 0.2)[k % 5])
        for k, end in enumerate(range(-420, 560, 62))
    ]
    field, tone = combed(_SHAPE, boards)
    deck = inside(_SHAPE, [(-9, 425), (62, 425), (820, 900), (820, 1009), (-9, 1009)], sharp=True)
    work(canvas, Area(deck, field, tone, _DECK), Hand(width=9, length=140, tone=0.1, wander=0.03), rng, accents=0.5)


def _paint_railing(canvas: Canvas, rng: Generator) -> None:
    x, y = _VANISHING
    along = combed(
        _SHAPE,
        [Guide([(x, y), (800, 900)], 0.2), Guide([(x, y), (660, 1009)], 0.7), Guide([(x + 24, y), (430, 1009)], 0.3)],
    )
    shade = inside(_SHAPE, [(70, 430), (800, 915), (800, 1009), (420, 1009), (84, 470)], sharp=True)
    work(canvas, Area(shade, *along, _SHADE), Hand(width=9, length=100, tone=0.14), rng)
    for foot, top, bottom in ((238, 560, 716), (640, 826, 1010)):
        post = Tongue([(foot, top), (foot + 2, bottom)], (12, 13))
        _paint_tongue(canvas, post, (0.8, 0.3, 0.1), _SHADE[:4], Hand(width=6, length=60), rng)
    for end, halves, colours in (
        ((455, 1010), (2, 9), _RED), ((690, 1010), (3, 16), _RAIL), ((812, 912), (5, 26), _RAIL),
    ):  # fmt: skip
        rail = Tongue([(74, 436), ((74 + end[0]) / 2, (436 + end[1]) / 2), end], halves)
        _paint_tongue(canvas, rail, (0.8, 0.45, 0.1), colours, Hand(width=7, length=110), rng)
        line(canvas, rail.side(1), _DARK, 5, rng)
        line(canvas, rail.side(-1), _RED, 4, rng)


def _paint_walkers(canvas: Canvas, rng: Generator) -> None:
    for x, y in ((16, 352), (60, 346)):
        body = Tongue([(x, y), (x + 1, y + 90), (x - 2, y + 190)], (4, 8, 9, 9, 7, 13, 17, 18, 17, 16, 15, 14, 12, 10))
        _paint_tongue(canvas, body, (0.1, 0.5, 0.2), _ROBE[:4], Hand(width=5, length=60), rng)


def _paint_robe(canvas: Canvas, rng: Generator) -> None:
    folds = []
    for k in range(9):
        u = k / 8
        path = [
            (352 + 88 * u, 640),
            (312 + 182 * u, 730),
            (300 + 180 * u, 830),
            (312 + 132 * u, 910),
            (300 + 150 * u, 1020),
        ]
        folds.append(Guide(path, (0.1, 0.55, 0.25, 0.7)[k % 4]))
    robe = Area(inside(_SHAPE, _ROBE_OUTLINE), *combed(_SHAPE, folds), _ROBE)
    work(canvas, robe, Hand(width=8, length=95, tone=0.1), rng)
    line(canvas, _ROBE_OUTLINE, _DARK, 6, rng, closed=True)


def _paint_head(canvas: Canvas, rng: Generator) -> None:
    bent = mixed(around(_SHAPE, (412, 560), 1.5), straight(_SHAPE, 1j), 0.5)
    planes = [
        Guide([(x, 500), (x + 0.2 * (412 - x), 650)], tone)
        for x, tone in ((366, 0.1), (392, 0.6), (416, 0.9), (440, 0.5), (460, 0.15))
    ]
    _, tone = combed(_SHAPE, planes)
    for arm in _ARMS:
        _paint_arm(canvas, arm, rng)
    work(canvas, Area(inside(_SHAPE, _HEAD), bent, tone, _SKIN), Hand(width=6, length=34, tone=0.09), rng)
    line(canvas, _HEAD, _UMBER, 3.6, rng, closed=True)
    _paint_features(canvas, rng)


def _paint_arm(canvas: Canvas, arm: Tongue, rng: Generator) -> None:
    """A hand and forearm: contours, the gaps between the fingers, the edge of the sleeve."""
    _paint_tongue(canvas, arm, (0.3, 0.8, 0.5), _SKIN, Hand(width=6, length=50), rng)
    for edge in (-1, 1):
        line(canvas, arm.side(edge), _UMBER, 4, rng)
    for gap in (-0.3, 0.35):
        line(canvas, arm.side(gap)[:22], _UMBER, 2.6, rng)
    left, middle, right = (arm.side(u)[-1] for u in (-1.3, 0, 1.3))
    line(canvas, np.stack([left, np.add(middle, (0, 6)), right]), _ROBE[:3], 13, rng)


def _paint_features(canvas: Canvas, rng: Generator) -> None:
    for x in (386, 437):
        line(canvas, _oval(x, 554, 14, 13), _SKIN[:2], 7, rng, closed=True)
        line(canvas, _oval(x, 556, 7, 6), _SKIN[2:4], 7, rng, closed=True)
        line(canvas, _oval(x, 556, 11, 9), _SHADE[3:4], 2.2, rng, closed=True)
        line(canvas, [(x - 1, 555), (x + 1, 557)], _UMBER, 5, rng)
    for x in (405, 417):
        line(canvas, [(x, 582), (x, 587)], _UMBER, 4.5, rng)
    for way in (-1, 1):
        line(canvas, [(411 + 45 * way, 572), (411 + 33 * way, 596), (411 + 22 * way, 640)], _SKIN[:1], 5, rng)
    line(canvas, [(411, 540), (409, 562), (407, 576)], _SKIN[:2], 5, rng)
    line(canvas, _oval(411, 618, 14, 24), _SKIN[:2], 6, rng, closed=True)
    line(canvas, _oval(411, 618, 3, 12), _DARK, 8, rng, closed=True)
    line(canvas, _oval(411, 618, 10, 20), _UMBER, 3.5, rng, closed=True)


def _paint_tongue(
    canvas: Canvas, tongue: Tongue, tones: tuple[float, float, float], colours: Array, hand: Hand, rng: Generator
) -> None:
    """Works up a tongue along its axis, with a tone for one edge, the middle and the other edge."""
    strands = [Guide(tongue.side(offset), tone) for offset, tone in zip((-0.8, 0, 0.8), tones, strict=True)]
    work(canvas, Area(tongue.mask(_SHAPE), *combed(_SHAPE, strands), colours), hand, rng)


def _oval(x: float, y: float, width: float, height: float) -> Points:
    """A closed oval of half-width and half-height about a point."""
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    points: Array = np.stack([x + width * np.cos(turn), y + height * np.sin(turn)], axis=-1)
    return points
