"""A surprise: a style, a brush size and a strength, drawn by a number that brings them back."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nst.errors import FieldName, SettingsError
from nst.gallery.manifest import Style, bundled_styles

#: Seeds are below this, short enough to be read out.
SEEDS = 10_000
#: What the style's own brush size is multiplied with, and the style strength. With brushes of 1.5 times their own size,
#: the Sunday Afternoon and the Water Lilies lose the subject, see benchmarks/LOOK.md.
BRUSH, STRENGTH = (0.7, 1.3), (0.5, 2.0)
#: Both are drawn in these steps, as their sliders have them.
STEP = 0.05


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """What was drawn: a bundled style and settings by name."""

    seed: int
    style: Style
    settings: Mapping[str, Any]

    def __str__(self) -> str:
        brush, strength = self.settings["style_scale"], self.settings["style_weight"]
        return f"Surprise {self.seed}: {self.style.title}, brush size {brush:g}, style strength {strength:g}."


def draw_surprise(seed: int) -> Surprise:
    """The surprise of a seed, the same on every machine.

    Raises:
        SettingsError: the seed is not within 0 to SEEDS - 1.
    """
    if not 0 <= seed < SEEDS:
        raise SettingsError(FieldName("surprise"), f" is {seed}; it must be 0 to {SEEDS - 1}.")
    generator = random.Random(seed)
    style = generator.choice(bundled_styles())
    brush = style.suggested.get("style_scale", 1.0) * _even(generator, *BRUSH)
    settings = {"style_scale": _stepped(brush), "style_weight": _stepped(_even(generator, *STRENGTH))}
    return Surprise(seed=seed, style=style, settings=settings)


def _even(generator: random.Random, low: float, high: float) -> float:
    """A factor between two, as often in the lower half of their ratio as in the upper."""
    return float(low * (high / low) ** generator.random())


def _stepped(value: float) -> float:
    return round(round(value / STEP) * STEP, 2)
