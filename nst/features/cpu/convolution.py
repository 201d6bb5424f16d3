"""A frozen 3x3 convolution with its ReLU, by the quickest way that the machine knows."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.features.cpu import onednn, winograd


class RectifiedConvolution(nn.Module):
    """``relu(conv(x))`` with weights that take no gradient.

    On a CPU both directions go through oneDNN with their weights laid out once, or through Winograd's minimal filtering
    where that is quicker; the layout is kept until another size needs another. Elsewhere it is PyTorch's own.

    Args:
        weight: (O, I, 3, 3).
        bias: (O,).
        padding: 0 or 1 pixels of zeros.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, *, padding: int) -> None:
        super().__init__()
        # As a GPU's convolutions read it, beside activations that are channels_last as well.
        self.register_buffer("weight", weight.float().contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", bias.float())
        self.padding = padding
        self._ways: dict[str, _Direct | winograd.Winograd] = {}  # by direction

    @property
    def laid_out(self) -> int:
        """Bytes of the weights that are laid out."""
        return sum(way.laid_out for way in self._ways.values())

    def forward(self, x: Tensor) -> Tensor:
        """Activations (1, O, H', W') of x (1, I, H, W); H' and W' are 2 less without padding."""
        if onednn.usable(x) and self.weight.dtype == x.dtype:
            return _Rectified.apply(x, self)
        # Not in place: the tensor before the ReLU may be kept by autograd.
        return F.relu(F.conv2d(x, self.weight, self.bias, padding=self.padding))

    def ahead(self, x: Tensor) -> Tensor:
        """The activations, without a graph, through oneDNN."""
        return self._way("ahead", x)(x, rectify=True)

    def back(self, gradient: Tensor, result: Tensor) -> Tensor:
        """The gradient in the input, from that in the result; nothing goes back where the result is 0."""
        return self._way("back", gradient)(gradient, where=result)

    def _way(self, direction: str, x: Tensor) -> "_Direct | winograd.Winograd":
        """The quickest way in a direction for inputs of this size."""
        outer, inner = self.weight.shape[:2]
        fast = self.padding == 1 and winograd.wins(inner, outer, x.shape[-2] * x.shape[-1])
        kind = winograd.Winograd if fast else _Direct
        # A layout is as large as the weights, or four times: the one that another size needed is let go.
        if not isinstance(self._ways.get(direction), kind):
            self._ways[direction] = self._made(direction, fast)
        return self._ways[direction]

    def _made(self, direction: str, fast: bool) -> "_Direct | winograd.Winograd":
        # The way back is a convolution with the filters turned around and the channels exchanged.
        turned = self.weight.flip(2, 3).transpose(0, 1)
        weight, bias = (self.weight, self.bias) if direction == "ahead" else (turned, None)
        if fast:
            return winograd.Winograd(weight, bias)
        return _Direct(weight, bias, self.padding if direction == "ahead" else 2 - self.padding)


class _Direct:
    """A 3x3 convolution by oneDNN, its weights laid out once."""

    def __init__(self, weight: Tensor, bias: Tensor | None, padding: int) -> None:
        self._weight, self._bias, self._padding = onednn.pack(weight, padding=padding), bias, padding
        self.laid_out = weight.nbytes

    def __call__(self, x: Tensor, *, rectify: bool = False, where: Tensor | None = None) -> Tensor:
        """As of ``Winograd``."""
        if where is not None:
            x = torch.ops.aten.threshold_backward(x, where, 0)
        return onednn.convolve(x, self._weight, self._bias, padding=self._padding, rectify=rectify)


class _Rectified(torch.autograd.Function):
    """Both directions through oneDNN. The result alone is kept: where it is 0, nothing goes back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, convolution: RectifiedConvolution) -> Tensor:
        ctx.convolution = convolution
        result = convolution.ahead(x)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (result,) = ctx.saved_tensors
        return ctx.convolution.back(gradient.contiguous(memory_format=torch.channels_last), result), None
