"""The built-in feature network: a pyramid of rectified Gabor filters with a random layer over it. No download.

Per octave: the picture in three opponent colours goes through a bank of Gabor filters (even and odd phase) at
every second pixel, and each response, scaled to unit deviation on the style, is split into its positive and
negative part. A second layer of fixed random filters looks at those over a wider area; it is what makes strokes
long and skies swirl. Both together are the octave's style layer. The content is held by the bank alone.

Sources: Gabor filters as a model of the first visual layer, Daugman 1985; fixed random filters as texture
statistics, Ustyuzhaninov et al. 2017. This is not VGG and knows nothing of objects.
"""

import math
from collections.abc import Collection, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.features.base import refuse_unknown

OCTAVES = 5
KERNEL = 11
ORIENTATIONS = 8
#: Cycles per pixel. The even filters of the two lowest see colour as well; all others luminance only.
FREQUENCIES = (0.12, 0.2, 0.3, 0.42)
COLOUR_FREQUENCIES = 2
#: Ratio of a filter's length to its width.
ELONGATION = 1.6
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

    def combine(self, bank: Tensor) -> Tensor:
        """The style layer: the bank, and what the random filters see in it."""
        return torch.cat([bank, F.relu(self.mixed(bank))], dim=1)

    def mixed(self, bank: Tensor) -> Tensor:
        """The second layer before its ReLU. Centred first, so that zero padding continues the mean, not black."""
        centre = F.conv2d(self.mean, self.reduce).flatten()
        return F.conv2d(F.conv2d(bank, self.reduce, -centre), self.mix, padding=MIX_KERNEL // 2)

    def fit_gain(self, responses: Sequence[Tensor]) -> None:
        """Scale to unit deviation over the plain responses of all styles, each (1, C, h, w)."""
        deviation = _all_positions(responses).std(dim=1).view(-1, 1, 1, 1)
        self.gain.copy_(1 / (deviation.clamp_min(float(FAINT * deviation.max())) + FLAT))

    def fit_mix(self, banks: Sequence[Tensor]) -> None:
        """Centre the second layer on the banks of all styles, and scale it to unit deviation."""
        self.mean.copy_(_all_positions(banks).mean(dim=1).view(1, -1, 1, 1))
        mixed = _all_positions([self.mixed(bank) for bank in banks])
        self.mix.div_(mixed.std(dim=1).view(-1, 1, 1, 1) + FLAT)


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

    def for_styles(self, styles: Sequence[Tensor]) -> "GaborNetwork":
        """A copy whose responses have unit deviation on these styles, each (1, 3, H, W) in [0, 1]."""
        fitted = GaborNetwork(self.seed).to(styles[0])
        with torch.no_grad():
            levels = [self._centred(style) for style in styles]
            for octave in fitted._octaves:
                octave.fit_gain([self._filter(level, octave.gain) for level in levels])
                octave.fit_mix([self._bank(level, octave.gain) for level in levels])
                levels = [self._halve(level) for level in levels]
        return fitted

    def forward(self, image: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        """The activations asked for, by layer name, from an image (1, 3, H, W) in [0, 1].

        Returns:
            "bankN": (1, 198, h, w), h and w the image's divided by 2^N, rounded up; "octaveN": (1, 262, h, w).

        Raises:
            ValueError: a layer that this network does not have.
        """
        refuse_unknown(self.name, self.layers, layers)
        found: dict[str, Tensor] = {}
        level = self._centred(image)
        for n, octave in enumerate(self._octaves, start=1):
            if len(found) == len(set(layers)):
                break
            found |= self._octave_layers(n, octave, level, layers)
            level = self._halve(level)
        return found

    def _octave_layers(self, n: int, octave: Octave, level: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        """The layers of one octave that were asked for."""
        asked = {f"bank{n}", f"octave{n}"} & set(layers)
        if not asked:
            return {}
        bank = self._bank(level, octave.gain)
        found = {f"bank{n}": bank}
        if f"octave{n}" in asked:
            found[f"octave{n}"] = octave.combine(bank)
        return {name: found[name] for name in asked}

    def _centred(self, image: Tensor) -> Tensor:
        return (image - self.centre) / self.spread

    def _filter(self, level: Tensor, gain: Tensor) -> Tensor:
        """The bank's responses (1, C, h, w): to luminance, then to the two colours. Mirrored at the edges."""
        planes = _extend(F.conv2d(level, self.opponent), KERNEL // 2)
        banks = torch.cat([self.luminance, self.colour, self.colour]) * gain
        parts = banks.split([len(self.luminance), len(self.colour), len(self.colour)])
        stride = STRIDE if min(level.shape[-2:]) > SMALLEST_STRIDED else 1
        return torch.cat([F.conv2d(planes[:, c : c + 1], part, stride=stride) for c, part in enumerate(parts)], dim=1)

    def _bank(self, level: Tensor, gain: Tensor) -> Tensor:
        """The positive parts of the responses, then the negative ones."""
        responses = self._filter(level, gain)
        positive = F.relu(responses)
        return torch.cat([positive, positive - responses], dim=1)

    def _halve(self, level: Tensor) -> Tensor:
        """The next octave: blurred, and every second pixel kept."""
        return F.conv2d(_extend(level, 2), self.blur, stride=2, groups=3)


def gabor_bank() -> Tensor:
    """Gabor filters of every frequency, orientation and both phases, then one Gaussian for the mean colour.

    Returns:
        (2 * 4 * 8 + 1, 1, 11, 11): each of length 1; all but the last sum to 0. Their negatives are not
        in it: rectifying a response and its negative gives the opposite phases.
    """
    filters = [
        _gabor(frequency, math.pi * turn / ORIENTATIONS, phase)
        for frequency in FREQUENCIES
        for turn in range(ORIENTATIONS)
        for phase in (0.0, math.pi / 2)
    ]
    y, x = _grid()
    return F.normalize(torch.stack([*filters, torch.exp(-(x**2 + y**2) / 8)]).flatten(1), dim=1).view(
        -1, 1, KERNEL, KERNEL
    )


def binomial_filter() -> Tensor:
    """The 5x5 binomial low-pass filter (1, 1, 5, 5), which sums to 1. Source: Burt and Adelson 1983."""
    row = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    return torch.outer(row, row)[None, None]


def _gabor(frequency: float, angle: float, phase: float) -> Tensor:
    """One filter (11, 11): a wave under an elongated bell, freed of its mean."""
    y, x = _grid()
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    width = min(0.5 / frequency, KERNEL / 5)
    bell = torch.exp(-(along**2 / (2 * width**2) + across**2 / (2 * (ELONGATION * width) ** 2)))
    wave = bell * torch.cos(2 * math.pi * frequency * along + phase)
    return wave - bell * (wave.sum() / bell.sum())


def _grid() -> tuple[Tensor, Tensor]:
    """(y, x) coordinates of a kernel's pixels, 0 in the middle."""
    y, x = torch.meshgrid(*[torch.arange(KERNEL) - KERNEL // 2] * 2, indexing="ij")
    return y.float(), x.float()


def _extend(level: Tensor, border: int) -> Tensor:
    """Mirrored at the edges, or their last pixels repeated where the picture is narrower than the border."""
    mode = "reflect" if min(level.shape[-2:]) > border else "replicate"
    return F.pad(level, (border,) * 4, mode=mode)


def _all_positions(activations: Sequence[Tensor]) -> Tensor:
    """Activations (1, C, h, w) of several pictures as one (C, positions)."""
    return torch.cat([x.flatten(2)[0] for x in activations], dim=1)
