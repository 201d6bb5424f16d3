"""The kernels as on a processor with AVX-512, which not every machine has."""

import pytest
import torch


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.delenv("IMPASTO_CPU_KERNELS", raising=False)
