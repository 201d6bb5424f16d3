"""How much positions count: guided Gram matrices, and losses of painted parts alone."""

import numpy as np
import pytest
import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.tiling import Reach, tiles
from nst.settings import Settings
from nst.steps import Picture
from nst.transfer.losses import Weights, gram_matrix
from nst.transfer.memory import WHOLE, Tiling
from nst.transfer.objective import Objective
from nst.transfer.positions import Positions, inside
from nst.transfer.regions import Mask, whole
from tests.features.test_tiling import NETWORKS
from tests.networks import TinyNetwork
from tests.transfer.test_regions import BLACK, GREEN, GREY, RED, WHITE
from tests.transfer.test_tiles import difference, smooth

CPU = torch.device("cpu")


def guide(rows: list[list[float]]) -> Tensor:
    return torch.tensor(rows)[None, None]


def test_a_position_counts_by_the_least_of_its_receptive_field() -> None:
    half = guide([[1, 1, 0.5, 0]] * 4)
    # One pixel to each side; beyond the edge all is inside.
    assert inside(half, Reach(1, 1, 1))[0, 0].tolist() == [[1, 0.5, 0, 0]] * 4
    # Fields from -1 to 2 and from 1 to 4.
    assert inside(half, Reach(1, 2, 1))[0, 0].tolist() == [[0.5, 0]] * 2
    corner = guide([[0, 1, 1, 1]] + [[1, 1, 1, 1]] * 3)
    assert inside(corner, Reach(1, 2, 1))[0, 0].tolist() == [[0, 1], [1, 1]]
    # As poolings drop a row that has no partner, and keep at least one position.
    assert inside(torch.ones(1, 1, 5, 1), Reach(1, 2, 1)).shape == (1, 1, 2, 1)


@pytest.mark.parametrize("layer", ["conv1_1", "conv2_1", "conv3_1", "conv4_1"])
def test_nothing_outside_of_a_region_reaches_its_gram_matrix(layer: str) -> None:
    network: FeatureNetwork = NETWORKS["vgg19"]()
    mask = torch.zeros(1, 1, 90, 120)
    mask[..., :90] = 1
    weights = inside(mask, network.reach([layer]))
    image = smooth(90, 120, 0).requires_grad_()
    features = network(image, [layer])[layer]
    assert weights.shape[-2:] == features.shape[-2:]
    gram_matrix(features, Weights(weights, float(weights.sum()))).square().sum().backward()
    assert float(image.grad[..., 90:].abs().max()) == 0
    assert float(image.grad[..., 80:90].abs().max()) > 0


def test_a_guided_gram_matrix_by_hand() -> None:
    # Two channels at two by two positions, which count 1, 3, 0 and 0.
    features = torch.tensor([[[1.0, 2], [7, 8]], [[0, 1], [5, 9]]], dtype=torch.float64)[None].requires_grad_()
    weights = Weights(guide([[1, 3], [0, 0]]).double(), 4.0)
    # (1 1 1 + 3 2 2) / 4, (1 1 0 + 3 2 1) / 4, (1 0 0 + 3 1 1) / 4
    assert torch.allclose(gram_matrix(features, weights), torch.tensor([[3.25, 1.5], [1.5, 0.75]]).double())
    assert torch.autograd.gradcheck(lambda x: gram_matrix(x, weights), features)
    even = Weights(torch.full((1, 1, 2, 2), 0.5).double(), 2.0)
    assert torch.allclose(gram_matrix(features, even), gram_matrix(features))


def mask_of_all_kinds(height: int = 101, width: int = 150) -> Picture:
    """Left alone, the first style, the second, their blend, and half as strong."""
    mask = np.zeros((height, width, 3), np.uint8)
    for part, colour in enumerate((BLACK, RED, GREEN, WHITE, GREY)):
        mask[:, part * width // 5 : (part + 1) * width // 5] = colour
    mask[: height // 3] = BLACK
    return mask


def objective(kind: str, settings: Settings, tiling: Tiling) -> tuple[Objective, Tensor]:
    content, one, other, now = (
        smooth(*shape, seed).double() for seed, shape in enumerate([(101, 150), (101, 170), (60, 77), (101, 150)])
    )
    regions = Mask(mask_of_all_kinds(), (0.25, 0.75)).regions(content)
    made = Objective(NETWORKS[kind]().double(), content, [one, other], settings, tiling, regions=regions)
    made.repaint(now)
    return made, regions.strength


@pytest.mark.parametrize(("kind", "style_loss"), [("tiny", "balanced"), ("tiny", "raw"), ("vgg19", "balanced")])
def test_tiles_and_the_whole_agree_with_a_mask(kind: str, style_loss: str) -> None:
    layers = NETWORKS[kind]().style_layers
    settings = Settings(style_layer_weights=(1,) * len(layers), patch_weight=0.5, style_loss=style_loss)
    image = smooth(101, 150, 3).double()
    whole, strength = objective(kind, settings, WHOLE)
    expected, losses = whole.gradient(image, settings)
    assert float((expected * (strength == 0)).abs().max()) == 0
    for tiling in (Tiling(32), Tiling(64, keeps_targets=False)):
        tiled, _ = objective(kind, settings, tiling)
        gradient, values = tiled.gradient(image, settings)
        assert difference(gradient, expected) < 1e-10
        for measured in (values, tiled.measure(image, settings)):
            assert torch.allclose(measured, losses, rtol=1e-9)


@pytest.mark.parametrize("style_loss", ["balanced", "raw"])
def test_the_gradient_agrees_with_differences_in_float64(style_loss: str) -> None:
    settings = Settings(style_layer_weights=(1, 2), patch_weight=0.5, style_loss=style_loss)
    made, strength = objective("tiny", settings, WHOLE)
    image = smooth(101, 150, 3).double()
    direction = (smooth(101, 150, 6).double() - 0.5) * (strength > 0)
    step = 1e-6 * direction
    ends = [made.measure(image + sign * step, settings)[0] for sign in (1, -1)]
    slope = (made.gradient(image, settings)[0] * direction).sum()
    assert slope.item() == pytest.approx((ends[0] - ends[1]).item() / 2e-6, rel=1e-5)


def test_a_region_alone_is_measured_as_a_picture_alone() -> None:
    """But for the edge, which is another: layers see beyond it, and extend a picture that ends there."""
    settings = Settings(style_layer_weights=(1, 1), patch_weight=0)
    content, style, image = (smooth(96, 300, seed).double() for seed in (0, 1, 3))
    mask = np.zeros((96, 300, 3), np.uint8)
    mask[:, :150] = 255
    network, regions = TinyNetwork().double(), Mask(mask, (1.0,)).regions(content)
    masked = Objective(network, content, [style], settings, regions=regions)
    alone = Objective(network, content[..., :150], [style], settings)
    one, other = masked.measure(image, settings), alone.measure(image[..., :150], settings)
    assert torch.allclose(one, other, rtol=0.02)
    gradients = masked.gradient(image, settings)[0][..., :140], alone.gradient(image[..., :150], settings)[0][..., :140]
    assert difference(*gradients) < 0.1


def test_a_layer_counts_by_what_it_sees_of_a_region() -> None:
    mask = np.zeros((16, 16, 3), np.uint8)
    mask[:, :8] = 255
    regions = Mask(mask, (1.0,)).regions(torch.zeros(1, 3, 16, 16))
    network = TinyNetwork()
    layers, cut = (network.style_layers, network.content_layers), tiles(16, 16, None, network.reach(["coarse"]))
    positions = Positions(network, regions, layers, cut, CPU)
    # 7 of 8 columns; and of 4 columns those whose fields end at 4 and 6, but not at 8 and 10.
    assert [positions.coverage(0, layer) for layer in network.style_layers] == pytest.approx([7 / 8, 2 / 4])


def test_without_a_mask_all_positions_count_the_same() -> None:
    network = TinyNetwork()
    (tile,) = cut = tiles(16, 16, None, network.reach(network.layers))
    positions = Positions(network, whole((1.0,)), (network.style_layers, network.content_layers), cut, CPU)
    mean = positions.mean(("gram", 0, "fine"), tile, 256, lambda weights: torch.tensor(float(weights is None)))
    assert mean == {("gram", 0, "fine"): (torch.tensor(1.0), 256)}
    assert positions.coverage(0, "fine") == 1


@pytest.mark.parametrize("masked", [False, True], ids=["whole", "masked"])
def test_what_is_held_to_the_frame_before_counts_half_in_the_statistics(masked: bool) -> None:
    network, trust = TinyNetwork(), torch.zeros(1, 1, 16, 16)
    trust[..., :7] = 1
    (tile,) = cut = tiles(16, 16, None, network.reach(network.layers))
    mask = np.full((16, 16, 3), 51, np.uint8)
    regions = Mask(mask, (1.0,)).regions(torch.zeros(1, 3, 16, 16)) if masked else whole((1.0,))
    positions = Positions(network, regions, (network.style_layers, network.content_layers), cut, CPU, trust)
    for layer, row in {"fine": [0.5] * 7 + [1] * 9, "coarse": [0.5] * 3 + [0.75] + [1] * 4}.items():
        counted: list[Weights | None] = []
        positions.mean(("gram", 0, layer), tile, 256, lambda weights, seen=counted: seen.append(weights))
        assert counted[0].values[0, 0, 0].tolist() == pytest.approx([(0.2 if masked else 1) * each for each in row])
        assert positions.coverage(0, layer) == pytest.approx(1)
