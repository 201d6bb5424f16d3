"""Metrics of a finished picture: what each one means, and those that need no network."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from nst.steps import Picture

#: Width of the window of SSIM in pixels and its standard deviation; its two constants, for values from 0 to 255.
WINDOW, DEVIATION = 11, 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
#: Rows of windows that SSIM takes at a time, few enough for a processor's cache.
ROWS = 32
#: Colours of each picture that the palettes are compared by.
SAMPLES = 2**14
#: Luminance of red, green and blue. Source: ITU-R BT.601.
LUMINANCE = np.array([0.299, 0.587, 0.114])
#: From linear sRGB to CIE XYZ, relative to the white point D65. Source: IEC 61966-2-1.
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What people are told of a metric; ``better`` is "" where neither low nor high is."""

    label: str
    help: str
    better: Literal["lower", "higher", ""]

    @property
    def remark(self) -> str:
        """The explanation, and which way is better."""
        return f"{self.help} {self.better.capitalize()} is better." if self.better else self.help


#: By name, in the order in which they are shown. The value of each is a number, or numbers by name.
METRICS = {
    "relative_style_loss": Metric(
        label="Relative style loss",
        help="Distance of each layer's Gram matrix from the style's, squared, relative to its size; 0 is the style.",
        better="lower",
    ),
    "relative_content_loss": Metric(
        label="Relative content loss",
        help="Distance of the content layers' activations from the photo's, squared, relative to their size; "
        "0 is the photo.",
        better="lower",
    ),
    "ssim": Metric(
        label="Structure kept",
        help="SSIM of the luminance against the photo (Wang et al. 2004): 1 is the photo, 0 is unrelated.",
        better="higher",
    ),
    "total_variation": Metric(
        label="Total variation",
        help="Mean difference of neighbouring pixels, of 1 from black to white: a lower number is a smoother picture.",
        better="",
    ),
    "palette": Metric(
        label="Palette distance",
        help="Sliced Wasserstein distance of the colours from the style's, in CIELAB; 0 is its palette.",
        better="lower",
    ),
}


def shown_metrics(metrics: Mapping[str, Any]) -> Iterator[tuple[Metric, str]]:
    """Each metric that is there, in the order of METRICS, with its value as text: "0.39", or "photo 0.1, style 0.2"."""
    for name, metric in METRICS.items():
        if name in metrics:
            value = metrics[name]
            parts = value.items() if isinstance(value, Mapping) else [("", value)]
            yield metric, ", ".join(f"{part} {number:.3g}".strip() for part, number in parts)


def columns(metrics: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Every number of some metrics with the name of its column: "ssim", or "relative_style_loss_conv1_1"."""
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}_{part}", number) for part, number in value.items())
        else:
            yield name, value


def picture_metrics(
    result: Picture, photo: Picture, styles: Sequence[Picture], shares: Sequence[float], style_scale: float
) -> dict[str, float | dict[str, float]]:
    """The metrics that need no network, by name.

    Args:
        result, photo: uint8 (H, W, 3), of any sizes; they are compared at the result's.
        styles: uint8 (h, w, 3) each, of any sizes.
        shares: of each style, above 0 and summing to 1.
        style_scale: long side of a style as it was painted with, relative to the result's.
    """
    photo = _resized(photo, result.shape[1], result.shape[0])
    side = max(result.shape[:2]) * style_scale
    painted = [_resized(style, *(max(1, round(s * side / max(style.shape))) for s in style.shape[1::-1]))
               for style in styles]  # fmt: skip
    variation = sum(share * total_variation(style) for share, style in zip(shares, painted, strict=True))
    return {
        "ssim": ssim(result, photo),
        "total_variation": {
            "result": total_variation(result), "photo": total_variation(photo), "style": float(variation)
        },
        "palette": sliced_wasserstein(to_lab(sample_colours([result], [1])), to_lab(sample_colours(styles, shares))),
    }  # fmt: skip


def ssim(one: Picture, other: Picture) -> float:
    """The mean structural similarity of the luminance of two pictures.

    Args:
        one, other: uint8 (H, W, 3), of the same size.

    Returns:
        At most 1, for equal pictures; about 0 for unrelated ones.

    Source: Wang et al. 2004, "Image quality assessment", equation 13, over the windows that lie inside the picture. A
    picture of fewer than 11 rows or columns has a window of as many.
    """
    rows, across = (_gaussian(min(WINDOW, side)) for side in one.shape[:2])
    total, count, around = 0.0, 0, len(rows) - 1
    for top in range(0, one.shape[0] - around, ROWS):
        strip = slice(top, top + ROWS + around)
        similarity = _similarity(one[strip] @ LUMINANCE, other[strip] @ LUMINANCE, rows, across)
        total, count = total + similarity.sum(), count + similarity.size
    return float(total / count)


def total_variation(picture: Picture) -> float:
    """The mean absolute difference of pixels from those below and beside them, of values from 0 to 1.

    Args:
        picture: uint8 (H, W, 3).

    Source: Rudin, Osher and Fatemi 1992, in its anisotropic form, as a mean.
    """
    differences = (np.abs(np.diff(picture.astype(np.int16), axis=axis)) for axis in (0, 1))
    return float(sum(each.mean() / 255 for each in differences if each.size))


def sample_colours(pictures: Sequence[Picture], shares: Sequence[float]) -> Floats:
    """Colours (SAMPLES, 3) from 0 to 1, of places spread evenly over each picture, in its share.

    The places depend on nothing, so that equal pictures have equal samples.

    Source of the places: Roberts 2018, the sequence R2.
    """
    plastic = 1.32471795724474602596
    numbers = np.arange(1, SAMPLES + 1)
    down, across = (numbers / plastic) % 1, (numbers / plastic**2) % 1
    ends = np.rint(np.cumsum(shares) / sum(shares) * SAMPLES).astype(int)
    parts = zip(pictures, np.split(down, ends[:-1]), np.split(across, ends[:-1]), strict=True)
    return np.concatenate(
        [picture[(y * picture.shape[0]).astype(int), (x * picture.shape[1]).astype(int)] for picture, y, x in parts]
    ) / np.float64(255)


def to_lab(colours: Floats) -> Floats:
    """CIELAB, (N, 3), of sRGB colours (N, 3) from 0 to 1, with the white point D65."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    xyz = linear @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def sliced_wasserstein(one: Floats, other: Floats) -> float:
    """The sliced 2-Wasserstein distance of two sets of as many points (N, 3).

    Returns:
        The root of the mean, over directions, of the squared distance of the points on a line; a shift of all points by
        d is at exactly ``|d| / sqrt(3)``.

    Source: Rabin et al. 2011, "Wasserstein barycenter and its application to texture mixing". The directions are not
    random but the axes of icosahedron and dodecahedron, over which the mean of a square is that over the sphere.
    """
    lines = [np.sort(points @ _directions().T, axis=0) for points in (one, other)]
    return float(np.sqrt(np.mean((lines[0] - lines[1]) ** 2)))


def _directions() -> Floats:
    """The axes (16, 3) through the corners of an icosahedron and of a dodecahedron."""
    golden = (1 + math.sqrt(5)) / 2
    corners = [(0, 1, golden), (0, 1 / golden, golden)]
    turned = [np.roll((x, sign * y, z), turn) for x, y, z in corners for sign in (1, -1) for turn in range(3)]
    axes = np.array([*turned, (1, 1, 1), (1, 1, -1), (1, -1, 1), (-1, 1, 1)])
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def _gaussian(length: int) -> Floats:
    """Weights of a window in one direction; they sum to 1."""
    places = np.arange(length) - (length - 1) / 2
    weights = np.exp(-(places**2) / (2 * DEVIATION**2))
    return weights / weights.sum()


def _similarity(one: Floats, other: Floats, rows: Floats, across: Floats) -> Floats:
    """SSIM of each window of two planes (H, W)."""
    mean, other_mean = (_weighted(plane, rows, across) for plane in (one, other))
    squares, other_squares, products = (
        _weighted(plane, rows, across) for plane in (one * one, other * other, one * other)
    )
    variances = squares - mean**2 + other_squares - other_mean**2
    covariance = products - mean * other_mean
    likeness = (2 * mean * other_mean + C1) * (2 * covariance + C2)
    return likeness / ((mean**2 + other_mean**2 + C1) * (variances + C2))


def _weighted(plane: Floats, rows: Floats, across: Floats) -> Floats:
    """The weighted mean of each window of a plane (H, W)."""
    height, width = plane.shape[0] - len(rows) + 1, plane.shape[1] - len(across) + 1
    down = sum(weight * plane[top : top + height] for top, weight in enumerate(rows))
    return sum((weight * down[:, left : left + width] for left, weight in enumerate(across)), np.zeros((height, width)))


def _resized(picture: Picture, width: int, height: int) -> Picture:
    if picture.shape[1::-1] == (width, height):
        return picture
    return np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0))
