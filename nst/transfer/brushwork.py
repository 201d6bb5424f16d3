"""The picture that pieces of the styles make together, each region from those of its own styles."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from nst.features.tiling import Box
from nst.transfer.patches import PATCH, PatchStock
from nst.transfer.regions import Regions, bounding_box
from nst.transfer.targets import Blend


class Brushwork:
    """The patches of the styles of each region, at one scale.

    Args:
        styles: pictures (1, 3, h, w) in [0, 1], of any size.
        blends: the shares of the styles in each region.
        device: where patches are searched.
    """

    def __init__(self, styles: Sequence[Tensor], blends: Sequence[Blend], device: torch.device) -> None:
        self._stocks = [_stock(styles, blend, device) for blend in blends]

    def repaint(self, image: Tensor, regions: Regions, home: torch.device) -> Tensor:
        """The image (1, 3, H, W) put together from patches of the styles, but for what is left alone; at ``home``."""
        return regions.merge(self._repaintings(image, regions, home), image.to(home))

    def _repaintings(self, image: Tensor, regions: Regions, home: torch.device) -> Iterator[Tensor]:
        """For each region, a picture that is repainted where it is."""
        for part, stock in zip(regions.parts, self._stocks, strict=True):
            if part.guide is None:
                yield stock.repaint(image, home)
                continue
            box = bounding_box(part.guide).grown(PATCH, Box.whole(image))
            repainted = torch.zeros_like(image, device=home)
            box.of(repainted).copy_(stock.repaint(box.of(image), home))
            yield repainted


def _stock(styles: Sequence[Tensor], blend: Blend, device: torch.device) -> PatchStock:
    used = [(style, share) for style, share in zip(styles, blend, strict=True) if share > 0]
    return PatchStock([style for style, _ in used], [share for _, share in used], device)
