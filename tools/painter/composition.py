"""A study after Wassily Kandinsky's Composition VIII (1923)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab
from tools.painter.flow import Points, unit
from tools.painter.handling import brush_for, follow, line
from tools.painter.strokes import Hand, on_rings

WIDTH, HEIGHT, SEED, GROUND = 1000, 700, 1923, "#ece2c4"
_SHAPE = (HEIGHT, WIDTH)

_GROUND = oklab(["#d9c79c", "#ece0bc", "#f4ecd2", "#f0e2c8", "#cfd8d4", "#b4cbd6"])
_INK = "#17141c"
_BLACK = oklab(["#100e16", "#1e1a26"])

_HALOS = (  # centre, reach, colour, strength
    (138, 130, 190, "#e8607c", 0.95), (590, 470, 120, "#f0b43c", 0.7), (848, 214, 130, "#f2d24c", 0.8), (300, 560,
    120, "#78b8d8", 0.9), (730, 590, 130, "#f08c78", 0.7), (470, 120, 110, "#8ccbe0", 0.8), (934, 560, 110,
    "#b890d0", 0.8), (60, 420, 110, "#f4d060", 0.8), (410, 360, 150, "#f7e9a0", 0.6), (210, 330, 90, "#a4d0b8",
    0.7), (690, 80, 90, "#f4b090", 0.7),
)  # fmt: skip
_DISCS = (  # centre, then radius and colour from the rim inwards
    (138, 130, ((104, "#f0a4a0"), (94, "#16121e"), (80, "#1c1626"), (56, "#4c1f6c"), (34, "#7a3b98"), (14,
    "#b078c0"))), (128, 250, ((31, "#f2c43c"), (24, "#d8341c"))), (590, 470, ((46, "#17141c"), (42, "#f0c83c"), (26,
    "#2f6fb4"), (10, "#f4ecd2"))), (848, 214, ((52, "#e87c2c"), (44, "#f6d84c"), (22, "#c83c54"))), (300, 560, ((44,
    "#17141c"), (40, "#5ca4cc"), (24, "#1c3c7c"), (9, "#e85c3c"))), (730, 590, ((38, "#d84a34"), (22, "#f4b4a8"))),
    (470, 120, ((34, "#17141c"), (31, "#6cb8d8"), (15, "#f0dc6c"))), (934, 560, ((42, "#6c3c94"), (26, "#c49cd8"),
    (10, "#f4d24c"))), (60, 420, ((36, "#f0a42c"), (20, "#17141c"))), (690, 80, ((26, "#d4402c"), (12, "#1c2c5c"))),
    (376, 246, ((20, "#2c7c5c"),)), (540, 300, ((17, "#d43c2c"),)), (660, 380, ((21, "#17141c"), (17, "#78c0b0"))),
    (210, 330, ((24, "#3c8c6c"), (11, "#f0e08c"))), (800, 400, ((15, "#1c4c8c"),)), (870, 80, ((22, "#17141c"), (19,
    "#b070b4"))), (430, 640, ((19, "#e8a02c"),)), (140, 610, ((26, "#c83c4c"), (12, "#f4c8a0"))), (970, 330, ((18,
    "#2c6ca4"),)), (300, 60, ((15, "#3c9c8c"),)), (520, 600, ((13, "#7a3b98"),)), (250, 196, ((11, "#17141c"),)),
)  # fmt: skip
_PLANES = (  # colour, strength, corners: glazes through which the ground is seen
    ("#6cb4d4", 0.75, ((330, 660), (470, 150), (610, 640))), ("#f4d44c", 0.8, ((560, 660), (700, 270), (800, 660))),
    ("#e86c54", 0.6, ((640, 150), (930, 330), (700, 330))), ("#8cc4a4", 0.7, ((180, 480), (330, 440), (270, 650))),
    ("#c09cd0", 0.6, ((820, 470), (990, 430), (900, 680))), ("#f0a868", 0.6, ((240, 230), (440, 200), (420, 330))),
    ("#2c5c9c", 0.85, ((446, 398), (530, 380), (500, 452))), ("#d83c2c", 0.85, ((770, 480), (818, 462), (812, 516))),
    ("#f2c83c", 0.9, ((40, 520), (110, 490), (96, 566))), ("#1c7c6c", 0.8, ((596, 210), (640, 196), (632, 246))),
)  # fmt: skip
_GRIDS = (  # corner, steps along and across, cells, colours in turn
    ((352, 420), (25, -7), (7, 25), (5, 3), ("#17141c", "#f4ecd2", "#d8442c", "#5ca4cc")), ((700, 420), (20, 8),
    (-8, 20), (6, 4), ("#f0c83c", "#17141c", "#f4ecd2", "#2f6fb4", "#c83c54")), ((180, 400), (16, 5), (-5, 16),
    (5, 3), ("#2c7c5c", "#f4e4a0", "#17141c")), ((880, 370), (17, -9), (9, 17), (5, 4), ("#7a3b98", "#f0d8a8",
    "#e8862c", "#17141c")), ((520, 30), (19, 6), (-6, 19), (6, 3), ("#17141c", "#f4ecd2", "#e8a02c", "#3c8c9c")),
    ((610, 560), (13, 3), (-3, 13), (4, 4), ("#17141c", "#f4ecd2")), ((30, 640), (20, -5), (5, 20), (6, 2),
    ("#d8442c", "#1c3c7c", "#f2c43c")),
)  # fmt: skip
_LINES = (  # from, to, width
    ((20, 560), (640, 16), 4.5), ((330, 660), (470, 150), 5), ((470, 150), (610, 640), 5), ((560, 660), (700, 270),
    4), ((700, 270), (800, 660), 4), ((240, 20), (960, 430), 3), ((90, 690), (980, 240), 3.2), ((640, 150),
    (930, 330), 3), ((700, 330), (640, 150), 2.5), ((180, 480), (330, 440), 3), ((330, 440), (270, 650), 3),
    ((820, 470), (990, 430), 3), ((990, 430), (900, 680), 3), ((900, 680), (820, 470), 3), ((500, 690), (520, 200),
    2), ((770, 20), (760, 240), 2.4), ((790, 20), (778, 230), 2.4), ((810, 24), (796, 220), 2.4), ((20, 300),
    (260, 380), 2), ((24, 318), (250, 396), 2), ((30, 336), (240, 412), 2), ((400, 690), (690, 500), 2.6),
    ((412, 698), (700, 512), 2.6), ((840, 640), (990, 610), 3), ((842, 654), (990, 626), 3), ((846, 668),
    (990, 642), 3), ((360, 30), (450, 230), 2.2), ((376, 26), (462, 222), 2.2), ((20, 240), (230, 20), 2.2),
    ((600, 330), (960, 130), 2.2),
)  # fmt: skip
_ARCS = (  # centre, radius, from and to (turns, clockwise from the right), width, colour
    (640, 460, 150, 0.52, 0.9, 6, _INK), (640, 460, 128, 0.55, 0.84, 3, "#c83c54"), (420, 560, 96, 0.5, 1.0, 5,
    _INK), (250, 470, 70, 0.4, 0.86, 4, _INK), (860, 300, 80, 0.55, 1.02, 5, _INK), (860, 300, 62, 0.55, 1.0, 4,
    "#2f6fb4"), (740, 180, 56, 0.0, 0.5, 4, _INK), (560, 200, 44, 0.5, 1.0, 4, _INK), (330, 300, 60, 0.25, 0.7, 4,
    "#7a3b98"), (950, 190, 44, 0.3, 0.8, 4, _INK), (110, 540, 64, 0.5, 1.0, 4, _INK), (110, 540, 50, 0.5, 1.0, 3,
    "#d8442c"),
)  # fmt: skip
_ARCHES = (((820, 560), 9, 17), ((60, 70), 5, 15), ((440, 520), 6, 14))  # rows of small half circles


def paint(canvas: Canvas, rng: Generator) -> None:
    """Draws the plan, halos first and ink last, and works over it with small soft strokes."""
    plan = Cartoon(WIDTH, HEIGHT, GROUND, min(2.0, canvas.scale))
    plan.shade(_GROUND, 0.48 + 0.17 * mottle(_SHAPE, 260, rng))
    for x, y, reach, colour, strength in _HALOS:
        plan.glow(x, y, reach, colour, strength)
    for colour, strength, corners in _PLANES:
        _glaze(plan, corners, colour, strength)
    canvas.cover(plan.image)
    scumble = unit(np.exp(1.2j + 1.1j * mottle(_SHAPE, 300, rng)))
    follow(canvas, plan, scumble, Hand(width=13, length=44, coverage=2.0, colour=0.02, wander=0.3), rng, body=0.5)
    follow(
        canvas, plan, scumble, Hand(width=6, length=24, coverage=1.6, colour=0.024, wander=0.3), rng, body=0.8, dry=0.4
    )
    _paint_grids(canvas, rng)
    _paint_discs(canvas, rng)
    _draw_ink(canvas, rng)


def _glaze(plan: Cartoon, corners: Points, colour: str, strength: float) -> None:
    """A plane that is strong at its first corner and fades towards the others."""
    mask = Cartoon(WIDTH, HEIGHT, "#000000", plan.scale)
    mask.area(corners, "#ffffff", smooth=False)
    y, x = np.mgrid[: plan.image.height, : plan.image.width].astype(np.float32) / plan.scale
    far = np.hypot(x - corners[0][0], y - corners[0][1])
    reach = max(np.hypot(*np.subtract(corner, corners[0])) for corner in corners)
    plan.veil(colour, np.asarray(mask.image.convert("L")) / 255 * strength * (1.1 - 0.75 * far / reach))


def _paint_grids(canvas: Canvas, rng: Generator) -> None:
    """Checkerboards: each cell flat, with a few strokes one way over it."""
    for corner, along, across, (columns, rows), colours in _GRIDS:
        for k in range(columns * rows):
            start = np.add(corner, np.multiply(along, k % columns)) + np.multiply(across, k // columns)
            cell = np.array([start, start + along, start + along + across, start + across])
            paint_of = oklab([colours[(k % columns + 2 * (k // columns)) % len(colours)]])
            canvas.tiles(cell[None], paint_of, np.array([0.3]))
            middle = (cell[0] + cell[3]) / 2
            line(canvas, [middle, middle + along], paint_of, 0.55 * float(np.hypot(*across)), rng)


def _paint_discs(canvas: Canvas, rng: Generator) -> None:
    """Discs within discs: flat with a clean rim, then strokes that circle inside."""
    for x, y, rings in _DISCS:
        for radius, colour in rings:
            paint_of = oklab([colour])
            canvas.dots(np.array([[x, y]]), np.array([radius]), paint_of, body=0.3)
            hand = Hand(width=0.1 * radius + 3, length=0.5 * radius + 6, coverage=1.6, colour=0.03)
            canvas.paint(on_rings((x, y), 0.8 * radius, paint_of, hand, rng), brush_for(hand, 0.8), rng)


def _draw_ink(canvas: Canvas, rng: Generator) -> None:
    """Ruled lines, arcs and rows of arches, in firm paint over everything."""
    for here, there, pen in _LINES:
        line(canvas, [here, there], _BLACK, pen, rng)
    for x, y, radius, begin, end, pen, colour in _ARCS:
        turn = 2 * np.pi * np.linspace(begin, end, 20)
        line(canvas, np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], -1), oklab([colour]), pen, rng)
    for (x, y), count, radius in _ARCHES:
        turn = np.linspace(np.pi, 2 * np.pi, 9)
        for k in range(count):
            arch = np.stack([x + 2 * radius * k + radius * np.cos(turn), y + 1.3 * radius * np.sin(turn)], -1)
            line(canvas, arch, _BLACK, 3, rng)
