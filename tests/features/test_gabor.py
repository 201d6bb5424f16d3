"""The built-in network: its filters by their mathematics, its layers by their promises."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.features.filters import binomial_filter, gabor_bank
from nst.features.gabor import GaborNetwork


def random_image(height: int = 64, width: int = 80, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def grating(frequency: float, angle: float, side: int = 64) -> Tensor:
    """A grey wave across ``angle``, (1, 3, side, side)."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    wave = 0.5 + 0.4 * torch.cos(2 * math.pi * frequency * (x * math.cos(angle) + y * math.sin(angle)))
    return wave.expand(1, 3, side, side).clone()


@pytest.fixture(scope="module")
def network() -> GaborNetwork:
    return GaborNetwork().for_styles([random_image(seed=1)])


def test_filters_have_length_one_and_no_mean() -> None:
    bank = gabor_bank().flatten(1)
    assert torch.allclose(bank.norm(dim=1), torch.ones(len(bank)), atol=1e-5)
    assert bank[:-1].sum(dim=1).abs().max() < 1e-5
    assert bank[-1].min() > 0


def test_even_and_odd_phases_alternate() -> None:
    bank = gabor_bank()[:-1, 0]
    turned = bank.flip((1, 2))
    assert torch.allclose(turned[0::2], bank[0::2], atol=1e-6)
    assert torch.allclose(turned[1::2], -bank[1::2], atol=1e-6)


@pytest.mark.parametrize("turn", range(8))
def test_a_grating_excites_the_filter_of_its_own_orientation_most(turn: int) -> None:
    responses = F.conv2d(grating(0.2, math.pi * turn / 8)[:, :1], gabor_bank()[:-1])
    energy = responses.square().mean(dim=(0, 2, 3)).view(4, 8, 2).sum(dim=2)
    assert energy.sum(dim=0).argmax().item() == turn
    assert energy[:, turn].argmax().item() == 1, "0.2 is the second frequency"


def test_the_binomial_filter_by_hand() -> None:
    kernel = binomial_filter()[0, 0]
    assert kernel.sum().item() == pytest.approx(1)
    assert kernel[2, 2].item() == pytest.approx(36 / 256)
    assert kernel[0, 0].item() == pytest.approx(1 / 256)


def test_a_bank_is_the_positive_and_negative_parts_of_its_responses(network: GaborNetwork) -> None:
    image = random_image(20, 24)
    responses = network._filter(network._centred(image), network._octaves[0].gain)
    bank = network(image, {"bank1"})["bank1"]
    assert bank.min() == 0
    assert torch.equal(bank[:, :99] - bank[:, 99:], responses)


@pytest.mark.parametrize(("height", "width"), [(20, 24), (21, 25), (9, 40), (8, 8)])
def test_an_octave_begins_with_the_bank(network: GaborNetwork, height: int, width: int) -> None:
    found = network(random_image(height, width), {"bank1", "octave1"})
    assert torch.equal(found["octave1"][:, :198], found["bank1"])
    halved = (-(-height // 2), -(-width // 2)) if height > 8 else (height, width)
    assert found["bank1"].shape[-2:] == halved


def test_layers_halve_from_octave_to_octave(network: GaborNetwork) -> None:
    found = network(random_image(64, 80), network.layers)
    assert {name: tuple(x.shape) for name, x in found.items() if name in ("bank1", "octave1", "bank3")} == {
        "bank1": (1, 198, 32, 40),
        "octave1": (1, 262, 32, 40),
        "bank3": (1, 198, 8, 10),
    }
    assert set(found) == set(network.layers)


def test_layers_are_the_same_alone_and_together(network: GaborNetwork) -> None:
    image = random_image()
    together = network(image, network.layers)
    for name in ("bank2", "octave4"):
        assert torch.equal(network(image, {name})[name], together[name])


def test_fitting_gives_unit_deviation_on_the_styles() -> None:
    styles = [random_image(seed=2), grating(0.1, 0.5)]
    fitted = GaborNetwork().for_styles(styles)
    levels = [fitted._centred(style) for style in styles]
    for octave in fitted._octaves[:3]:
        scaled = [fitted._filter(level, octave.gain) for level in levels]
        deviation = torch.cat([s.flatten(2) for s in scaled], dim=2).std(dim=2).flatten()
        loud = octave.gain.flatten() < octave.gain.min() * 19
        assert torch.allclose(deviation[loud], torch.ones(1), atol=0.05)
        assert deviation.max() < 1.05
        levels = [fitted._halve(level) for level in levels]


def test_a_grey_style_does_not_make_colour_loud() -> None:
    """Were the little colour of a grey style scaled to unit deviation, no step could ever change a colour."""
    fitted = GaborNetwork().for_styles([grating(0.1, 0.5)])
    gain = fitted._octaves[0].gain.flatten()
    assert gain.max() / gain.min() < 25


def test_fitting_makes_a_new_network() -> None:
    plain = GaborNetwork()
    before = plain(random_image(), {"octave1"})["octave1"]
    plain.for_styles([random_image(seed=3)])
    assert torch.equal(plain(random_image(), {"octave1"})["octave1"], before)


def test_the_same_seed_gives_the_same_filters() -> None:
    image, style = random_image(), [random_image(seed=4)]
    one, two, other = (GaborNetwork(seed).for_styles(style)(image, {"octave2"})["octave2"] for seed in (0, 0, 1))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_a_flat_picture_excites_no_wave(network: GaborNetwork) -> None:
    bank = network(torch.full((1, 3, 32, 32), 0.7), {"bank1"})["bank1"]
    waves = bank[:, :64]
    assert waves.abs().max() < 1e-3


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_styles_leave_everything_finite(value: float) -> None:
    fitted = GaborNetwork().for_styles([torch.full((1, 3, 40, 40), value)])
    assert all(x.isfinite().all() for x in fitted(random_image(), fitted.layers).values())


@pytest.mark.parametrize(("height", "width"), [(3, 64), (64, 3), (1, 64), (17, 33)])
def test_narrow_and_odd_pictures_pass(network: GaborNetwork, height: int, width: int) -> None:
    assert all(x.isfinite().all() for x in network(random_image(height, width), network.layers).values())


def test_gradients_agree_with_differences_in_float64() -> None:
    network = GaborNetwork().double().for_styles([random_image(32, 32, seed=5).double()])
    image = random_image(24, 24).double()
    direction = torch.randn(image.shape, generator=torch.Generator().manual_seed(6), dtype=torch.float64)

    def loss(x: Tensor) -> Tensor:
        return sum(f.square().mean() for f in network(x, ("bank1", "octave1", "octave2")).values())

    pixels = image.clone().requires_grad_()
    loss(pixels).backward()
    h = 1e-6
    difference = (loss(image + h * direction) - loss(image - h * direction)) / (2 * h)
    assert (pixels.grad * direction).sum().item() == pytest.approx(difference.item(), rel=1e-5)
