"""The losses of an image: without a mask they are the plain functions', bit for bit."""

import pytest
import torch

from nst.settings import Settings
from nst.transfer.losses import (
    balanced_style_loss,
    combine_layers,
    content_loss,
    gram_matrix,
    mean_square,
    raw_style_loss,
    variation,
)
from nst.transfer.objective import Objective
from tests.networks import TinyNetwork
from tests.transfer.test_tiles import smooth


@pytest.mark.parametrize("kind", ["balanced", "raw"])
def test_without_a_mask_nothing_is_added_to_the_losses(kind: str) -> None:
    network, weights = TinyNetwork(), {"fine": 1.0, "coarse": 0.3}
    content, style, image = (smooth(40, 50, seed) for seed in range(3))
    settings = Settings(style_layer_weights=tuple(weights.values()), style_loss=kind, patch_weight=0)
    features, styled = network(image, network.layers), network(style, network.layers)
    target = network(content, {"coarse"})["coarse"]

    loss = balanced_style_loss if kind == "balanced" else raw_style_loss
    layers = {name: loss(gram_matrix(features[name]), gram_matrix(styled[name])) for name in weights}
    size = float(mean_square(target)) if kind == "balanced" else 1.0
    target = target.contiguous(memory_format=torch.channels_last)
    terms = [
        content_loss(features["coarse"], target, relative_to=size),
        combine_layers(layers, weights, mean=kind == "balanced"),
        variation(image, -2) + variation(image, -1),
    ]
    total = settings.content_weight * terms[0] + settings.style_weight * terms[1] + settings.tv_weight * terms[2]
    expected = torch.stack([total, *terms, torch.zeros(()), *layers.values()])
    assert torch.equal(Objective(network, content, [style], settings).measure(image, settings), expected)
