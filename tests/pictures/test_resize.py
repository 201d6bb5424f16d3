import numpy as np
import pytest

from nst.pictures.resize import enlarge, shrink


@pytest.mark.parametrize(
    ("shape", "side", "expected"),
    [((300, 100), 150, (150, 50)), ((100, 300), 150, (50, 150)), ((3000, 3), 100, (100, 1))],
)
def test_the_long_side_shrinks_and_the_shape_stays(shape, side, expected):
    assert shrink(np.zeros((*shape, 3), np.uint8), side).shape == (*expected, 3)


def test_a_picture_that_is_small_enough_is_left_alone():
    picture = np.zeros((100, 50, 3), np.uint8)
    assert shrink(picture, 100) is picture


def test_a_checked_pattern_becomes_its_mean():
    picture = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(200)
    small = shrink(np.repeat(picture[:, :, None], 3, axis=2).astype(np.uint8), 16)
    assert np.allclose(small, 100, atol=4)


def test_enlarging_gives_exactly_the_size_and_keeps_what_is_shown():
    halves = np.zeros((8, 12, 3), np.uint8)
    halves[:, 6:] = 255
    large = enlarge(halves, 121, 80)
    assert large.shape == (80, 121, 3)
    assert large.dtype == np.uint8
    # The filter overshoots at the edge, where values are clamped and do not wrap around.
    assert large[:, :50].max() < 30
    assert large[:, 70:].min() > 225
