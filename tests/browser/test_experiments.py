"""A grid of experiments on the page, in a real browser."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.actions import Visit, choose_photo, open_tab, pick
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

CELL = "#experiment-cells .experiment"


def vary(page: Page, axis: str, label: str, values: str, proposed: str) -> None:
    """Choose a setting; its proposed values come, and others take their place."""
    page.click(f"#{axis}-setting input")
    page.get_by_role("option", name=label, exact=True).click()
    page.wait_for_selector("[role=option]", state="detached")  # The list fades; the next one has the same words.
    box = page.locator(f"#{axis}-values").locator("input, textarea")
    page.wait_for_function(
        "([selector, text]) => [...document.querySelectorAll(selector)].some((box) => box.value === text)",
        arg=[f"#{axis}-values input, #{axis}-values textarea", proposed],
    )
    box.fill(values)


def refused(page: Page, text: str) -> None:
    """Wait for a sentence, and close its box, which is Gradio's own."""
    page.locator(".toast-body", has_text=text).wait_for()
    page.click(".toast-close")
    page.wait_for_selector(".toast-body", state="detached")


def test_a_grid_is_painted_and_a_click_takes_the_settings_of_a_cell_to_the_studio(visit: Visit, tmp_path: Path) -> None:
    page = visit("?size=64&steps=10&content_weight=0.3", reduced_motion="reduce")
    open_tab(page, "Experiments")
    page.wait_for_selector("#experiments")
    assert violations(page, 390, 1440) == [], "empty"
    page.click("#paint-grid")
    refused(page, "There is no photo yet")

    open_tab(page, "Studio")
    choose_photo(page, "lion")
    pick(page, "scream")
    open_tab(page, "Experiments")
    vary(page, "across", "Content weight", "0.1, 0.4", "0.15, 0.3, 0.6")
    vary(page, "down", "Steps", "2,x", "5, 10, 20")
    page.click("#paint-grid")
    refused(page, "Steps is 'x'; it must be a whole number")
    page.locator("#down-values").locator("input, textarea").fill("2,3")
    page.click("#paint-grid")
    page.wait_for_selector("#experiment-status .finished")
    assert page.locator(f"{CELL} img").count() == 4
    assert violations(page, 390, 1440) == [], "finished"
    page.set_viewport_size({"width": 1440, "height": 900})
    with page.expect_download() as waiting:
        page.click("#grid-csv")
    waiting.value.save_as(tmp_path / "grid.csv")
    with (tmp_path / "grid.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["content_weight"], row["steps"]) for row in rows] == [
        ("0.1", "2"), ("0.4", "2"), ("0.1", "3"), ("0.4", "3")
    ]  # fmt: skip
    assert page.locator("#experiment-table tbody tr").count() == 4

    page.get_by_role("button", name="Content weight 0.1, Steps 3, finished").click()
    page.wait_for_selector("#stage .done")
    assert page.input_value("#set-content_weight input[type=range]") == "0.1"
    page.click("#fine-tuning > button")
    assert page.input_value("#set-steps > .block input") == "3"
    assert page.locator("#history .card").count() == 4
    open_tab(page, "Metrics")
    assert page.locator("#metrics tr").count() == 5
    assert violations(page, 1440) == [], "metrics"
