"""A study after Joseph Mallord William Turner's The Shipwreck (1805) and his later storms of light."""

import numpy as np
from numpy.random import Generator

from assets.painter.canvas import Canvas
from assets.painter.cartoon import Cartoon, mottle, spread
from assets.painter.colour import oklab
from assets.painter.flow import Array, Field, Guide, combed, curve, inside, mixed, positions, unit
from assets.painter.handling import brush_for, follow, line
from assets.painter.strokes import KNOTS, Hand, Strokes, along_line

WIDTH, HEIGHT, SEED, GROUND = 1000, 700, 1805, "#4c4430"
_SHAPE = (HEIGHT, WIDTH)

_STORM = oklab(["#0c1416", "#1c2a2c", "#37443f", "#655f42", "#a47c34", "#d9a13a", "#f3c75c", "#fbe6a0", "#fffbe6"])
_SEA = oklab(["#04090a", "#0c1a1a", "#182e2a", "#2f463c", "#5c6a50", "#9c9468", "#d8c890", "#f8f0cc"])
_FOAM = oklab(["#8c9078", "#d0c89c", "#fbf4d8", "#fffdf0"])
_EMBER = oklab(["#c8641c", "#f0a42c", "#fbdc80", "#fff6d0"])
_DARK = oklab(["#0a0806", "#1c120a", "#2c1c10"])
_FIGURES = oklab(["#8c1c10", "#d8b070", "#3c2814", "#e8d8b0", "#1c3040", "#c87838"])

_EYE = (560, 262)
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
_HULL = (
    (60, 140), (180, 176), (300, 210), (372, 232), (400, 280), (398, 340), (360, 380), (240, 400), (90, 396),
    (-20, 380), (-20, 130),
)  # fmt: skip
_SAILS = (
    ((668, 348), (720, 290), (776, 238), (812, 204), (778, 300), (730, 398), (690, 384)), ((778, 268), (840, 274),
    (890, 272), (850, 334), (800, 386), (736, 398)), ((572, 240), (620, 238), (656, 246), (634, 290), (600, 326),
    (576, 300)), ((124, 280), (150, 262), (178, 242), (186, 300), (186, 356), (140, 350)),
)  # fmt: skip
_SPARS = (
    ((704, 408), (770, 290), (828, 200), 6), ((778, 268), (840, 272), (896, 272), 4), ((534, 156), (552, 210),
    (566, 260), 5), ((104, 204), (118, 280), (130, 350), 5), ((208, 220), (236, 290), (266, 360), 4), ((232, 210),
    (256, 280), (280, 350), 4), ((262, 286), (300, 256), (344, 228), 5), ((26, 140), (34, 110), (46, 84), 9),
    ((556, 206), (596, 196), (640, 180), 3), ((424, 300), (470, 320), (520, 340), 5), ((730, 398), (790, 310),
    (850, 274), 2), ((560, 262), (620, 200), (690, 196), 2), ((600, 560), (640, 545), (662, 574), 6), ((480, 500),
    (560, 530), (660, 556), 7),
)  # fmt: skip
_RAFT = ((196, 440), (260, 420), (340, 432), (430, 470), (456, 506), (400, 524), (310, 516), (220, 486))
_DINGHY = ((606, 344), (640, 322), (672, 330), (700, 372), (740, 404), (690, 400), (640, 380))


def paint(canvas: Canvas, rng: Generator) -> None:
    """Lays in storm and sea by their light, scumbles them, then sets ship, sails, people and spray into them."""
    view = Cartoon(WIDTH, HEIGHT, GROUND)
    whirl, field, sea_tone = _whirl(rng), *combed(_SHAPE, [Guide(points, tone) for points, tone in _SWELLS])
    sea = inside(_SHAPE, _SEA_AT)
    _light(view, sea, sea_tone, rng)
    canvas.cover(view.image)
    flow = np.where(sea, field, whirl).astype(np.complex64)
    _scumble(canvas, view, flow, rng)
    _paint_sails(canvas, rng)
    _paint_people(canvas, rng)
    _throw_spray(canvas, rng)


def _scumble(canvas: Canvas, view: Cartoon, flow: Field, rng: Generator) -> None:
    """Broad soft paint, then half-dry brushes that are dragged over it and let it show through."""
    follow(canvas, view, flow, Hand(width=30, length=100, coverage=3, colour=0.008), rng, body=0.3)
    follow(
        canvas, view, flow, Hand(width=15, length=56, coverage=2.4, colour=0.014, wander=0.25), rng, body=0.6, dry=0.7
    )
    follow(canvas, view, flow, Hand(width=7, length=40, coverage=1.2, colour=0.02, wander=0.3), rng, body=1.2, dry=0.8)
    follow(
        canvas, view, flow, Hand(width=3.5, length=20, coverage=0.6, colour=0.03, wander=0.4), rng, body=1.8, dry=0.8
    )


def _whirl(rng: Generator) -> Field:
    """Air that turns about the light and is drawn into it."""
    off = positions(_SHAPE) - complex(*_EYE)
    turning = unit((off.real + 1.5j * off.imag) ** 2 * np.exp(2j * (1.25 + 0.35 * mottle(_SHAPE, 130, rng))))
    return mixed(turning, unit(np.ones(_SHAPE, np.complex64)), 0.12)


def _light(view: Cartoon, sea: np.ndarray, sea_tone: Array, rng: Generator) -> None:
    """The tone of everything: a golden eye, arms of cloud that wind into it, its glitter on black water."""
    off = positions(_SHAPE) - complex(*_EYE)
    far = np.hypot(off.real, 1.25 * off.imag)
    arms = mottle((240, 720), (80, 40), rng)
    turn = (np.angle(off) / (2 * np.pi) + 0.5 + 0.22 * np.log(far + 30)) % 1
    cloud = arms[np.clip(far / 3.4, 0, 239).astype(int), (np.abs(2 * turn - 1) * 719).astype(int)]
    eye = np.exp(-((far / 175) ** 1.6))
    air = (
        0.12
        + 0.85 * eye
        + 0.13 * cloud * (1 - 0.6 * eye)
        + 0.22 * np.exp(-((off.imag + 250) ** 2 + (off.real + 470) ** 2) / 130**2)
    )
    view.shade(_STORM, air)
    water = Cartoon(WIDTH, HEIGHT, GROUND)
    gleam = 0.45 * np.exp(-(((off.real - 20) / 190) ** 2) - ((off.imag - 190) / 130) ** 2)
    water.shade(_SEA, 0.08 + 0.8 * sea_tone**1.4 + gleam * (0.4 + sea_tone) + 0.09 * mottle(_SHAPE, (150, 50), rng))
    view.inlay(water, sea)
    _place_ship(view)
    view.soften(3)


def _place_ship(view: Cartoon) -> None:
    """The dark hull on its side against the light, ribs and rails lit by the fire beyond."""
    view.area(_HULL, "#0c0906")
    for x in range(-10, 390, 26):
        y = 168 + 0.2 * x
        view.line([(x, y), (x + 6, y + 60), (x, y + 140)], "#3c2a14", (1, 6, 2))
    for k in range(4):
        view.line([(-20, 140 + 50 * k), (180, 182 + 48 * k), (398, 262 + 40 * k)], "#4c3418", (2, 5, 1))
    view.line(_HULL[:5], "#8c6428", (3, 6, 9, 3))
    view.glow(60, 124, 60, "#d88c2c", 0.6)


def _paint_sails(canvas: Canvas, rng: Generator) -> None:
    """Sails that catch the light, then every spar and rope."""
    for sail in _SAILS:
        cloth = Cartoon(WIDTH, HEIGHT, "#a8641c")
        (x, y), middle = sail[0], np.mean(sail, axis=0)
        cloth.glow(*(0.6 * middle + (0.4 * x, 0.4 * y)), 90, "#f6c04c", 0.95)
        cloth.glow(*middle + np.array([50, 30]), 50, "#6c3c10", 0.7)
        way = complex(*np.subtract(sail[2], sail[-1]))
        lie = np.full(_SHAPE, (way / abs(way)) ** 2, np.complex64)
        hand = Hand(width=7, length=44, coverage=3, colour=0.035)
        follow(canvas, cloth, lie, hand, rng, mask=inside(_SHAPE, sail, sharp=True), dry=0.2)
    for *points, pen in _SPARS:
        line(canvas, points, _DARK, pen, rng)


def _paint_people(canvas: Canvas, rng: Generator) -> None:
    """A raft and a boat crowded with people, each a few touches."""
    for boat, crowd in ((_RAFT, 90), (_DINGHY, 26)):
        mask = inside(_SHAPE, boat)
        ground = Cartoon(WIDTH, HEIGHT, "#140e08")
        lie = np.full(_SHAPE, np.exp(0.5j), np.complex64)
        follow(canvas, ground, lie, Hand(width=8, length=40, coverage=3, colour=0.03), rng, mask=mask)
        y, x = np.divmod(rng.choice(np.flatnonzero(mask), crowd), WIDTH)
        lean = rng.normal(-1.5, 0.7, crowd)
        reach = rng.uniform(10, 24, crowd)
        ends = np.exp(1j * lean)[:, None] * reach[:, None] * np.linspace(0, 1, KNOTS)
        paths = spread(x[:, None] + 1j * y[:, None] + ends)
        colours = _FIGURES[rng.integers(len(_FIGURES), size=crowd)]
        canvas.paint(Strokes(paths, rng.uniform(4, 9, crowd), colours), brush_for(Hand(width=6, length=1), 1.4), rng)
        heads = paths[:, -1] + rng.normal(0, 1, (crowd, 2))
        canvas.dots(heads, rng.uniform(2, 3.6, crowd), _FIGURES[rng.choice([1, 3, 5], crowd)])


def _throw_spray(canvas: Canvas, rng: Generator) -> None:
    """Foam flung along the crests, embers round the light, and drops of both."""
    for points, tone in _SWELLS:
        if tone > 0.6:
            foam = Hand(width=6, length=34, coverage=5, wander=1.6)
            canvas.paint(along_line(np.subtract(points, (0, 4)), _FOAM, foam, rng), brush_for(foam, 1.6, 0.8), rng)
            _fling(canvas, np.asarray(points, dtype=float), 240, 60, _FOAM, rng)
    ring = np.exp(2j * np.pi * np.linspace(0.05, 0.95, 9)) * 78 + complex(_EYE[0] - 10, _EYE[1] + 30)
    _fling(canvas, spread(ring), 260, 54, _EMBER, rng)


def _fling(canvas: Canvas, points: Array, count: int, reach: float, colours: Array, rng: Generator) -> None:
    """Bent strokes and drops that fly up from along a line."""
    dense = curve(points)
    roots = dense[rng.integers(len(dense), size=count)] + rng.normal(0, 0.3 * reach, (count, 2)) * (1, 0.5)
    t = np.linspace(0, 1, KNOTS)
    turn = rng.normal(-0.7, 0.5, count)[:, None] + rng.normal(0.3, 0.4, count)[:, None] * t
    long = (reach * rng.uniform(0.2, 0.9, count))[:, None]
    paths = spread(roots[:, :1] + 1j * roots[:, 1:] + long * t * np.exp(1j * turn))
    tones = colours[rng.integers(len(colours), size=count)]
    canvas.paint(Strokes(paths, rng.uniform(1.5, 7, count), tones), brush_for(Hand(width=7, length=1), 1.8, 0.8), rng)
    drops = roots + rng.normal(0, 0.7 * reach, (count, 2))
    canvas.dots(drops, rng.exponential(0.8, count).clip(0.4, 3), tones)
