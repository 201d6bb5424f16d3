"""Pictures become tensors here, and tensors pictures; and nowhere else."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.settings import Settings
from nst.steps import Picture

#: Standard deviation of noise around mid grey.
NOISE_DEVIATION = 0.2
#: The least variance of a colour direction that is stretched, in squared pixel values: a deviation of 0.01.
LEAST_SPREAD = 1e-4


def to_tensor(picture: Picture, device: torch.device | None = None) -> Tensor:
    """A tensor (1, 3, H, W), float32 in [0, 1], from an RGB picture, uint8 (H, W, 3)."""
    tensor = torch.from_numpy(np.array(picture, dtype=np.uint8, order="C"))
    return tensor.to(device).permute(2, 0, 1)[None].float().div(255).contiguous()


def to_picture(image: Tensor) -> Picture:
    """An RGB picture, uint8 (H, W, 3), from a tensor (1, 3, H, W); values outside [0, 1] are clamped."""
    clamped = image.detach()[0].clamp(0, 1).mul(255).round().byte()
    return clamped.permute(1, 2, 0).contiguous().cpu().numpy()


def resize(image: Tensor, width: int, height: int) -> Tensor:
    """The image (1, 3, H, W) at another size: bicubic, free of aliasing when made smaller, clamped to [0, 1]."""
    if image.shape[-2:] == (height, width):
        return image
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


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


def match_colours(image: Tensor, palette: Tensor) -> Tensor:
    """The image with the mean and covariance of another's colours, clamped to [0, 1].

    Args:
        image: (1, 3, H, W) in [0, 1]; a flat one takes the palette's mean colour.
        palette: (1, 3, h, w) in [0, 1].

    Source: the optimal transport between Gaussians, Pitie and Kokaram 2007: of all linear maps that carry one
    covariance to the other, the one that changes colours least.
    """
    mean, covariance = _moments(image)
    wanted_mean, wanted = _moments(palette)
    # A grey photo has no red against green to stretch, only rounding noise: hence the least spread.
    root, inverse = _power(covariance, 0.5, LEAST_SPREAD), _power(covariance, -0.5, LEAST_SPREAD)
    transport = inverse @ _power(root @ wanted @ root, 0.5, 0.0) @ inverse
    centred = image.flatten(2)[0] - mean
    return (transport @ centred + wanted_mean).view_as(image).clamp(0, 1)


def cover(image: Tensor, width: int, height: int) -> Tensor:
    """The middle of an image, scaled without stretching so that it just covers (width, height)."""
    rows, columns = image.shape[-2:]
    ratio = max(width / columns, height / rows)
    scaled = resize(image, max(width, round(columns * ratio)), max(height, round(rows * ratio)))
    top, left = (scaled.shape[-2] - height) // 2, (scaled.shape[-1] - width) // 2
    return scaled[..., top : top + height, left : left + width].contiguous()


def _moments(image: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3, 1) and covariance (3, 3) of the colours."""
    pixels = image.flatten(2)[0]
    mean = pixels.mean(dim=1, keepdim=True)
    return mean, (pixels - mean) @ (pixels - mean).T / pixels.shape[1]


def _power(matrix: Tensor, exponent: float, least: float) -> Tensor:
    """A power of a symmetric matrix (3, 3) whose eigenvalues are taken to be at least ``least``."""
    # On the CPU, because not every device can.
    values, vectors = torch.linalg.eigh(matrix.double().cpu())
    powered = vectors * values.clamp_min(least) ** exponent @ vectors.T
    return powered.to(matrix.dtype).to(matrix.device)


def _noise(like: Tensor, seed: int) -> Tensor:
    """Grey Gaussian noise, drawn on the CPU so that a seed means the same on every device."""
    noise = torch.randn(like.shape, generator=torch.Generator().manual_seed(seed), dtype=like.dtype)
    return noise.mul(NOISE_DEVIATION).add(0.5).clamp(0, 1).to(like.device)
