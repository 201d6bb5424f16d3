"""oneDNN's operators against float64, and where they are used."""

import logging

import pytest
import torch
from torch import Tensor

from nst.features.cpu import onednn

needed = pytest.mark.skipif(not onednn.correct(), reason="PyTorch has no oneDNN on this machine")


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


@needed
@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_product_with_a_bias(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(3)
    rows, weight, bias = (torch.randn(shape, generator=generator).to(dtype) for shape in ((7, 20), (12, 20), (12,)))
    product = onednn.linear(rows, weight, bias)
    assert onednn.usable(rows) == (dtype == torch.float32)
    assert product.dtype == dtype
    exact = rows.double() @ weight.double().T + bias.double()
    assert torch.allclose(product.double(), exact, rtol=1e-5, atol=1e-4)


@needed
@pytest.mark.usefixtures("kernels")
def test_a_float32_picture_or_matrix_on_a_cpu_is_usable_but_not_under_autocast() -> None:
    picture, matrix = torch.zeros(1, 3, 4, 4), torch.zeros(5, 4)
    assert onednn.usable(picture)
    assert onednn.usable(matrix)
    for other in (picture.double(), picture.expand(2, 3, 4, 4), picture.to("meta"), matrix.double()):
        assert not onednn.usable(other)
    with torch.autocast("cpu", torch.bfloat16):
        assert not onednn.usable(picture)


@pytest.mark.parametrize("missing", [AttributeError("no such operator"), RuntimeError("not built")], ids=str)
def test_without_it_the_log_says_so(
    missing: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> bool:
        raise missing

    monkeypatch.setattr(onednn, "_agrees", fail)
    onednn.correct.cache_clear()
    try:
        with caplog.at_level(logging.INFO):
            assert not onednn.correct()
        assert "plain PyTorch" in caplog.text
    finally:
        onednn.correct.cache_clear()


@needed
@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize(("capability", "used"), [("DEFAULT", False), ("AVX2", False), ("AVX512", True)])
def test_only_wide_processors_use_it(capability: str, used: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert onednn.available() == used
