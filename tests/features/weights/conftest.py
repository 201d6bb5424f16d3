from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.features.weights.server import FileServer


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        yield running
