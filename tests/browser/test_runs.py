"""Runs, in a real browser against the real program."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.pictures.decode import read_picture
from tests.browser.actions import LONG, Visit, choose_photo, download, frames, log, open_tab, settle, start, stop
from tests.paintings import assert_painted, logged_losses
from tests.serving import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def turned_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait as a camera held on its side stores it: landscape, with an EXIF note; its name is an attack."""
    upright = np.zeros((240, 160, 3), np.uint8)
    upright[:120] = (200, 40, 30)
    upright[120:] = (40, 160, 60)
    upright[::20] = 250
    path = tmp_path_factory.mktemp("photos") / "holiday <img src=x onerror=window.ran=1>.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(upright)).save(path, exif=exif, quality=92)
    return path


def test_a_photo_becomes_a_painting(visit: Visit, turned_photo: Path, tmp_path: Path) -> None:
    page = visit(LONG)
    choose_photo(page, turned_photo)
    shown = page.evaluate("(({naturalWidth: w, naturalHeight: h}) => [w, h])(document.querySelector('#stage img'))")
    assert shown == [160, 240], "the photo stands upright"

    start(page)
    assert len(set(frames(page, 5))) == 5
    assert page.is_hidden("#run")
    open_tab(page, "Log")
    slider = page.locator("#set-style_weight input[type=range]")
    box = slider.bounding_box()
    assert box is not None
    slider.click(position={"x": box["width"] * 0.8, "y": box["height"] / 2})
    moved = page.input_value("#set-style_weight > .block input")
    assert float(moved) > 3
    page.wait_for_function(
        "(text) => document.querySelector('#log pre').textContent.includes(text)",
        arg=f"Style strength is now {float(moved):g}",
    )
    page.focus("#set-content_weight input[type=range]")
    page.press("#set-content_weight input[type=range]", "ArrowRight")
    page.wait_for_function("document.querySelector('#log pre').textContent.includes('Content weight is now')")
    page.fill("#set-tv_weight > .block input", "0.7")
    page.wait_for_function("document.querySelector('#log pre').textContent.includes('Smoothness is now 0.7')")

    stop(page)
    assert "everything is kept" in page.inner_text("#status")
    assert re.search(r"step \d+: total \S+  content \S+  style \S+", log(page))
    open_tab(page, "Downloads")
    with download(page, "png", tmp_path) as png:
        assert re.fullmatch(r"holiday[a-z0-9-]*-the-scream-\d+\.png", Path(png.filename).name)
        assert png.format == "PNG"
        assert png.width < png.height
    with download(page, "gif", tmp_path) as gif:
        assert gif.format == "GIF"
        assert gif.n_frames > 1
    open_tab(page, "Before/after")
    page.wait_for_selector("#compare img")
    assert page.evaluate("window.ran") is None, "a file name is only a name"


def test_the_trained_network_paints_to_the_end(
    visit: Visit, server: Server, turned_photo: Path, tmp_path: Path
) -> None:
    page, before = visit("?size=96&steps=8&style=scream"), set(server.results.iterdir())
    choose_photo(page, turned_photo)
    page.click("#run")
    page.wait_for_selector("#stage .done img")
    status = page.inner_text("#status")
    assert "Finished" in status
    assert "8 of 8" in status
    assert "64 × 96" in status
    assert "vgg19" in status
    (folder,) = set(server.results.iterdir()) - before
    open_tab(page, "Downloads")
    with download(page, "png", tmp_path) as png:
        result = np.asarray(png.convert("RGB"))
    assert_painted(result, read_picture(turned_photo), "scream", logged_losses(folder), (96, 64))


def test_a_run_is_paused_and_stopped_by_buttons_and_keys_and_fills_the_window(visit: Visit) -> None:
    page = visit(LONG)
    choose_photo(page, "lion")
    start(page)
    page.click("#pause")
    page.wait_for_selector("#stage .paused")
    settle(page, "document.querySelector('#stage img').src")  # The step under way may still bring its picture.
    assert "Paused" in page.inner_text("#status")
    page.click("#pause")
    frames(page, 2)
    page.wait_for_function("/^\\d+%/.test(document.title)")
    page.focus("#set-size input")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    frames(page, 2)

    page.click("#stage .view")
    viewed = page.locator("#viewer[open] img")
    first = viewed.get_attribute("src")
    assert viewed.bounding_box() == {"x": 0, "y": 0, "width": 1440, "height": 900}
    page.wait_for_function("(first) => document.querySelector('#viewer img').src !== first", arg=first)
    page.keyboard.press("Space")
    page.wait_for_selector("#stage .paused")
    page.keyboard.press("Escape")
    page.wait_for_selector("#viewer:not([open])", state="attached")
    assert page.evaluate("document.activeElement.className") == "view", "the focus returns"
    assert page.get_attribute("#stop", "title") == "Esc"
    assert page.is_visible("#stop"), "the run goes on"

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    frames(page, 2)
    page.keyboard.press("Escape")
    page.wait_for_selector("#run")
    page.wait_for_function("document.title === 'Impasto · neural style transfer'")
    page.focus("#stage .view")
    page.keyboard.press("Enter")
    page.wait_for_function("/lion-the-scream-\\d+\\.png$/.test(document.querySelector('#viewer[open] img').src)")
    viewed.click()
    assert page.is_hidden("#viewer")
