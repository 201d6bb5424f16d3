"""Points that are followed from frame to frame, and masks that are sampled at them."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import pytest

from nst.steps import Picture
from nst.transfer.flow import compare
from nst.transfer.tracking import first_points, follow, sample
from tests.transfer.test_flow import textured

RED, GREEN, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 0)


def carried(mask: Picture, frames: Sequence[Picture]) -> list[Picture]:
    """A mask of the first frame in each frame after it."""
    points, masks = first_points(*frames[0].shape[1::-1]), []
    for before, now in pairwise(frames):
        points = follow(points, compare(before, now), now)
        masks.append(sample(mask, points))
    return masks


def fills(mask: Picture, rows: slice, columns: slice, tolerance: int = 1) -> bool:
    """Whether red fills a rectangle, but for so many pixels at its edge."""
    least, most = (np.zeros(mask.shape[:2], bool) for _ in range(2))
    least[rows.start + tolerance : rows.stop - tolerance, columns.start + tolerance : columns.stop - tolerance] = True
    top, left = max(0, rows.start - tolerance), max(0, columns.start - tolerance)
    most[top : rows.stop + tolerance, left : columns.stop + tolerance] = True
    here = (mask == RED).all(axis=-1)
    return bool((here >= least).all() and (here <= most).all())


def rectangle(size: tuple[int, int], rows: slice, columns: slice) -> Picture:
    """Red on green."""
    mask = np.full((*size, 3), GREEN, np.uint8)
    mask[rows, columns] = RED
    return mask


def test_a_mask_follows_what_it_was_drawn_on_when_the_camera_moves() -> None:
    scene = textured(64, 120)
    frames = [np.ascontiguousarray(scene[:, 3 * number : 3 * number + 96]) for number in range(7)]
    rows, left = slice(20, 44), 40
    masks = carried(rectangle((64, 96), rows, slice(left, left + 24)), frames)
    for number, mask in enumerate(masks, start=1):
        assert fills(mask, rows, slice(left - 3 * number, left + 24 - 3 * number))


@pytest.mark.parametrize("size", [(72, 108), (144, 216)])
def test_a_mask_follows_a_thing_that_moves_in_front_and_leaves_what_it_uncovers(size: tuple[int, int]) -> None:
    """Its corners are rounded. The mask may be larger than the frames."""
    background, thing = textured(72, 108, 1, grain=8) // 4, 190 + textured(28, 28, 2) // 4
    frames = [background.copy() for _ in range(7)]
    for number, frame in enumerate(frames):
        frame[20:48, 20 + 3 * number : 48 + 3 * number] = thing
    scale = size[0] // 72
    drawn = rectangle(size, slice(20 * scale, 48 * scale), slice(20 * scale, 48 * scale))
    for number, mask in enumerate(carried(drawn, frames), start=1):
        assert fills(mask, slice(20, 48), slice(20 + 3 * number, 48 + 3 * number), tolerance=2)


def test_a_motion_of_less_than_a_pixel_adds_up() -> None:
    scene, way = textured(64, 96), 0.3
    frames = [
        cv2.warpAffine(scene, np.float32([[1, 0, way * number], [0, 1, 0]]), (96, 64), borderMode=cv2.BORDER_REFLECT)
        for number in range(13)
    ]
    *_, last = carried(rectangle((64, 96), slice(20, 44), slice(40, 64)), frames)
    middle = (last[32] == RED).all(axis=-1).nonzero()[0].mean()
    assert middle - 51.5 == pytest.approx(12 * way, abs=0.6)


def test_a_mask_has_no_colour_that_was_not_drawn() -> None:
    scene = textured(48, 90)
    frames = [np.ascontiguousarray(scene[number : number + 40, 5 * number : 5 * number + 64]) for number in range(5)]
    drawn = np.random.default_rng(3).integers(0, 4, (4, 6))
    drawn = np.array([RED, GREEN, BLACK, (128, 128, 128)], np.uint8)[np.kron(drawn, np.ones((10, 10), int))]
    known = {tuple(colour) for colour in drawn.reshape(-1, 3)}
    for mask in carried(drawn, frames):
        assert {tuple(colour) for colour in mask.reshape(-1, 3)} <= known


def test_what_comes_into_view_has_the_colour_beside_it() -> None:
    scene = textured(64, 120)
    frames = [np.ascontiguousarray(scene[:, 3 * number : 3 * number + 96]) for number in range(4)]
    *_, last = carried(rectangle((64, 96), slice(0, 64), slice(60, 96)), frames)
    assert fills(last, slice(0, 64), slice(51, 96))


def test_points_stay_where_nothing_is_known_of_the_motion() -> None:
    still = np.zeros((2, 3, 3), np.uint8)
    motion = compare(still, still)
    points = first_points(3, 2)
    assert follow(points, motion._replace(trust=motion.trust * 0), still).shape == points.shape
