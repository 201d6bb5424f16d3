"""Where pixels were some frames ago: each by its own way, and the ground by the camera's."""

import pytest
import torch

from nst.transfer.flow import Motion
from nst.transfer.paths import BACK, Paths, compose
from tests.transfer.test_flow import constant


def trusted(flow: torch.Tensor) -> Motion:
    return Motion(flow, torch.ones_like(flow[:, :1]))


def test_a_flow_by_way_of_another_picture_goes_on_from_where_the_first_one_leads() -> None:
    far = constant(0, 0)
    far[:, 0] = 10 * torch.arange(8)
    across, down = compose(constant(2, 1), far)[0]
    assert across[0].tolist() == pytest.approx([22, 32, 42, 52, 62, 72, 72, 72])
    assert (down == 1).all()


def test_paths_add_up_and_reach_as_far_back_as_frames_are_compared() -> None:
    paths = Paths()
    assert paths.last == []
    for number in range(1, 12):
        paths.add(trusted(constant(number, 0, 20, 30)))
    assert (paths.last[0] == constant(11, 0, 20, 30)).all()
    for back in BACK:
        for guess in paths.guesses(back):
            assert guess[0, 0].median() == pytest.approx(sum(range(12 - back, 12)), abs=0.01)
