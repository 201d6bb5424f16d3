"""A study after Georges Seurat's A Sunday Afternoon on the Island of La Grande Jatte (1886)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab
from tools.painter.flow import inside
from tools.painter.points import dotted
from tools.painter.promenade import gentleman, lady, lounger, sitter

WIDTH, HEIGHT, SEED, GROUND = 1000, 675, 1886, "#e8e0c4"
_SHAPE = (HEIGHT, WIDTH)

_LAWN = (
    (-20, 300), (100, 268), (240, 226), (360, 190), (470, 160), (620, 150), (800, 140), (1020, 130), (1020, 700),
    (-20, 700),
)  # fmt: skip
_FRONT_SHADE = (
    (-20, 520), (80, 512), (200, 540), (330, 560), (430, 530), (520, 528), (640, 560), (760, 540), (880, 560),
    (1020, 536), (1020, 700), (-20, 700),
)  # fmt: skip
_SHADES = (
    ((-20, 352), (120, 330), (230, 342), (330, 326), (300, 352), (160, 372), (-20, 380)),
    ((360, 262), (520, 236), (700, 240), (900, 226), (1020, 236), (1020, 268), (820, 276), (600, 268), (420, 282)),
    ((560, 392), (700, 380), (860, 398), (1020, 380), (1020, 420), (820, 430), (640, 424)),
    ((330, 448), (430, 436), (520, 448), (440, 468)),
)
_CANOPY = (
    (430, -20), (452, 40), (490, 66), (520, 54), (560, 92), (610, 82), (640, 108), (700, 96), (760, 118),
    (830, 100), (900, 122), (960, 108), (1020, 126), (1020, -20),
)  # fmt: skip
_LEFT_CANOPY = ((-20, -20), (-20, 74), (40, 82), (90, 60), (140, 72), (176, 40), (220, 34), (240, -20))
_TRUNKS = (
    ((520, 50), (514, 130), (520, 206), (512, 226)), ((606, 70), (600, 150), (604, 200)), ((668, 90), (676, 170),
    (668, 236)), ((742, 100), (736, 160), (742, 214)), ((956, 90), (948, 240), (958, 380), (950, 420)), ((62, 50),
    (58, 160), (66, 262)), ((840, 100), (846, 160), (842, 204)), ((30, -10), (24, 140), (16, 330)),
)  # fmt: skip
_PENS = (9, 8, 11, 8, 24, 11, 8, 16)
_SAILS = ((128, 168, 44), (196, 152, 62), (256, 150, 36), (318, 134, 30), (70, 180, 30))

_MAUVE = ("#34285c", "#6c5090", "#5c2c58", "#2c2048")
_ROSE = ("#d0605c", "#f0a890", "#e07860", "#f0d0a0")
_WHITE = ("#f4ecdc", "#fffaf0", "#f8f0e4", "#f4e4c0")
_AMBER = ("#d87c38", "#f0b05c", "#5c3c58", "#e8c860")
_SLATE = ("#405890", "#7890c0", "#4c6ca4", "#283860")


_DOG = (
    (-34, 0), (-30, -22), (-38, -36), (-24, -38), (-14, -26), (14, -26), (26, -42), (24, -24), (26, 0), (18, 0),
    (14, -12), (-18, -12), (-24, 0),
)  # fmt: skip


def paint(canvas: Canvas, rng: Generator) -> None:
    """Draws the park and its people, then sets the points: large ones, middling ones, fine ones."""
    park = Cartoon(WIDTH, HEIGHT, "#b8d4e4")
    _draw_river(park)
    _draw_lawn(park, rng)
    _draw_trees(park, rng)
    _draw_far_people(park)
    _draw_near_people(park)
    park.soften(0.7)
    canvas.cover(park.image)
    dotted(canvas, park, 4.4, 2.4, 0.7, rng)
    dotted(canvas, park, 3.2, 1.3, 1.0, rng)
    dotted(canvas, park, 2.2, 0.9, 1.2, rng)


def _draw_river(park: Cartoon) -> None:
    y = np.linspace(0, 1, HEIGHT)[:, None] * np.ones((1, WIDTH))
    park.shade(
        oklab(["#f4e8cc", "#f0dcc0", "#88b0d0", "#6c9ccc", "#a4c8dc"]),
        np.interp(y, [0, 0.17, 0.19, 0.3, 0.5], [0, 0.25, 0.5, 0.75, 1]),
    )
    park.area([(-20, 126), (-20, 96), (120, 104), (260, 92), (420, 100), (520, 90), (520, 130)], "#6c9470")
    park.area([(-20, 130), (160, 120), (340, 118), (520, 116), (520, 132)], "#e8d8a8")
    for x, y0, tall in _SAILS:
        park.area([(x, y0), (x + 3, y0 - tall), (x + 0.5 * tall, y0 - 4)], "#fff8ec", smooth=False)
        park.area([(x - 2, y0), (x - 2, y0 - 0.9 * tall), (x - 0.28 * tall, y0 - 3)], "#ecd8cc", smooth=False)
        park.area(
            [(x - 0.4 * tall, y0), (x + 0.6 * tall, y0), (x + 0.4 * tall, y0 + 6), (x - 0.3 * tall, y0 + 6)],
            "#4c3c5c",
            smooth=False,
        )
        park.line([(x + 4, y0 + 12), (x + 6, y0 + 0.8 * tall)], "#d4e4ec", 5)


def _draw_lawn(park: Cartoon, rng: Generator) -> None:
    park.area(_LAWN, "#c4cc4c")
    y = np.linspace(0, 1, HEIGHT)[:, None]
    lawn = inside(_SHAPE, _LAWN)
    park.veil("#e8d858", lawn * np.clip(0.35 + 0.3 * mottle(_SHAPE, (200, 40), rng), 0, 0.8))
    park.veil("#84b04c", lawn * np.clip(0.3 * mottle(_SHAPE, (120, 26), rng) + 0.9 * (y - 0.45), 0, 0.7))
    for shade in _SHADES:
        park.area(shade, "#4c8048")
    park.area(_FRONT_SHADE, "#2c5c48")
    front = inside(_SHAPE, _FRONT_SHADE)
    park.veil("#243c60", front * np.clip(0.3 + 0.3 * mottle(_SHAPE, (160, 40), rng), 0, 0.75))
    park.veil("#5c9050", front * np.clip(0.4 * mottle(_SHAPE, (90, 22), rng) - 0.2, 0, 0.7))


def _draw_trees(park: Cartoon, rng: Generator) -> None:
    for trunk, pen in zip(_TRUNKS, _PENS, strict=True):
        park.line(trunk, "#54344c", (0.8 * pen, pen, 1.3 * pen))
        park.line(np.asarray(trunk) - (0.25 * pen, 0), "#a86c58", (0.2 * pen, 0.35 * pen, 0.4 * pen))
    for outline in (_CANOPY, _LEFT_CANOPY):
        leaves = inside(_SHAPE, outline)
        park.area(outline, "#30643c")
        park.veil("#7ca848", leaves * np.clip(0.5 * mottle(_SHAPE, (60, 34), rng) - 0.05, 0, 0.8))
        park.veil("#1c3454", leaves * np.clip(0.5 * mottle(_SHAPE, (70, 40), rng) - 0.1, 0, 0.8))


def _draw_far_people(park: Cartoon) -> None:
    """Everyone on the sunny lawn, from the far ones to those in the middle."""
    for x, y, tall, dress, shade in (
        (430, 228, 54, _ROSE, "#e88c6c"), (480, 236, 50, _SLATE, ""), (560, 226, 46, _WHITE, "#f0b8a0"),
        (640, 232, 50, _AMBER, ""),
        (706, 246, 58, _MAUVE, "#d05c50"), (800, 240, 52, _ROSE, ""), (880, 246, 56, _SLATE, "#f4e8d8"),
    ):  # fmt: skip
        lady(park, (x, y), tall, dress, shade, right=x % 3 == 0)
    for x, y, tall in ((456, 232, 56), (740, 240, 56), (920, 252, 60), (612, 234, 50)):
        gentleman(park, (x, y), tall, "#38305c", "#28203c")
    lady(park, (124, 352), 112, _AMBER, right=True)
    park.line([(106, 280), (40, 262), (-10, 256)], "#3c2438", 1.6)
    for x, y, tall, cloth, shade in (
        (330, 344, 52, "#5c5090", "#f0dcc0"), (420, 362, 60, "#c8504c", ""),
        (640, 360, 58, "#4868a0", "#e87858"),
        (700, 372, 60, "#f0e4d8", ""), (250, 300, 40, "#d88858", ""),
        (610, 442, 74, "#f0d0c0", ""), (672, 452, 70, "#e0705c", "#fff0e0"),
    ):  # fmt: skip
        sitter(park, (x, y), tall, cloth, "#e8d49c", shade, right=x % 4 == 0)
    lady(park, (506, 452), 196, _ROSE, "#e0604c")
    lady(park, (556, 450), 108, _WHITE)


def _draw_near_people(park: Cartoon) -> None:
    """Those in the shade: the lounger and his neighbours, the couple with the parasol, their dog and monkey."""
    sitter(park, (262, 556), 118, "#5c4c8c", "#e0b860", right=True)
    gentleman(park, (352, 552), 132, "#2c2850", "#201c38", right=True)
    lounger(park, (136, 606), 128, "#c84c3c", "#405c94", right=True)
    gentleman(park, (906, 640), 442, "#282448", "#201830")
    lady(park, (806, 652), 438, _MAUVE, "#3c3470")
    park.line([(826, 420), (846, 520), (838, 640)], "#8460a0", (4, 10, 6))
    park.line([(872, 470), (882, 560), (872, 644)], "#1c1840", (4, 12, 8))
    for x, y, k, colour in ((700, 640, 1.0, "#2c1c28"), (560, 634, 1.3, "#241c2c"), (640, 596, 0.7, "#c88450")):
        park.area(np.add(np.multiply(_DOG, k), (x, y)), colour)
