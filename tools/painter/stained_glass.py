"""A study after the rose windows of the French cathedrals (13th century)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab
from tools.painter.flow import Array, Points, curve, unit
from tools.painter.handling import follow, line
from tools.painter.strokes import Hand

WIDTH, HEIGHT, SEED, GROUND = 860, 1000, 1250, "#0c0a10"
_SHAPE = (HEIGHT, WIDTH)

Joints = list[tuple[Array, float]]  # strips of lead: a path and its width

_LEAD, _STONE = oklab(["#08070a", "#141216", "#24222a"]), "#1c1820"
_BLUES = ("#1438b0", "#1c54d8", "#0c2480", "#2c7ce8", "#3448c8")
_REDS = ("#c8101c", "#e82c1c", "#980c24", "#f04c2c", "#b41438")
_GOLDS = ("#f8b418", "#fcd444", "#f09010", "#fce888")
_GREENS = ("#0c8448", "#20a85c", "#0c5c40", "#58c46c")
_VIOLETS = ("#6c1c94", "#9038b8", "#4c1478", "#c070d0")
_CLEAR = ("#f8f0d0", "#d8ecf0", "#f8e0c0")

_ROSE, _REACH = (430, 398), 372
_RINGS = (  # inner and outer radius, panes around, start in panes, colours in turn
    (24, 70, 12, 0.0, (_GOLDS, _REDS)), (70, 92, 24, 0.0, (_BLUES, _CLEAR)), (92, 176, 12, 0.5, (_BLUES, _REDS)),
    (176, 196, 36, 0.0, (_GOLDS, _GREENS, _VIOLETS)), (196, 300, 24, 0.5, (_REDS, _BLUES)), (300, 322, 48, 0.0,
    (_GOLDS, _BLUES)), (322, 366, 24, 0.0, (_VIOLETS, _BLUES, _GREENS)),
)  # fmt: skip
_ROUNDELS = (
    (12, 134, 33, 0.5, _GOLDS, _REDS), (12, 250, 42, 0.0, _GREENS, _GOLDS), (12, 244, 26, 0.5, _VIOLETS, _CLEAR),
    (24, 344, 15, 0.5, _REDS, _GOLDS),
)  # fmt: skip
_LANCETS = tuple((22 + 166 * k, 22 + 166 * k + 152) for k in range(5))
_SPRING, _FOOT = 868, 990


def paint(canvas: Canvas, rng: Generator) -> None:
    """Cuts the glass, lets light into it, paints its streaks and lays the lead over the joints."""
    glass = Cartoon(WIDTH, HEIGHT, GROUND, min(2.0, canvas.scale))
    joints: Joints = []
    _cut_spandrels(glass, joints, rng)
    _cut_rose(glass, joints, rng)
    for left, right in _LANCETS:
        _cut_lancet(glass, joints, left, right, rng)
    _let_in_light(glass, rng)
    canvas.cover(glass.image)
    streaks = unit(np.exp(2j * (1.2 + 0.8 * mottle(_SHAPE, 90, rng))))
    follow(canvas, glass, streaks, Hand(width=5, length=20, coverage=1.6, colour=0.025), rng, body=0.5, dry=0.3)
    for path, pen in joints:
        line(canvas, path, _LEAD, pen, rng)


def _pane(
    glass: Cartoon, joints: Joints, outline: Points, colours: tuple[str, ...], rng: Generator, pen: float = 5.5
) -> None:
    """One piece of glass: flat, darker at its rim where dirt gathers, leaded all round."""
    path = np.asarray(outline, dtype=np.float32)
    glass.area(path, colours[rng.integers(len(colours))], smooth=False)
    centre = path.mean(axis=0)
    glass.area(centre + 0.62 * (path - centre), colours[rng.integers(len(colours))], smooth=False)
    at = np.linspace(0, len(path), max(40, len(path)), endpoint=False)
    share, ring = (at % 1)[:, None], np.concatenate([path, path[:1]])
    rim = ring[at.astype(int)] * (1 - share) + ring[at.astype(int) + 1] * share
    joints.append((np.concatenate([rim, rim[:2]]), 0.85 * pen))


def _cut_spandrels(glass: Cartoon, joints: Joints, rng: Generator) -> None:
    """Slanting quarries behind everything, in two colours that drift into each other."""
    step = 62
    for row in range(-1, 18):
        for column in range(-1, 16):
            x, y = column * step + (row % 2) * step / 2, row * step
            diamond = [(x, y - step), (x + step / 2, y), (x, y + step), (x - step / 2, y)]
            pick = (_BLUES, _VIOLETS, _BLUES, _GREENS, _REDS)[int(rng.integers(5))]
            _pane(glass, joints, diamond, pick, rng, 4.5)


def _cut_rose(glass: Cartoon, joints: Joints, rng: Generator) -> None:
    x, y = _ROSE
    for reach, colour in ((_REACH + 22, _STONE), (_REACH + 14, "#f0b428"), (_REACH + 4, _STONE)):
        glass.oval(x, y, reach, reach, colour)
    joints[:] = [(path, pen) for path, pen in joints if np.hypot(*(path - _ROSE).T).min() > _REACH - 20]
    for inner, outer, count, start, kinds in _RINGS:
        for k in range(count):
            a, b = (k + start) / count, (k + 1 + start) / count
            outline = np.concatenate([_arc(inner, a, b), _arc(outer, b, a)])
            _pane(glass, joints, outline, kinds[k % len(kinds)], rng)
    for count, far, reach, start, rim, heart in _ROUNDELS:
        for k in range(count):
            centre = _arc(far, (k + start) / count, 1)[0]
            joints[:] = _cleared(joints, centre, 0.98 * reach)
            _pane(glass, joints, centre + _circle(reach), rim, rng, 6)
            _pane(glass, joints, centre + _circle(0.55 * reach), heart, rng, 4)
    _pane(glass, joints, np.array(_ROSE) + _circle(26), _CLEAR, rng, 6)
    for k in range(12):
        joints.append((np.stack([_arc(70, k / 12, 1)[0], _arc(_REACH, k / 12, 1)[0]]), 10))
    for reach, pen in ((70, 8), (196, 8), (322, 8), (_REACH, 15), (_REACH + 22, 10)):
        joints.append((_arc(reach, 0, 1, 60), pen))


def _cut_lancet(glass: Cartoon, joints: Joints, left: float, right: float, rng: Generator) -> None:
    """A small pointed light below the rose: a border of gold, a medallion on diapered glass."""
    middle, wide = (left + right) / 2, right - left
    arch = curve([(left, _FOOT), (left, _SPRING), (left + 0.16 * wide, _SPRING - 52), (middle, _SPRING - 92)])
    outline = np.concatenate([arch, (2 * middle - arch[::-1, 0])[:, None] * (1, 0) + arch[::-1] * (0, 1)])
    joints[:] = [(p, pen) for p, pen in joints if not _within(p.mean(axis=0), left, right)]
    _pane(glass, joints, outline, (_STONE,), rng, 13)
    centre = np.array([middle, 0.5 * (_SPRING - 70 + _FOOT)])
    small = centre + 0.88 * (outline - centre)
    _pane(glass, joints, small, _REDS[:3], rng, 5)
    for k in range(3):
        y = _SPRING - 18 + 46 * k
        for side in (-1, 1):
            for shift in (0, 23):
                x = middle + side * 0.3 * wide
                _pane(
                    glass,
                    joints,
                    [(x, y + shift - 12), (x + 12, y + shift), (x, y + shift + 12), (x - 12, y + shift)],
                    (_GOLDS, _GREENS)[k % 2],
                    rng,
                    3.5,
                )
    for k, kinds in enumerate((_BLUES, _VIOLETS)):
        at = np.array([middle, _SPRING - 8 + 78 * k])
        for reach, colours in ((33, kinds), (23, _GOLDS), (12, _REDS)):
            _pane(glass, joints, at + _circle(reach), colours, rng, 4.5)


def _cleared(joints: Joints, centre: Array, reach: float) -> Joints:
    """The strips of lead without what lies within a circle."""
    kept: Joints = []
    for path, pen in joints:
        outside = np.hypot(*(path - centre).T) > reach
        runs = np.split(np.arange(len(path)), np.flatnonzero(np.diff(outside)) + 1)
        kept += [(path[run], pen) for run in runs if outside[run[0]] and len(run) > 1]
    return kept


def _within(at: Array, left: float, right: float) -> bool:
    return bool(left < at[0] < right and at[1] > _SPRING - 60)


def _let_in_light(glass: Cartoon, rng: Generator) -> None:
    """Daylight behind the window: strong in the rose, uneven everywhere, streaks and seeds in the glass."""
    for reach, strength in ((300, 0.26), (120, 0.3)):
        glass.glow(_ROSE[0] - 40, _ROSE[1] - 60, reach, "#fff4d8", strength)
    glass.veil("#fff0d0", np.clip(0.16 * mottle(_SHAPE, 60, rng), 0, 0.4))
    glass.veil("#040210", np.clip(0.2 * mottle(_SHAPE, 70, rng) + 0.06, 0, 0.55))
    glass.veil("#fffaf0", np.clip(0.12 * mottle(_SHAPE, (6, 40), rng) - 0.06, 0, 0.3))


def _arc(radius: float, begin: float, end: float, samples: int = 9) -> Array:
    """An arc about the middle of the rose, from turn to turn."""
    turn = 2 * np.pi * np.linspace(begin, end, samples)
    return np.stack([_ROSE[0] + radius * np.sin(turn), _ROSE[1] - radius * np.cos(turn)], axis=-1)


def _circle(radius: float) -> Array:
    turn = 2 * np.pi * np.arange(18) / 18
    return radius * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
