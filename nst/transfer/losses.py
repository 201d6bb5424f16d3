"""The loss functions: pure, differentiable, and means rather than sums, so that no weight depends on the size."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nst.features import cpu

#: Keeps a relative loss finite where its target is zero (a flat picture).
TINY = 1e-12


def gram_matrix(features: Tensor) -> Tensor:
    """The Gram matrix of a layer, divided by the number of positions.

    Args:
        features: (1, C, h, w).

    Returns:
        (C, C), float: ``F F^T / (h w)``, symmetric. Independent of the picture's size up to texture.

    Source: Gatys et al. 2016, equation 3; the division is not in the paper (its equation 4 divides the loss).
    """
    return _Gram.apply(features)


class _Gram(torch.autograd.Function):
    """``F F^T / n`` with one product in its backward, where autograd's own rule takes two and holds both."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        ctx.save_for_backward(features)
        flat = features.flatten(2)[0]
        product = cpu.gram(features) if cpu.usable(features) else flat @ flat.T
        return product / flat.shape[1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (features,) = ctx.saved_tensors
        matrix = (grad + grad.T) / features[0, 0].numel()
        if cpu.usable(features):
            return cpu.mix(matrix, features)
        return (matrix @ features.flatten(2)[0]).view_as(features)


def balanced_style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """Relative style loss of one layer: ``||G - A||^2 / ||A||^2``.

    Args:
        gram: (C, C), of the picture.
        target: (C, C), of the style.

    Returns:
        A scalar: 0 for equal matrices, 1 for an all-zero picture, whatever the layer or the style.

    Deviation from Gatys et al. 2016, equation 4: relative to the target, so that layers are comparable.
    """
    return (gram - target).square().sum() / target.square().sum().clamp_min(TINY)


def raw_style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of Grams divided by C h w, the form in which most published weights are given.

    Args:
        gram: (C, C), divided by h w (see ``gram_matrix``).
        target: (C, C), likewise.

    Returns:
        A scalar: ``mean((G / C - A / C)^2)``.
    """
    return (gram - target).square().mean() / gram.shape[0] ** 2


def content_loss(features: Tensor, target: Tensor, *, relative_to: float = 1.0) -> Tensor:
    """Mean squared difference of a layer's activations.

    Args:
        features: (1, C, h, w), of the picture.
        target: (1, C, h, w), of the content.
        relative_to: what the mean is divided by, such as the ``mean_square`` of the whole target; above 0.

    Returns:
        A scalar: 0 for equal activations; relative to the target, 1 for an all-zero picture.

    Source: Gatys et al. 2016, equation 1, as a mean; ``relative_to`` is a deviation.
    """
    return mean_square(target - features) / relative_to


def variation(image: Tensor, dim: int) -> Tensor:
    """Mean squared difference of neighbouring pixels in one direction; total variation is that of both together.

    Args:
        image: (1, 3, H, W) in [0, 1].
        dim: -2 for neighbours below each other, -1 for neighbours side by side.

    Returns:
        A scalar; 0 for a flat picture. A mean, so its weight means the same at every size.

    Source: Mahendran and Vedaldi 2015, section 3.2, with beta = 2, as a mean.
    """
    return mean_square(image.diff(dim=dim))


def patch_loss(image: Tensor, repainted: Tensor, spread: float) -> Tensor:
    """Mean squared distance to the picture that pieces of the painting make, relative to the painting's contrast.

    Args:
        image: (1, 3, H, W).
        repainted: (1, 3, H, W), see ``nst.transfer.patches``.
        spread: variance of the painting's pixel values, above 0.

    Returns:
        A scalar: 0 where the image is made of such pieces, about 1 for a flat one.

    Source: the energy of Kwatra et al. 2005, equation 1; the nearest patches stay the same for some steps.
    """
    return mean_square(image - repainted) / spread


def combine_layers(losses: Mapping[str, Tensor], weights: Mapping[str, float], *, mean: bool) -> Tensor:
    """The weighted sum of the layers' losses, or their weighted mean.

    Args:
        losses: layer name -> scalar.
        weights: layer name -> weight, 0 or above.
        mean: divide by the sum of the weights, so that layer weights shift the balance and not the strength.

    Returns:
        A scalar; 0 when every weight is 0.
    """
    total = sum((weights[name] * loss for name, loss in losses.items()), start=torch.zeros(()))
    scale = sum(weights[name] for name in losses) if mean else 1.0
    return total / scale if scale > 0 else total


def mean_square(x: Tensor) -> Tensor:
    """The mean of squares, a scalar; 0 for an empty tensor."""
    return x.square().mean() if x.numel() else x.sum()
