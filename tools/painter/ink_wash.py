"""A study after Fan Kuan's Travellers among Mountains and Streams (about 1000) and its school."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Brush, Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab, ramp
from tools.painter.flow import Array, Points, curve, unit
from tools.painter.handling import line
from tools.painter.strokes import KNOTS, Area, Hand, Strokes, along_flow

WIDTH, HEIGHT, SEED, GROUND = 720, 1000, 1000, "#d9c8a4"
_SHAPE = (HEIGHT, WIDTH)

_PAPER = oklab(["#b9a57c", "#d2c098", "#e2d3b0", "#eee2c6"])
_INK = oklab(["#0c0a08", "#1c1814", "#3a332a", "#665b4a", "#94866c"])
_HAZE = oklab(["#94835f", "#bba981", "#d3c299", "#e0d2ae", "#efe4c8"])
_PALE = oklab(["#4c453a", "#766a56", "#9c8f76"])

_RANGES = (  # ridge, roughness, ink at the ridge, how far it fades, strokes, lean of their fan
    (((0, 330), (70, 250), (130, 300), (200, 220), (280, 300), (420, 260), (540, 300), (620, 190), (680, 250),
    (720, 230)), 9, 0.34, 170, 0.0, 0), (((0, 520), (60, 420), (110, 330), (150, 310), (190, 380), (240, 440),
    (330, 520), (720, 560)), 12, 0.55, 190, 0.7, 140), (((0, 640), (200, 560), (236, 430), (262, 300), (300, 170),
    (350, 108), (404, 84), (456, 104), (494, 150), (524, 260), (560, 380), (604, 470), (720, 540)), 12, 0.8, 330,
    1.5, 400), (((0, 700), (400, 640), (520, 560), (580, 430), (620, 360), (660, 330), (690, 360), (720, 390)), 11,
    0.66, 220, 0.9, 650), (((0, 690), (60, 650), (140, 668), (220, 640), (300, 690), (400, 720), (500, 690),
    (600, 650), (720, 680)), 8, 0.75, 90, 1.0, 200), (((0, 800), (70, 756), (150, 770), (230, 820), (300, 880),
    (360, 930), (430, 960), (520, 940), (590, 880), (650, 830), (720, 800)), 9, 0.95, 200, 1.7, 360),
)  # fmt: skip
_MISTS = (
    (360, 560, 420, 0.95), (120, 470, 200, 0.7), (600, 600, 240, 0.8), (330, 735, 400, 0.8), (80, 640, 200, 0.6),
    (420, 860, 190, 0.75),
)  # fmt: skip
_FALL = ((452, 250), (450, 300), (454, 360), (450, 430), (455, 520))
_PINES = (  # foot, height, lean
    ((96, 800), 190, 0.25), ((150, 806), 140, -0.3), ((48, 800), 130, -0.15), ((630, 866), 200, -0.3), ((680, 850),
    150, 0.2), ((590, 898), 110, -0.5), ((210, 838), 90, 0.5),
)  # fmt: skip


def paint(canvas: Canvas, rng: Generator) -> None:
    """Tones the silk, then lays range upon range of wash, mist between them and dry strokes over them."""
    silk = Cartoon(WIDTH, HEIGHT, GROUND)
    silk.shade(_PAPER, 0.6 + 0.12 * mottle(_SHAPE, 260, rng) + 0.05 * mottle(_SHAPE, (4, 60), rng))
    layers = []
    for points, rough, ink, fade, strokes, peak in _RANGES:
        ridge = _ridge(points, rough, rng)
        _wash(silk, ridge, ink, fade, rng)
        layers.append((ridge, ink, fade, strokes, peak))
        if len(layers) == 3:
            silk.line(_FALL, "#efe6cc", (3, 9, 8, 10, 8, 0))
        for x, y, reach, strength in _MISTS[len(layers) - 1 : len(layers)]:
            silk.glow(x, y, reach, "#e8dabc", strength, 0.17)
    canvas.cover(silk.image)
    _drift(canvas, np.min([layer[0] for layer in layers], axis=0), rng)
    for k, (ridge, ink, fade, strokes, peak) in enumerate(layers):
        cover = (
            np.min([other[0] for other in layers[k + 1 :]], axis=0) if k + 1 < len(layers) else np.full(WIDTH, 2000.0)
        )
        _texture(canvas, ridge, cover, (ink, 0.72 * fade, strokes, peak), rng)
        _moss(canvas, ridge, cover, ink, rng)
    _paint_water(canvas, rng)
    for foot, tall, lean in _PINES:
        _pine(canvas, foot, tall, lean, rng)
    _paint_life(canvas, rng)


def _drift(canvas: Canvas, skyline: Array, rng: Generator) -> None:
    """Bands of cloud: long half-dry strokes that lie level in the sky."""
    curl = unit(np.exp(2j * 0.16 * mottle(_SHAPE, (240, 110), rng)))
    tone = 0.56 + 0.2 * mottle(_SHAPE, (360, 70), rng)
    sky = np.arange(HEIGHT)[:, None] < skyline - 4
    for width, length, share in ((24, 190, 0.8), (10, 120, 0.8), (4, 70, 0.4)):
        hand = Hand(width=width, length=length, coverage=share, tone=0.12, colour=0.004)
        strokes = along_flow(Area(sky, curl, tone, _HAZE), hand, rng)
        canvas.paint(strokes, Brush(bristles=16, streak=0.012, ragged=0.5, dry=0.85, body=0.15), rng)


def _ridge(points: Points, rough: float, rng: Generator) -> Array:
    """The height of a ridge at every column, broken like rock."""
    x, y = np.array(points, dtype=float).T
    line_of = np.interp(np.arange(WIDTH), x, y)
    return line_of + rough * mottle((8, WIDTH), (70, 8), rng)[0] + 0.35 * rough * mottle((8, WIDTH), (14, 8), rng)[0]


def _wash(silk: Cartoon, ridge: Array, ink: float, fade: float, rng: Generator) -> None:
    """Hides what lies behind, then ink that is dark at the ridge and in the clefts and fades into mist."""
    deep = np.arange(HEIGHT)[:, None] - ridge[None, :]
    body = deep > 0
    silk.veil("#dccbaa", body * 0.97)
    clefts = np.clip(0.62 + 0.3 * mottle(_SHAPE, (34, 150), rng) + 0.16 * mottle(_SHAPE, 26, rng), 0.05, 1)
    silk.veil("#1c1812", body * ink * clefts * np.exp(-np.clip(deep, 0, None) / (0.7 * fade)))
    silk.veil("#14110d", body * 0.5 * ink * np.exp(-np.clip(deep, 0, None) / 9))


def _texture(
    canvas: Canvas, ridge: Array, cover: Array, manner: tuple[float, float, float, float], rng: Generator
) -> None:
    """Dry strokes that fall from the ridge like rain on rock, in clusters, and the contour."""
    ink, fade, amount, peak = manner
    x, y = np.arange(WIDTH)[None, :], np.arange(HEIGHT)[:, None]
    deep = y - ridge[None, :]
    if amount:
        lean = np.pi / 2 + 0.55 * np.tanh((peak - x) / 130) + 0.28 * mottle(_SHAPE, 60, rng)
        field = np.exp(2j * lean).astype(np.complex64)
        clusters = mottle(_SHAPE, (44, 110), rng) + 0.6 * np.exp(-deep / 60)
        fall = (np.abs(x - 452) < 9) & (y > 240) & (y < 540)
        shown = (
            (deep > 2) & ~fall & (y < cover[None, :]) & (deep < 1.9 * fade * (0.9 + 0.4 * clusters)) & (clusters > -1.0)
        )
        tone = np.clip(0.3 + 0.34 * deep / fade - 0.24 * clusters + 0.5 * (0.95 - ink), 0, 1).astype(np.float32)
        for width, length, share in ((13, 62, 0.5), (7, 40, 1.0), (3.4, 22, 1.1)):
            hand = Hand(
                width=width, length=length, coverage=share * amount * 0.55, tone=0.16, wander=0.22, colour=0.008
            )
            strokes = along_flow(Area(shown, field, tone, _INK), hand, rng)
            canvas.paint(strokes, Brush(bristles=9, streak=0.03, ragged=0.5, dry=0.75, body=0.12), rng)
    _contour(canvas, ridge, cover, ink, rng)


def _contour(canvas: Canvas, ridge: Array, cover: Array, ink: float, rng: Generator) -> None:
    """The ridge, drawn where nothing nearer hides it, the brush pressed and lifted."""
    for first in range(0, WIDTH - 30, 26):
        part = np.arange(first, min(first + 34, WIDTH), 4)
        if (ridge[part] < cover[part]).all() and ink > 0.4:
            path = np.stack([part, ridge[part]], axis=-1)
            line(canvas, path, _INK[:2] if ink > 0.7 else _PALE[:2], rng.uniform(1.2, 3.6) * ink, rng)


def _moss(canvas: Canvas, ridge: Array, cover: Array, ink: float, rng: Generator) -> None:
    """Far trees and moss: upright dabs in groups along the ridge."""
    if ink < 0.5:
        return
    groups = mottle((8, WIDTH), (60, 8), rng)[0]
    x = rng.integers(0, WIDTH, 900)
    x = x[(groups[x] > 0.1) & (ridge[x] < cover[x] - 4)]
    y = ridge[x] + rng.normal(2, 5, len(x)) + 10 * rng.random(len(x)) * (groups[x] > 0.8)
    t = np.linspace(0, 1, KNOTS)
    tall = rng.uniform(4, 12, (len(x), 1))
    paths = np.stack([x[:, None] + rng.normal(0, 1, (len(x), 1)) * t, y[:, None] - tall * t], axis=-1)
    tone = 0.3 * rng.random(len(x)) + 0.6 * (0.95 - ink)
    strokes = Strokes(paths.astype(np.float32), rng.uniform(2.5, 5.5, len(x)), ramp(_INK, tone))
    canvas.paint(strokes, Brush(bristles=5, dry=0.3, body=0.12), rng)


def _paint_water(canvas: Canvas, rng: Generator) -> None:
    """The walls beside the fall, and ripples on the stream."""
    for side in (-8, 8):
        line(canvas, np.add(_FALL[:4], (side, 0)), _INK[:3], 2.4, rng)
    for _ in range(34):
        x, y = 430 + rng.normal(0, 70), 868 + rng.uniform(-26, 60)
        wide = rng.uniform(14, 40)
        line(canvas, [(x - wide, y), (x, y + rng.normal(0, 2)), (x + wide, y)], _PALE, 1.2, rng)


def _pine(canvas: Canvas, foot: tuple[float, float], tall: float, lean: float, rng: Generator) -> None:
    """A crooked trunk, boughs that reach out level, and on them wheels of needles."""
    x, y = foot
    rise = np.linspace(0, 1, 6)
    bend = lean * tall * rise**1.4 + 0.05 * tall * np.sin(7 * rise + 9 * lean)
    trunk = curve(np.stack([x + bend, y - tall * rise], axis=-1))
    line(canvas, trunk, _INK[:3], 0.055 * tall, rng)
    line(canvas, trunk + np.array([0.02 * tall, 0]), _INK[2:4], 0.02 * tall, rng)
    for k, at in enumerate(np.linspace(0.38, 1, 9)):
        side = (-1) ** k
        root = trunk[int(at * (len(trunk) - 1))]
        reach = tall * (0.46 - 0.3 * at) * rng.uniform(0.8, 1.2)
        tip = root + np.array([side * reach, -0.1 * tall * rng.uniform(-0.2, 1)])
        line(canvas, [root, (root + tip) / 2 + np.array([0, 3]), tip], _INK[:2], 0.018 * tall + 0.8, rng)
        for share in (0.3, 0.65, 1.0):
            _needles(canvas, root + share * (tip - root), 0.085 * tall + 3, rng)


def _needles(canvas: Canvas, at: Array, reach: float, rng: Generator) -> None:
    count = 26
    turn = rng.uniform(-np.pi * 1.05, 0.05 * np.pi, count)[:, None]
    t = np.linspace(0.05, 1, KNOTS) * (reach * rng.uniform(0.6, 1.2, (count, 1)))
    paths = np.stack([at[0] + t * np.cos(turn), at[1] + 0.75 * t * np.sin(turn)], axis=-1).astype(np.float32)
    strokes = Strokes(paths, np.full(count, 1.7), ramp(_INK, 0.45 * rng.random(count)))
    canvas.paint(strokes, Brush(bristles=4, body=0.12), rng)


def _paint_life(canvas: Canvas, rng: Generator) -> None:
    """A pavilion under the cliff, a boat with a fisherman."""
    for x, y, size in ((196, 650, 1.0), (228, 662, 0.8)):
        roof = [
            (x - 26 * size, y),
            (x - 10 * size, y - 9 * size),
            (x, y - 20 * size),
            (x + 10 * size, y - 9 * size),
            (x + 26 * size, y),
        ]
        line(canvas, roof, _INK[:2], 4 * size, rng)
        line(canvas, [roof[0], roof[-1]], _INK[:2], 3 * size, rng)
        for dx in (-16, -5, 6, 16):
            line(canvas, [(x + dx * size, y), (x + dx * size, y + 20 * size)], _INK[:2], 1.8, rng)
    line(canvas, [(380, 880), (400, 888), (440, 889), (466, 878)], _INK[:2], 4.5, rng)
    line(canvas, [(416, 886), (420, 872), (428, 868), (434, 886)], _INK[:3], 5, rng)
    line(canvas, [(420, 866), (430, 866)], _INK[:1], 4, rng)
    line(canvas, [(428, 874), (458, 852), (476, 850)], _INK[:2], 1.3, rng)
