"""A tiny seeded network with two layers, for tests of the loop: a picture takes milliseconds."""

from collections.abc import Collection, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TinyNetwork(nn.Module):
    """Two random convolutions with ReLUs, the second at half the size."""

    name = "tiny"
    layers = ("fine", "coarse")
    style_layers = ("fine", "coarse")
    content_layers = ("coarse",)
    content_loss = "mse"
    bytes_per_pixel = 200

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.register_buffer("first", torch.randn(8, 3, 3, 3, generator=generator) / 5)
        self.register_buffer("second", torch.randn(12, 8, 3, 3, generator=generator) / 8)

    def for_styles(self, _styles: Sequence[Tensor]) -> "TinyNetwork":
        return self

    def forward(self, image: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        fine = F.relu(F.conv2d(image - 0.5, self.first, padding=1))
        coarse = F.relu(F.conv2d(F.avg_pool2d(fine, 2), self.second, padding=1))
        return {name: x for name, x in (("fine", fine), ("coarse", coarse)) if name in layers}
