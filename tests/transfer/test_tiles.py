"""Gradients tile by tile: they are those of the whole picture, whatever the network, the layers and the losses."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.settings import Settings
from nst.transfer import memory, patches
from nst.transfer.memory import WHOLE, Tiling
from nst.transfer.objective import Objective
from nst.transfer.patches import PatchStock
from nst.transfer.tiles import add_means
from tests.features.test_tiling import NETWORKS
from tests.transfer.runs import paint, picture


def smooth(height: int, width: int, seed: int) -> Tensor:
    """A random picture with shapes of several sizes."""
    random = torch.Generator().manual_seed(seed)
    parts = [
        depth
        * F.interpolate(torch.randn(1, 3, height // cell + 1, width // cell + 1, generator=random), (height, width))
        for cell, depth in ((30, 0.15), (7, 0.1), (2, 0.05))
    ]
    return (0.5 + sum(parts)).clamp(0, 1)


def difference(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


def objective(
    kind: str,
    settings: Settings,
    tiling: Tiling,
    size: tuple[int, int] = (101, 150),
    precision: torch.dtype = torch.float64,
) -> Objective:
    """Of two styles, with pieces of the painting to pull.

    In float64 by default: an activation that is 0 but for rounding is let through by a rectifier in one sum and stopped
    in another, and from there on two gradients in float32 differ by more than their rounding.
    """
    content, one, other, now = (
        smooth(*shape, seed).to(precision) for seed, shape in enumerate([size, (101, 170), (60, 77), size])
    )
    made = Objective(NETWORKS[kind]().to(precision), content, [one, other], settings, tiling)
    made.repaint(now)
    return made


@pytest.mark.parametrize(
    ("kind", "style_loss"),
    [("tiny", "balanced"), ("tiny", "raw"), ("vgg19", "balanced"), ("vgg16, average", "raw")],
)
def test_the_gradient_of_all_layers_is_the_whole_pictures(kind: str, style_loss: str) -> None:
    layers = NETWORKS[kind]().layers
    settings = Settings(
        style_layers=layers, content_layers=layers, style_layer_weights=tuple(range(1, len(layers) + 1)),
        style_weights=(1, 3), tv_weight=0.5, patch_weight=0.5, style_loss=style_loss,
    )  # fmt: skip
    image = smooth(101, 150, 3).double()
    expected, losses = objective(kind, settings, WHOLE).gradient(image, settings)
    for tiling in (Tiling(64), Tiling(100, keeps_targets=False)):
        tiled = objective(kind, settings, tiling)
        gradient, values = tiled.gradient(image, settings)
        assert difference(gradient, expected) < 1e-10
        for measured in (values, tiled.measure(image, settings)):
            assert torch.allclose(measured, losses, rtol=1e-9)


@pytest.mark.parametrize(("kind", "height", "width"), [("tiny", 131, 203), ("vgg19", 107, 171), ("vgg19", 1, 130)])
def test_odd_and_narrow_pictures(kind: str, height: int, width: int) -> None:
    layers = NETWORKS[kind]().style_layers
    settings = Settings(style_layer_weights=(1,) * len(layers))
    image = smooth(height, width, 3).double()
    whole, tiled = (objective(kind, settings, tiling, (height, width)) for tiling in (WHOLE, Tiling(64)))
    assert difference(tiled.gradient(image, settings)[0], whole.gradient(image, settings)[0]) < 1e-10


def test_in_float32_losses_agree_and_gradients_but_for_rectifiers_at_rest() -> None:
    settings, image = Settings(), smooth(101, 150, 3)
    (expected, losses), (gradient, tiled) = (
        objective("vgg19", settings, tiling, precision=torch.float32).gradient(image, settings)
        for tiling in (WHOLE, Tiling(64))
    )
    assert difference(tiled, losses) < 1e-5
    assert difference(gradient, expected) < 3e-3


def test_one_tile_is_the_whole_bit_for_bit() -> None:
    settings, image = Settings(), smooth(101, 150, 3).double()
    whole, tiled = (objective("vgg19", settings, tiling).gradient(image, settings) for tiling in (WHOLE, Tiling(256)))
    assert all(torch.equal(one, other) for one, other in zip(whole, tiled, strict=True))


@pytest.mark.parametrize("kind", ["tiny", "vgg19"])
def test_the_tiled_gradient_agrees_with_differences_in_float64(kind: str) -> None:
    network = NETWORKS[kind]().double()
    settings = Settings(style_layer_weights=(1,) * len(network.style_layers))
    content, style, image = (smooth(40, 70, seed).double() for seed in range(3))
    made = Objective(network, content, [style], settings, Tiling(32))
    made.repaint(smooth(40, 70, 5).double())
    direction = smooth(40, 70, 6).double() - 0.5
    step = 1e-5 * direction
    ends = [made.measure(image + sign * step, settings)[0] for sign in (1, -1)]
    slope = (made.gradient(image, settings)[0] * direction).sum()
    assert slope.item() == pytest.approx((ends[0] - ends[1]).item() / 2e-5, rel=1e-5)


def test_means_are_added_by_hand() -> None:
    # 2 over three values and 6 over one: 12 over four.
    parts = [
        {("", "a"): (torch.tensor(2.0), 3)},
        {("", "a"): (torch.tensor(6.0), 1)},
        {("", "a"): (torch.tensor(0.0), 0)},
    ]
    means = {}
    for part in parts:
        add_means(means, part)
    assert means == {("", "a"): (torch.tensor(3.0), 4)}


@pytest.mark.parametrize(("height", "width"), [(61, 75), (310, 301)])
def test_a_picture_is_repainted_in_strips_as_in_one_piece(
    monkeypatch: pytest.MonkeyPatch, height: int, width: int
) -> None:
    stock, image = PatchStock([smooth(40, 50, 1)], [1.0]), smooth(height, width, 0)
    whole = stock.repaint(image)
    monkeypatch.setattr(patches, "AT_ONCE", 200)
    assert torch.allclose(stock.repaint(image), whole, atol=1e-6)


def test_a_run_in_tiles_paints_the_same_picture_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(size=400, coarsest=200, steps=6, style_layer_weights=(1, 1))
    whole = paint(settings, picture(300, 400))
    assert "tiles" not in whole[0].note
    # Of which nine tenths are used: whole it would need 50 MB, in tiles 41.
    monkeypatch.setattr(memory, "free", lambda _device: 50_000_000)
    tiled = paint(settings, picture(300, 400))
    assert "Painted in 4 tiles of 200 x 150 px: whole it would need 0.0 GB of memory, and" in tiled[0].note
    assert np.abs(tiled[-1].image.astype(int) - whole[-1].image.astype(int)).max() <= 1
    assert tiled[-1].losses.total == pytest.approx(whole[-1].losses.total, rel=1e-3)
