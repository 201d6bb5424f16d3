"""Pictures become tensors here, and tensors pictures; and nowhere else."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.steps import Picture

#: Rows that become bytes at a time.
ROWS = 256


def to_tensor(picture: Picture, device: torch.device | None = None) -> Tensor:
    """A tensor (1, 3, H, W), float32 in [0, 1], from an RGB picture, uint8 (H, W, 3)."""
    tensor = torch.from_numpy(np.array(picture, dtype=np.uint8, order="C"))
    return tensor.to(device).permute(2, 0, 1)[None].contiguous().float().div_(255)


def to_picture(image: Tensor) -> Picture:
    """An RGB picture, uint8 (H, W, 3), from a tensor (1, 3, H, W); values outside [0, 1] are clamped."""
    # In strips: of a large picture, no copy in float is made.
    strips = [part.clamp(0, 1).mul_(255).round_().byte() for part in image.detach()[0].split(ROWS, dim=1)]
    return torch.cat(strips, dim=1).permute(1, 2, 0).contiguous().cpu().numpy()


def resize(image: Tensor, width: int, height: int) -> Tensor:
    """The image (1, 3, H, W) at another size: bicubic, free of aliasing when made smaller, clamped to [0, 1]."""
    if image.shape[-2:] == (height, width):
        return image
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True, align_corners=False).clamp_(0, 1)


def cover(image: Tensor, width: int, height: int) -> Tensor:
    """The middle of an image, scaled without stretching so that it just covers (width, height)."""
    rows, columns = image.shape[-2:]
    ratio = max(width / columns, height / rows)
    scaled = resize(image, max(width, round(columns * ratio)), max(height, round(rows * ratio)))
    top, left = (scaled.shape[-2] - height) // 2, (scaled.shape[-1] - width) // 2
    return scaled[..., top : top + height, left : left + width].contiguous()
