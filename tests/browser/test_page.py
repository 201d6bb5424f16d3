"""What a visitor does, in a real browser against the real program."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nst.pictures.decode import read_picture
from nst.recipes import find_recipe
from tests.paintings import assert_painted, logged_losses
from tests.serving import Server

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
_FRAME = "#stage .running img"


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


def upload(page: Page, path: Path) -> None:
    page.set_input_files("#photo input[type=file]", path)


def pick(page: Page, style: str = "scream") -> None:
    page.click(f"#styles [data-key={style}]")
    page.wait_for_selector(f"#styles [data-key={style}][aria-pressed=true]")


def choose(page: Page, selector: str, label: str) -> None:
    page.click(f"{selector} input")
    page.get_by_role("option", name=label, exact=True).click()


def prepare(page: Page, photo: Path | str, style: str = "scream") -> None:
    """Photo, style, and a small picture with many steps, so that there is time to act on the run."""
    if isinstance(photo, Path):
        upload(page, photo)
    else:
        page.click(f"#examples [data-key={photo}]")
    page.wait_for_selector("#stage .ready img")
    pick(page, style)
    page.get_by_label("Fine", exact=True).check()
    choose(page, "#set-size", "256 px")


def type_in(page: Page, selector: str, text: str) -> None:
    page.fill(selector, text)
    page.press(selector, "Enter")


def start(page: Page) -> None:
    page.click("#run")
    page.wait_for_selector(_FRAME)


def stop(page: Page) -> None:
    page.click("#stop")
    page.wait_for_selector("#run")


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def frames(page: Page, count: int) -> list[str]:
    """So many different pictures of the live view, as they come."""
    seen: list[str] = []
    for _ in range(count):
        page.wait_for_function(
            f"(seen) => {{ const now = document.querySelector('{_FRAME}'); return now && !seen.includes(now.src); }}",
            arg=seen,
        )
        seen.append(page.get_attribute(_FRAME, "src") or "")
    return seen


def log(page: Page) -> str:
    return page.text_content("#log pre") or ""


def download(page: Page, kind: str, folder: Path) -> Image.Image:
    with page.expect_download() as waiting:
        page.click(f"#download-{kind}")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return Image.open(path)


def test_a_photo_becomes_a_painting(visit: Visit, turned_photo: Path, tmp_path: Path) -> None:
    page = visit()
    prepare(page, turned_photo)
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
    page, before = visit(), set(server.results.iterdir())
    upload(page, turned_photo)
    page.wait_for_selector("#stage .ready img")
    pick(page)
    type_in(page, "#set-size input", "96")
    page.click("#fine-tuning > button")
    type_in(page, "#set-steps > .block input", "8")
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


def test_pause_holds_the_run_and_resume_lets_it_go_on(visit: Visit) -> None:
    page = visit()
    prepare(page, "lion")
    start(page)
    page.click("#pause")
    page.wait_for_selector("#stage .paused")
    page.wait_for_timeout(1000)  # The step that was under way may still bring its picture.
    held = page.get_attribute("#stage img", "src")
    page.wait_for_timeout(700)
    assert page.get_attribute("#stage img", "src") == held
    assert "Paused" in page.inner_text("#status")
    page.click("#pause")
    frames(page, 2)
    stop(page)


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


def test_visitors_wait_in_line_and_see_only_their_own(visit: Visit) -> None:
    first, second = visit(), visit()
    prepare(first, "tower")
    start(first)
    assert second.query_selector("#stage .empty") is not None
    prepare(second, "lion", "starry_night")
    open_tab(second, "Log")
    assert log(second) == ""
    second.click("#run")
    second.wait_for_selector("#status .waiting")
    assert "1 picture ahead" in second.inner_text("#status")
    stop(first)
    second.wait_for_selector(_FRAME)
    stop(second)
    results = {page.get_attribute("#stage img", "src") for page in (first, second)}
    assert len(results) == 2
    shapes = [page.evaluate("document.querySelector('#stage img').naturalWidth") for page in (first, second)]
    assert shapes[0] < shapes[1], "the tower is a portrait, the lion is square"


def test_a_closed_tab_ends_its_run(visit: Visit, server: Server) -> None:
    before = set(server.results.iterdir())
    page, next_one = visit(), visit()
    prepare(page, "lion")
    start(page)
    (folder,) = set(server.results.iterdir()) - before
    page.context.close()
    prepare(next_one, "cheetah")
    start(next_one)
    stop(next_one)
    steps = (folder / "log.csv").read_text().splitlines()
    assert len(steps) - 2 < 100, "the run did not go on to the last of its steps"
    assert (folder / "result.png").is_file()


def test_styles_blend_with_weights(visit: Visit) -> None:
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


def test_a_size_can_be_typed_and_a_number_beyond_its_slider_too(visit: Visit) -> None:
    page = visit()
    prepare(page, "lion")
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


def test_a_card_shows_its_whole_picture_to_the_mouse_and_nothing_moves(visit: Visit) -> None:
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


def test_a_style_is_found_and_picked_by_keyboard(visit: Visit) -> None:
    page = visit()
    page.focus("#styles [data-key=scream]")
    page.keyboard.press("Tab")
    page.locator(".peek.shown").wait_for()
    assert "The Starry Night" in page.inner_text(".peek.shown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#styles [data-key=starry_night][aria-pressed=true]")
    page.wait_for_function("document.querySelector('#set-style_scale > .block input').value === '1.3'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.key") == "great_wave", "the place among the cards is kept"


def test_a_finger_picks_a_style_and_gets_no_floating_picture(visit: Visit) -> None:
    page = visit(has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.tap("#styles [data-key=mosaic]")
    page.wait_for_selector("#styles [data-key=mosaic][aria-pressed=true]")
    assert page.locator(".peek.shown").count() == 0


def test_all_style_pictures_come_as_a_zip(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    with page.expect_download() as waiting:
        page.click("#style-zip")
    assert waiting.value.suggested_filename == "style_refs.zip"
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert len(archive.namelist()) == 13


def test_quality_sets_the_steps(visit: Visit) -> None:
    page = visit()
    page.click("#fine-tuning > button")
    for name in ("draft", "fine"):
        page.get_by_label(find_recipe(name).title, exact=True).check()
        page.wait_for_function(holds("#set-steps > .block input", find_recipe(name).settings["steps"]))


def holds(selector: str, value: object) -> str:
    """JavaScript: whether a box has this text."""
    return f"document.querySelector('{selector}').value === '{value}'"


def test_a_recipe_fills_the_controls_and_a_level_of_quality_takes_it_back(visit: Visit, server: Server) -> None:
    page, before, recipe = visit(), set(server.results.iterdir()), find_recipe("keras")
    prepare(page, "lion")
    page.click("#fine-tuning > button")
    choose(page, "#recipe", recipe.title)
    page.wait_for_function(holds("#set-steps > .block input", recipe.settings["steps"]))
    assert recipe.description in page.inner_text("#recipe-line")
    assert page.locator("#quality input:checked").count() == 0
    # Typed before the recipe's own size is there, it would be written over.
    page.wait_for_function("document.querySelector('#set-size input').value.startsWith('600')")
    type_in(page, "#set-size input", "64")
    start(page)
    stop(page)
    (folder,) = set(server.results.iterdir()) - before
    told = json.loads((folder / "settings.json").read_text())
    assert told["recipe"] == recipe.name
    assert told["settings"] == recipe.to_settings({"size": 64}).to_dict()
    draft = find_recipe("draft")
    page.get_by_label(draft.title, exact=True).check()
    page.wait_for_function(holds("#set-steps > .block input", draft.settings["steps"]))
    page.wait_for_function(holds("#recipe input", draft.title))
    assert draft.description in page.inner_text("#recipe-line")


def test_whoever_looks_at_the_recipes_and_leaves_them_changes_nothing(visit: Visit) -> None:
    page = visit()
    page.click("#fine-tuning > button")
    choose(page, "#recipe", find_recipe("keras").title)
    page.wait_for_function("document.querySelector('#set-size input').value.startsWith('600')")
    type_in(page, "#set-size input", "96")
    page.focus("#recipe input")
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    page.focus("#set-style_weight > .block input")
    page.wait_for_timeout(3000)
    assert page.input_value("#set-size input").startswith("96")


def test_another_network_brings_its_layers(visit: Visit) -> None:
    page = visit()
    page.click("#layers > button")
    page.click("#fine-tuning > button")
    layers = page.locator("#set-content_layers")
    layers.locator("input").click()
    assert page.get_by_role("option", name="conv5_4", exact=True).is_visible()
    page.keyboard.press("Escape")
    choose(page, "#set-network", "VGG-16")
    # The list is made anew with each opening.
    page.wait_for_function("document.querySelector('#set-network input').value === 'VGG-16'")
    layers.locator("input").click()
    page.get_by_role("option", name="conv5_3", exact=True).wait_for()
    assert page.get_by_role("option", name="conv5_4", exact=True).count() == 0


IN_SIGHT = (
    "#photo", "#examples", "#styles", "#stage", "#run", "#status", "#quality", "#set-size", "#set-style_weight",
    "#set-content_weight", "#set-tv_weight", "#set-patch_weight", "#set-style_scale", "#set-colours",
    "#layers > button",
)  # fmt: skip


def test_everything_is_in_sight_and_nothing_jumps(visit: Visit) -> None:
    page = visit()
    page.set_viewport_size({"width": 1440, "height": 900})
    prepare(page, "lion")
    assert "The Scream, Edvard Munch, 1893" in page.inner_text("#styles .picked")
    assert page.locator("#styles .card").count() == 12
    for selector in IN_SIGHT:
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900, selector
    places = [page.locator(selector).bounding_box() for selector in ("#stage", "#actions", "#results")]
    start(page)
    frames(page, 2)
    assert [page.locator(selector).bounding_box() for selector in ("#stage", "#actions", "#results")] == places
    stop(page)


def test_the_tab_tells_the_progress_and_keys_pause_and_stop(visit: Visit) -> None:
    page = visit()
    prepare(page, "lion")
    start(page)
    page.wait_for_function("/^\\d+%/.test(document.title)")
    page.focus("#set-size input")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    frames(page, 2)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    page.wait_for_selector("#stage .paused")
    page.keyboard.press("Space")
    frames(page, 1)
    assert page.get_attribute("#stop", "title") == "Esc"
    page.keyboard.press("Escape")
    page.wait_for_selector("#run")
    page.wait_for_function("document.title === 'Impasto · neural style transfer'")


def test_nothing_is_wider_than_the_window(visit: Visit) -> None:
    page = visit(has_touch=True)
    for width in (390, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 390, "height": 844})
    run, settings = (page.locator(selector).bounding_box() for selector in ("#run", "#settings"))
    stage = page.locator("#stage").bounding_box()
    assert stage["y"] + stage["height"] <= run["y"], "Run covers nothing"
    assert run["y"] + run["height"] < settings["y"]
    assert settings["y"] < page.locator("#results").bounding_box()["y"], "the live sliders follow the picture"


def test_fingers_find_every_button(visit: Visit) -> None:
    page = visit(has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 390, "height": 844})
    small = page.evaluate("""() => [...document.querySelectorAll('#studio button')]
      .filter((button) => button.offsetParent && getComputedStyle(button).visibility === 'visible')
      .filter((button) => Math.min(button.offsetWidth, button.offsetHeight) < 44)
      .map((button) => button.outerHTML.slice(0, 80))""")
    assert small == []
