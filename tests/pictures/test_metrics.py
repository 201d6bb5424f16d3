"""Metrics without a network, on cases whose answer is known."""

import numpy as np
import pytest

from nst.pictures.metrics import (
    C1,
    C2,
    DEVIATION,
    METRICS,
    Floats,
    columns,
    picture_metrics,
    sample_colours,
    shown_metrics,
    sliced_wasserstein,
    ssim,
    to_lab,
    total_variation,
)
from nst.steps import Picture
from tests.pictures.making import noise, scene


def grey(values: object) -> Picture:
    return np.repeat(np.array(values, np.uint8)[..., None], 3, axis=2)


def direct_ssim(one: Floats, other: Floats, side: int = 11) -> float:
    """Equation 13 of Wang et al. 2004 as it stands: window by window, moments about the window's own means."""
    places = np.arange(side) - (side - 1) / 2
    weights = np.exp(-(places[:, None] ** 2 + places[None] ** 2) / (2 * DEVIATION**2))
    weights /= weights.sum()
    values = []
    for top in range(one.shape[0] - side + 1):
        for left in range(one.shape[1] - side + 1):
            x, y = (plane[top : top + side, left : left + side] for plane in (one, other))
            mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
            var_x, var_y = (weights * (x - mean_x) ** 2).sum(), (weights * (y - mean_y) ** 2).sum()
            covariance = (weights * (x - mean_x) * (y - mean_y)).sum()
            luminance = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
            values.append(luminance * (2 * covariance + C2) / (var_x + var_y + C2))
    return float(np.mean(values))


def test_ssim_is_1_for_the_photo_itself_and_near_0_for_noise() -> None:
    picture = noise()
    assert ssim(picture, picture) == pytest.approx(1)
    assert abs(ssim(picture, noise(seed=1))) < 0.05
    assert ssim(picture, 255 - picture) < -0.9


def test_ssim_of_two_constants_is_that_of_their_means() -> None:
    one, other = grey(np.full((20, 30), 100)), grey(np.full((20, 30), 50))
    assert ssim(one, other) == pytest.approx((2 * 100 * 50 + C1) / (100**2 + 50**2 + C1))


def test_ssim_of_a_picture_of_two_pixels_by_hand() -> None:
    # One window, both weights 1/2. Means 100 and 110, variances 100 and 400, covariance 10 * 20.
    expected = (2 * 100 * 110 + 6.5025) * (2 * 200 + 58.5225) / ((100**2 + 110**2 + 6.5025) * (500 + 58.5225))
    assert ssim(grey([[90, 110]]), grey([[90, 130]])) == pytest.approx(expected)
    assert expected == pytest.approx(0.81724, abs=1e-5)


@pytest.mark.parametrize(("height", "width"), [(11, 11), (50, 13)])
def test_ssim_is_the_mean_over_all_windows_also_where_it_takes_them_in_strips(height: int, width: int) -> None:
    smooth = np.cumsum(np.random.default_rng(2).integers(0, 5, (height, width)), axis=0) % 256
    rough = np.clip(smooth + np.random.default_rng(3).integers(-30, 30, (height, width)), 0, 255)
    expected = direct_ssim(smooth.astype(float), rough.astype(float))
    assert ssim(grey(smooth), grey(rough)) == pytest.approx(expected, abs=1e-9)
    assert 0.05 < expected < 0.95


def test_total_variation_is_0_for_a_constant_and_1_for_stripes() -> None:
    assert total_variation(grey(np.full((8, 8), 77))) == 0
    assert total_variation(grey(np.tile([0, 255], (6, 4)))) == pytest.approx(1)
    assert total_variation(grey(np.indices((6, 8)).sum(axis=0) % 2 * 255)) == pytest.approx(2)
    assert total_variation(grey([[0]])) == 0


def test_a_shift_of_all_colours_by_d_is_at_the_length_of_d_by_the_root_of_three() -> None:
    points = np.random.default_rng(0).normal(size=(500, 3))
    for shift in ([3.0, -4.0, 12.0], [0.0, 0.0, 1.0], [1e-3, 0.0, 0.0]):
        shifted = np.random.default_rng(1).permutation(points) + shift
        assert sliced_wasserstein(points, shifted) == pytest.approx(np.linalg.norm(shift) / np.sqrt(3))


def test_two_flat_colours_are_at_their_distance_in_cielab_by_the_root_of_three() -> None:
    red, blue = np.zeros((2, 8, 8, 3), np.uint8)
    red[..., 0] = blue[..., 2] = 255
    # CIELAB of sRGB's red and blue, from colour tables.
    distance = np.linalg.norm(np.subtract((53.24, 80.09, 67.20), (32.30, 79.19, -107.86)))
    metrics = picture_metrics(red, red, [blue], [1], 1)
    assert metrics["palette"] == pytest.approx(distance / np.sqrt(3), rel=2e-3)


def test_cielab_of_white_and_black() -> None:
    np.testing.assert_allclose(to_lab(np.array([[1.0, 1, 1], [0, 0, 0]])), [[100, 0, 0], [0, 0, 0]], atol=1e-9)


def test_each_style_has_its_share_of_the_palette() -> None:
    black, white = np.zeros((9, 7, 3), np.uint8), np.full((5, 40, 3), 255, np.uint8)
    assert sample_colours([black, white], [0.25, 0.75]).mean() == 0.75


def test_the_style_itself_has_its_palette_and_its_smoothness_and_the_photo_itself_all_structure() -> None:
    photo, style = scene(), noise()
    metrics = picture_metrics(style, photo, [style], [1], 1)
    assert metrics["palette"] == 0
    assert metrics["total_variation"]["result"] == metrics["total_variation"]["style"]
    assert picture_metrics(photo, photo, [style], [1], 1)["ssim"] == pytest.approx(1)


def test_the_same_style_at_another_size_has_nearly_the_same_palette() -> None:
    style = np.zeros((40, 60, 3), np.uint8)
    style[:, :20, 0] = 200
    twice = style.repeat(2, axis=0).repeat(2, axis=1)
    assert picture_metrics(twice, twice, [style], [1], 1)["palette"] < 0.01


def test_whatever_is_there_is_shown_with_its_explanation_and_has_its_columns() -> None:
    metrics = {"ssim": 0.5, "relative_style_loss": {"conv1_1": 0.25, "conv2_1": 1e-5}, "unknown": 3.0}
    assert [(metric.label, value) for metric, value in shown_metrics(metrics)] == [
        ("Relative style loss", "conv1_1 0.25, conv2_1 1e-05"),
        ("Structure kept", "0.5"),
    ]
    assert dict(columns(metrics)) == {
        "ssim": 0.5, "relative_style_loss_conv1_1": 0.25, "relative_style_loss_conv2_1": 1e-5, "unknown": 3.0
    }  # fmt: skip
    assert METRICS["ssim"].remark.endswith("Higher is better.")
    assert "better" not in METRICS["total_variation"].remark
