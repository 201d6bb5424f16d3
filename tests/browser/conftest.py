"""One browser for all browser tests; every page is watched for requests that leave it and for complaints."""

import re
from collections.abc import Callable, Generator, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.browser.actions import enter
from tests.serving import PATIENCE, Server

VIEWPORT = {"width": 1440, "height": 900}
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on a test that it failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def tabs() -> list[Page]:
    """Tabs that tests have left, each in a browser context of its own: a new one costs three times as much."""
    return []


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, server: Server, browser: Browser, tabs: list[Page]
) -> Iterator[Callable[..., Page]]:
    """Opens the page for a new visitor; no page may ask for anything from elsewhere, or complain on its console.

    ``query`` is the part of the address that has the settings of a link, and ``at`` the address before it, if it is not
    that of the studio for all tests. Complaints that begin with ``tolerated``, a regular expression, are left out. With
    other ``options``, which are those of a browser context, or if ``fresh``, the tab is new and closed after the test.
    """
    visits, asked, complaints = [], [], []

    def open_page(
        query: str = "", at: str = server.url, tolerated: str = "(?!)", fresh: bool = False, **options: object
    ) -> Page:
        def listen(message: ConsoleMessage) -> None:
            if message.type == "error" and not re.match(tolerated, message.text):
                complaints.append(message.text)

        def note(request: Request) -> None:
            if not request.url.startswith((at, "data:", "blob:")):
                asked.append(request.url)

        fresh = fresh or bool(options) or at != server.url
        page = new_tab(browser, **options) if fresh or not tabs else tabs.pop()
        page.context.on("request", note)
        page.context.on("console", listen)
        visits.append((page, fresh, note, listen))
        return enter(page, at + query)

    yield open_page
    if request.node.stash.get(FAILED, False):
        show(server, [page for page, *_ in visits if not page.is_closed()])
    for page, fresh, note, listen in visits:
        page.context.remove_listener("request", note)
        page.context.remove_listener("console", listen)
        if fresh or page.is_closed():
            page.context.close()
        else:
            forget(page, server.url)
            tabs.append(page)
    assert asked == []
    assert complaints == []


def show(server: Server, pages: list[Page]) -> None:
    """Print what there is to see when a test has failed."""
    for page in pages:
        print(page.url, page.inner_text("body"), sep="\n")
    print(*server.said[-30:], sep="")


def new_tab(browser: Browser, **options: object) -> Page:
    context = browser.new_context(viewport=VIEWPORT, **options)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def forget(page: Page, url: str) -> None:
    """Leave the page, and everything that the browser remembers of it but its cache."""
    page.goto("about:blank")
    page.set_viewport_size(VIEWPORT)
    page.context.clear_permissions()
    storage = page.context.new_cdp_session(page)
    storage.send("Storage.clearDataForOrigin", {"origin": url.rstrip("/"), "storageTypes": "all"})
    storage.detach()
