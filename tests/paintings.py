"""What makes a picture the painting of a photo in a style, whichever engine painted it and however it was requested."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nst.gallery.manifest import find_style
from nst.pictures.decode import read_picture
from nst.steps import Picture


def colour_distance(one: Picture, other: Picture) -> float:
    """How far the colours of two pictures of any size are from each other, from 0 to 255, wherever they stand.

    The mean over red, green and blue of the earth mover's distance between their histograms.
    """
    shares = np.linspace(0, 100, 101)
    quantiles = (np.percentile(picture.reshape(-1, 3), shares, axis=0) for picture in (one, other))
    return float(np.abs(np.subtract(*quantiles)).mean())


def logged_losses(folder: Path) -> list[float]:
    """The total loss at every step of a run."""
    with (folder / "log.csv").open() as log:
        return [float(row["total"]) for row in csv.DictReader(log)]


def assert_painted(result: Picture, photo: Picture, style: str, losses: Sequence[float], size: tuple[int, int]) -> None:
    """A result of that (height, width), of a photo, in a style of the gallery; ``losses`` are those on the way."""
    assert result.shape == (*size, 3)
    assert all(math.isfinite(loss) for loss in losses)
    assert losses[-1] < losses[0]
    colours = read_picture(find_style(style).path)
    assert colour_distance(result, colours) < colour_distance(photo, colours)
    assert colour_distance(result, photo) > 10
