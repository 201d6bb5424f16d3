"""One server and one browser for all browser tests; every page is watched for requests that leave it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
#: No test waits so long unless something is broken, in milliseconds.
PATIENCE = 40_000
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@dataclass(frozen=True)
class Server:
    """The running page: its address and the folder that its runs are written to."""

    url: str
    results: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """app.py as its users start it, in a process of its own; it fetches nothing."""
    with studio(tmp_path_factory.mktemp("studio"), "--offline") as running:
        yield running


@contextmanager
def studio(folder: Path, *options: str, **environment: str) -> Iterator[Server]:
    """app.py in a process of its own, with everything it writes in a folder."""
    results, port = folder / "results", free_port()
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--results", str(results), "--device", "cpu"]
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(folder / "gradio"), **environment}
    command += options
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Server(url=wait_for(f"http://127.0.0.1:{port}/", process), results=results)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


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


@pytest.fixture
def visit(server: Server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the page for a new visitor; at the end, no page may have asked for anything from elsewhere."""
    contexts, asked = [], []

    def open_page(**options: object) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(server.url)
        page.wait_for_selector("#run")
        page.wait_for_function("document.querySelector('#network').innerText.includes('network paints')")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen[str]) -> str:
    """The address, as soon as it answers."""
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return url
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"app.py does not answer at {url}; exit code {process.poll()}")
