"""The page with assistive technology, with the keyboard alone, and as the visitor's system prefers it."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.actions import LONG, RELOADED, Visit, choose_photo, open_tab, pick, start, stop, upload

pytestmark = pytest.mark.browser

#: The smallest size of a target is the one rule of WCAG 2.2 that axe leaves off.
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
#: In the dark there are other colours, and nothing else.
THEMES = {"light": OPTIONS, "dark": {**OPTIONS, "runOnly": ["color-contrast"]}}
ACCORDIONS = ("#regions", "#layers", "#fine-tuning", "#own-style")


def violations(page: Page, *widths: int) -> list[str]:
    """What axe finds, one line each, in windows of these widths."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        for theme, options in THEMES.items():
            page.emulate_media(color_scheme=theme)
            for violation in Axe().run(page, options=options).response["violations"]:
                where = f"{theme}, {width} px: {violation['id']}"
                found += [f"{where}: {node['html'][:120]}" for node in violation["nodes"]]
    return found


def test_no_state_of_the_page_breaks_a_rule(visit: Visit, tmp_path: Path) -> None:
    page = visit(LONG, reduced_motion="reduce")
    for accordion in ACCORDIONS:
        page.click(f"{accordion} > button")
        page.wait_for_selector(f"{accordion} > button[aria-expanded=true]")
    assert violations(page, 390, 1440) == [], "empty"

    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    upload(page, bad)
    page.wait_for_selector("#photo-note [role=alert]")
    page.click("#run")
    page.wait_for_selector("#status .failed [role=alert]")
    assert page.get_by_text("no photo yet").count() == 1, "an error is announced once"
    assert violations(page, 1440) == [], "failed"

    choose_photo(page, "lion")
    assert violations(page, 1440) == [], "ready"
    start(page)
    assert violations(page, 390, 1440) == [], "running"
    page.click("#pause")
    page.wait_for_selector("#stage .paused")
    assert violations(page, 1440) == [], "paused"
    stop(page)
    page.wait_for_selector("#compare img")
    assert violations(page, 390, 1440) == [], "finished"
    for tab in ("Downloads", "Loss", "Log"):
        open_tab(page, tab)
        assert violations(page, 1440) == [], tab


def reach(page: Page, selector: str, key: str = "Tab") -> None:
    """Press a key until an element has the focus."""
    for _ in range(80):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {selector}")


def test_the_keyboard_alone_does_everything(visit: Visit) -> None:
    page = visit()
    reach(page, "#examples [data-key=lion]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage .ready img")
    reach(page, "#styles [data-key=great_wave]")
    page.keyboard.press("Space")
    page.wait_for_selector("#styles [data-key=great_wave][aria-pressed=true]")
    reach(page, "#set-size input")
    page.keyboard.press("Control+a")
    page.keyboard.type("128")
    page.keyboard.press("Enter")
    reach(page, "#set-style_weight input[type=range]")
    before = page.input_value("#set-style_weight input[type=range]")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"Number(document.querySelector('#set-style_weight > .block input').value) > {before}")
    reach(page, "#layers > button")
    page.keyboard.press("Enter")
    reach(page, "#set-layer-1 input[type=range]")
    reach(page, "#run", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage .running img")
    page.wait_for_function("document.activeElement.id === 'pause'")
    page.keyboard.press("Space")
    page.wait_for_selector("#stage .paused")
    page.keyboard.press("Escape")
    page.wait_for_selector("#stage .done")
    page.wait_for_function("document.activeElement.id === 'run'")
    reach(page, "#results [role=tab]")
    page.keyboard.press("ArrowRight")
    reach(page, "#download-png")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == "lion-the-great-wave-128.png"


def test_light_or_dark_is_remembered_and_else_the_system_decides(visit: Visit) -> None:
    dark = "document.body.classList.contains('dark')"
    for scheme, chosen, ground in (("light", True, "rgb(22, 19, 16)"), ("dark", False, "rgb(245, 240, 230)")):
        page = visit(color_scheme=scheme, tolerated=RELOADED)
        assert page.evaluate(dark) is not chosen
        page.click(".lamp")
        assert page.evaluate(dark) is chosen
        page.add_init_script(f"""new MutationObserver(() => {{
          if (document.body) window.ground ??= getComputedStyle(document.documentElement).backgroundColor;
          if (document.querySelector('.block')) window.drawn ??= {dark};
        }}).observe(document, {{childList: true, subtree: true}})""")
        page.reload()
        page.wait_for_selector("#run")
        assert page.evaluate("window.ground") == ground, "before Gradio's scripts have loaded"
        assert page.evaluate("window.drawn") is chosen, "before anything is drawn"
        assert page.evaluate(dark) is chosen


def test_an_insecure_page_offers_neither_clipboard_nor_camera(visit: Visit) -> None:
    page = visit(tolerated=RELOADED, fresh=True)
    camera = page.get_by_label("Capture from camera")
    assert camera.is_visible()
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.reload()
    page.wait_for_selector("#run")
    page.click("#own-style > button")
    page.wait_for_selector("#own button.upload-container")
    assert camera.is_hidden()
    assert page.locator("[aria-label='Paste from clipboard']:visible").count() == 0
    pick(page)
