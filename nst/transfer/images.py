"""Pictures become tensors here, and tensors pictures; and nowhere else."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.settings import Settings
from nst.steps import Picture
from nst.transfer.colours import match_colours

#: Standard deviation of noise around mid grey.
NOISE_DEVIATION = 0.2
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


def initial_image(settings: Settings, content: Tensor, styles: Sequence[Tensor]) -> Tensor:
    """What the optimiser starts from at the coarsest scale, (1, 3, H, W) in [0, 1], like ``content``.

    Args:
        settings: init, init_blend and seed are read.
        content: (1, 3, H, W) in [0, 1].
        styles: style pictures of any size; only the first is used, for "recoloured" and "style".
    """
    match settings.init:
        case "recoloured":
            return match_colours(content, styles[0])
        case "style":
            return cover(styles[0], content.shape[-1], content.shape[-2])
        case "noise":
            return _noise(content, settings.seed)
        case "blend":
            return torch.lerp(content, _noise(content, settings.seed), settings.init_blend)
    return content.clone()


def cover(image: Tensor, width: int, height: int) -> Tensor:
    """The middle of an image, scaled without stretching so that it just covers (width, height)."""
    rows, columns = image.shape[-2:]
    ratio = max(width / columns, height / rows)
    scaled = resize(image, max(width, round(columns * ratio)), max(height, round(rows * ratio)))
    top, left = (scaled.shape[-2] - height) // 2, (scaled.shape[-1] - width) // 2
    return scaled[..., top : top + height, left : left + width].contiguous()


def _noise(like: Tensor, seed: int) -> Tensor:
    """Gaussian noise around mid grey, drawn on the CPU so that a seed means the same on every device."""
    noise = torch.randn(like.shape, generator=torch.Generator().manual_seed(seed), dtype=like.dtype)
    return noise.mul_(NOISE_DEVIATION).add_(0.5).clamp_(0, 1).to(like.device)
