"""What a run starts from."""

import pytest
import torch

from nst.settings import Settings
from nst.transfer.initial import initial_image
from tests.transfer.test_images import random_image


@pytest.mark.parametrize("init", ["content", "noise", "style", "blend", "recoloured"])
def test_every_start_has_the_contents_shape_and_range_and_changes_nothing(init: str) -> None:
    content, style = random_image(), random_image(50, 20, seed=1)
    kept = content.clone()
    start = initial_image(Settings(init=init), content, style)
    assert start.shape == content.shape
    assert 0 <= start.min() <= start.max() <= 1
    start.zero_()
    assert torch.equal(content, kept)


def test_noise_is_the_seeds() -> None:
    content = random_image()
    one, two, other = (initial_image(Settings(init="noise", seed=s), content, content) for s in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert one.mean().item() == pytest.approx(0.5, abs=0.02)


def test_a_blend_lies_between_photo_and_noise() -> None:
    content = random_image()
    noise = initial_image(Settings(init="noise"), content, content)
    blend = initial_image(Settings(init="blend", init_blend=0.25), content, content)
    assert torch.allclose(blend, 0.75 * content + 0.25 * noise, atol=1e-6)
