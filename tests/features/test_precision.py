"""How finely a network computes: where bfloat16 rounds, what stays float32, and what is said where it cannot be had."""

import pytest
import torch
from torch import Tensor

from nst.features.precision import compute_activations, shortfall, supported_precision, tf32_where_chosen
from nst.features.vgg import VGGFeatures
from nst.networks import VGG19
from tests.features.test_vgg import random_tensors

CPU = torch.device("cpu")


@pytest.fixture
def network() -> VGGFeatures:
    return VGGFeatures(VGG19, random_tensors(VGG19, thinner=4))


@pytest.fixture
def image() -> Tensor:
    return torch.rand(1, 3, 48, 40, generator=torch.Generator().manual_seed(3))


def test_bfloat16_rounds_the_activations_and_hands_them_out_as_float32(network: VGGFeatures, image: Tensor) -> None:
    layers = network.style_layers
    fine, coarse = (compute_activations(network, precision, image, layers) for precision in ("float32", "bfloat16"))
    for name in layers:
        assert coarse[name].dtype == torch.float32
        # 8 bits, and some layers of them: a hundredth, and far more than float32's rounding.
        assert 1e-4 < (coarse[name] - fine[name]).norm() / fine[name].norm() < 0.03, name


def test_float32_is_the_network_itself(network: VGGFeatures, image: Tensor) -> None:
    found = compute_activations(network.double(), "float32", image.double(), network.style_layers)
    assert {x.dtype for x in found.values()} == {torch.float64}


def test_the_gradient_comes_back_as_float32(network: VGGFeatures, image: Tensor) -> None:
    pixels = image.requires_grad_()
    found = compute_activations(network, "bfloat16", pixels, network.style_layers)
    sum(x.square().mean() for x in found.values()).backward()
    assert pixels.grad.dtype == torch.float32
    assert pixels.grad.abs().sum() > 0
    assert not torch.is_autocast_enabled("cpu")


def test_a_cpu_has_no_tf32_and_says_so() -> None:
    assert supported_precision("tf32", CPU) == "float32"
    assert shortfall("tf32", CPU, "CPU (2 cores)") == (
        "Precision tf32 was asked for, which is not to be had on CPU (2 cores): it computes in float32."
    )


def test_an_imitated_bfloat16_is_taken_and_its_price_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"avx512_bf16": False}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    assert supported_precision("bfloat16", CPU) == "bfloat16"
    assert "slower than float32" in shortfall("bfloat16", CPU, "CPU")
    told["avx512_bf16"] = True
    assert shortfall("bfloat16", CPU, "CPU") == ""
    assert shortfall("float32", CPU, "CPU") == ""


@pytest.mark.parametrize("precision", ["float32", "tf32"])
def test_the_switch_for_tf32_is_put_back(precision: str) -> None:
    """The switch can be moved without a GPU; what it does needs one."""
    before = torch.backends.cudnn.allow_tf32
    with tf32_where_chosen(precision, torch.device("cuda")):
        assert torch.backends.cudnn.allow_tf32 == (precision == "tf32")
    assert torch.backends.cudnn.allow_tf32 == before
    with tf32_where_chosen(precision, CPU):
        assert torch.backends.cudnn.allow_tf32 == before
