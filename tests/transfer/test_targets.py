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
    network, styles = TinyNetwork(), [style(0), style(1)]
    blends = [(0.25, 0.75), (0.0, 1.0)]
    targets = style_targets(network, styles, blends, ("fine", "coarse"), None, CPU)
    for shares, blended in zip(blends, targets, strict=True):
        assert list(blended) == ["fine", "coarse"]
        for layer, target in blended.items():
            pairs = zip(shares, styles, strict=True)
            expected = sum(share * gram_matrix(network(picture, {layer})[layer]) for share, picture in pairs)
            assert torch.allclose(target, expected)


def test_tiles_give_the_targets_of_the_whole_picture() -> None:
    (whole,), (tiled,) = (
        style_targets(TinyNetwork(), [style(0)], [(1.0,)], ("fine", "coarse"), side, CPU) for side in (None, 8)
    )
    for layer, target in whole.items():
        assert torch.allclose(tiled[layer], target, rtol=1e-5)


def test_targets_have_no_graph() -> None:
    (targets,) = style_targets(TinyNetwork(), [style(0).requires_grad_()], [(1.0,)], ("fine",), None, CPU)
    assert not targets["fine"].requires_grad
