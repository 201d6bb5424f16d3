"""Networks for tests: a tiny seeded one, with which a picture takes milliseconds, and the trained VGG-19."""

import functools
from collections.abc import Collection

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.features.tiling import Box, Reach
from nst.features.vgg import VGGFeatures
from nst.features.weights import load_network
from nst.settings import Settings


@functools.cache
def trained_vgg19() -> VGGFeatures:
    """The trained network, loaded once for all tests; none may change it."""
    return load_network(Settings(network="vgg19", pooling="max"))


class TinyNetwork(nn.Module):
    """Two random convolutions with ReLUs, the second at half the size."""

    name = "tiny"
    layers = ("fine", "coarse")
    style_layers = ("fine", "coarse")
    content_layers = ("coarse",)
    bytes_per_pixel = 200
    bytes_to_come = 0

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.register_buffer("first", torch.randn(8, 3, 3, 3, generator=generator) / 5)
        self.register_buffer("second", torch.randn(12, 8, 3, 3, generator=generator) / 8)

    def reach(self, layers: Collection[str]) -> Reach:
        return Reach(halo=3, step=2, context=3) if "coarse" in layers else Reach(halo=1, step=1, context=1)

    def forward(self, image: Tensor, layers: Collection[str], core: Box | None = None) -> dict[str, Tensor]:
        fine = F.relu(F.conv2d(image - 0.5, self.first, padding=1))
        coarse = F.relu(F.conv2d(F.avg_pool2d(fine, 2), self.second, padding=1))
        core = core or Box.whole(image)
        found = {"fine": core.of(fine), "coarse": core.at(2).of(coarse)}
        return {name: x for name, x in found.items() if name in layers}
