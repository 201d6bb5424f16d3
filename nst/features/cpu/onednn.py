"""oneDNN's own products and convolutions, with weights laid out once instead of at every call.

PyTorch's CPU build carries oneDNN, but its usual operators lay frozen weights out anew at each call, and its matrix
products go to MKL, which is less than half as fast on some processors. The operators here are those that PyTorch's own
compiler emits for frozen networks. They are not part of its public face, so they are tried once and held against the
public ones before they are used; where that fails, everything takes the public way and the log says so. A processor
without AVX-512 takes it, too: there the operators gain nothing (see benchmarks/README.md).
"""

import functools
import logging
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

logger = logging.getLogger(__name__)

#: The height and width for which weights are laid out where the caller does not say: good for all larger ones, too.
ANY_SIZE = (32, 32)
#: Relative difference from PyTorch's public operators that is rounding and no mistake.
ROUNDING = 1e-4


def usable(x: Tensor) -> bool:
    """Whether the functions here take this tensor: one picture, float32, on a CPU where oneDNN's operators work.

    Not under autocast, which knows the public operators only.
    """
    wanted = x.device.type == "cpu" and x.dtype == torch.float32 and x.shape[0] == 1
    return wanted and not torch.is_autocast_enabled("cpu") and available()


def available() -> bool:
    """Whether the operators work and gain something on this processor."""
    return torch.backends.cpu.get_cpu_capability().startswith("AVX512") and work()


@functools.cache
def work() -> bool:
    """Whether oneDNN's operators are there and compute what PyTorch's public ones do; tried once."""
    try:
        right = torch.backends.mkldnn.is_available() and _right()
    except (RuntimeError, AttributeError, TypeError) as error:
        logger.debug("oneDNN: %s", error)
        right = False
    if not right:
        logger.info("oneDNN's operators are not to be had here: convolutions take PyTorch's plain way.")
    return right


def pack(weight: Tensor, *, padding: int = 0, groups: int = 1, size: tuple[int, int] = ANY_SIZE) -> Tensor:
    """Weights (O, I, k, k) in the layout that oneDNN chooses for inputs (1, groups I, *size).

    Only ``convolve`` can read it. With many groups oneDNN wants another layout for another size; it takes this one, but
    makes its own of it at every call, which is slow.
    """
    given = weight.detach().contiguous().to_mkldnn()
    shape = [1, weight.shape[1] * groups, *size]
    lay_out: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
    return lay_out(given, [padding] * 2, [1, 1], [1, 1], groups, shape)


def convolve(
    x: Tensor, packed: Tensor, bias: Tensor | None = None, *, padding: int = 0, groups: int = 1, rectify: bool = False
) -> Tensor:
    """Convolution with stride 1, and its ReLU if asked for.

    Args:
        x: (N, I, H, W), float32, quickest in channels_last.
        packed: from ``pack``, with the same padding and groups.
        bias: (O,), or None.

    Returns:
        (N, O, H', W'), channels_last where ``x`` is.
    """
    after = "relu" if rectify else "none"
    return torch.ops.mkldnn._convolution_pointwise(
        x, packed, bias, [padding] * 2, [1, 1], [1, 1], groups, after, [], ""
    )


def linear(rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """``rows weight^T + bias``, (N, M) from (N, K), (M, K) and (M,): as of torch, by oneDNN where it can be."""
    if rows.device.type == "cpu" and rows.dtype == torch.float32 and available():
        return torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return F.linear(rows, weight, bias)


def gram(features: Tensor) -> Tensor:
    """``F F^T`` (C, C) of features (1, C, h, w): each row is a channel's positions."""
    if features.is_contiguous():
        rows = features.flatten(2)[0]
        return _product(rows, rows)
    # The gradient that a 1x1 convolution has in its weights is this product, and reads channels_last as it is.
    channels = features.shape[1]
    _, product, _ = torch.ops.aten.convolution_backward(
        features, features, features.new_empty(channels, channels, 1, 1), None,
        [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [False, True, False],
    )  # fmt: skip
    return product.view(channels, channels)


def mix(matrix: Tensor, features: Tensor) -> Tensor:
    """A symmetric matrix (C, C) times features (1, C, h, w), at every position; laid out like the features."""
    if features.is_contiguous():
        return _product(matrix, features.flatten(2)[0].T).view_as(features)
    height, width = features.shape[-2:]
    positions = features[0].permute(1, 2, 0).reshape(height * width, -1)
    return _product(positions, matrix).view(1, height, width, -1).permute(0, 3, 1, 2)


def _product(rows: Tensor, others: Tensor) -> Tensor:
    """(N, M) from (N, K) and (M, K): rows times the transpose of the others."""
    return torch.ops.mkldnn._linear_pointwise(rows, others, None, "none", [], "")


def _right() -> bool:
    """Whether each function here agrees with PyTorch's public operators on a small example."""
    drawn = torch.Generator().manual_seed(0)
    x = torch.randn(1, 32, 9, 7, generator=drawn)
    weight, bias = torch.randn(32, 16, 3, 3, generator=drawn), torch.randn(32, generator=drawn)
    rows, matrix = x.flatten(2)[0], torch.ones(32, 32) + torch.eye(32)
    wanted = F.relu(F.conv2d(x, weight, bias, padding=1, groups=2))
    last, packed = x.contiguous(memory_format=torch.channels_last), pack(weight, padding=1, groups=2)
    return all(
        _close(convolve(form, packed, bias, padding=1, groups=2, rectify=True), wanted)
        and _close(gram(form), rows @ rows.T)
        and _close(mix(matrix, form), (matrix @ rows).view_as(x))
        for form in (x, last)
    )


def _close(ours: Tensor, wanted: Tensor) -> bool:
    return ours.shape == wanted.shape and bool((ours - wanted).norm() <= ROUNDING * wanted.norm())
