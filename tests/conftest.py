"""One studio for all tests that do not change how it is started. No test uses or changes this machine's caches."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, sync_playwright

from nst.gallery.manifest import bundled_styles
from tests.file_server import FileServer
from tests.pictures.making import photograph
from tests.serving import Server, studio

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]

if "PYTEST_XDIST_WORKER" in os.environ:
    # Beside other workers, one thread each: torch reads this when it is imported, here and in every program started.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A soak runs in CI, or where it is asked for by its marker."""
    if os.environ.get("CI") or "soak" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="a soak: runs with CI=true or -m soak"))


@pytest.fixture(scope="session", autouse=True)
def caches_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is fetched is kept where no test finds what this machine has, and this machine nothing of a test's."""
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMPASTO_CACHE", str(folder / "impasto"))
        patch.setenv("TORCH_HOME", str(folder / "torch"))
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, caches_of_their_own: None) -> Iterator[Server]:  # noqa: ARG001
    """app.py in a process of its own; a run outlives a reload on a busy machine, but not for long its test."""
    with studio(tmp_path_factory.mktemp("studio"), "--grace", "30", "--mcp") as running:
        yield running


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def commons(monkeypatch: pytest.MonkeyPatch, empty_cache: None) -> Iterator[FileServer]:  # noqa: ARG001
    """In place of Wikimedia Commons, a server that has a photograph of every original."""
    with FileServer() as running:
        running.files = {"/" + quote(style.original.file): photograph() for style in bundled_styles() if style.original}
        monkeypatch.setenv("IMPASTO_ORIGINALS_URL", running.url)
        yield running


@pytest.fixture(scope="session")
def one_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Gradio makes an event loop for every Blocks and leaves it open; with these, all share one, which is closed."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def no_loop_is_left_open(monkeypatch: pytest.MonkeyPatch, one_loop: asyncio.AbstractEventLoop) -> None:
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: one_loop)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
