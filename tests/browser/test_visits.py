"""What a reload, a closed tab and a cut line leave as it was, and what other visitors cannot reach."""

from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Request

from tests.browser.actions import (
    FRAME,
    LONG,
    READY,
    RELOADED,
    Visit,
    choose_photo,
    enter,
    frames,
    holds,
    log,
    open_tab,
    pick,
    runs,
    set_steps,
    settle,
    start,
    stop,
    type_in,
    upload,
    wait_for_file,
)
from tests.browser.proxy import Proxy
from tests.serving import PATIENCE, SHORT_LIVED, Server

pytestmark = pytest.mark.browser

CUT = RELOADED + r"|Failed to load resource: net::ERR_|TypeError: (Failed to fetch|network error)|Could not resolve app"


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two photos of different shapes that take a moment to read."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    paths = []
    for name, shape in (("wide", (900, 1600)), ("tall", (1600, 900))):
        pixels = random.integers(0, 256, (shape[0] // 20, shape[1] // 20, 3), dtype=np.uint8)
        paths.append(folder / f"{name}.jpg")
        Image.fromarray(pixels).resize(shape[::-1]).save(paths[-1])
    return paths


def another_tab(page: Page) -> Page:
    """The tab is closed, and the page opened in another one of the same browser."""
    url, context = page.url, page.context
    page.close()
    return enter(context.new_page(), url)


def test_a_reload_brings_back_photo_styles_settings_and_theme(visit: Visit, colours: list[Path]) -> None:
    page = visit(tolerated=RELOADED, fresh=True)
    assert page.locator(".returning").count() == 0
    upload(page, colours[1])
    page.wait_for_selector(READY)
    page.get_by_label("Blend several styles").check()
    pick(page, "scream")
    page.click("#own-style > button")
    upload_own(page, colours[0])
    page.wait_for_selector("#styles [data-key=own][aria-pressed=true]")
    page.fill("#share-2 input[type=number]", "0.3")
    page.press("#share-2 input[type=number]", "Tab")
    page.get_by_label("Fine", exact=True).check()
    type_in(page, "#set-size input", "100")
    page.fill("#set-style_weight > .block input", "7.5")
    page.press("#set-style_weight > .block input", "Tab")
    page.click(".lamp")
    dark = page.evaluate("document.body.classList.contains('dark')")
    settle(page, "localStorage.getItem('impasto') ?? performance.now()")  # The last change is stored a moment later.

    page.reload()
    page.wait_for_selector(".returning:not(.open) .stage.empty")
    page.wait_for_selector(READY)
    page.wait_for_selector("#photo img")
    assert page.evaluate("(({naturalWidth: w, naturalHeight: h}) => w < h)(document.querySelector('#stage img'))")
    for key in ("scream", "own"):
        page.wait_for_selector(f"#styles [data-key={key}][aria-pressed=true]")
    page.wait_for_function(holds("#share-2 input[type=number]", "0.3"))
    assert "Own style" in page.inner_text("#share-2")
    assert page.get_by_label("Blend several styles").is_checked()
    assert page.get_by_label("Fine", exact=True).is_checked()
    page.wait_for_function(holds("#set-size input", "100"))
    page.wait_for_function(holds("#set-style_weight > .block input", "7.5"))
    assert page.evaluate("document.body.classList.contains('dark')") is dark


def upload_own(page: Page, path: Path) -> None:
    page.wait_for_selector("#own input[type=file]", state="attached")
    page.set_input_files("#own input[type=file]", path)


def test_runs_are_found_again_wherever_they_are_each_by_its_own_visitor(visit: Visit) -> None:
    page, other = visit(LONG, tolerated=RELOADED), visit("?size=128&steps=5000&style=mosaic", tolerated=RELOADED)
    choose_photo(page, "lion")
    start(page)
    page.reload()
    frames(page, 2)
    open_tab(page, "Log")
    page.wait_for_function("document.querySelector('#log pre').textContent.includes('\\nstep 0: ')")
    page.click("#pause")
    page.wait_for_selector("#stage .paused")
    page.reload()
    page.wait_for_selector("#stage .paused")
    page.wait_for_selector("#pause:text('Resume')")
    page = another_tab(page)
    page.click("#pause:text('Resume')")
    frames(page, 2)

    assert other.query_selector("#stage .empty") is not None
    choose_photo(other, "tower")
    open_tab(other, "Log")
    assert log(other) == ""
    other.click("#run")
    other.wait_for_selector("#status .waiting")
    other.reload()
    other.wait_for_selector("#status .waiting")
    assert "1 run ahead" in other.inner_text("#status")

    stop(page)
    page.wait_for_selector("#history .card")
    picture = page.get_attribute("#stage img", "src")
    page.reload()
    page.wait_for_selector("#stage .done img")
    page.wait_for_selector("#history .card")
    assert page.get_attribute("#stage img", "src") == picture

    other.wait_for_selector(FRAME)
    stop(other)
    other.wait_for_selector("#history .card")
    assert other.locator("#history .card").count() == page.locator("#history .card").count() == 1
    assert other.get_attribute("#stage img", "src") != picture
    widths = [page.evaluate("document.querySelector('#stage img').naturalWidth") for page in (page, other)]
    assert widths[0] > widths[1], "the tower is a portrait, the lion is square"


def test_run_waits_for_an_example_that_is_still_being_read(visit: Visit) -> None:
    page = visit("?size=64&steps=5000&style=scream")
    for photo in ("tower", "cheetah", "lion"):
        page.click(f"#examples [data-key={photo}]")
        page.click("#run")
        start_or_fail = page.wait_for_selector("#stage .running img, #status .failed")
        assert start_or_fail is not None
        assert page.locator("#status .failed").count() == 0, page.inner_text("#status")
        stop(page)


def posts(page: Page) -> list[Request]:
    """What a page sends to its handlers from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    return sent


def events(sent: list[Request]) -> list[tuple[str, dict]]:
    """(address, body) of the events among them."""
    return [(request.url, request.post_data_json) for request in sent if request.url.endswith(("/predict", "/join?"))]


def by_a_stranger(body: dict) -> dict:
    """An event as of another tab, with a token that is made up."""
    data = [{**value, "token": "a" * 43} if isinstance(value, dict) and "token" in value else value
            for value in body["data"]]  # fmt: skip
    return {**body, "data": data, "session_hash": "astranger"}


def test_nobody_else_reaches_a_visit(visit: Visit, server: Server) -> None:
    first, second = visit(LONG, tolerated=RELOADED), visit(tolerated=RELOADED)
    sent = posts(first)
    first.reload()
    first.wait_for_function("performance.getEntriesByType('resource').some((entry) => entry.name.includes('predict'))")
    before = runs(server)
    choose_photo(first, "lion")
    start(first)
    first.click("#pause")
    first.wait_for_selector("#stage .paused")
    (folder,) = runs(server) - before
    first.click("#pause")
    frames(first, 1)
    first.click("#pause")
    first.wait_for_selector("#stage .paused")
    assert second.query_selector("#stage .empty") is not None
    values = [value for _, body in events(sent) for value in body["data"]]
    secrets = [next(value["token"] for value in values if isinstance(value, dict) and "token" in value), folder.name]
    resume = [(address, body) for address, body in events(sent) if body["data"][1:] == ["Resume"]]
    assert len(resume) == 1
    with httpx.Client(timeout=PATIENCE / 1000, limits=SHORT_LIVED) as http:
        for address, body in events(sent):
            answer = http.post(address, json=by_a_stranger(body))
            assert answer.status_code == 200
            assert not any(secret in answer.text for secret in secrets)
        first.wait_for_timeout(500)
        assert first.is_visible("#stage .paused"), "nobody else resumes or stops it"
        http.post(resume[0][0], json=resume[0][1])
        frames(first, 1)  # It was the session that was missing.

        stop(first)
        first.wait_for_selector("#history .card")
        done = len(sent)
        first.click("#history .card")
        first.wait_for_selector("#history-actions button")
        first.get_by_role("button", name="Use as photo").click()
        first.wait_for_selector(READY)
        for address, body in events(sent[done:]):
            http.post(address, json=by_a_stranger(body))
        for path in (f"{folder}/result.png", f"{folder.name}/result.png", f"/{folder.name}/result.png"):
            assert http.get(f"{server.url}gradio_api/file={path}").status_code in (403, 404)
    assert (folder / "result.png").is_file()
    second.reload()
    second.wait_for_selector("#run")
    assert second.locator("#history .card").count() == 0


def test_a_line_that_is_cut_and_then_slow_loses_nothing(visit: Visit, server: Server) -> None:
    with closing(Proxy()) as line:
        line.target = server.url
        page = visit(LONG, at=line.url, tolerated=CUT)
        choose_photo(page, "lion")
        start(page)
        line.cut()
        page.wait_for_timeout(2500)
        line.mend()
        page.wait_for_event("load")
        frames(page, 2)
        stop(page)
        page.wait_for_selector("#history .card")

        set_steps(page, 40)
        before = runs(server)
        slow = {"offline": False, "latency": 100, "downloadThroughput": 12_500, "uploadThroughput": 12_500}
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
        start(page)
        (folder,) = runs(server) - before
        wait_for_file(folder / "result.png")
        page.evaluate(
            """() => {
              window.late = new Set();
              const note = () => window.late.add(document.querySelector('#stage img')?.src);
              new MutationObserver(note).observe(document.querySelector('#stage'), {subtree: true, childList: true});
            }"""
        )
        page.wait_for_selector("#stage .done img")
        assert page.evaluate("window.late.size") < 10, "of 40 frames; they do not pile up"
        page.wait_for_selector("#history .card >> nth=1")
        page.goto("about:blank")
