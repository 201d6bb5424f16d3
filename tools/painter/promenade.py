"""The people of Sunday Afternoon as flat shapes: each stands on the origin, one unit high, and looks to the left."""

from collections.abc import Sequence

import numpy as np

from tools.painter.cartoon import Cartoon
from tools.painter.flow import Array, Points

_SKIRT = (
    (-0.10, 0.0), (0.17, 0.0), (0.19, -0.12), (0.20, -0.27), (0.28, -0.39), (0.26, -0.49), (0.14, -0.54),
    (0.03, -0.58), (-0.05, -0.57), (-0.08, -0.45), (-0.11, -0.2),
)  # fmt: skip
_SKIRT_LIGHT = (
    (-0.1, -0.01), (-0.02, -0.01), (-0.01, -0.2), (0.0, -0.45), (-0.02, -0.56), (-0.05, -0.55), (-0.08, -0.43),
    (-0.11, -0.2),
)  # fmt: skip
_BODICE = (
    (-0.05, -0.57), (0.05, -0.59), (0.08, -0.68), (0.07, -0.80), (0.03, -0.85), (-0.03, -0.85), (-0.09, -0.76),
    (-0.10, -0.69),
)  # fmt: skip
_BONNET = ((-0.08, -0.945), (0.05, -0.95), (0.055, -1.0), (0.02, -1.03), (-0.03, -1.01))
_COAT = (
    (-0.09, 0.0), (-0.01, 0.0), (0.0, -0.3), (0.02, 0.0), (0.1, 0.0), (0.11, -0.4), (0.12, -0.62), (0.09, -0.82),
    (0.0, -0.86), (-0.08, -0.81), (-0.11, -0.6), (-0.10, -0.3),
)  # fmt: skip
_TOPPER = ((-0.08, -0.945), (0.07, -0.945), (0.045, -0.96), (0.055, -1.06), (-0.055, -1.06), (-0.05, -0.96))
_SEAT = (
    (-0.62, 0.0), (0.42, 0.0), (0.44, -0.16), (0.24, -0.3), (0.2, -0.5), (0.14, -0.68), (-0.02, -0.7),
    (-0.1, -0.54), (-0.14, -0.34), (-0.42, -0.32), (-0.6, -0.16),
)  # fmt: skip
_LYING = (
    (-0.9, 0.0), (0.5, 0.06), (0.62, -0.1), (0.5, -0.3), (0.42, -0.6), (0.26, -0.66), (0.1, -0.5), (-0.1, -0.24),
    (-0.5, -0.3), (-0.86, -0.14),
)  # fmt: skip


def lady(
    sheet: Cartoon,
    at: tuple[float, float],
    tall: float,
    dress: Sequence[str],
    parasol: str = "",
    *,
    right: bool = False,
) -> None:
    """A standing lady with a bustle: skirt, its lit side, bodice, bonnet; a parasol if it has a colour."""
    skirt, light, bodice, bonnet = dress
    for shape, colour in ((_SKIRT, skirt), (_SKIRT_LIGHT, light), (_BODICE, bodice)):
        sheet.area(_put(shape, at, tall, right), colour)
    _head(sheet, at, tall, right)
    sheet.area(_put(_BONNET, at, tall, right), bonnet)
    sheet.line(_put(((0.05, -0.78), (-0.03, -0.66), (-0.14, -0.7)), at, tall, right), bodice, 0.045 * tall)
    if parasol:
        _parasol(sheet, at, tall, parasol, right)


def gentleman(
    sheet: Cartoon, at: tuple[float, float], tall: float, coat: str, hat: str, *, right: bool = False
) -> None:
    """A standing man in a coat and a top hat."""
    sheet.area(_put(_COAT, at, tall, right), coat)
    _head(sheet, at, tall, right)
    sheet.area(_put(_TOPPER, at, tall, right), hat, smooth=False)


def sitter(
    sheet: Cartoon,
    at: tuple[float, float],
    tall: float,
    dress: str,
    hat: str,
    parasol: str = "",
    *,
    right: bool = False,
) -> None:
    """Someone who sits on the grass."""
    sheet.area(_put(_SEAT, at, tall, right), dress)
    x, y = _put(((0.05, -0.8),), at, tall, right)[0]
    sheet.oval(x, y, 0.1 * tall, 0.12 * tall, "#e8b890")
    sheet.area(_put(((-0.14, -0.86), (0.22, -0.86), (0.16, -1.0), (0.0, -1.02)), at, tall, right), hat)
    if parasol:
        _parasol(sheet, (at[0], at[1] + 0.12 * tall), 1.5 * tall, parasol, right)


def lounger(
    sheet: Cartoon, at: tuple[float, float], tall: float, shirt: str, legs: str, *, right: bool = False
) -> None:
    """A man who lies on his elbow, with a cap and a pipe."""
    sheet.area(_put(_LYING, at, tall, right), legs)
    sheet.area(_put(_LYING[1:7], at, tall, right), shirt)
    sheet.line(_put(((0.34, -0.5), (0.46, -0.2), (0.3, 0.0)), at, tall, right), "#e8a878", 0.1 * tall)
    x, y = _put(((0.24, -0.78),), at, tall, right)[0]
    sheet.oval(x, y, 0.11 * tall, 0.14 * tall, "#e4a87c")
    sheet.area(_put(((0.08, -0.84), (0.36, -0.82), (0.32, -0.98), (0.16, -0.98)), at, tall, right), "#1c2448")


def _head(sheet: Cartoon, at: tuple[float, float], tall: float, right: bool) -> None:
    for (x, y), wide, high, colour in (
        ((0.012, -0.905), 0.042, 0.05, "#4c2c2c"),
        ((-0.016, -0.9), 0.032, 0.043, "#f0c4a0"),
    ):
        place = _put(((x, y),), at, tall, right)[0]
        sheet.oval(place[0], place[1], wide * tall, high * tall, colour)


def _parasol(sheet: Cartoon, at: tuple[float, float], tall: float, colour: str, right: bool) -> None:
    turn = np.linspace(np.pi, 2 * np.pi, 13)
    scallop = [(0.24 * np.cos(a) - 0.13, 0.17 * np.sin(a) - 0.98) for a in turn]
    hem = [(0.24 - 0.13 - 0.06 * k, -0.98 - 0.022 * (k % 2)) for k in range(1, 8)]
    sheet.line(_put(((-0.13, -1.17), (-0.145, -0.62)), at, tall, right), "#3c2438", 0.014 * tall)
    sheet.area(_put([*scallop, *hem], at, tall, right), colour, smooth=False)
    lit = [(0.24 * np.cos(a) * 0.55 - 0.2, 0.16 * np.sin(a) - 1.0) for a in turn]
    pale = "#" + "".join(f"{(int(colour[i : i + 2], 16) + 255) // 2:02x}" for i in (1, 3, 5))
    sheet.area(_put(lit, at, tall, right), pale, smooth=False)


def _put(shape: Points, at: tuple[float, float], tall: float, right: bool) -> Array:
    return np.asarray(shape) * (-tall if right else tall, tall) + at
