"""Photos, styles, settings and recipes, in a real browser."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from nst.recipes import find_recipe
from tests.browser.actions import (
    LONG,
    READY,
    Visit,
    choose,
    choose_photo,
    holds,
    log,
    open_tab,
    pick,
    shown,
    start,
    stop,
    type_in,
    upload,
)
from tests.serving import Server

pytestmark = pytest.mark.browser


def test_a_bad_file_is_refused_in_one_sentence(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    bad = tmp_path / "<img src=x onerror=window.ran=1>.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    page.click("#examples [data-key=lion]")
    page.wait_for_selector("#stage .ready img")
    # Taking a picture away makes Gradio build the box anew; it must still hand the raw file on.
    page.click("#photo [aria-label='Remove Image']")
    page.wait_for_selector("#stage .empty")
    page.wait_for_timeout(500)
    assert page.query_selector("#stage .empty") is not None, "a picture that was taken away stays away"
    upload(page, bad)
    page.wait_for_selector("#photo-note .refusal")
    sentence = page.inner_text("#photo-note")
    assert sentence.endswith(".")
    assert "JPEG" in sentence
    assert page.query_selector("#stage .empty") is not None
    page.click("#run")
    page.wait_for_selector("#status .failed")
    assert "no photo yet" in page.inner_text("#status")
    assert page.is_visible("#run")
    assert page.evaluate("window.ran") is None


def test_a_photo_chosen_while_another_is_read_replaces_it(visit: Visit, tmp_path: Path) -> None:
    page, small = visit(), tmp_path / "small.png"
    Image.new("RGB", (96, 64), "green").save(small)
    for colour in ("red", "blue"):  # Of a TIFF, a browser shows nothing, so only the studio is busy with it.
        large = tmp_path / f"{colour}.tif"
        Image.new("RGB", (8000, 5000), colour).save(large, compression="tiff_lzw")
        with page.expect_request("**/queue/join*"):
            upload(page, large)
        assert page.locator(READY).count() == 0, "the first is still being read"
        upload(page, small)
        page.wait_for_function(f"document.querySelector('{READY}')?.naturalWidth === 96")
        page.wait_for_timeout(2000)
        for box in (READY, "#photo img"):
            assert shown(page, box).getpixel((48, 32))[1] > 100, "the second one stays"
        page.click("#photo [aria-label='Remove Image']")
        page.wait_for_selector("#stage .empty")
        page.wait_for_selector("#photo input[type=file]", state="attached")


def test_styles_blend_with_weights_and_all_come_as_a_zip(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    page.get_by_label("Blend several styles").check()
    pick(page, "scream")
    pick(page, "starry_night")
    page.wait_for_selector("#share-1 input[type=range]")
    assert "The Scream" in page.inner_text("#share-1")
    assert "The Starry Night" in page.inner_text("#share-2")
    page.click("#styles [data-key=scream]")
    page.wait_for_selector("#styles [data-key=scream][aria-pressed=false]")
    assert page.is_hidden("#share-1")
    with page.expect_download() as waiting:
        page.click("#style-zip")
    assert waiting.value.suggested_filename == "style_refs.zip"
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert len(archive.namelist()) == 13


def test_a_size_can_be_typed_and_a_number_beyond_its_slider_too(visit: Visit) -> None:
    page = visit(LONG)
    choose_photo(page, "lion")
    type_in(page, "#set-size input", "100")
    page.fill("#set-style_weight > .block input", "7.5")
    page.press("#set-style_weight > .block input", "Tab")
    start(page)
    page.wait_for_function("document.querySelector('#status').innerText.includes('100 × 100')")
    stop(page)
    open_tab(page, "Log")
    totals = re.search(r"step 0: total (\S+)  content \S+  style (\S+)", log(page))
    assert totals is not None
    assert page.input_value("#set-style_weight > .block input") == "7.5"
    assert page.input_value("#set-style_weight input[type=range]") == "5", "the slider stands at its end"
    # The other losses are small beside 7.5 times the style at first.
    assert 7.5 < float(totals[1]) / float(totals[2]) < 8


def test_a_card_shows_its_whole_picture_to_mouse_and_keyboard_and_nothing_moves(visit: Visit) -> None:
    page = visit()
    card = page.locator("#styles [data-key=scream]")
    card.scroll_into_view_if_needed()
    before = card.bounding_box(), page.evaluate("document.documentElement.scrollHeight")
    assert page.locator(".peek.shown").count() == 0
    card.hover()
    peek = page.locator(".peek.shown")
    peek.wait_for()
    assert peek.locator("img").get_attribute("src") == card.locator("img").get_attribute("src")
    shown, thumb = peek.locator("img").bounding_box(), card.locator("img").bounding_box()
    assert shown is not None
    assert thumb is not None
    assert shown["width"] / shown["height"] == pytest.approx(1005 / 1280, abs=0.02), "nothing is cut off"
    assert shown["height"] > 3 * thumb["height"]
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= 1440
    assert "The Scream, Edvard Munch, 1893" in peek.inner_text()
    assert (card.bounding_box(), page.evaluate("document.documentElement.scrollHeight")) == before
    page.keyboard.press("Escape")
    peek.wait_for(state="detached")

    page.focus("#styles [data-key=scream]")
    page.keyboard.press("Tab")
    peek.wait_for()
    assert "The Starry Night" in peek.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#styles [data-key=starry_night][aria-pressed=true]")
    page.wait_for_function("document.querySelector('#set-style_scale > .block input').value === '1.3'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.key") == "great_wave", "the place among the cards is kept"


def test_a_recipe_fills_the_controls_and_a_level_of_quality_takes_it_back(visit: Visit, server: Server) -> None:
    page, before, recipe = visit("?style=scream"), set(server.results.iterdir()), find_recipe("keras")
    choose_photo(page, "lion")
    page.click("#fine-tuning > button")
    choose(page, "#recipe", recipe.title)
    page.wait_for_function(holds("#set-steps > .block input", recipe.settings["steps"]))
    assert recipe.description in page.inner_text("#recipe-line")
    assert page.locator("#quality input:checked").count() == 0
    # Typed before the recipe's own size is there, it would be written over.
    page.wait_for_function("document.querySelector('#set-size input').value.startsWith('600')")
    type_in(page, "#set-size input", "64")
    # Whoever looks at the recipes and leaves them changes nothing.
    page.focus("#recipe input")
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    page.focus("#set-style_weight > .block input")
    page.wait_for_timeout(1000)
    start(page)
    stop(page)
    assert page.input_value("#set-size input") == "64"
    (folder,) = set(server.results.iterdir()) - before
    document = json.loads((folder / "settings.json").read_text())
    assert document["recipe"] == recipe.name
    assert document["settings"] == recipe.to_settings({"size": 64}).to_dict()
    for level in map(find_recipe, ("fine", "draft")):
        page.get_by_label(level.title, exact=True).check()
        page.wait_for_function(holds("#set-steps > .block input", level.settings["steps"]))
        page.wait_for_function(holds("#recipe input", level.title))
        assert level.description in page.inner_text("#recipe-line")


def test_another_network_brings_its_layers(visit: Visit) -> None:
    page = visit()
    page.click("#layers > button")
    page.click("#fine-tuning > button")
    layers = page.locator("#set-content_layers")
    layers.locator("input").click()
    assert page.get_by_role("option", name="conv5_4", exact=True).is_visible()
    page.keyboard.press("Escape")
    with page.expect_response("**/run/predict"):
        choose(page, "#set-network", "VGG-16")
    # The list is made anew with each opening, from the layers that the server has answered with.
    page.wait_for_function("document.querySelector('#set-network input').value === 'VGG-16'")
    layers.locator("input").click()
    page.get_by_role("option", name="conv5_3", exact=True).wait_for()
    assert page.get_by_role("option", name="conv5_4", exact=True).count() == 0
