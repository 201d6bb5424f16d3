"""What a run starts from."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.settings import Settings
from nst.transfer.initial import initial_image, predicted_picture
from nst.transfer.measurement import Prediction
from nst.transfer.objective import Objective
from nst.transfer.patches import PATCH, PatchStock
from tests.networks import TinyNetwork
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


def test_of_a_predicted_frame_what_is_known_stays_and_the_rest_is_made_of_pieces_of_the_painting() -> None:
    content, before = random_image(48, 64), random_image(48, 64, seed=1)
    # Of one hue, so that colours alone do not make the content like it: stripes of two levels.
    style = torch.ones(1, 3, 48, 64).mul_((torch.arange(64) // 4 % 2) * 0.6 + 0.2)
    trust = torch.ones(1, 1, 48, 64)
    trust[..., 32:] = 0
    prediction = Prediction(before, trust, 50.0)
    settings = Settings(style_layer_weights=(1, 1), patch_weight=1)
    objective = Objective(TinyNetwork(), content, [style], settings, prediction=prediction)
    pieces = predicted_picture(settings, content, [style], prediction, objective)
    recoloured = predicted_picture(settings.replace(patch_weight=0), content, [style], prediction, objective)
    assert torch.equal(pieces[..., :32], before[..., :32])
    assert torch.equal(recoloured[..., :32], before[..., :32])
    stock = PatchStock([style], [1.0])

    def distance(picture: Tensor) -> float:
        patches = F.unfold(picture[..., 40:], PATCH)[0].T
        return float((stock.nearest(patches) - patches).square().mean())

    assert distance(pieces) < distance(recoloured) / 2
