"""Tiles: they share a picture out, and what networks see in them is what they see in the whole."""

import itertools

import pytest
import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.tiling import Box, Reach, Tile, tiles
from nst.features.vgg import VGGFeatures
from nst.networks import VGG16, VGG19
from tests.features.test_vgg import random_tensors
from tests.networks import TinyNetwork

NETWORKS = {
    "tiny": TinyNetwork,
    "vgg19": lambda: VGGFeatures(VGG19, random_tensors(VGG19, thinner=16)),
    "vgg16, average": lambda: VGGFeatures(VGG16, random_tensors(VGG16, thinner=16), pooling="average"),
}


def random_image(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def put_together(cut: tuple[Tile, ...], parts: list[Tensor]) -> Tensor:
    """The parts of a layer, side by side and below each other."""
    rows = itertools.groupby(zip(cut, parts, strict=True), key=lambda pair: pair[0].crop.top + pair[0].core.top)
    return torch.cat([torch.cat([part for _, part in row], dim=-1) for _, row in rows], dim=-2)


def test_tiles_by_hand() -> None:
    # 10 wide in parts of at most 4, beginning at even pixels; a halo of 3 is brought to the next even number.
    cut = tiles(4, 10, 4, Reach(halo=3, step=2, context=3))
    assert cut == (
        Tile(Box(0, 4, 0, 8), Box(0, 4, 0, 4)),
        Tile(Box(0, 4, 0, 10), Box(0, 4, 4, 8)),
        Tile(Box(0, 4, 4, 10), Box(0, 4, 4, 6)),
    )


@pytest.mark.parametrize("side", [None, 1, 32, 48, 64, 1000])
@pytest.mark.parametrize(("height", "width"), [(203, 331), (1, 64), (64, 65)])
def test_cores_cover_every_pixel_once_and_begin_on_the_step(side: int | None, height: int, width: int) -> None:
    reach = Reach(halo=70, step=16, context=70)
    picture = torch.zeros(height, width)
    for tile in tiles(height, width, side, reach):
        core = tile.core.of(tile.crop.of(picture))
        core += 1
        assert max(core.shape) <= max(16, side or 10**6)
        assert (tile.crop.top % 16, tile.crop.left % 16, tile.core.top % 16, tile.core.left % 16) == (0, 0, 0, 0)
    assert torch.equal(picture, torch.ones(height, width))


@pytest.mark.parametrize(("height", "width"), [(150, 259), (100, 203), (37, 130), (9, 140), (129, 97)])
@pytest.mark.parametrize("kind", NETWORKS)
def test_tiles_have_every_activation_as_the_whole_has_it(kind: str, height: int, width: int) -> None:
    network, image = NETWORKS[kind](), random_image(height, width)
    with torch.no_grad():
        whole = network(image, network.layers)
        cut = tiles(height, width, 64, network.reach(network.layers))
        parts = [network(tile.crop.of(image), network.layers, tile.core) for tile in cut]
    for layer in network.layers:
        assert torch.allclose(put_together(cut, [part[layer] for part in parts]), whole[layer], atol=1e-5), layer


@pytest.mark.parametrize(
    ("kind", "layer", "halo"),
    # conv2_1 is two convolutions of the picture and one at half the size.
    [("vgg19", "conv1_1", 1), ("vgg19", "conv2_1", 4)],
)
def test_a_layer_alone_reaches_as_far_as_told_and_no_further(kind: str, layer: str, halo: int) -> None:
    network: FeatureNetwork = NETWORKS[kind]()
    assert halo <= network.reach([layer]).halo <= halo + 4
    image = random_image(96, 96).requires_grad_()
    core = Box(32, 64, 32, 64)
    network(image, [layer], core)[layer].sum().backward()
    touched = image.grad.abs().amax(dim=(0, 1)).nonzero()
    assert touched.min() == 32 - halo
    assert touched.max() <= 63 + halo
