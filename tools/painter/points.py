"""Painting in points: dots of pure colour that mix in the eye, with their complements among them."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon
from tools.painter.flow import Array

# steps in OKLab: in the light towards yellow, orange, pink and green, in the shade towards blue, violet, green, red
_LIGHT = (
    np.array([(0.05, -0.01, 0.09), (0.0, 0.06, 0.07), (0.03, 0.07, -0.04), (0.0, -0.08, 0.04), (-0.06, -0.01,
    -0.08)])
)  # fmt: skip
_SHADE = (
    np.array([(0.03, -0.01, -0.11), (0.0, 0.06, -0.08), (0.05, -0.08, 0.04), (0.04, 0.1, 0.05), (0.12, -0.01, 0.1)])
)  # fmt: skip


def dotted(canvas: Canvas, cartoon: Cartoon, radius: float, coverage: float, contrast: float, rng: Generator) -> None:
    """Dots all over the cartoon in no order; ``contrast`` is how far they leave its colours for a complement."""
    wide, high = (n / cartoon.scale for n in cartoon.image.size)
    count = int(coverage * wide * high / (np.pi * radius**2))
    places = rng.random((count, 2)) * (wide, high)
    radii = radius * np.exp(rng.normal(0, 0.16, count))
    colours = cartoon.at(places)
    colours += contrast * _contrasts(colours[:, 0], rng)
    canvas.dots(places.astype(np.float32), radii.astype(np.float32), colours.astype(np.float32), body=0.3)


def _contrasts(light: Array, rng: Generator) -> Array:
    """For each dot a step towards one of the colours that go with its lightness."""
    which = rng.integers(len(_LIGHT), size=len(light))
    lit = rng.random(len(light)) < np.clip((light - 0.4) / 0.35, 0, 1)
    step = np.where(lit[:, None], _LIGHT[which], _SHADE[which])
    return np.asarray(step * rng.uniform(0, 1.5, (len(light), 1)))
