"""Painted pictures over the photo: each is itself bit for bit where it is alone."""

import numpy as np
import pytest
import torch

from nst.transfer.composite import Compositor, composite
from nst.transfer.images import to_picture, to_tensor
from nst.transfer.regions import Mask
from tests.transfer.runs import picture


def test_the_ends_are_exact_and_the_middle_is_by_hand() -> None:
    painted, photo = picture(300, 20, seed=1), picture(300, 20)
    strength = np.zeros((300, 20), np.uint8)
    strength[:, 8:16], strength[:, 16:] = 255, 102
    blended = composite(painted, photo, strength)
    assert np.array_equal(blended[:, :8], photo[:, :8])
    assert np.array_equal(blended[:, 8:16], painted[:, 8:16])
    mixed = 0.4 * painted[:, 16:] + 0.6 * photo[:, 16:]
    assert np.abs(blended[:, 16:] - mixed).max() <= 0.5


@pytest.mark.parametrize("level", [30, 102, 255])
def test_what_was_painted_is_told_from_what_is_shown(level: int) -> None:
    painted, photo = picture(24, 32, seed=1), picture(24, 32)
    mask = np.full((5, 5, 3), level, np.uint8)
    mask[:2] = 0
    compositor = Compositor(to_tensor(photo), Mask(mask, (1.0,)))
    shown = compositor.blend(painted)
    again = compositor.blend(to_picture(compositor.separate(to_tensor(shown))))
    assert np.abs(again.astype(int) - shown).max() <= 1
    separated = to_picture(compositor.separate(to_tensor(shown)))[16:].astype(int)
    assert np.abs(separated - painted[16:]).max() <= 1 + 128 / level
    assert np.array_equal(shown[:7], photo[:7])
    assert torch.equal(compositor.separate(to_tensor(shown))[..., :7, :], to_tensor(photo)[..., :7, :])
