"""No test uses the weights of the machine it runs on, or brings any there."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_weights_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NST_CACHE", str(folder / "impasto"))
        patch.setenv("TORCH_HOME", str(folder / "torch"))
        for name in ("NST_WEIGHTS", "NST_WEIGHTS_URL", "HF_ENDPOINT"):
            patch.delenv(name, raising=False)
        yield
