"""Minimal filtering held against the plain convolution in float64."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.features.cpu import onednn, winograd
from nst.features.cpu.winograd import Winograd, wins

pytestmark = pytest.mark.skipif(not onednn.correct(), reason="PyTorch has no oneDNN on this machine")


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def difference(ours: Tensor, exact: Tensor) -> float:
    return float((ours - exact).norm() / exact.norm())


@pytest.mark.parametrize("size", [(4, 4), (1, 1), (1, 9), (7, 5), (33, 30), (40, 21)], ids=str)
@pytest.mark.parametrize("cache", [winograd.CACHE, 200_000], ids=["one strip", "strips"])
def test_it_is_the_convolution(size: tuple[int, int], cache: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winograd, "CACHE", cache)
    x, weight, bias = drawn(1, 24, *size), drawn(40, 24, 3, 3, seed=1), drawn(40, seed=2)
    exact = F.conv2d(x.double(), weight.double(), bias.double(), padding=1)
    found = Winograd(weight, bias)(x)
    assert difference(found, exact) < 1e-5
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_strips_cover_every_row_and_fill_their_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    # 36 positions of 8 channels in float32 are 1152 bytes a tile: 200 tiles fit, 12 rows of 16 are three lots of 64.
    monkeypatch.setattr(winograd, "CACHE", 200 * 1152)
    strips = Winograd(drawn(8, 8, 3, 3))._strips(30, 16, 64)
    assert strips == [(0, 12), (12, 12), (24, 6)]


def test_the_bias_alone() -> None:
    bias = torch.tensor([0.5, -2.0])
    found = Winograd(torch.zeros(2, 3, 3, 3), bias)(drawn(1, 3, 6, 7))
    assert torch.allclose(found, bias.view(1, 2, 1, 1).expand(1, 2, 6, 7), atol=1e-6)


def test_rectified_and_masked() -> None:
    x, mask, weight = drawn(1, 16, 9, 9), drawn(1, 16, 9, 9, seed=3), drawn(16, 16, 3, 3, seed=1)
    exact = F.conv2d((x * (mask > 0)).double(), weight.double(), padding=1)
    assert difference(Winograd(weight)(x, where=mask), exact) < 1e-5
    assert difference(Winograd(weight)(x, where=mask, rectify=True), exact.relu()) < 1e-5


def test_where_it_wins() -> None:
    assert wins(128, 256, 512)
    assert not wins(128, 256, 511)
    assert not wins(64, 512, 100_000)
