"""The bundled paintings as pictures: no two alike, each with the palette that the manifest states."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from nst.gallery.manifest import bundled_styles
from tools.painter.colour import oklab, to_oklab

STYLES = bundled_styles()
_ORIENTATIONS = 12


@cache
def pixels(path):
    """OKLab of the file at 320 px on its long side."""
    with Image.open(path) as picture:
        picture.thumbnail((320, 320), Image.Resampling.BOX)
        return to_oklab(np.asarray(picture))


@cache
def colours(path):
    """The share of the picture in each of 4 x 7 x 7 boxes of OKLab."""
    lab = pixels(path).reshape(-1, 3)
    counts, _ = np.histogramdd(lab, bins=(4, 7, 7), range=((0, 1), (-0.28, 0.28), (-0.28, 0.28)))
    return counts / counts.sum()


@cache
def orientations(path):
    """How strongly edges run each way, as shares, on three scales one after the other."""
    with Image.open(path) as picture:
        grey = picture.convert("L")
        scales = [np.asarray(grey.resize((grey.width // k, grey.height // k)), float) for k in (2, 4, 8)]
    return np.concatenate([edges(scale) for scale in scales]) / len(scales)


def edges(grey):
    down, right = np.gradient(grey)
    turn = np.arctan2(down, right) % np.pi
    shares, _ = np.histogram(turn, _ORIENTATIONS, (0, np.pi), weights=np.hypot(down, right))
    return shares / shares.sum()


def apart(a, b):
    """The share of one distribution that would have to move to become the other."""
    return np.abs(a - b).sum() / 2


@pytest.mark.parametrize(("one", "other"), list(combinations(STYLES, 2)), ids=lambda style: style.key)
def test_no_two_styles_are_close(one, other):
    """The closest pairs are 0.38 apart in colour, 0.045 in the way of their edges, and 0.5 in both together."""
    colour = apart(colours(one.path), colours(other.path))
    orientation = apart(orientations(one.path), orientations(other.path))
    assert colour > 0.3
    assert orientation > 0.03
    assert colour + orientation > 0.42


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.key)
def test_the_palette_is_found_in_the_picture_and_runs_from_dark_to_light(style):
    palette = oklab(style.palette)
    assert len({tuple(colour) for colour in palette}) == 5
    assert (np.diff(palette[:, 0]) >= 0).all()
    lab = pixels(style.path).reshape(-1, 3)
    shares = [(np.linalg.norm(lab - colour, axis=1) < 0.06).mean() for colour in palette]
    assert min(shares) > 0.004


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.key)
def test_a_style_has_full_contrast_and_texture_at_several_scales(style):
    light = pixels(style.path)[..., 0]
    assert np.percentile(light, 99) - np.percentile(light, 1) > 0.5
    for k in (1, 2, 4):
        small = light[: light.shape[0] // k * k, : light.shape[1] // k * k]
        small = small.reshape(small.shape[0] // k, k, -1, k).mean(axis=(1, 3))
        assert np.abs(np.diff(small, axis=1)).mean() > 0.02


def test_stripes_run_one_way_and_differ_from_stripes_across():
    stripes = np.tile([0.0, 0.0, 255.0, 255.0], (32, 8))
    assert edges(stripes)[0] == 1
    assert edges(stripes.T)[_ORIENTATIONS // 2] == 1
    assert apart(edges(stripes), edges(stripes.T)) == 1
    assert apart(edges(stripes), edges(stripes)) == 0
