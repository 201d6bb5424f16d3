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
from nst.transfer.measurement import Prediction
from nst.transfer.memory import WHOLE, Tiling
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


@pytest.mark.parametrize("tiling", [WHOLE, Tiling(32)], ids=["whole", "tiles"])
def test_the_temporal_term_pulls_to_the_prediction_by_its_weight_where_that_is_trusted(tiling: Tiling) -> None:
    """Against the formula in float64: the term is sum(c (x - w)^2) / (3 sum c)."""
    content, style, image, warped = (smooth(40, 70, seed) for seed in range(4))
    trust = torch.zeros(1, 1, 40, 70)
    trust[..., 5:33, 10:60], trust[..., 20:30, 20:30] = 1, 0.5
    off = Settings(content_weight=0, style_weight=0, tv_weight=0, patch_weight=0, style_layer_weights=(1, 1))
    made = Objective(TinyNetwork(), content, [style], off, tiling, prediction=Prediction(warped, trust, 7.0))
    gradient, values = made.gradient(image, off)
    expected = 7 * 2 * trust.double() * (image.double() - warped.double()) / (3 * trust.double().sum())
    assert torch.allclose(gradient.double(), expected, rtol=1e-4, atol=1e-9)
    losses = made.losses(values)
    term = float((trust.double() * (image.double() - warped.double()) ** 2).sum() / (3 * trust.double().sum()))
    assert list(losses.terms) == ["content", "style", "tv", "patch", "temporal"]
    assert losses.terms["temporal"] == pytest.approx(term, rel=1e-5)
    assert losses.total == pytest.approx(7 * term, rel=1e-5)


def test_another_content_with_the_same_styles_is_as_a_new_objective_and_only_films_have_a_temporal_term() -> None:
    first, second, style, image = (smooth(40, 50, seed) for seed in range(4))
    settings = Settings(style_layer_weights=(1, 1))
    followed = Objective(TinyNetwork(), first, [style], settings)
    followed.set_content(second, followed.regions)
    values = followed.measure(image, settings)
    assert torch.equal(values, Objective(TinyNetwork(), second, [style], settings).measure(image, settings))
    assert "temporal" not in followed.losses(values).terms
