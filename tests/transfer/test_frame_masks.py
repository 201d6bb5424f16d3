"""The mask of each frame of a film."""

from itertools import pairwise

import numpy as np
import pytest

from nst.errors import ImageError
from nst.transfer.flow import compare
from nst.transfer.frame_masks import FrameMasks
from tests.transfer.test_flow import textured

SCENE = textured(64, 120)
FRAMES = [np.ascontiguousarray(SCENE[:, 3 * number : 3 * number + 96]) for number in range(4)]
MOTIONS = [None, *(compare(before, now) for before, now in pairwise(FRAMES))]
DRAWN = np.zeros((64, 96, 3), np.uint8)
DRAWN[16:48, 40:72] = 255


def middles(masks: FrameMasks) -> list[float]:
    """The column in the middle of what is painted, in each frame."""
    shown = (masks.next(frame, motion) for frame, motion in zip(FRAMES, MOTIONS, strict=True))
    return [float(mask.max(axis=2).sum(axis=0) @ np.arange(96) / mask.max(axis=2).sum()) for mask in shown]


def test_a_picture_follows_or_stays() -> None:
    assert middles(FrameMasks(DRAWN, follow=True)) == pytest.approx([55.5, 52.5, 49.5, 46.5], abs=0.5)
    assert middles(FrameMasks(DRAWN, follow=False)) == [55.5] * 4
    assert FrameMasks(None, follow=True).next(FRAMES[0], None) is None


def test_after_a_cut_a_picture_goes_on_from_where_it_was() -> None:
    masks = FrameMasks(DRAWN, follow=True)
    *_, last = (masks.next(frame, motion) for frame, motion in zip(FRAMES, MOTIONS, strict=True))
    after = masks.next(textured(64, 96, 5), None)
    assert np.array_equal(after, last)


def test_a_rule_looks_at_each_frame() -> None:
    frame = np.zeros((64, 96, 3), np.uint8)
    frame[20:40, 10:30] = 255
    masks = FrameMasks("light", follow=True)
    for shift in (0, 40):
        mask = masks.next(np.roll(frame, shift, axis=1), None)
        assert (mask[30, 20 + shift, 0], mask[30, 60 - shift, 0]) == (255, 0)
    with pytest.raises(ImageError, match="no mask called 'face'"):
        FrameMasks("face", follow=True).next(frame, None)
