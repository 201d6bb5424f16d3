"""What a scale starts from: the picture that the settings name, the coarser result, or the frame before."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nst.settings import Settings
from nst.transfer.colours import match_colours
from nst.transfer.images import cover, resize
from nst.transfer.measurement import Prediction
from nst.transfer.objective import Objective
from nst.transfer.regions import Regions

#: Standard deviation of noise around mid grey.
NOISE_DEVIATION = 0.2


def first_picture(settings: Settings, content: Tensor, styles: Sequence[Tensor], regions: Regions) -> Tensor:
    """The initial picture of a run, (1, 3, H, W) in [0, 1]: see ``initial_image``, in each region for its own style."""
    return _by_region(lambda style, guide: initial_image(settings, content, style, guide), content, styles, regions)


def finer_picture(
    settings: Settings, content: Tensor, styles: Sequence[Tensor], coarser: Tensor, objective: Objective
) -> Tensor:
    """The initial picture of a finer scale, (1, 3, H, W).

    Args:
        settings: patch_weight is read; if it is above 0, the objective's patch loss pulls to this picture from now on.
        content: (1, 3, H, W) in [0, 1].
        styles: (1, 3, h, w) in [0, 1], each of any size.
        coarser: the result of the coarser scale, (1, 3, h, w).
        objective: of the finer scale.
    """
    height, width = content.shape[-2:]
    coarser = coarser.to(content.device).clamp(0, 1)
    if settings.patch_weight == 0:
        return resize(coarser, width, height)
    # Made of pieces of the painting, and with the detail of the content that the coarser picture cannot show, or
    # edges would be answered by flat patches.
    detailed = _recoloured(content, styles, objective.regions)
    smooth = resize(detailed, coarser.shape[-1], coarser.shape[-2])
    detailed.sub_(resize(smooth, width, height)).add_(resize(coarser, width, height))
    return objective.repaint(objective.regions.hold(detailed, content))


def predicted_picture(
    settings: Settings, content: Tensor, styles: Sequence[Tensor], prediction: Prediction, objective: Objective
) -> Tensor:
    """The initial picture of a film's frame: what is known of it and, in what comes into view, pieces of the painting.

    The few steps of a frame would leave a photo there, which hardly changes the statistics of the whole picture.

    Args:
        settings: patch_weight is read; at 0, what comes into view is the recoloured content.
        content: (1, 3, H, W) in [0, 1].
        styles: (1, 3, h, w) in [0, 1], each of any size.
        prediction: of the frame.
        objective: of the frame; its patch loss pulls to pieces of the painting from now on.
    """
    known = prediction.trust > 0
    image = torch.where(known, prediction.picture, _recoloured(content, styles, objective.regions))
    if settings.patch_weight == 0:
        return image
    return torch.where(known, prediction.picture, objective.repaint(image))


def initial_image(settings: Settings, content: Tensor, style: Tensor, guide: Tensor | None = None) -> Tensor:
    """What the optimiser starts from at the coarsest scale, (1, 3, H, W) in [0, 1], like ``content``.

    Args:
        settings: init, init_blend and seed are read.
        content: (1, 3, H, W) in [0, 1].
        style: (1, 3, h, w) in [0, 1], for "recoloured" and "style".
        guide: (1, 1, H, W): how much each pixel counts in the content's colours for "recoloured"; all the same when
            None.
    """
    match settings.init:
        case "recoloured":
            return match_colours(content, style, guide)
        case "style":
            return cover(style, content.shape[-1], content.shape[-2])
        case "noise":
            return _noise(content, settings.seed)
        case "blend":
            return torch.lerp(content, _noise(content, settings.seed), settings.init_blend)
    return content.clone()


def _recoloured(content: Tensor, styles: Sequence[Tensor], regions: Regions) -> Tensor:
    """The content in the colours of each region's style."""
    return _by_region(lambda style, guide: match_colours(content, style, guide), content, styles, regions)


def _by_region(
    change: Callable[[Tensor, Tensor | None], Tensor], content: Tensor, styles: Sequence[Tensor], regions: Regions
) -> Tensor:
    """The content changed by the style and the guide of each region, there."""
    pictures = (change(styles[part.palette], part.guide) if part.share > 0 else content for part in regions.parts)
    return regions.merge(pictures, content)


def _noise(like: Tensor, seed: int) -> Tensor:
    """Gaussian noise around mid grey, drawn on the CPU so that a seed means the same on every device."""
    noise = torch.randn(like.shape, generator=torch.Generator().manual_seed(seed), dtype=like.dtype)
    return noise.mul_(NOISE_DEVIATION).add_(0.5).clamp_(0, 1).to(like.device)
