"""What a colour woodblock print needs: foam claws, bands of one curve family, and the print of the blocks on paper."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.flow import Array, Mask, Points, curve

_FOAM, _SHADOW, _LINE = "#ece4c4", "#7fb3ad", "#16294f"
_TALON = np.array([(-0.1, -0.22), (0.3, -0.32), (0.72, -0.24), (1.02, 0.08), (0.92, 0.52), (0.8, 0.2), (0.56, 0.08),
                   (0.3, 0.14), (-0.1, 0.24)])  # fmt: skip
_FINGERS = ((-0.17, 0.85), (0.02, 1.05), (0.2, 0.8))  # turn from the claw's way, length


def claws(sheet: Cartoon, places: Array, turns: Array, size: float, rng: Generator) -> None:
    """Foam that ends in three crooked talons, at each place, pointing so many turns from the right, clockwise."""
    for place, turn in zip(places, turns, strict=True):
        bent = rng.choice([-1, 1], p=[0.1, 0.9])
        whole, way = size * np.exp(rng.normal(0, 0.2)), turn + rng.normal(0, 0.05)
        fingers = [_turned(_TALON * (1, bent), way + spread, whole * length) + place for spread, length in _FINGERS]
        for talon in fingers:
            sheet.area(talon, _FOAM, edge=_LINE, pen=3.2)
        for talon in fingers:
            sheet.area(talon, _FOAM)
        palm = _turned(np.array([(-0.4, 0), (-0.1, -0.3), (0.25, -0.2), (0.3, 0.1), (0, 0.32)]), way, whole)
        sheet.area(palm + place, _FOAM)
        for spread, length in _FINGERS[:: 2 if rng.random() < 0.5 else 1]:
            inner = _turned(_TALON * (1, bent) * (0.8, 0.55) + (0.06, -0.05 * bent), way + spread, whole * length)
            sheet.area(inner + place, _SHADOW)


def fringe(sheet: Cartoon, points: Points, turns: tuple[float, float], size: float, rng: Generator) -> None:
    """Claws in two ranks along a line, turning from one way to another."""
    line = curve(points, step=1.0)
    for rank in (0.6, 0.0):
        at = np.arange(rng.uniform(0, 0.4) * size, len(line), 1.0 * size).astype(int)
        turn = np.interp(at, [0, len(line)], turns)
        off = rank * size * np.stack([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)], axis=-1)
        claws(sheet, line[at] + off + rng.normal(0, 0.12 * size, (len(at), 2)), turn, size, rng)


def striped(sheet: Cartoon, family: Sequence[Points], count: int, colour: str, width: float, rng: Generator) -> None:
    """Bands that swell and taper, spread evenly over a family of curves of equally many points."""
    keys = np.asarray(family, dtype=np.float32)
    for at in np.linspace(0, len(keys) - 1.001, count):
        k, share = int(at), at % 1
        path = keys[k] * (1 - share) + keys[k + 1] * share
        grown = width * rng.uniform(0.6, 1.2)
        sheet.line(path, colour, (0, 0.7 * grown, grown, 0.8 * grown, 0.5 * grown, 0))


def scattered(mask: Mask, count: int, rng: Generator) -> Array:
    """Places (count, 2) all over a mask of the plan."""
    y, x = np.divmod(rng.choice(np.flatnonzero(mask), count), mask.shape[1])
    return np.stack([x, y], axis=-1) + rng.random((count, 2))


def printed(canvas: Canvas, sheet: Cartoon, rng: Generator) -> None:
    """Prints the sheet: the grain of the block in the colour, the pad's uneven pressure, fibres of the paper."""
    shape = round(sheet.image.height / sheet.scale), round(sheet.image.width / sheet.scale)
    grain = mottle(shape, (260, 7), rng) + 0.8 * mottle(shape, (90, 2.5), rng)
    sheet.veil("#f3e9cc", np.clip(0.06 * grain, 0, 0.2) + np.clip(0.06 * mottle(shape, 40, rng), 0, 0.2))
    sheet.veil(
        "#1b2440", np.clip(-0.045 * grain - 0.02, 0, 0.14) + np.clip(0.06 * mottle(shape, 3, rng) - 0.05, 0, 0.1)
    )
    canvas.cover(sheet.image)


def _turned(shape: Array, turn: float, size: float) -> Array:
    cos, sin = np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)
    return np.asarray(shape @ np.array([[cos, sin], [-sin, cos]]) * size)
