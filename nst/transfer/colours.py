"""Whose colours the result has: the painting's, the photo's own, or the painting's made to fit the photo's."""

from collections.abc import Sequence

import torch
from torch import Tensor

#: The least variance of a colour direction that is stretched, in squared pixel values: a deviation of 0.01.
LEAST_SPREAD = 1e-4
#: Luminance of red, green and blue. Source: ITU-R BT.601, the Y of YIQ.
LUMINANCE = (0.299, 0.587, 0.114)
#: Pixels that are centred at a time.
AT_ONCE = 2**20


def prepare_colours(
    content: Tensor, styles: Sequence[Tensor], mode: str, guides: Sequence[Tensor | None]
) -> tuple[Tensor, list[Tensor]]:
    """Content and styles in the colours that a colour mode paints with.

    Args:
        content: (1, 3, H, W) in [0, 1].
        styles: (1, 3, h, w) in [0, 1], each.
        mode: "style" leaves all as they are; "match" gives every style the photo's colours by mean and covariance;
            "keep" makes all grey, the styles with the photo's mean and deviation of luminance.
        guides: where each style is painted, (1, 1, H, W): the photo's colours are those of that part; all when None.

    Source: Gatys et al. 2016, "Preserving color in neural artistic style transfer".
    """
    if mode == "match":
        pairs = zip(styles, guides, strict=True)
        return content, [match_colours(style, content, palette_guide=guide) for style, guide in pairs]
    if mode == "keep":
        grey = luminance(content)
        return grey.expand_as(content).contiguous(), [
            _match_luminance(style, grey, guide) for style, guide in zip(styles, guides, strict=True)
        ]
    return content, list(styles)


def restore_colours(image: Tensor, photo: Tensor) -> Tensor:
    """The luminance of an image with the colours of a photo, (1, 3, H, W) both, for the colour mode "keep"."""
    return photo + (luminance(image) - luminance(photo))


def luminance(image: Tensor) -> Tensor:
    """(1, 1, H, W) from (1, 3, H, W); grey stays as it is."""
    red, green, blue = (weight * plane for weight, plane in zip(LUMINANCE, image.split(1, dim=1), strict=True))
    return red + green + blue


def match_colours(
    image: Tensor, palette: Tensor, guide: Tensor | None = None, palette_guide: Tensor | None = None
) -> Tensor:
    """The image with the mean and covariance of another's colours, clamped to [0, 1].

    Args:
        image: (1, 3, H, W) in [0, 1]; a flat one takes the palette's mean colour.
        palette: (1, 3, h, w) in [0, 1].
        guide: (1, 1, H, W), 0 or above: how much each pixel of the image counts; all the same when None.
        palette_guide: (1, 1, h, w), likewise.

    Source: the optimal transport between Gaussians, Pitie and Kokaram 2007: of all linear maps that carry one
    covariance to the other, the one that changes colours least.
    """
    mean, covariance = _moments(image, guide)
    palette_mean, palette_covariance = _moments(palette, palette_guide)
    # A grey photo has no red against green to stretch, only rounding noise: hence the least spread.
    root, inverse = _power(covariance, 0.5, LEAST_SPREAD), _power(covariance, -0.5, LEAST_SPREAD)
    transport = inverse @ _power(root @ palette_covariance @ root, 0.5, 0.0) @ inverse
    shift = palette_mean - transport @ mean
    return torch.addmm(shift, transport, image.flatten(2)[0]).view_as(image).clamp_(0, 1)


def _match_luminance(style: Tensor, target: Tensor, guide: Tensor | None) -> Tensor:
    """A style in grey, (1, 3, h, w), with the mean and deviation of a target luminance."""
    grey = luminance(style)
    spread = grey.std(correction=0).clamp_min(LEAST_SPREAD**0.5)
    mean, deviation = target.mean(), target.std(correction=0)
    if guide is not None:
        mean, variance = _moments(target, guide)
        deviation = variance.clamp_min(0).sqrt()
    matched = (grey - grey.mean()) / spread * deviation + mean
    return matched.clamp(0, 1).expand_as(style).contiguous()


def _moments(image: Tensor, guide: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Mean (C, 1) and covariance (C, C) of the colours."""
    pixels = image.flatten(2)[0]
    if guide is not None:
        weights = (guide / guide.sum()).flatten()
        mean = (pixels * weights).sum(dim=1, keepdim=True)
        return mean, (pixels - mean) * weights @ (pixels - mean).T
    mean = pixels.mean(dim=1, keepdim=True)
    # In parts: of a large picture, no copy is made.
    products = [part @ part.T for part in (some - mean for some in pixels.split(AT_ONCE, dim=1))]
    return mean, torch.stack(products).sum(dim=0) / pixels.shape[1]


def _power(matrix: Tensor, exponent: float, least: float) -> Tensor:
    """A power of a symmetric matrix (3, 3) whose eigenvalues are taken to be at least ``least``."""
    # On the CPU, because not every device can.
    values, vectors = torch.linalg.eigh(matrix.double().cpu())
    powered = vectors * values.clamp_min(least) ** exponent @ vectors.T
    return powered.to(matrix.dtype).to(matrix.device)
