"""The strip of earlier pictures and what can be done with each, in a real browser."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.actions import (
    FRAME,
    LONG,
    QUICK,
    READY,
    SAME,
    Visit,
    choose,
    choose_photo,
    difference,
    download,
    enter,
    frames,
    log,
    open_tab,
    paint,
    pick,
    runs,
    set_steps,
    shown,
    start,
    stop,
    type_in,
    wait_for_file,
)
from tests.serving import PATIENCE, Server, free_port, studio

pytestmark = pytest.mark.browser

LION, TOWER = "#history .card:has-text('Lion')", "#history .card:has-text('Tower')"
DONE = "#stage .done img"
PLACE = "(button) => [button.offsetLeft, button.offsetTop, button.offsetWidth, button.offsetHeight]"
BEFORE, AFTER = "#compare img:not(.fixed)", "#compare img.fixed"


def test_a_click_brings_back_everything_of_a_run(visit: Visit, server: Server, tmp_path: Path) -> None:
    page, before = visit(QUICK), runs(server)
    paint(page, "lion", "scream")
    (lion,) = runs(server) - before
    paint(page, "tower", "starry_night")
    (tower,) = runs(server) - before - {lion}

    texts = page.locator("#history .card").all_inner_texts()
    assert ["Tower" in text for text in texts] == [True, False], "the newest comes first"
    assert page.get_by_role("button", name=re.compile("Lion, The Scream.*64 × 64 px")).count() == 1
    page.hover(LION)
    page.locator(".peek.shown", has_text="Lion, The Scream, 64 × 64 px").wait_for()
    page.mouse.move(1, 1)

    page.click(LION)
    wait_for_status(page, "Lion")
    status = page.inner_text("#status")
    assert "The Scream" in status
    assert "64 × 64" in status
    assert "Recipe: Standard, with Size 64, Steps 3." in status
    assert page.locator(f"{LION}[aria-pressed=true]").count() == 1
    result = Image.open(lion / "result.png")
    assert difference(result, shown(page, DONE)) < SAME
    open_tab(page, "Downloads")
    with download(page, "png", tmp_path) as png:
        assert Path(png.filename).name == "lion-the-scream-64.png"
        assert difference(result, png) == 0
    with download(page, "gif", tmp_path) as gif:
        assert Path(gif.filename).name == "lion-the-scream-64.gif"
        assert gif.n_frames > 1
        assert gif.width == gif.height, "the tower is a portrait"
    open_tab(page, "Log")
    lines = log(page).strip().splitlines()
    assert len(lines) == 4
    total = (lion / "log.csv").read_text().splitlines()[-1].split(",")[-2]
    assert lines[-1].startswith(f"step 3: total {float(total):.5g}  content ")
    open_tab(page, "Loss")
    page.wait_for_selector("#curve svg.marks")

    open_tab(page, "Before/after")
    assert difference(Image.open(lion / "content.png"), shown(page, BEFORE)) < SAME
    assert difference(result, shown(page, AFTER)) < SAME
    photo = page.get_attribute(BEFORE, "src")
    choose(page, "#against", "Tower at dusk, The Starry Night, 40 × 64 px")
    page.wait_for_function(f"(src) => document.querySelector('{BEFORE}').src !== src", arg=photo)
    other = shown(page, BEFORE)
    assert other.size == (64, 64)
    assert difference(other, Image.open(tower / "result.png")) < SAME
    assert difference(result, shown(page, AFTER)) < SAME

    page.get_by_role("button", name="Use as photo").click()
    page.wait_for_selector(READY)
    assert difference(result, shown(page, "#photo img")) < SAME

    # During a run, opening a picture leaves the easel alone.
    set_steps(page, 5000)
    start(page)
    frames(page, 2)
    assert page.locator("#compare img").count() == 0
    page.click(LION)
    page.wait_for_selector("#compare img")
    frames(page, 2)
    open_tab(page, "Downloads")
    page.wait_for_selector("#download-png:enabled")
    assert "Painting" in page.inner_text("#status")
    stop(page)
    page.wait_for_selector("#history .card >> nth=2")
    assert page.locator("#history .card").first.get_attribute("aria-pressed") == "true"


def test_a_picture_gives_its_settings_its_start_and_its_room_back(visit: Visit, server: Server) -> None:
    page, before = visit(QUICK), runs(server)
    paint(page, "lion", "scream")
    (lion,) = runs(server) - before
    type_in(page, "#set-size input", "96")
    page.click("#examples [data-key=tower]")
    page.wait_for_function("document.querySelector('#stage .frame img')?.naturalHeight > 300")
    pick(page, "mosaic")

    page.click(LION)
    wait_for_status(page, "Lion")
    page.get_by_role("button", name="Reuse settings").click()
    page.wait_for_function("document.querySelector('#set-size input').value === '64'")
    page.wait_for_selector("#styles [data-key=scream][aria-pressed=true]")
    wait_for_status(page, "Ready")
    tower = shown(page, "#stage .ready img")
    assert tower.width < tower.height, "the photo stays"

    page.get_by_role("button", name="Start from this").click()
    page.locator(".chip", has_text="Run starts from this picture").wait_for()
    result = Image.open(lion / "result.png")
    assert difference(result, shown(page, "#stage .ready img")) < SAME
    assert difference(Image.open(lion / "content.png"), shown(page, "#photo img")) < SAME
    page.click("#run")
    page.wait_for_selector("#history .card >> nth=1")
    (again,) = runs(server) - before - {lion}
    assert difference(result, Image.open(again / "frames" / "000000.png")) < 2, "the run began from the result"
    assert {row.split(",")[1] for row in (again / "log.csv").read_text().splitlines()[1:]} == {"1"}, "at one scale"

    open_tab(page, "Downloads")
    with page.expect_download() as waiting:
        page.click("#download-png")
    address = waiting.value.url
    assert page.request.get(address).ok
    page.get_by_role("button", name="Delete").dblclick()
    place = page.locator("#delete").evaluate(PLACE)
    page.locator("#announcement:text('Really delete?')").wait_for()
    page.click(".masthead")
    page.get_by_role("button", name="Delete").press("Enter")
    page.get_by_role("button", name="Really delete?").wait_for()
    assert page.locator("#delete").evaluate(PLACE) == place
    assert page.locator("#history .card").count() == 2
    page.get_by_role("button", name="Really delete?").press("Enter")
    page.wait_for_function("document.querySelectorAll('#history .card').length === 1")
    assert page.locator("#history-actions button").count() == 0
    assert not again.exists()
    assert lion.exists()
    assert page.is_disabled("#download-png")
    assert not page.request.get(address).ok


def test_a_run_ends_after_its_last_tab_and_goes_on_after_its_studio(browser: Browser, tmp_path: Path) -> None:
    port, context = free_port(), browser.new_context()
    context.set_default_timeout(PATIENCE)
    with studio(tmp_path, "--grace", "2", port=port) as server:
        page = enter(context.new_page(), server.url + LONG)
        choose_photo(page, "lion")
        start(page)
        (lion,) = runs(server)
        page.close()
        wait_for_file(lion / "result.png")
        assert len((lion / "log.csv").read_text().splitlines()) < 5000, "it did not go on to the last of its steps"
        page = enter(context.new_page(), server.url)
        page.click(LION)
        page.wait_for_selector(DONE)

        choose_photo(page, "tower")
        start(page)
        (tower,) = runs(server) - {lion}
        wait_for_file(tower / "checkpoint.png")
    # The studio was killed. What it wrote is all that the next one has.
    with studio(tmp_path, port=port) as server:
        page.goto(server.url)
        page.wait_for_selector(f"{TOWER}:has-text('interrupted')")
        page.wait_for_selector("#photo img")
        page.click(TOWER)
        wait_for_status(page, "Interrupted")
        begun = json.loads((tower / "settings.json").read_text())["step"]
        page.get_by_role("button", name="Go on").click()
        page.wait_for_selector(FRAME)
        stop(page)
        page.wait_for_selector(f"{TOWER}:not(:has-text('interrupted'))")
        assert json.loads((tower / "settings.json").read_text())["step"] >= begun > 0
        assert runs(server) == {lion, tower}
        assert (tower / "result.png").is_file()
        steps = [int(row.split(",")[0]) for row in (tower / "log.csv").read_text().splitlines()[1:]]
        assert steps == list(range(len(steps)))
    context.close()


def wait_for_status(page: Page, text: str) -> None:
    page.wait_for_function("(text) => document.querySelector('#status').innerText.includes(text)", arg=text)
