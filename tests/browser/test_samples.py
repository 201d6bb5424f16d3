"""Samples of the styles on the photo, in a real browser."""

import pytest
from playwright.sync_api import Page

from tests.browser.actions import QUICK, Visit, choose_photo, difference, pick, shown

pytestmark = pytest.mark.browser

BUTTON = "#samples"
SAMPLED = "#styles .card.sampled"


def says(page: Page, text: str) -> None:
    """Wait for these words on the button."""
    page.locator(BUTTON, has_text=text).wait_for()


def sampled(page: Page, count: int) -> None:
    """Wait until so many cards show samples."""
    page.wait_for_selector(f"{SAMPLED} >> nth={count - 1}")


def no_samples(page: Page) -> None:
    """Wait until every card shows its painting."""
    page.wait_for_function(f"!document.querySelector('{SAMPLED}')")


def test_samples_fill_the_cards_and_a_run_goes_first(visit: Visit) -> None:
    page, other = visit(QUICK), visit()
    page.click(BUTTON)
    page.locator(".toast-body", has_text="There is no photo yet").wait_for()
    says(page, "Try every style")
    choose_photo(page, "lion")
    painting = shown(page, "#styles [data-key=scream] img")
    page.click(BUTTON)
    says(page, "Stop trying")
    sampled(page, 2)
    sample = shown(page, "#styles [data-key=scream] img")
    assert max(sample.size) == 128
    assert difference(sample, painting) > 20
    choose_photo(other, "lion")
    assert other.locator(SAMPLED).count() == 0, "nobody sees the samples of others"
    pick(page, "scream")
    assert page.locator(f"{SAMPLED}[data-key=scream]").count() == 1, "a picked card keeps its sample"

    page.click("#run")
    says(page, "Show the paintings")
    page.wait_for_selector("#stage .done")
    kept = page.locator(SAMPLED).count()
    assert 2 <= kept < 12, "the run did not wait for the others"
    page.wait_for_timeout(1500)
    assert page.locator(SAMPLED).count() == kept, "the sampling has stopped"


def test_samples_go_with_the_photo_and_come_back_with_it(visit: Visit) -> None:
    page = visit(QUICK)
    choose_photo(page, "lion")
    page.click(BUTTON)
    sampled(page, 1)
    page.click(BUTTON)
    says(page, "Try every style")
    no_samples(page)
    choose_photo(page, "tower")
    page.click(BUTTON)
    says(page, "Stop trying")
    sampled(page, 1)
    choose_photo(page, "lion")
    says(page, "Try every style")
    no_samples(page)
    page.click(BUTTON)
    says(page, "Stop trying")
    page.wait_for_timeout(500)  # Cards and button come together, but are not drawn in the same moment.
    assert page.locator(SAMPLED).count() >= 1, "what was painted of this photo is there before another is"
