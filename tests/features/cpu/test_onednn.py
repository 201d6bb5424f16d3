"""oneDNN's operators against float64, and what happens where they cannot be had."""

import logging

import pytest
import torch
from torch import Tensor

from nst.features.cpu import onednn
from nst.features.vgg import VGGFeatures
from nst.networks import VGG19
from tests.features.test_vgg import random_tensors

needed = pytest.mark.skipif(not onednn.work(), reason="PyTorch has no oneDNN on this machine")


@pytest.fixture(params=[torch.contiguous_format, torch.channels_last], ids=["planes", "channels last"])
def features(request: pytest.FixtureRequest) -> Tensor:
    drawn = torch.randn(1, 20, 13, 9, generator=torch.Generator().manual_seed(0))
    return drawn.contiguous(memory_format=request.param)


@needed
def test_the_gram_product(features: Tensor) -> None:
    rows = features.double().flatten(2)[0]
    assert torch.allclose(onednn.gram(features).double(), rows @ rows.T, rtol=1e-5, atol=1e-4)


@needed
def test_a_matrix_at_every_position(features: Tensor) -> None:
    matrix = torch.randn(20, 20, generator=torch.Generator().manual_seed(1))
    matrix = matrix + matrix.T
    exact = torch.einsum("ij,bjhw->bihw", matrix.double(), features.double())
    found = onednn.mix(matrix, features)
    assert torch.allclose(found.double(), exact, rtol=1e-5, atol=1e-4)
    assert found.stride() == features.stride()


def test_only_one_float32_picture_on_a_cpu_is_taken() -> None:
    taken = torch.zeros(1, 3, 4, 4)
    assert onednn.usable(taken) == onednn.available()
    for other in (taken.double(), taken.expand(2, 3, 4, 4), taken.to("meta")):
        assert not onednn.usable(other)


@pytest.mark.parametrize("missing", [AttributeError("no such operator"), RuntimeError("not built")], ids=str)
def test_without_it_the_log_says_so(
    missing: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> bool:
        raise missing

    monkeypatch.setattr(onednn, "_right", fail)
    onednn.work.cache_clear()
    try:
        with caplog.at_level(logging.INFO):
            assert not onednn.work()
        assert "plain way" in caplog.text
    finally:
        onednn.work.cache_clear()


@needed
@pytest.mark.parametrize(("capability", "taken"), [("DEFAULT", False), ("AVX2", False), ("AVX512", True)])
def test_only_wide_processors_take_it(capability: str, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert onednn.available() == taken


def open_network() -> VGGFeatures:
    """A VGG-19 whose rectifiers all let through: smooth, so that two ways to compute it have one gradient.

    Elsewhere a value that is 0 but for rounding is let through by one way and stopped by the other.
    """
    tensors = random_tensors(VGG19)
    raised = {key: torch.full_like(value, 3.0) if "bias" in key else value / 16 for key, value in tensors.items()}
    return VGGFeatures(VGG19, raised, pooling="average")


@needed
def test_both_ways_give_the_same_activations_and_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    image = torch.rand(1, 3, 96, 72, generator=torch.Generator().manual_seed(2))
    layers = VGG19.style_layers

    def found() -> tuple[dict[str, Tensor], Tensor]:
        network, pixels = open_network(), image.clone().requires_grad_()
        activations = network(pixels, layers)
        sum((x - x.mean()).square().mean() for x in activations.values()).backward()
        assert all(x.min() > 0 for x in activations.values())
        return activations, pixels.grad

    monkeypatch.setattr(onednn, "available", lambda: True)
    fast, fast_gradient = found()
    monkeypatch.setattr(onednn, "available", lambda: False)
    plain, plain_gradient = found()
    for name in layers:
        assert (fast[name] - plain[name]).norm() < 1e-5 * plain[name].norm(), name
    assert not torch.equal(fast["conv5_1"], plain["conv5_1"]), "one way was taken twice"
    assert (fast_gradient - plain_gradient).norm() < 1e-4 * plain_gradient.norm()


@needed
def test_a_network_tells_the_memory_that_it_will_still_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onednn, "available", lambda: True)
    network = VGGFeatures(VGG19, random_tensors(VGG19))
    first = network.bytes_to_come
    for size in (64, 128, 256):
        pixels = torch.rand(1, 3, size, size, requires_grad=True)
        network(pixels, {"conv5_1"})["conv5_1"].sum().backward()
    assert first > 4 * network.bytes_to_come > 0
    monkeypatch.setattr(onednn, "available", lambda: False)
    assert network.bytes_to_come == 0
