"""oneDNN's products and convolutions, with weights laid out once instead of at every call.

PyTorch's CPU build contains oneDNN, but its public operators lay frozen weights out anew at each call, and its matrix
products go to MKL, which is less than half as fast on some processors. The operators here are those that PyTorch's own
compiler emits for frozen networks. They are not public, so they are checked once against the public ones; where that
fails, the public operators are used and the log says so. They are used without AVX-512, too, where oneDNN gains nothing
(see benchmarks/notes/kernels.md).
"""

import functools
import logging
import os
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

logger = logging.getLogger(__name__)

#: The environment's switch for all of ``nst.features.cpu``: "off", or anything else for on.
SWITCH = "IMPASTO_CPU_KERNELS"
#: The default height and width for which weights are laid out: good for all larger ones, too.
ANY_SIZE = (32, 32)
#: Largest relative difference from PyTorch's public operators that counts as rounding.
ROUNDING = 1e-4


def usable(x: Tensor) -> bool:
    """Whether the functions here take this tensor: a matrix or one picture, float32, on a CPU, where ``available``.

    Not under autocast, which knows the public operators only.
    """
    fits = x.device.type == "cpu" and x.dtype == torch.float32 and (x.dim() == 2 or len(x) == 1)
    return fits and not torch.is_autocast_enabled("cpu") and available()


def available() -> bool:
    """Whether the operators are switched on, gain something on this processor, and are correct."""
    wide = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    return wide and os.environ.get(SWITCH) != "off" and correct()


@functools.cache
def correct() -> bool:
    """Whether oneDNN's operators exist and compute the same as PyTorch's public ones; tried once."""
    try:
        agrees = torch.backends.mkldnn.is_available() and _agrees()
    except (RuntimeError, AttributeError, TypeError) as error:
        logger.debug("oneDNN: %s", error)
        agrees = False
    if not agrees:
        logger.info("oneDNN's operators do not work here: plain PyTorch computes the convolutions.")
    return agrees


def pack(weight: Tensor, *, padding: int = 0, groups: int = 1, size: tuple[int, int] = ANY_SIZE) -> Tensor:
    """Weights (O, I, k, k) in the layout that oneDNN chooses for inputs (1, groups I, *size).

    Only ``convolve`` can read it. With many groups oneDNN prefers another layout for another size, and then converts
    this one at every call, which is slow.
    """
    shape = [1, weight.shape[1] * groups, *size]
    lay_out: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
    return lay_out(weight.detach().contiguous().to_mkldnn(), [padding] * 2, [1, 1], [1, 1], groups, shape)


def convolve(
    x: Tensor, packed: Tensor, bias: Tensor | None = None, *, padding: int = 0, groups: int = 1, rectify: bool = False
) -> Tensor:
    """Convolution with stride 1, and its ReLU on request.

    Args:
        x: (N, I, H, W), float32, fastest in channels_last.
        packed: from ``pack``, with the same padding and groups.
        bias: (O,), or None.
        rectify: whether the ReLU follows.

    Returns:
        (N, O, H', W'), channels_last where ``x`` is.
    """
    after = "relu" if rectify else "none"
    return torch.ops.mkldnn._convolution_pointwise(
        x, packed, bias, [padding] * 2, [1, 1], [1, 1], groups, after, [], ""
    )


def linear(rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """``rows weight^T + bias``, (N, M) from (N, K), (M, K) and (M,): by oneDNN where ``usable``, else by PyTorch."""
    return _product(rows, weight, bias) if usable(rows) else F.linear(rows, weight, bias)


def gram(features: Tensor) -> Tensor:
    """``F F^T`` (C, C) of ``usable`` features (1, C, h, w): each row of F holds a channel's positions."""
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
    """A symmetric matrix (C, C) times ``usable`` features (1, C, h, w) at every position; laid out as they are."""
    if features.is_contiguous():
        return _product(matrix, features.flatten(2)[0].T).view_as(features)
    height, width = features.shape[-2:]
    positions = features[0].permute(1, 2, 0).reshape(height * width, -1)
    return _product(positions, matrix).view(1, height, width, -1).permute(0, 3, 1, 2)


def _product(rows: Tensor, others: Tensor, bias: Tensor | None = None) -> Tensor:
    """``rows others^T + bias``, (N, M) from (N, K), (M, K) and (M,)."""
    return torch.ops.mkldnn._linear_pointwise(rows, others, bias, "none", [], "")


def _agrees() -> bool:
    """Whether each function here agrees with PyTorch's public operators on a small example."""
    drawn = torch.Generator().manual_seed(0)
    x = torch.randn(1, 32, 9, 7, generator=drawn)
    weight, bias = torch.randn(32, 16, 3, 3, generator=drawn), torch.randn(32, generator=drawn)
    rows, matrix = x.flatten(2)[0], torch.ones(32, 32) + torch.eye(32)
    expected = F.relu(F.conv2d(x, weight, bias, padding=1, groups=2))
    last, packed = x.contiguous(memory_format=torch.channels_last), pack(weight, padding=1, groups=2)
    return all(
        _close(convolve(form, packed, bias, padding=1, groups=2, rectify=True), expected)
        and _close(gram(form), rows @ rows.T)
        and _close(mix(matrix, form), (matrix @ rows).view_as(x))
        for form in (x, last)
    ) and _close(_product(rows, rows, bias), F.linear(rows, rows, bias))


def _close(ours: Tensor, expected: Tensor) -> bool:
    return ours.shape == expected.shape and bool((ours - expected).norm() <= ROUNDING * expected.norm())
