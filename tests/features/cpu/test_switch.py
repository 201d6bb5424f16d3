"""IMPASTO_CPU_KERNELS: both ways compute the same, and "off" leaves nothing but PyTorch's public operators."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from nst.features import cpu
from nst.features.cpu import onednn
from nst.features.vgg import VGGFeatures
from nst.networks import VGG19
from nst.transfer.losses import gram_matrix
from nst.transfer.patches import PatchStock
from tests.features.test_vgg import random_tensors

pytestmark = [
    pytest.mark.usefixtures("kernels"),
    pytest.mark.skipif(not onednn.correct(), reason="PyTorch has no oneDNN on this machine"),
]


class Operators(TorchDispatchMode):
    """Notes the namespace of every operator that runs inside the block: "aten", "mkldnn"."""

    def __init__(self) -> None:
        super().__init__()
        self.namespaces: set[str] = set()

    def __torch_dispatch__(self, operator: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.namespaces.add(operator.namespace)
        return operator(*args, **(kwargs or {}))


def smooth_network() -> VGGFeatures:
    """A VGG-19 whose ReLUs all let through, so that its gradient is continuous.

    With others a value that is 0 but for rounding passes by one way and not by the other.
    """
    tensors = random_tensors(VGG19)
    raised = {key: torch.full_like(value, 3.0) if "bias" in key else value / 16 for key, value in tensors.items()}
    return VGGFeatures(VGG19, raised, pooling="average")


def step(image: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, set[str]]:
    """Activations, the gradient of their Gram matrices, repainted patches, and the operators' namespaces."""
    network, pixels = smooth_network(), image.clone().requires_grad_()
    with Operators() as operators:
        activations = network(pixels, network.style_layers)
        sum(gram_matrix(x).diagonal().mean() for x in activations.values()).backward()
        repainted = PatchStock([image.flip(3)], [1.0]).repaint(image)
    return activations, pixels.grad, repainted, operators.namespaces


def test_on_and_off_give_the_same_and_off_is_plain_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    image = torch.rand(1, 3, 96, 72, generator=torch.Generator().manual_seed(2))
    fast, fast_gradient, fast_patches, fast_operators = step(image)
    monkeypatch.setenv("IMPASTO_CPU_KERNELS", "off")
    plain, plain_gradient, plain_patches, plain_operators = step(image)
    assert "mkldnn" in fast_operators
    assert plain_operators == {"aten"}
    for name in VGG19.style_layers:
        assert (fast[name] - plain[name]).norm() < 1e-5 * plain[name].norm(), name
    assert (fast_gradient - plain_gradient).norm() < 1e-4 * plain_gradient.norm()
    assert torch.allclose(fast_patches, plain_patches, atol=1e-3)


def test_off_is_off_and_anything_else_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cpu.available()
    monkeypatch.setenv("IMPASTO_CPU_KERNELS", "on")
    assert cpu.available()
    monkeypatch.setenv("IMPASTO_CPU_KERNELS", "off")
    assert not cpu.available()
    assert not cpu.usable(torch.zeros(1, 3, 4, 4))


def test_a_network_knows_the_memory_that_it_will_still_take(monkeypatch: pytest.MonkeyPatch) -> None:
    network = VGGFeatures(VGG19, random_tensors(VGG19))
    first = network.bytes_to_come
    for size in (64, 128, 256):
        pixels = torch.rand(1, 3, size, size, requires_grad=True)
        network(pixels, {"conv5_1"})["conv5_1"].sum().backward()
    assert first > 4 * network.bytes_to_come > 0
    monkeypatch.setenv("IMPASTO_CPU_KERNELS", "off")
    assert network.bytes_to_come == 0
