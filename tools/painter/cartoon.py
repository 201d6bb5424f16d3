"""The cartoon under a painting: flat shapes, printed as they are or telling strokes their colour."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from tools.painter.colour import ramp, srgb, to_oklab
from tools.painter.flow import Array, Mask, Points, curve

_PERLIN = (1.0, 0.5, 0.25)


class Cartoon:
    """A drawing of ``width`` x ``height`` units with ``scale`` cells to a unit."""

    def __init__(self, width: float, height: float, ground: str, scale: float = 1.0) -> None:
        self.scale = scale
        self._show(Image.new("RGB", (round(width * scale), round(height * scale)), ground))

    def area(
        self, points: Points, colour: str, *, smooth: bool = True, edge: str | None = None, pen: float = 0
    ) -> None:
        """Fills a closed outline, smooth through its points or straight between them, and draws its edge."""
        outline = curve(points, closed=True) if smooth else np.asarray(points, dtype=np.float32)
        self._draw.polygon(self._cells(outline), fill=colour)
        if edge:
            self.line(np.concatenate([outline, outline[:1]]), edge, pen, smooth=False)

    def line(self, points: Points, colour: str, pen: float | Sequence[float], *, smooth: bool = True) -> None:
        """Draws a line of one width, or of widths that are spread evenly along it."""
        path = curve(points) if smooth else np.asarray(points, dtype=np.float32)
        if isinstance(pen, int | float):
            self._draw.line(self._cells(path), fill=colour, width=max(1, round(pen * self.scale)), joint="curve")
        else:
            self._draw.polygon(self._cells(swelling(path, pen)), fill=colour)

    def oval(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """Fills an upright oval of half-width ``wide`` and half-height ``high``."""
        box = [v * self.scale for v in (x - wide, y - high, x + wide, y + high)]
        self._draw.ellipse(box, fill=colour)

    def shade(self, colours: Array, tone: Array) -> None:
        """Covers everything with a ramp of OKLab colours, by a tone of any resolution."""
        height, width = self.image.height, self.image.width
        tone = np.asarray(Image.fromarray(tone.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR))
        steps = srgb(ramp(colours, np.linspace(0, 1, 1024)))
        self._show(Image.fromarray(steps[np.clip(tone * 1023, 0, 1023).astype(int)]))

    def glow(self, x: float, y: float, reach: float, colour: str, strength: float = 1.0, flat: float = 1.0) -> None:
        """Mixes in a colour that fades from a centre over ``reach`` units, ``flat`` times as far up and down."""
        row = (np.arange(self.image.height) / self.scale - y) / (reach * flat)
        column = (np.arange(self.image.width) / self.scale - x) / reach
        amount = strength * np.exp(-2 * (row[:, None] ** 2 + column[None, :] ** 2))
        self._mix(colour, amount)

    def veil(self, colour: str, amount: Array | Mask) -> None:
        """Mixes in a colour by an amount from 0 to 1, an array of any resolution."""
        size = self.image.size
        self._mix(
            colour, np.asarray(Image.fromarray(amount.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))
        )

    def inlay(self, other: "Cartoon", mask: Mask) -> None:
        """Takes over another cartoon where a mask of the plan says so."""
        cut = Image.fromarray(mask).resize(self.image.size)
        self._show(Image.composite(other.image, self.image, cut))

    def soften(self, radius: float) -> None:
        """Blurs everything."""
        self._show(self.image.filter(ImageFilter.GaussianBlur(radius * self.scale)))

    def at(self, places: Array) -> Array:
        """The OKLab colours, (n, 3), at places (n, 2) in units."""
        x, y = (np.clip(places, 0, None) * self.scale).astype(int).T
        pixels = np.asarray(self.image)
        return to_oklab(pixels[np.minimum(y, self.image.height - 1), np.minimum(x, self.image.width - 1)])

    def _mix(self, colour: str, amount: Array) -> None:
        over = Image.new("RGB", self.image.size, colour)
        mask = Image.fromarray(np.round(np.clip(amount, 0, 1) * 255).astype(np.uint8))
        self._show(Image.composite(over, self.image, mask))

    def _show(self, image: Image.Image) -> None:
        self.image = image
        self._draw = ImageDraw.Draw(image)

    def _cells(self, points: Array) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in np.asarray(points) * self.scale]


def swelling(path: Array, widths: Sequence[float]) -> Array:
    """The outline of a line whose widths are spread evenly along a dense path."""
    way = np.gradient(path, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], axis=-1) / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    half = np.interp(np.linspace(0, 1, len(path)), np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    return np.concatenate([path + across * half, (path - across * half)[::-1]])


def mottle(shape: tuple[int, int], cell: float | tuple[float, float], rng: Generator) -> Array:
    """Smooth noise about 0 with a spread of one, in three octaves; its patches are ``cell`` units (wide, high)."""
    wide, high = cell if isinstance(cell, tuple) else (cell, cell)
    total = np.zeros(shape, dtype=np.float32)
    for octave, weight in enumerate(_PERLIN):
        grid = [int(n * 2**octave / c) + 2 for n, c in zip(shape, (high, wide), strict=True)]
        knots = Image.fromarray(rng.normal(size=grid).astype(np.float32))
        total += weight * np.asarray(knots.resize(shape[::-1], Image.Resampling.BICUBIC))
    return total / total.std()
