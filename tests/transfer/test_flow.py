"""Optical flow, warping along it, and where it can be relied on."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from nst.steps import Picture
from nst.transfer.flow import DOUBTFUL, Motion, compare, consistent, ground_flow, is_cut, warp, within_picture
from nst.transfer.images import to_tensor
from tests.transfer.runs import picture


def textured(height: int, width: int, seed: int = 0, grain: int = 6) -> Picture:
    """Smooth blobs of about ``grain`` pixels, which a flow can hold on to."""
    size = max(2, height // grain), max(2, width // grain)
    coarse = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def constant(x: float, y: float, height: int = 6, width: int = 8) -> Tensor:
    return torch.tensor([x, y], dtype=torch.float32).view(1, 2, 1, 1).expand(1, 2, height, width).clone()


def test_a_picture_moved_by_3_px_is_warped_into_place_but_for_the_strip_that_came_into_view() -> None:
    scene = textured(64, 99)
    before, after = scene[:, :96], scene[:, 3:]
    backward, trust = compare(before, after)
    certain = trust == 1
    assert backward[0, 0, 8:-8, 8:-8].median() == pytest.approx(3, abs=0.05)
    assert not certain[..., -3:].any()
    assert certain[..., :-3].float().mean() > 0.99
    error = (warp(to_tensor(before), backward) - to_tensor(after)).abs()
    assert error[certain.expand_as(error)].mean() < 1 / 255


def test_what_a_moving_thing_uncovers_is_not_compare() -> None:
    before, thing = textured(64, 96, 1), textured(24, 24, 2)
    after = before.copy()
    before[20:44, 30:54] = thing
    after[20:44, 36:60] = thing
    certain = compare(before, after)[1] == 1
    assert certain[0, 0, 22:42, 30:36].float().mean() < 0.2, "the uncovered strip"
    assert certain[0, 0, 24:40, 42:54].float().mean() > 0.95, "the thing itself"
    assert certain[0, 0, :, 70:].float().mean() > 0.99, "what stands still"


def test_what_moves_farther_than_the_search_reaches_is_found_from_a_guess() -> None:
    ground, thing = textured(128, 192, 2), textured(40, 40, 9)
    before, after, guess = ground.copy(), ground.copy(), constant(0, 0, 128, 192)
    before[44:84, 20:60] = after[44:84, 44:84] = thing
    guess[:, 0, 44:84, 44:84] = -21
    inside, elsewhere = (0, 0, slice(46, 82), slice(46, 82)), (0, 0, slice(None), slice(100, None))
    for guesses in ([None, guess], [guess, None], [guess]):
        backward, trust = compare(before, after, guesses)
        assert (trust[inside] == 1).float().mean() > 0.95
        assert backward[inside].median() == pytest.approx(-24, abs=0.05)
        assert (trust[elsewhere] == 1).all()
        assert backward[elsewhere].abs().max() < 0.05


def test_a_guess_that_misleads_is_not_followed_where_the_search_does_better_without() -> None:
    scene = textured(64, 120)
    before, after = scene[:, :96], scene[:, 3:99]
    backward, trust = compare(before, after, [None, constant(-40, 30, 64, 96)])
    assert (trust[..., :-3] == 1).float().mean() > 0.99
    assert backward[0, 0, 8:-8, 8:-8].median() == pytest.approx(3, abs=0.05)


def test_a_flow_of_whole_pixels_moves_values_and_of_half_pixels_blends_them() -> None:
    image = torch.arange(48.0).view(1, 1, 6, 8)
    for mode in ("bicubic", "bilinear"):
        moved = warp(image, constant(2, 1), mode)
        assert torch.allclose(moved[..., :-1, :-2], image[..., 1:, 2:], atol=1e-4)
    assert torch.allclose(warp(image, constant(0.5, 0), "bilinear")[..., :-1], image[..., :-1] + 0.5, atol=1e-4)


def test_the_thresholds_of_the_paper() -> None:
    """|w~ + w^|^2 against 0.01 (|w~|^2 + |w^|^2) + 0.5, and the squared gradient against 0.01 |w^|^2 + 0.002."""
    middle = (..., slice(1, -1), slice(1, -1))
    assert consistent(constant(0, 0), constant(0.70, 0))[middle].all()  # 0.49 is not above 0.5049.
    assert not consistent(constant(0, 0), constant(0.72, 0))[middle].any()  # 0.5184 is above 0.5052.
    assert not consistent(constant(2, 0), constant(2, 0))[middle].any()
    for slope, expected in ((0.044, True), (0.046, False)):  # Squared, 0.0019 and 0.0021; the flow is nearly 0.
        backward = constant(0, 0)
        backward[:, 1] = slope * (torch.arange(8) - 4)
        assert consistent(backward, -backward)[0, 0, 3, 4] == expected


def test_a_flow_from_beyond_the_edges_leads_nowhere() -> None:
    assert within_picture(constant(2, 0))[0, 0].all(dim=0).tolist() == [True] * 6 + [False] * 2
    assert within_picture(constant(0, -3))[0, 0].all(dim=1).tolist() == [False] * 3 + [True] * 3


def test_what_looks_the_same_is_trusted_a_little_where_the_flow_is_not_consistent() -> None:
    """Grey behind grey, which a thing uncovers, looks as before; the thing itself does not."""
    before, thing = np.full((64, 96, 3), 90, np.uint8), textured(24, 24, 2)
    after = before.copy()
    before[20:44, 20:44] = thing
    after[20:44, 44:68] = thing
    trust = compare(before, after)[1]
    assert trust.unique().tolist() == pytest.approx([0, DOUBTFUL, 1])
    uncovered = trust[0, 0, 24:40, 22:40]
    assert uncovered.median() == pytest.approx(DOUBTFUL)


@pytest.mark.parametrize("size", [(1, 1), (3, 16), (64, 5), (17, 33)])
def test_small_and_narrow_pictures_have_a_flow(size: tuple[int, int]) -> None:
    one, other = picture(*size), picture(*size, seed=1)
    flow, trust = compare(one, other)
    assert flow.shape == (1, 2, *size)
    assert trust.shape == (1, 1, *size)
    assert torch.isfinite(flow).all()
    assert (compare(one, one)[1] == 1).all()


def test_the_ground_moves_as_most_pixels_do_also_where_another_thing_moves_and_where_nothing_is_trusted() -> None:
    """A camera that turns by 0.02 radians, comes nearer by 1 % and moves by (3, -2)."""
    rows, columns = np.mgrid[:60, :80].astype(np.float32)
    turn = 0.99 * np.exp(0.02j) * (columns + 1j * rows) + 3 - 2j - (columns + 1j * rows)
    true = torch.from_numpy(np.stack([turn.real, turn.imag]).astype(np.float32))[None]
    flow, trust = true.clone(), torch.ones(1, 1, 60, 80)
    flow[:, 0, 10:40, 10:40] += 9
    flow[..., 60:], trust[..., 60:] = 50, 0
    assert torch.allclose(ground_flow(Motion(flow, trust)), true, atol=0.01)


@pytest.mark.parametrize("size", [(1, 1), (3, 16), (60, 80)])
def test_without_pixels_that_are_trusted_the_ground_stands_still(size: tuple[int, int]) -> None:
    flow = constant(3, 3, *size)
    assert (ground_flow(Motion(flow, torch.zeros(1, 1, *size))) == 0).all()


def test_a_cut_is_another_scene_and_not_a_fast_pan() -> None:
    scene, other = textured(64, 120), textured(64, 96, 7)
    for before, after, cut in (
        (scene[:, :96], scene[:, 12:108], False),
        (scene[:, :96], other, True),
        (scene[:, :96], np.full((64, 96, 3), 20, np.uint8), True),
    ):
        assert is_cut(before, after, compare(before, after)[1]) == cut
