"""The built-in feature network: a pyramid of rectified Gabor filters with a random layer over it. No download.

Per octave: the picture in three opponent colours goes through a bank of Gabor filters (even and odd phase) at
every second pixel, and each response, scaled to unit deviation on the style, is split into its positive and
negative part. A second layer of fixed random filters looks at those over a wider area; it is what makes strokes
long and skies swirl. Both together are the octave's style layer. The content is held by the bank alone.

Sources: Gabor filters as a model of the first visual layer, Daugman 1985; fixed random filters as texture
statistics, Ustyuzhaninov et al. 2017. This is not VGG and knows nothing of objects.
"""

import math
from collections.abc import Collection, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.features.base import refuse_unknown
from nst.features.filters import COLOUR_FREQUENCIES, KERNEL, ORIENTATIONS, binomial_filter, gabor_bank
from nst.features.moments import Moments
from nst.features.precision import unrounded
from nst.features.tiling import Box, Reach, tiles

OCTAVES = 5
#: The second layer: random 1x1 filters bring the responses down to REDUCED channels, MIXED random filters of
#: MIX_KERNEL x MIX_KERNEL look at those. Without the reduction it costs three times as much and paints the same.
REDUCED = 48
MIXED = 64
MIX_KERNEL = 5
#: Where the picture is centred before filtering: ImageNet's mean and deviation, a fair middle for photographs.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
#: Luminance, red against green, yellow against blue; rows are scaled to length 1.
OPPONENT = ((1.0, 1.0, 1.0), (1.0, -1.0, 0.0), (0.5, 0.5, -1.0))
#: Filters are applied at every second pixel, which costs a quarter and paints the same; small levels need them all.
STRIDE = 2
SMALLEST_STRIDED = 8
#: Pixels of its own level that an octave sees around a core: 5 for the bank, 2 strides for the mix, and 2 that padding
#: may have spoiled. Even, so that strides fall as in the whole, and above SMALLEST_STRIDED.
MARGIN = 12
#: What the margins of all octaves cost is what a border of so many pixels would, around cores of 256 to 1024 pixels.
CONTEXT = 18
#: Deviations below this are those of a flat picture; dividing by less would only amplify rounding.
FLAT = 1e-3
#: Responses this much weaker than the strongest are not amplified further: a grey painting has no colour to speak of,
#: and a network that hears every trace of it holds the picture fast.
FAINT = 0.05


class Octave(nn.Module):
    """The random filters of one octave and its scaling; the scaling is neutral until it is fitted.

    Args:
        channels: rectified responses of the bank.
        generator: where the random filters come from.
    """

    reduce: Tensor
    mix: Tensor
    gain: Tensor
    mean: Tensor

    def __init__(self, channels: int, generator: torch.Generator) -> None:
        super().__init__()
        reduce = torch.randn(REDUCED, channels, 1, 1, generator=generator) / math.sqrt(channels)
        mix = torch.randn(MIXED, REDUCED, MIX_KERNEL, MIX_KERNEL, generator=generator)
        self.register_buffer("reduce", reduce)
        self.register_buffer("mix", mix / math.sqrt(REDUCED * MIX_KERNEL**2))
        self.register_buffer("gain", torch.ones(channels // 2, 1, 1, 1))
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))

    def combine(self, bank: Tensor, core: Box) -> Tensor:
        """The style layer in a core of the bank: the bank, and what the random filters see in it."""
        return torch.cat([core.of(bank), F.relu(core.of(self.mixed(bank)))], dim=1)

    def mixed(self, bank: Tensor) -> Tensor:
        """The second layer before its ReLU. Centred first, so that zero padding continues the mean, not black."""
        centre = F.conv2d(self.mean, self.reduce).flatten()
        return F.conv2d(F.conv2d(bank, self.reduce, -centre), self.mix, padding=MIX_KERNEL // 2)

    def fit_bank(self, responses: Moments, positive: Moments) -> None:
        """Scale to unit deviation over the plain responses of all styles, and centre on the rectified ones.

        A positive gain goes through the rectifier, so what is known of the plain parts is known of the scaled ones.
        """
        deviation = responses.deviation
        gain = 1 / (deviation.clamp_min(float(FAINT * deviation.max())) + FLAT)
        self.gain.copy_(gain.view(-1, 1, 1, 1))
        self.mean.copy_(torch.cat([gain * positive.mean, gain * (positive.mean - responses.mean)]).view(1, -1, 1, 1))

    def fit_mix(self, mixed: Moments) -> None:
        """Scale the second layer to unit deviation."""
        self.mix.div_(mixed.deviation.view(-1, 1, 1, 1) + FLAT)


class GaborNetwork(nn.Module):
    """The built-in network: one ``bank`` and one ``octave`` layer for each octave.

    Args:
        seed: of the random filters.
    """

    name = "gabor"
    layers: tuple[str, ...] = tuple(f"{kind}{n}" for n in range(1, OCTAVES + 1) for kind in ("bank", "octave"))
    style_layers: tuple[str, ...] = tuple(f"octave{n}" for n in range(1, OCTAVES + 1))
    content_layers: tuple[str, ...] = ("bank2", "bank3")
    content_loss = "one-sided"
    bytes_per_pixel = 2000
    bytes_to_come = 0

    luminance: Tensor
    colour: Tensor
    centre: Tensor
    spread: Tensor
    opponent: Tensor
    blur: Tensor

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed
        luminance = gabor_bank()
        even = luminance[: 2 * COLOUR_FREQUENCIES * ORIENTATIONS : 2]
        colour = torch.cat([even, luminance[-1:]])
        self.register_buffer("luminance", luminance)
        self.register_buffer("colour", colour)
        self.register_buffer("centre", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(STD).view(1, 3, 1, 1))
        self.register_buffer("opponent", F.normalize(torch.tensor(OPPONENT), dim=1)[..., None, None])
        self.register_buffer("blur", binomial_filter().expand(3, 1, -1, -1).clone())
        generator = torch.Generator().manual_seed(seed)
        channels = 2 * (len(luminance) + 2 * len(colour))
        self._octaves = [Octave(channels, generator) for _ in range(OCTAVES)]
        self.octaves = nn.ModuleList(self._octaves)

    def for_styles(self, styles: Sequence[Tensor], side: int | None = None) -> "GaborNetwork":
        """A copy whose responses have unit deviation on these styles, each (1, 3, H, W) in [0, 1]."""
        fitted = GaborNetwork(self.seed).to(self.blur)
        responses, positive, mixed = ([Moments() for _ in range(OCTAVES)] for _ in range(3))
        with torch.no_grad():
            for n, octave, level, core in fitted._all_levels(styles, side):
                found = core.at(_stride(level)).of(fitted._filter(level, octave.gain))
                responses[n].add(found)
                positive[n].add(F.relu(found))
            for n, octave in enumerate(fitted._octaves):
                octave.fit_bank(responses[n], positive[n])
            for n, octave, level, core in fitted._all_levels(styles, side):
                mixed[n].add(core.at(_stride(level)).of(octave.mixed(fitted._bank(level, octave.gain))))
            for n, octave in enumerate(fitted._octaves):
                octave.fit_mix(mixed[n])
        return fitted

    def reach(self, layers: Collection[str]) -> Reach:
        """The margin at the last octave. Octave n sees as many of its own pixels, each 2^(n-1) wide, and costs less."""
        octaves = max(int(layer[-1]) for layer in layers)
        return Reach(MARGIN * 2 ** (octaves - 1), STRIDE * 2 ** (octaves - 1), CONTEXT)

    def forward(self, image: Tensor, layers: Collection[str], core: Box | None = None) -> dict[str, Tensor]:
        """The activations asked for, by layer name, from an image (1, 3, H, W) in [0, 1], or of its core.

        Returns:
            "bankN": (1, 198, h, w), h and w the image's divided by 2^N, rounded up; "octaveN": (1, 262, h, w).

        Raises:
            ValueError: a layer that this network does not have.
        """
        refuse_unknown(self.name, self.layers, layers)
        found: dict[str, Tensor] = {}
        for n, octave, level, part in self._levels(image, core or Box.whole(image)):
            found |= self._octave_layers(n + 1, octave, level, part, layers)
            if len(found) == len(set(layers)):
                break
        return found

    def _all_levels(self, styles: Sequence[Tensor], side: int | None) -> Iterator[tuple[int, Octave, Tensor, Box]]:
        """The levels of every tile of every style."""
        reach = self.reach(self.layers)
        for style in styles:
            for tile in tiles(style.shape[-2], style.shape[-1], side, reach):
                yield from self._levels(tile.crop.of(style).to(self.blur), tile.core)

    def _levels(self, image: Tensor, core: Box) -> Iterator[tuple[int, Octave, Tensor, Box]]:
        """Count, octave, the octave's level of the image with a margin around the core, and the core in it."""
        level = self._centred(image)
        for n, octave in enumerate(self._octaves):
            seen = core.grown(MARGIN, Box.whole(level))
            yield n, octave, seen.of(level), core.within(seen)
            level, core = self._halve(level), core.at(2)

    def _octave_layers(
        self, n: int, octave: Octave, level: Tensor, core: Box, layers: Collection[str]
    ) -> dict[str, Tensor]:
        """The layers of one octave that were asked for, in the core."""
        asked = {f"bank{n}", f"octave{n}"} & set(layers)
        if not asked:
            return {}
        bank, part = self._bank(level, octave.gain), core.at(_stride(level))
        found = {f"bank{n}": part.of(bank)}
        if f"octave{n}" in asked:
            found[f"octave{n}"] = octave.combine(bank, part)
        return {name: found[name] for name in asked}

    def _centred(self, image: Tensor) -> Tensor:
        return (image - self.centre) / self.spread

    @unrounded  # Small differences of large values.
    def _filter(self, level: Tensor, gain: Tensor) -> Tensor:
        """The bank's responses (1, C, h, w): to luminance, then to the two colours. Mirrored at the edges."""
        planes = _extend(F.conv2d(level, self.opponent), KERNEL // 2)
        banks = torch.cat([self.luminance, self.colour, self.colour]) * gain
        parts = banks.split([len(self.luminance), len(self.colour), len(self.colour)])
        stride = _stride(level)
        return torch.cat([_filtered(planes[:, c : c + 1], part, stride) for c, part in enumerate(parts)], dim=1)

    def _bank(self, level: Tensor, gain: Tensor) -> Tensor:
        """The positive parts of the responses, then the negative ones."""
        responses = self._filter(level, gain)
        positive = F.relu(responses)
        return torch.cat([positive, positive - responses], dim=1)

    @unrounded
    def _halve(self, level: Tensor) -> Tensor:
        """The next octave: blurred, and every second pixel kept."""
        return F.conv2d(_extend(level, 2), self.blur, stride=2, groups=3)


def _stride(level: Tensor) -> int:
    """From one response to the next. A level cut out of a larger one is never small: its margin sees to that."""
    return STRIDE if min(level.shape[-2:]) > SMALLEST_STRIDED else 1


def _filtered(plane: Tensor, filters: Tensor, stride: int) -> Tensor:
    """Responses (1, C, h, w), channels_last, of a plane (1, 1, H, W) to filters (C, 1, k, k), k odd.

    A stride of 2 over one plane is a stride of 1 over its four kinds of pixels, which goes back five times as fast.
    """
    last = torch.channels_last
    if stride == 1:
        return F.conv2d(plane.contiguous(memory_format=last), filters)
    # What is added to make sides even meets only the zeros that are added to the filters.
    even = F.pad(plane, (0, plane.shape[-1] % stride, 0, plane.shape[-2] % stride))
    kinds, parts = F.pixel_unshuffle(even, stride), F.pixel_unshuffle(F.pad(filters, (0, 1, 0, 1)), stride)
    return F.conv2d(kinds.contiguous(memory_format=last), parts.contiguous(memory_format=last))


def _extend(level: Tensor, border: int) -> Tensor:
    """Mirrored at the edges, or their last pixels repeated where the picture is narrower than the border."""
    mode = "reflect" if min(level.shape[-2:]) > border else "replicate"
    return F.pad(level, (border,) * 4, mode=mode)
