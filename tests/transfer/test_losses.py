"""The loss functions against numbers worked by hand, and their gradients against float64 differences."""

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from nst.transfer.losses import (
    Weights,
    balanced_style_loss,
    combine_layers,
    content_loss,
    gram_matrix,
    mean_square,
    raw_style_loss,
    temporal_loss,
    variation,
)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_gram_matrix_by_hand() -> None:
    # Two channels over two positions: (1, 2) and (3, 4).
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    # <a,a> = 5, <a,b> = 11, <b,b> = 25, each divided by 2 positions.
    assert torch.equal(gram_matrix(features), torch.tensor([[2.5, 5.5], [5.5, 12.5]]))


def test_gram_matrix_does_not_change_when_a_texture_is_repeated() -> None:
    tile = random(1, 3, 4, 5)
    assert torch.allclose(gram_matrix(tile.repeat(1, 1, 2, 3)), gram_matrix(tile))


def test_gram_matrix_forgets_where_things_are() -> None:
    features = random(1, 3, 2, 4)
    shuffled = features.flatten(2)[:, :, torch.tensor([3, 1, 7, 0, 2, 6, 5, 4])].view(1, 3, 2, 4)
    assert torch.allclose(gram_matrix(shuffled), gram_matrix(features))


def test_balanced_style_loss_by_hand() -> None:
    target = torch.tensor([[3.0, 0.0], [0.0, 4.0]])
    gram = torch.tensor([[3.0, 1.0], [1.0, 4.0]])
    assert balanced_style_loss(gram, target).item() == pytest.approx(2 / 25)
    assert balanced_style_loss(target, target).item() == 0
    assert balanced_style_loss(torch.zeros(2, 2), target).item() == pytest.approx(1)


def test_balanced_style_loss_does_not_know_the_scale_of_a_layer() -> None:
    gram, target = gram_matrix(random(1, 3, 4, 4)), gram_matrix(random(1, 3, 4, 4, seed=1))
    assert torch.allclose(balanced_style_loss(gram * 50, target * 50), balanced_style_loss(gram, target))


def test_raw_style_loss_is_the_mean_square_of_grams_over_c_h_w() -> None:
    a, b = random(1, 3, 4, 5), random(1, 3, 4, 5, seed=1)
    published = [x.flatten(2)[0] @ x.flatten(2)[0].T / (3 * 4 * 5) for x in (a, b)]
    expected = torch.nn.functional.mse_loss(*published)
    assert torch.allclose(raw_style_loss(gram_matrix(a), gram_matrix(b)), expected)


def test_content_loss_by_hand() -> None:
    target, features = torch.tensor([[[[2.0, 4.0]]]]), torch.tensor([[[[3.0, 1.0]]]])
    # Differences -1 and 3; squares 1 and 9; mean 5. The target's mean square is 10.
    assert content_loss(features, target).item() == 5
    size = float(mean_square(target))
    assert content_loss(features, target, relative_to=size).item() == pytest.approx(0.5)


def test_variation_by_hand() -> None:
    image = torch.tensor([[[[0.0, 1.0], [0.0, 0.5]]]]).expand(1, 3, 2, 2)
    # Down: 0 and -0.5. Across: 1 and 0.5.
    assert variation(image, -2).item() == pytest.approx(0.125)
    assert variation(image, -1).item() == pytest.approx(0.625)


def test_variation_means_the_same_at_every_size() -> None:
    stripes = torch.tensor([0.0, 1.0]).repeat(8).view(1, 1, 1, 16)
    small, large = stripes.expand(1, 3, 16, 16), stripes.repeat(1, 1, 1, 4).expand(1, 3, 64, 64)
    assert variation(small, -1).item() == pytest.approx(variation(large, -1).item())


def test_variation_of_one_row_is_none() -> None:
    assert variation(torch.rand(1, 3, 1, 8), -2).item() == 0


@pytest.mark.parametrize("loss", [balanced_style_loss, raw_style_loss, content_loss])
def test_losses_of_a_flat_black_target_are_finite(loss) -> None:
    black = torch.zeros(1, 2, 3, 3) if loss is content_loss else torch.zeros(2, 2)
    assert loss(black.clone(), black).item() == 0


def test_combined_layers_by_hand() -> None:
    losses = {"a": torch.tensor(0.2), "b": torch.tensor(0.6)}
    assert combine_layers(losses, {"a": 1.0, "b": 3.0}, mean=False).item() == pytest.approx(2.0)
    assert combine_layers(losses, {"a": 1.0, "b": 3.0}, mean=True).item() == pytest.approx(0.5)
    assert combine_layers(losses, {"a": 0.0, "b": 0.0}, mean=True).item() == 0


@pytest.mark.parametrize(
    "function",
    [
        gram_matrix,
        lambda x: balanced_style_loss(gram_matrix(x), gram_matrix(random(1, 3, 4, 4, seed=1))),
        lambda x: raw_style_loss(gram_matrix(x), gram_matrix(random(1, 3, 4, 4, seed=1))),
        lambda x: content_loss(x, random(1, 3, 4, 4, seed=1)),
        lambda x: variation(x, -2),
        lambda x: variation(x, -1),
    ],
    ids=["gram", "balanced", "raw", "content", "down", "across"],
)
def test_gradients_agree_with_differences_in_float64(function) -> None:
    assert gradcheck(function, random(1, 3, 4, 4).requires_grad_())


def test_temporal_loss_by_hand_and_its_gradient() -> None:
    image, warped = torch.tensor([[[[0.5, 0.9]]] * 3]).view(1, 3, 1, 2), torch.full((1, 3, 1, 2), 0.3)
    assert temporal_loss(image, warped).item() == pytest.approx((0.04 + 0.36) / 2)
    only_first = Weights(torch.tensor([1.0, 0.0]).view(1, 1, 1, 2), 1.0)
    assert temporal_loss(image, warped, only_first).item() == pytest.approx(0.04)
    trust = torch.rand(1, 1, 4, 5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    weights = Weights(trust, float(trust.sum()))
    assert gradcheck(
        lambda x: temporal_loss(x, random(1, 3, 4, 5, seed=1), weights), random(1, 3, 4, 5).requires_grad_()
    )
