"""A study after the Byzantine mosaics of Ravenna (6th century): a crowned figure on gold."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.empress import BOWL, CLOAK, CROWN, FACE, HAIR, HAND, NECK, ROBE, draw_head, draw_robe
from tools.painter.flow import Array, Points, inside, spread
from tools.painter.tesserae import Zone, set_zones

WIDTH, HEIGHT, SEED, GROUND = 800, 1000, 547, "#5c5044"
_SHAPE = (HEIGHT, WIDTH)

_NIMBUS_AT = (400, 300)
_PEACOCKS = (((96, 440), 1), ((704, 440), -1))  # breast, and the way it looks
_TAIL = ((40, 20), (10, 80), (-30, 160), (-40, 240), (0, 262), (40, 200), (70, 110), (84, 50))
_BREAST = (
    (30, 40), (50, 0), (76, -50), (80, -100), (96, -112), (108, -96), (106, -40), (112, 10), (96, 60), (60, 70),
)  # fmt: skip
_BORDER = ("#8c1c1c", "#e8dcc0", "#1c3c6c", "#d8a82c", "#1c5c4c")


def paint(canvas: Canvas, rng: Generator) -> None:
    """Draws the figure, then sets every zone of it in rows of glass along its contour."""
    plan = Cartoon(WIDTH, HEIGHT, "#d8a832")
    _draw_ground(plan, rng)
    draw_robe(plan)
    draw_head(plan)
    for at, way in _PEACOCKS:
        _draw_peacock(plan, at, way)
    set_zones(canvas, plan, _zones(), rng)


def _draw_ground(plan: Cartoon, rng: Generator) -> None:
    """Gold with cool and warm drifts, a meadow, a nimbus with a rim, a border of bands."""
    plan.veil("#fbe48c", np.clip(0.3 * mottle(_SHAPE, 140, rng), 0, 0.7))
    plan.veil("#8c6014", np.clip(0.3 * mottle(_SHAPE, 120, rng), 0, 0.6))
    plan.area([(-9, 850), (200, 830), (400, 846), (600, 830), (809, 850), (809, 1009), (-9, 1009)], "#2c6c3c")
    for k in range(26):
        x, y = 60 + 680 * (0.618 * k % 1), 866 + 100 * (0.382 * k % 1)
        plan.oval(x, y, 11, 11, ("#d83c2c", "#f4e8d0", "#e8b82c")[k % 3])
        plan.oval(x, y, 4, 4, "#f8d858")
    x, y = _NIMBUS_AT
    for reach, colour in (
        (186, "#8c1c20"),
        (174, "#f4e8cc"),
        (162, "#1c4c8c"),
        (150, "#3c8cb4"),
        (138, "#f0cc54"),
        (100, "#f8e07c"),
    ):
        plan.oval(x, y, reach, reach, colour)
    for turn in np.arange(24) / 24 * 2 * np.pi:
        plan.oval(x + 118 * np.cos(turn), y + 118 * np.sin(turn), 8, 8, "#b4301c")
    for inset, colour in zip((0, 13, 24, 44, 55), _BORDER, strict=True):
        _frame(plan, inset, 13 if inset != 24 else 22, colour)
    for k in range(40):
        for x, y in (
            (34, 30 + 24.5 * k),
            (WIDTH - 34, 30 + 24.5 * k),
            (30 + 24.5 * k, 34),
            (30 + 24.5 * k, HEIGHT - 34),
        ):
            plan.oval(x, y, 7, 7, ("#f4ead0", "#d83c2c")[k % 2])


def _frame(plan: Cartoon, inset: float, pen: float, colour: str) -> None:
    a, b, c = inset + pen / 2, WIDTH - inset - pen / 2, HEIGHT - inset - pen / 2
    for run in (((0, a), (WIDTH, a)), ((0, c), (WIDTH, c)), ((a, 0), (a, HEIGHT)), ((b, 0), (b, HEIGHT))):
        plan.line(
            [(min(max(x, inset), WIDTH - inset), min(max(y, inset), HEIGHT - inset)) for x, y in run],
            colour,
            pen,
            smooth=False,
        )


def _draw_peacock(plan: Cartoon, at: tuple[float, float], way: int) -> None:
    """A peacock that walks towards the figure, its tail behind it down to the meadow."""

    def put(points: Points) -> Array:
        return np.asarray(points) * (0.9 * way, 1.0) + (at[0] - 20 * way, at[1] + 190)

    plan.area(put(_TAIL), "#1c6c54", edge="#0c2c2c", pen=5)
    eyes = [(-18 + 11 * (k % 3) + 7 * (k // 3), 226 - 46 * (k // 3) + 14 * (k % 3)) for k in range(11)]
    for x, y in put(eyes):
        for reach, colour in ((12, "#d8b43c"), (8, "#1c54a4"), (4, "#0c1c4c")):
            plan.oval(x, y, reach, reach, colour)
    plan.area(put(_BREAST), "#1c50a8", edge="#0c1c54", pen=5)
    plan.line(put([(88, -90), (92, -30), (88, 30)]), "#4ca8d8", (4, 14, 8))
    plan.area(put([(106, -104), (124, -96), (106, -92)]), "#e8a82c", smooth=False)
    nape, eye, *crest = put([(94, -112), (98, -100), (78, -136), (89, -132), (100, -128)])
    plan.oval(eye[0], eye[1], 4, 4, "#fbf4e0")
    for x, y in crest:
        plan.line([nape, (x, y)], "#1c50a8", 3)
        plan.oval(x, y, 5, 5, "#3cb4c4")


def _zones() -> list[Zone]:
    """The zones in the order of setting: each with the outline its rows follow and the size of its glass."""
    ring = np.exp(2j * np.pi * np.arange(40) / 40)
    halo = 190 * spread(ring) + _NIMBUS_AT
    outlines: tuple[tuple[Points, float], ...] = (
        (halo, 8.0), (ROBE, 9.0), (CLOAK, 8.5), (NECK, 6.0), (HAIR, 6.0), (FACE, 5.2), (CROWN, 6.0), (HAND, 5.2),
        (BOWL, 6.0),
    )  # fmt: skip
    zones = [Zone(np.ones(_SHAPE, bool), None, 9.5)]
    return zones + [Zone(inside(_SHAPE, outline), outline, glass) for outline, glass in outlines]
