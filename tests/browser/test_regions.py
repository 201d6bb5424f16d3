"""A mask that is drawn on the photo with the mouse."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nst.pictures.decode import read_picture
from nst.pictures.resize import shrink
from tests.browser.actions import QUICK, RELOADED, Visit, choose, choose_photo, pick, runs
from tests.browser.test_accessibility import violations
from tests.serving import Server

pytestmark = pytest.mark.browser


def draw(page: Page, *points: tuple[float, float]) -> None:
    """A stroke through points on the photo, as shares of its width and height."""
    box = page.locator("#board canvas").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def opacity(page: Page, x: float, y: float) -> int:
    """Of the tint at a point of the photo: that of what is painted."""
    return page.locator("#board canvas").evaluate(
        "(canvas, [x, y]) => canvas.getContext('2d').getImageData(x * canvas.width, y * canvas.height, 1, 1).data[3]",
        [x, y],
    )


def test_what_is_drawn_over_stays_the_photo(visit: Visit, server: Server, tmp_path: Path) -> None:
    page, before = visit(QUICK, tolerated=RELOADED, reduced_motion="reduce"), runs(server)
    photo = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(60, 200, (12, 16, 3), np.uint8)).resize((640, 480)).save(photo)
    choose_photo(page, photo)
    pick(page)
    page.click("#regions > button")
    choose(page, "#painted", "Around an oval")
    page.wait_for_selector("#board .key")
    choose(page, "#painted", "Drawn by hand")
    page.wait_for_selector("#board .drawn canvas")
    page.locator("#board .width input").fill("30")
    draw(page, (0.15, 0.1), (0.15, 0.9))
    draw(page, (0.8, 0.5), (0.9, 0.5))
    assert opacity(page, 0.85, 0.5) == 0
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "document.querySelector('#board canvas').getContext('2d').getImageData(540, 240, 1, 1).data[3]"
    )
    assert opacity(page, 0.15, 0.5) == 0
    assert violations(page, 390, 1440) == []
    page.reload()
    page.wait_for_function("document.body.classList.contains('open')")
    page.click("#regions > button")
    page.wait_for_selector("#board .drawn canvas")
    page.wait_for_function("document.querySelector('#board canvas').width === 640")
    assert opacity(page, 0.15, 0.5) == 0, "it is there again"
    # Right before Run, which waits for the stroke to arrive.
    draw(page, (0.15, 0.02), (0.15, 0.98))
    page.click("#run")
    page.wait_for_selector("#stage .done")
    (folder,) = runs(server) - before
    assert json.loads((folder / "settings.json").read_text())["mask"] == "drawing"
    changed = np.abs(read_picture(folder / "result.png").astype(int) - shrink(read_picture(photo), 64)).max(axis=2)
    assert changed[4:-4, :14].max() <= 1, "what is kept is the photo"
    assert changed[:, 40:].mean() > 10

    # An earlier picture brings its drawing along, and another photo takes it away.
    choose(page, "#painted", "Everything")
    page.wait_for_selector("#board .board", state="detached")
    page.click("#history .card")
    page.get_by_role("button", name="Start from this").click()
    page.wait_for_selector("#board .drawn canvas")
    page.wait_for_function("document.querySelector('#board canvas').width === 640")
    assert opacity(page, 0.15, 0.5) == 0
    page.click("#examples [data-key=lion]")
    page.get_by_text("The drawing belonged to the other photo.").wait_for()
