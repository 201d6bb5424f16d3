"""The styles' targets: weighted means of Gram matrices, by layer."""

import torch
from torch import Tensor

from nst.transfer.losses import gram_matrix
from nst.transfer.targets import style_targets
from tests.networks import TinyNetwork

CPU = torch.device("cpu")


def style(seed: int) -> Tensor:
    return torch.rand(1, 3, 20 + seed, 24, generator=torch.Generator().manual_seed(seed))


def test_several_styles_are_blended_by_their_shares() -> None:
    network, styles = TinyNetwork(), [(0.25, style(0)), (0.75, style(1))]
    targets = style_targets(network, styles, ("fine", "coarse"), None, CPU)
    for layer, target in targets.items():
        expected = sum(share * gram_matrix(network(picture, {layer})[layer]) for share, picture in styles)
        assert torch.allclose(target, expected)
    assert list(targets) == ["fine", "coarse"]


def test_tiles_give_the_targets_of_the_whole_picture() -> None:
    whole, tiled = (
        style_targets(TinyNetwork(), [(1.0, style(0))], ("fine", "coarse"), side, CPU) for side in (None, 8)
    )
    for layer, target in whole.items():
        assert torch.allclose(tiled[layer], target, rtol=1e-5)


def test_targets_have_no_graph() -> None:
    (target,) = style_targets(TinyNetwork(), [(1.0, style(0).requires_grad_())], ("fine",), None, CPU).values()
    assert not target.requires_grad
