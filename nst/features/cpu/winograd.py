"""Winograd's minimal filtering F(4x4, 3x3): a 3x3 convolution with a quarter of the multiplications.

Tiles of 6x6 pixels, every four pixels, are transformed; there the convolution is one product of channels for each of
the 36 positions; and 4x4 outputs are transformed back. The products are one grouped 1x1 convolution of oneDNN. The
transforms are sums of a few slices, done on as many rows of tiles as a processor's cache holds.

Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", with the points 0, 1, -1, 2, -2.
In float32 its error is about 4e-6 of the result, five times a direct convolution's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from nst.features.cpu import onednn

#: Outputs along a side of a tile, and inputs: two more, for a filter of three.
OUTPUTS = 4
INPUTS = 6
POSITIONS = INPUTS**2
#: Lavin and Gray's G: it takes three filter taps to the six positions.
FILTER = ((1 / 4, 0, 0), (-1 / 6, -1 / 6, -1 / 6), (-1 / 6, 1 / 6, -1 / 6), (1 / 24, 1 / 12, 1 / 6),
          (1 / 24, -1 / 12, 1 / 6), (0, 0, 1))  # fmt: skip
#: Added at the position (1, 1) alone, a number comes out of the inverse transform at all 4x4 outputs.
BIAS_POSITION = INPUTS + 1
#: Tiles go through the products in lots of the first size, or of the second where there are few: oneDNN lays filters
#: out for one size of lot, and another would have them laid out again at every call.
LOT, SMALL_LOT = 64, 16
FEW_TILES = 32
#: Bytes of transformed tiles that are worked on at a time. Less keeps them nearer, more takes fewer calls.
CACHE = 10_000_000
#: It wins with this many channels on both sides, and this many values in the narrower of input and output.
LEAST_CHANNELS = 128
LEAST_VALUES = 2**16


def wins(inner: int, outer: int, positions: int) -> bool:
    """Whether it is quicker than a direct convolution: with few channels the transforms outweigh the products.

    Args:
        inner, outer: input and output channels.
        positions: pixels of the layer.
    """
    narrower = min(inner, outer)
    return narrower >= LEAST_CHANNELS and narrower * positions >= LEAST_VALUES


class Winograd:
    """A 3x3 convolution with stride 1 and zero padding of 1.

    Args:
        weight: (O, I, 3, 3), float32.
        bias: (O,), or None.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        self.outer, self.inner = weight.shape[:2]
        self._weight, self._packed = weight.detach(), dict[int, Tensor]()
        self._bias = None
        if bias is not None:
            spread = bias.new_zeros(POSITIONS, self.outer)
            spread[BIAS_POSITION] = bias
            self._bias = spread.flatten()

    @property
    def laid_out(self) -> int:
        """Bytes of the filters that are laid out."""
        return len(self._packed) * POSITIONS * self.outer * self.inner * self._weight.itemsize

    def __call__(self, x: Tensor, *, rectify: bool = False, where: Tensor | None = None) -> Tensor:
        """The convolution of x (1, I, H, W), taken as 0 where ``where`` is not above 0; and its ReLU if asked for.

        Returns:
            (1, O, H, W), channels_last.
        """
        height, width = x.shape[-2:]
        down, across = -(-height // OUTPUTS), -(-width // OUTPUTS)
        # Tiles that reach over the edge see zeros there; what they make of it is cut off below.
        padded = x.new_zeros(OUTPUTS * down + 2, OUTPUTS * across + 2, self.inner)
        inside = padded[1 : height + 1, 1 : width + 1].permute(2, 0, 1)[None]
        if where is None:
            inside.copy_(x)
        else:
            torch.ops.aten.threshold_backward.grad_input(x, where, 0, grad_input=inside)
        result = x.new_empty(OUTPUTS * down, across, OUTPUTS, self.outer)
        lot = SMALL_LOT if down * across <= FEW_TILES else LOT
        for start, rows in self._strips(down, across, lot):
            part = padded[OUTPUTS * start : OUTPUTS * (start + rows) + 2]
            self._strip(part, result[OUTPUTS * start : OUTPUTS * (start + rows)], lot)
        if rectify:
            result.relu_()
        pixels = result.view(1, OUTPUTS * down, OUTPUTS * across, self.outer)
        return pixels[:, :height, :width].contiguous().permute(0, 3, 1, 2)

    def _strips(self, down: int, across: int, lot: int) -> list[tuple[int, int]]:
        """(first row of tiles, rows) of strips whose transforms fit into the cache and that fill their lots best."""
        tiles = max(lot, CACHE // (POSITIONS * max(self.inner, self.outer) * 4))
        most = max(1, min(down, tiles // across))
        rows = min(range(1, most + 1), key=lambda rows: (_lots(down, rows, across, lot), -rows))
        return [(start, min(rows, down - start)) for start in range(0, down, rows)]

    def _strip(self, padded: Tensor, result: Tensor, lot: int) -> None:
        """One strip: from rows (4n + 2, W, I) to result (4n, across, 4, O)."""
        rows, across = len(result) // OUTPUTS, result.shape[1]
        tiles, lots = rows * across, -(-rows * across // lot)
        room = padded.new_empty(lots * lot, POSITIONS, self.inner)
        room[tiles:] = 0
        _transform(padded, room[:tiles].view(rows, across, INPUTS, INPUTS, self.inner))
        channels = room.view(lots, 1, lot, POSITIONS * self.inner).permute(0, 3, 1, 2)
        products = onednn.convolve(channels, self._filters(lot), self._bias, groups=POSITIONS).permute(0, 2, 3, 1)
        whole = products.reshape(lots * lot, INPUTS, INPUTS, self.outer)[:tiles]
        _transform_back(whole.unflatten(0, (rows, across)), result)

    def _filters(self, lot: int) -> Tensor:
        """The filters in Winograd's domain, laid out for a size of lot; kept until another is needed."""
        if lot not in self._packed:
            both = torch.kron(*[torch.tensor(FILTER, dtype=torch.float64)] * 2)
            filters = (both @ self._weight.double().reshape(-1, 9).T).float().view(-1, self.inner, 1, 1)
            self._packed.clear()
            self._packed[lot] = onednn.pack(filters, groups=POSITIONS, size=(1, lot))
        return self._packed[lot]


def _lots(down: int, rows: int, across: int, lot: int) -> int:
    """How many lots ``down`` rows of tiles take in strips of so many rows."""
    strips, left = divmod(down, rows)
    return strips * -(-rows * across // lot) + -(-left * across // lot)


def _every_fourth(x: Tensor, count: int) -> list[Tensor]:
    """What the six inputs of ``count`` tiles see along the first dimension."""
    return [x[k : k + OUTPUTS * (count - 1) + 1 : OUTPUTS] for k in range(INPUTS)]


def _transform(padded: Tensor, tiles: Tensor) -> None:
    """Tiles (n, across, 6, 6, I) in Winograd's domain from rows (4n + 2, W, I)."""
    rows, across, _, _, inner = tiles.shape
    half = padded.new_empty(len(padded), across, INPUTS, inner)
    _inputs(_every_fourth(padded.transpose(0, 1), across), half.permute(2, 1, 0, 3))
    _inputs(_every_fourth(half, rows), tiles.permute(2, 0, 1, 3, 4))


def _transform_back(products: Tensor, result: Tensor) -> None:
    """Outputs (4n, across, 4, O) from products (n, across, 6, 6, O)."""
    rows, across, _, _, outer = products.shape
    half = products.new_empty(rows, OUTPUTS, across, INPUTS, outer)
    _outputs(products.permute(2, 0, 1, 3, 4), half.permute(1, 0, 2, 3, 4))
    _outputs(half.view(rows * OUTPUTS, across, INPUTS, outer).permute(2, 0, 1, 3), result.permute(2, 0, 1, 3))


def _inputs(d: Sequence[Tensor], out: Tensor) -> None:
    """Lavin and Gray's B^T: six inputs into six positions, in place and with twelve sums."""
    torch.sub(d[4], d[2], alpha=4, out=out[2])
    torch.sub(d[3], d[1], alpha=4, out=out[5])
    torch.add(out[2], out[5], out=out[1])
    out[2].sub_(out[5])
    torch.sub(d[4], d[2], out=out[4])
    torch.sub(d[3], d[1], out=out[5])
    torch.add(out[4], out[5], alpha=2, out=out[3])
    out[4].sub_(out[5], alpha=2)
    torch.sub(d[4], d[2], alpha=5, out=out[0]).add_(d[0], alpha=4)
    torch.sub(d[5], d[3], alpha=5, out=out[5]).add_(d[1], alpha=4)


def _outputs(m: Tensor, out: Tensor) -> None:
    """Lavin and Gray's A^T: six positions into four outputs."""
    near, near_odd, far, far_odd = m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]
    torch.add(m[0], near, out=out[0]).add_(far)
    torch.add(near_odd, far_odd, alpha=2, out=out[1])
    torch.add(near, far, alpha=4, out=out[2])
    torch.add(near_odd, far_odd, alpha=8, out=out[3]).add_(m[5])
