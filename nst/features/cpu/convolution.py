"""A frozen 3x3 convolution with its ReLU, by the fastest method of the machine."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.features.cpu import onednn, winograd


class RectifiedConvolution(nn.Module):
    """``relu(conv(x))`` with weights that take no gradient.

    Where ``onednn.usable``, forward and backward go through oneDNN with their weights laid out once, or through
    Winograd's minimal filtering where that is faster; a layout is kept until another size needs another. Elsewhere
    plain PyTorch computes them.

    Args:
        weight: (O, I, 3, 3).
        bias: (O,).
        padding: 0 or 1 pixels of zeros.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, *, padding: int) -> None:
        super().__init__()
        # Like the activations: what a GPU's convolutions read.
        self.register_buffer("weight", weight.float().contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", bias.float())
        self.padding = padding
        self._kernels: dict[str, _Direct | winograd.Winograd] = {}  # by direction

    @property
    def laid_out(self) -> int:
        """Bytes of the weights that are laid out."""
        return sum(kernel.laid_out for kernel in self._kernels.values())

    def forward(self, x: Tensor) -> Tensor:
        """Activations (1, O, H', W') of x (1, I, H, W); H' and W' are 2 less without padding."""
        if onednn.usable(x) and self.weight.dtype == x.dtype:
            return _Rectified.apply(x, self)
        # Not in place: the tensor before the ReLU may be kept by autograd.
        return F.relu(F.conv2d(x, self.weight, self.bias, padding=self.padding))

    def activations(self, x: Tensor) -> Tensor:
        """The activations by the fast kernels, without a graph."""
        return self._kernel("forward", x)(x, rectify=True)

    def input_gradient(self, gradient: Tensor, result: Tensor) -> Tensor:
        """The gradient of the input from that of the result; 0 where the result is 0."""
        return self._kernel("backward", gradient)(gradient, where=result)

    def _kernel(self, direction: str, x: Tensor) -> "_Direct | winograd.Winograd":
        """The fastest kernel in a direction for inputs of this size."""
        outer, inner = self.weight.shape[:2]
        fast = self.padding == 1 and winograd.wins(inner, outer, x.shape[-2] * x.shape[-1])
        kind = winograd.Winograd if fast else _Direct
        # A layout takes as much memory as the weights, or four times as much: only the last one is kept.
        if not isinstance(self._kernels.get(direction), kind):
            self._kernels[direction] = self._made(direction, fast)
        return self._kernels[direction]

    def _made(self, direction: str, fast: bool) -> "_Direct | winograd.Winograd":
        # Backward is a convolution with the filters turned around and the channels exchanged.
        turned = self.weight.flip(2, 3).transpose(0, 1)
        weight, bias = (self.weight, self.bias) if direction == "forward" else (turned, None)
        if fast:
            return winograd.Winograd(weight, bias)
        return _Direct(weight, bias, self.padding if direction == "forward" else 2 - self.padding)


class _Direct:
    """A 3x3 convolution by oneDNN, its weights laid out once."""

    def __init__(self, weight: Tensor, bias: Tensor | None, padding: int) -> None:
        self._weight, self._bias, self._padding = onednn.pack(weight, padding=padding), bias, padding
        self.laid_out = weight.nbytes

    def __call__(self, x: Tensor, *, rectify: bool = False, where: Tensor | None = None) -> Tensor:
        """The same as ``Winograd.__call__``, for either padding."""
        if where is not None:
            x = torch.ops.aten.threshold_backward(x, where, 0)
        return onednn.convolve(x, self._weight, self._bias, padding=self._padding, rectify=rectify)


class _Rectified(torch.autograd.Function):
    """Both directions by the fast kernels. Only the result is kept: where it is 0, so is the gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, convolution: RectifiedConvolution) -> Tensor:
        ctx.convolution = convolution
        result = convolution.activations(x)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (result,) = ctx.saved_tensors
        return ctx.convolution.input_gradient(gradient.contiguous(memory_format=torch.channels_last), result), None
