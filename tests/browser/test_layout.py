"""What is in sight, and in reach of a finger, in a real browser."""

from itertools import pairwise

import pytest

from tests.browser.actions import Visit, choose_photo, frames, start, stop

pytestmark = pytest.mark.browser


IN_SIGHT = (
    "#photo", "#examples", "#styles", "#stage", "#run", "#status", "#quality", "#set-size", "#set-style_weight",
    "#set-content_weight", "#set-tv_weight", "#set-patch_weight", "#set-style_scale", "#set-colours",
    "#layers > button",
)  # fmt: skip

#: The parts of the page that have a scroll bar, where scroll bars take room.
SCROLLING = """[...document.querySelectorAll('body *')]
  .filter((part) => part.clientWidth && /auto|scroll/.test(getComputedStyle(part).overflow))
  .filter((part) => part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight)
  .map((part) => part.id || part.className)"""


def test_everything_is_in_sight_and_nothing_jumps(visit: Visit) -> None:
    page = visit("?size=256&steps=500&style=scream")
    assert page.evaluate(SCROLLING) == []
    choose_photo(page, "lion")
    assert "The Scream, Edvard Munch, 1893" in page.inner_text("#styles .picked")
    assert page.locator("#styles .card").count() == 12
    for selector in IN_SIGHT:
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900, selector
    frame = page.locator("#stage .frame")
    assert frame.bounding_box()["width"] > 400, "the photo fills the easel"
    places = [page.locator(selector).bounding_box() for selector in ("#stage", "#actions", "#results")]
    start(page)
    assert frame.bounding_box()["width"] == 256, "a picture keeps its own size, from the coarsest scale on"
    frames(page, 2)
    assert frame.bounding_box()["width"] == 256
    assert [page.locator(selector).bounding_box() for selector in ("#stage", "#actions", "#results")] == places
    stop(page)


def test_a_phone_has_everything_within_its_window_and_in_reach_of_a_finger(visit: Visit) -> None:
    page = visit(has_touch=True, is_mobile=True)
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SCROLLING) == []
    parts = [
        page.locator(selector).bounding_box() for selector in ("#choose", "#stage", "#run", "#results", "#settings")
    ]
    for above, below in pairwise(parts):
        assert above["y"] + above["height"] <= below["y"]
    small = page.evaluate("""() => [...document.querySelectorAll('#studio button')]
      .filter((button) => button.offsetParent && getComputedStyle(button).visibility === 'visible')
      .filter((button) => Math.min(button.offsetWidth, button.offsetHeight) < 44)
      .map((button) => button.outerHTML.slice(0, 80))""")
    assert small == []
    page.tap("#styles [data-key=mosaic]")
    page.wait_for_selector("#styles [data-key=mosaic][aria-pressed=true]")
    assert page.locator(".peek.shown").count() == 0, "nothing floats over it"
