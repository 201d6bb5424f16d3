"""One studio for all tests that do not change how it is started. No test uses or changes this machine's weights."""

import gc
from collections.abc import Iterator

import pytest

from tests.serving import Server, studio


@pytest.fixture(scope="session", autouse=True)
def modules_are_no_garbage() -> Iterator[None]:
    """Every film that imageio writes ends with two collections of garbage, each through everything that is loaded."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def no_weights_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NST_CACHE", str(folder / "impasto"))
        patch.setenv("TORCH_HOME", str(folder / "torch"))
        patch.setenv("HF_HOME", str(folder / "huggingface"))
        for name in ("HF_HUB_CACHE", "NST_WEIGHTS", "NST_WEIGHTS_URL", "HF_ENDPOINT"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, no_weights_of_this_machine: None) -> Iterator[Server]:  # noqa: ARG001
    """app.py as its users start it, in a process of its own; it fetches nothing."""
    with studio(tmp_path_factory.mktemp("studio"), "--offline") as running:
        yield running
