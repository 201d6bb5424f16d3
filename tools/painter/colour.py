"""Colours as paint is mixed: in OKLab, where equal steps look equal."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

_TO_LMS = np.array([[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]])
_TO_LAB = np.array([[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45060], [0.02590, 0.78277, -0.80868]])
_FROM_LMS, _FROM_LAB = np.linalg.inv(_TO_LMS), np.linalg.inv(_TO_LAB)


def oklab(names: Sequence[str]) -> Array:
    """Hexadecimal sRGB names ("#1a2b3c") as an (n, 3) float32 array of OKLab.

    Source: Björn Ottosson, "A perceptual color space for image processing", 2020.
    """
    return to_oklab(np.array([[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in names]))


def to_oklab(rgb: NDArray[np.integer]) -> Array:
    """OKLab, float32, of sRGB colours of shape (..., 3) from 0 to 255."""
    encoded = np.asarray(rgb) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T, dtype=np.float32)


def srgb(lab: Array) -> NDArray[np.uint8]:
    """OKLab colours of shape (..., 3) as uint8 sRGB of the same shape, clipped to what a screen shows."""
    linear = np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(encoded * 255), dtype=np.uint8)


def ramp(colours: Array, tone: Array) -> Array:
    """The (n, 3) colours that lie at ``tone`` (n,) on a ramp of (m, 3) colours; 0 is the first, 1 the last."""
    stops = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(tone, stops, channel) for channel in colours.T], axis=-1).astype(np.float32)
