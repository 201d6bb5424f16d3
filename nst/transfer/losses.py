"""The loss functions: pure, differentiable, and means rather than sums, so that no weight depends on the size."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from nst.features import cpu

#: Keeps a relative loss finite where its target is zero (a flat picture).
TINY = 1e-12


class Weights(NamedTuple):
    """How much each position counts in a mean: ``values`` (1, 1, h, w), 0 or above, and their sum, above 0."""

    values: Tensor
    total: float


def gram_matrix(features: Tensor, weights: Weights | None = None) -> Tensor:
    """The Gram matrix of a layer, divided by the number of positions; or a guided one, their weighted mean.

    Args:
        features: (1, C, h, w).
        weights: of the positions; all count the same when None.

    Returns:
        (C, C), float: ``F F^T / (h w)``, symmetric. Independent of the picture's size up to texture.

    Source: Gatys et al. 2016, equation 3; the division is not in the paper (its equation 4 divides the loss). With
    weights Gatys et al. 2017, section 4.
    """
    return _Gram.apply(features) if weights is None else _GuidedGram.apply(features, *weights)


class _Gram(torch.autograd.Function):
    """``F F^T / n`` with one product in its backward, where autograd's own rule takes two and holds both."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        ctx.save_for_backward(features)
        return _product(features) / features[0, 0].numel()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (features,) = ctx.saved_tensors
        return _mix((grad + grad.T) / features[0, 0].numel(), features)


class _GuidedGram(torch.autograd.Function):
    """``F W F^T / tr W``, which holds no weighted copy of the features until its backward."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, values: Tensor, total: float) -> Tensor:
        ctx.save_for_backward(features, values)
        ctx.total = total
        return _product(features * values.sqrt()) / total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        features, values = ctx.saved_tensors
        return _mix((grad + grad.T) / ctx.total, features).mul_(values), None, None


def _product(features: Tensor) -> Tensor:
    """``F F^T``, (C, C), of features (1, C, h, w)."""
    flat = features.flatten(2)[0]
    return cpu.gram(features) if cpu.usable(features) else flat @ flat.T


def _mix(matrix: Tensor, features: Tensor) -> Tensor:
    """A symmetric matrix (C, C) times features (1, C, h, w) at every position."""
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


def content_loss(features: Tensor, target: Tensor, relative_to: float = 1.0, weights: Weights | None = None) -> Tensor:
    """Mean squared difference of a layer's activations.

    Args:
        features: (1, C, h, w), of the picture.
        target: (1, C, h, w), of the content.
        relative_to: what the mean is divided by, such as the ``mean_square`` of the whole target; above 0.
        weights: of the positions; all count the same when None.

    Returns:
        A scalar: 0 for equal activations; relative to the target, 1 for an all-zero picture.

    Source: Gatys et al. 2016, equation 1, as a mean; ``relative_to`` is a deviation.
    """
    return mean_square(target - features, weights) / relative_to


def variation(image: Tensor, dim: int, weights: Weights | None = None) -> Tensor:
    """Mean squared difference of neighbouring pixels in one direction; total variation is that of both together.

    Args:
        image: (1, 3, H, W) in [0, 1].
        dim: -2 for neighbours below each other, -1 for neighbours side by side.
        weights: of the pairs of neighbours; all count the same when None.

    Returns:
        A scalar; 0 for a flat picture. A mean, so its weight means the same at every size.

    Source: Mahendran and Vedaldi 2015, section 3.2, with beta = 2, as a mean.
    """
    return mean_square(image.diff(dim=dim), weights)


def patch_loss(image: Tensor, repainted: Tensor, spread: float, weights: Weights | None = None) -> Tensor:
    """Mean squared distance to the picture that pieces of the painting make, relative to the painting's contrast.

    Args:
        image: (1, 3, H, W).
        repainted: (1, 3, H, W), see ``nst.transfer.patches``.
        spread: variance of the painting's pixel values, above 0.
        weights: of the pixels; all count the same when None.

    Returns:
        A scalar: 0 where the image is made of such pieces, about 1 for a flat one.

    Source: the energy of Kwatra et al. 2005, equation 1; the nearest patches stay the same for some steps.
    """
    return mean_square(image - repainted, weights) / spread


def temporal_loss(image: Tensor, warped: Tensor, weights: Weights | None = None) -> Tensor:
    """Mean squared distance of a frame to the one before, warped to where things are now.

    Args:
        image: (1, 3, H, W).
        warped: (1, 3, H, W), see ``nst.transfer.flow``.
        weights: of the pixels: how far each can be relied on; all count the same when None.

    Returns:
        A scalar: 0 where nothing changed but by motion.

    Source: Ruder et al. 2016, equation 7. Deviation: the mean over the pixels that count instead of over all, so that
    its value says how far they are off.
    """
    return mean_square(image - warped, weights)


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


def mean_square(x: Tensor, weights: Weights | None = None) -> Tensor:
    """The mean of squares of (1, C, h, w), a scalar; 0 for an empty tensor. Weights are those of the positions."""
    if weights is not None:
        return (x.square() * weights.values).sum() / (weights.total * x.shape[1])
    return x.square().mean() if x.numel() else x.sum()
