"""A study after Joseph Mallord William Turner's The Shipwreck (1805) and his later storms of light."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab
from tools.painter.flow import Array, Field, Guide, Mask, combed, curve, inside, mixed, positions, spread, unit
from tools.painter.handling import brush_for, follow, line
from tools.painter.strokes import KNOTS, Hand, Strokes, along_line

WIDTH, HEIGHT, SEED, GROUND = 1000, 700, 1805, "#4c4430"
_SHAPE = (HEIGHT, WIDTH)

_STORM = oklab(["#16222a", "#2a3d44", "#4a5a54", "#7c7450", "#b48c40", "#d9a13a", "#f3c75c", "#fbe6a0", "#fffbe6"])
_SEA = oklab(["#06100f", "#0f2422", "#1c3c38", "#34584c", "#647c60", "#a8a070", "#d8c890", "#f8f0cc"])
_FOAM = oklab(["#8c9078", "#d0c89c", "#fbf4d8", "#fffdf0"])
_DARK = oklab(["#0a0806", "#1c120a", "#2c1c10"])
_FIGURES = oklab(["#8c1c10", "#d8b070", "#3c2814", "#e8d8b0", "#1c3040", "#c87838"])

_EYE = (440, 262)
_HULL = (
    (236, 330), (262, 352), (330, 392), (420, 414), (500, 410), (556, 384), (584, 340), (600, 322), (560, 336),
    (500, 358), (420, 360), (340, 346), (280, 326),
)  # fmt: skip
_RIG = (  # masts, bowsprit, yards and stays with their width
    ((330, 350), (300, 240), (262, 120), 9), ((430, 366), (416, 220), (386, 60), 11), ((520, 356), (520, 250),
    (502, 140), 8), ((246, 336), (200, 306), (150, 292), 6), ((240, 214), (300, 190), (352, 172), 5), ((338, 170),
    (400, 140), (462, 118), 5), ((330, 250), (412, 230), (486, 206), 5), ((462, 230), (516, 216), (566, 198), 5),
    ((150, 292), (206, 204), (262, 120), 2), ((262, 120), (340, 220), (424, 356), 2), ((386, 60), (470, 200),
    (560, 336), 2), ((502, 140), (556, 230), (594, 322), 2), ((386, 60), (350, 180), (340, 346), 2),
)  # fmt: skip
_SAILS = (
    ((346, 178), (400, 150), (458, 128), (470, 170), (452, 206), (476, 212), (412, 226), (340, 244), (360, 210)),
    ((248, 220), (300, 198), (348, 180), (344, 226), (330, 262), (290, 270), (266, 262)), ((470, 234), (518, 222),
    (560, 206), (556, 250), (568, 280), (520, 296), (478, 290)), ((336, 256), (412, 238), (480, 218), (470, 280),
    (480, 322), (410, 330), (352, 320)), ((756, 420), (800, 330), (846, 244), (852, 330), (838, 424)), ((860, 262),
    (900, 330), (930, 400), (858, 422)),
)  # fmt: skip
_BOATS = (  # outline, how many people
    (((140, 500), (190, 520), (270, 532), (350, 520), (392, 490), (360, 546), (280, 560), (200, 550)), 34),
    (((730, 424), (800, 436), (880, 432), (940, 412), (910, 450), (820, 462), (760, 450)), 14),
)  # fmt: skip
_SEA_AT = (
    (-20, 400), (120, 412), (260, 388), (400, 392), (540, 372), (680, 396), (820, 380), (920, 340), (1020, 300),
    (1020, 720), (-20, 720),
)  # fmt: skip
_SWELLS = (  # crests and troughs with their tone
    (((-10, 404), (120, 420), (240, 392), (380, 392), (520, 376)), 0.75), (((-10, 430), (110, 452), (240, 470),
    (360, 520)), 0.05), (((-10, 470), (100, 500), (230, 560), (380, 600), (520, 590)), 0.12), (((-10, 520),
    (90, 560), (220, 630), (380, 690)), 0.62), (((-10, 560), (80, 610), (180, 690)), 0.1), (((380, 400), (480, 396),
    (580, 384), (700, 412), (800, 440), (900, 400), (1010, 320)), 0.08), (((400, 430), (520, 420), (640, 440),
    (740, 480), (860, 460), (1010, 350)), 0.2), (((300, 520), (420, 500), (560, 510), (680, 560), (820, 540),
    (930, 460), (1010, 400)), 0.85), (((240, 560), (400, 548), (560, 560), (700, 610), (860, 580), (1010, 470)),
    0.1), (((200, 610), (380, 640), (560, 620), (720, 660), (880, 620), (1010, 530)), 0.7), (((300, 690),
    (520, 660), (700, 700)), 0.2), (((760, 700), (880, 660), (1010, 580)), 0.9), (((860, 700), (1010, 640)), 0.15),
    (((820, 400), (880, 420), (940, 380), (1010, 300)), 0.9), (((430, 470), (520, 462), (600, 480), (640, 520)),
    0.8),
)  # fmt: skip


def paint(canvas: Canvas, rng: Generator) -> None:
    """Lays in storm and sea by their light, scumbles them, then sets ship, sails, people and spray into them."""
    view = Cartoon(WIDTH, HEIGHT, GROUND)
    whirl, field, sea_tone = _whirl(rng), *combed(_SHAPE, [Guide(points, tone) for points, tone in _SWELLS])
    sea = inside(_SHAPE, _SEA_AT)
    _light(view, sea, sea_tone, rng)
    canvas.cover(view.image)
    flow = np.where(sea, field, whirl).astype(np.complex64)
    _scumble(canvas, view, flow, rng)
    _paint_ship(canvas, rng)
    _paint_people(canvas, rng)
    _throw_spray(canvas, rng)


def _scumble(canvas: Canvas, view: Cartoon, flow: Field, rng: Generator) -> None:
    """Broad soft paint, then half-dry brushes that are dragged over it and let it show through."""
    follow(canvas, view, flow, Hand(width=34, length=120, coverage=3, colour=0.008), rng, body=0.3)
    follow(
        canvas, view, flow, Hand(width=19, length=70, coverage=2.4, colour=0.012, wander=0.2), rng, body=0.6, dry=0.7
    )
    follow(
        canvas, view, flow, Hand(width=10, length=50, coverage=0.9, colour=0.02, wander=0.25), rng, body=1.2, dry=0.8
    )
    follow(canvas, view, flow, Hand(width=5, length=26, coverage=0.25, colour=0.03, wander=0.4), rng, body=1.8, dry=0.8)


def _whirl(rng: Generator) -> Field:
    """Air that turns about the light and is drawn into it."""
    off = positions(_SHAPE) - complex(*_EYE)
    turning = unit((off.real + 1.5j * off.imag) ** 2 * np.exp(2j * (1.25 + 0.35 * mottle(_SHAPE, 130, rng))))
    return mixed(turning, unit(np.ones(_SHAPE, np.complex64)), 0.12)


def _light(view: Cartoon, sea: Mask, sea_tone: Array, rng: Generator) -> None:
    """The tone of everything: a golden eye, arms of cloud that wind into it, its glitter on black water."""
    off = positions(_SHAPE) - complex(*_EYE)
    far = np.hypot(off.real, 1.25 * off.imag)
    arms = mottle((240, 720), (80, 40), rng)
    turn = (np.angle(off) / (2 * np.pi) + 0.5 + 0.22 * np.log(far + 30)) % 1
    cloud = arms[np.clip(far / 3.4, 0, 239).astype(int), (np.abs(2 * turn - 1) * 719).astype(int)]
    eye = np.exp(-((far / 235) ** 1.7))
    air = 0.12 + 0.85 * eye + 0.13 * cloud * (1 - 0.6 * eye)
    view.shade(_STORM, air)
    water = Cartoon(WIDTH, HEIGHT, GROUND)
    gleam = 0.6 * np.exp(-(((off.real - 20) / 210) ** 2) - ((off.imag - 190) / 130) ** 2)
    water.shade(_SEA, 0.08 + 0.8 * sea_tone**1.4 + gleam * (0.4 + sea_tone) + 0.09 * mottle(_SHAPE, (150, 50), rng))
    view.inlay(water, sea)
    view.soften(3)


def _paint_ship(canvas: Canvas, rng: Generator) -> None:
    """The ship on her side: torn sails that the light shines through, hull, masts and stays dark against it."""
    for sail in _SAILS:
        cloth = Cartoon(WIDTH, HEIGHT, "#9c5c18")
        middle = np.mean(sail, axis=0)
        cloth.glow(middle[0] + 16, middle[1] - 16, 64, "#fbd468", 0.95)
        cloth.glow(middle[0] - 40, middle[1] + 40, 44, "#4c2c10", 0.8)
        way = complex(*np.subtract(sail[2], sail[0]))
        lie = np.full(_SHAPE, (way / abs(way)) ** 2, np.complex64)
        hand = Hand(width=8, length=36, coverage=3, colour=0.02)
        follow(canvas, cloth, lie, hand, rng, mask=inside(_SHAPE, sail, sharp=True), dry=0.3)
    hull = Cartoon(WIDTH, HEIGHT, "#0e0a08")
    hull.line(_HULL[6:], "#6c4418", 10)
    planks, _ = combed(_SHAPE, [Guide(np.add(_HULL[:8], (0, k))) for k in (-30, -10, 10, 30)])
    follow(canvas, hull, planks, Hand(width=7, length=50, coverage=4, colour=0.02), rng, mask=inside(_SHAPE, _HULL))
    for *points, pen in _RIG:
        line(canvas, points, _DARK, pen, rng)


def _paint_people(canvas: Canvas, rng: Generator) -> None:
    """Boats crowded with people, each a few touches."""
    for boat, crowd in _BOATS:
        ground, mask = Cartoon(WIDTH, HEIGHT, "#140e08"), inside(_SHAPE, boat)
        along, _ = combed(_SHAPE, [Guide(boat[:5])])
        follow(canvas, ground, along, Hand(width=7, length=40, coverage=4, colour=0.02), rng, mask=mask)
        line(canvas, boat[:5], oklab(["#8c5c24", "#c89040"]), 3, rng)
        deck = curve(boat[:5])
        foot = deck[rng.integers(len(deck) // 8, 7 * len(deck) // 8, crowd)] + rng.normal(0, 4, (crowd, 2))
        lean, reach = rng.normal(-1.5, 0.5, (crowd, 1)), rng.uniform(9, 18, (crowd, 1))
        paths = spread(foot[:, :1] + 1j * foot[:, 1:] + reach * np.exp(1j * lean) * np.linspace(0, 1, KNOTS))
        colours = _FIGURES[rng.integers(len(_FIGURES), size=crowd)]
        canvas.paint(Strokes(paths, rng.uniform(4, 8, crowd), colours), brush_for(Hand(width=6, length=1), 1.4), rng)
        canvas.dots(paths[:, -1], rng.uniform(1.6, 2.8, crowd), _FIGURES[rng.choice([1, 3, 5], crowd)])


def _throw_spray(canvas: Canvas, rng: Generator) -> None:
    """Foam dragged along the crests with a dry brush, spindrift torn from it, and fire in the sky."""
    for points, tone in _SWELLS:
        if tone > 0.6:
            foam = Hand(width=10, length=44, coverage=7, wander=1.3)
            canvas.paint(along_line(np.subtract(points, (0, 4)), _FOAM, foam, rng), brush_for(foam, 1.5, 0.9), rng)
            _fling(canvas, np.asarray(points, dtype=float), 1.0, _FOAM, rng)
    _fling(canvas, np.asarray(_HULL[:7], dtype=float), 1.5, _FOAM, rng)


def _fling(canvas: Canvas, points: Array, amount: float, colours: Array, rng: Generator) -> None:
    """Short bent touches and fine drops that the wind tears from a line, fewer the higher they fly."""
    dense = curve(points)
    count = int(0.9 * amount * len(dense))
    lift = rng.exponential(14, (count, 1))
    roots = dense[rng.integers(len(dense), size=count)] + lift * (0.7, -1) + rng.normal(0, 5, (count, 2))
    t = np.linspace(0, 1, KNOTS)
    turn = rng.normal(-0.35, 0.45, (count, 1)) + rng.normal(0.5, 0.5, (count, 1)) * t
    paths = spread(roots[:, :1] + 1j * roots[:, 1:] + rng.uniform(6, 20, (count, 1)) * t * np.exp(1j * turn))
    tones = colours[rng.integers(len(colours), size=count)]
    canvas.paint(Strokes(paths, rng.uniform(2, 6, count), tones), brush_for(Hand(width=9, length=1), 1.6, 0.9), rng)
    drops = (
        np.repeat(roots, 4, axis=0)
        + rng.exponential(26, (4 * count, 1)) * (0.6, -1)
        + rng.normal(0, 12, (4 * count, 2))
    )
    canvas.dots(drops, rng.exponential(0.5, 4 * count).clip(0.4, 2.2), np.repeat(tones, 4, axis=0))
