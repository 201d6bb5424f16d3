"""One browser for all browser tests; every page is watched for requests that leave it and for complaints."""

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.browser.actions import enter
from tests.serving import PATIENCE, Server

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


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
    """Opens the page for a new visitor; no page may ask for anything from elsewhere, or complain on its console.

    ``at`` is the address, if it is not that of the studio for all tests. Complaints that begin with ``tolerated``, a
    regular expression, are left out.
    """
    contexts, asked, complaints = [], [], []

    def open_page(at: str = server.url, tolerated: str = "(?!)", **options: object) -> Page:
        def listen(message: ConsoleMessage) -> None:
            if message.type == "error" and not re.match(tolerated, message.text):
                complaints.append(message.text)

        def note(request: Request) -> None:
            if not request.url.startswith((at, "data:", "blob:")):
                asked.append(request.url)

        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        context.set_default_timeout(PATIENCE)
        context.on("request", note)
        context.on("console", listen)
        contexts.append(context)
        return enter(context, at)

    yield open_page
    for context in contexts:
        context.close()
    assert asked == []
    assert complaints == []
