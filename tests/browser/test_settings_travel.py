"""Settings that leave the page as a link or in a file and come back, and files from anywhere, in a real browser."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nst.pictures.png import write_png
from nst.settings import Settings
from tests.browser.actions import QUICK, READY, SAME, Visit, choose, difference, holds, pick, shown, type_in
from tests.serving import Server

pytestmark = pytest.mark.browser

LOAD = "[data-testid='Load settings-upload-button']"
#: A drop or a paste of a file with these bytes, as the browser reports it.
HAND_OVER = """([kind, selector, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)), files = new DataTransfer();
  if (name) files.items.add(new File([bytes], name, {type}));
  const options = {bubbles: true, cancelable: true, [kind === 'paste' ? 'clipboardData' : 'dataTransfer']: files};
  const event = kind === 'paste' ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
  document.querySelector(selector).dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A green photo."""
    path = tmp_path_factory.mktemp("photos") / "meadow.jpg"
    Image.new("RGB", (96, 64), (40, 160, 60)).save(path)
    return path


def result(path: Path) -> Path:
    """A picture that this program might have painted, and its settings; its colour is red."""
    picture = np.full((64, 64, 3), (200, 40, 30), np.uint8)
    settings = Settings(size=96, steps=7, style_weight=2.5)
    write_png(path, picture, settings=settings, network="vgg19", recipe="draft", styles=["The Starry Night"])
    return path


def hand_over(page: Page, kind: str, selector: str, file: Path, mime: str) -> bool:
    """Drop or paste a file; whether the page has kept the browser from opening it."""
    data = base64.b64encode(file.read_bytes()).decode()
    return page.evaluate(HAND_OVER, [kind, selector, file.name, mime, data])


def says(page: Page, text: str) -> None:
    """Wait for a message with this text, and close every message."""
    page.locator(".toast-body", has_text=text).first.wait_for()
    for close in page.locator(".toast-close").all():
        close.click()


def test_a_link_brings_everything_back(visit: Visit, server: Server) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#fine-tuning > button")
    choose(page, "#recipe", "Gatys 2016")
    page.wait_for_selector("#recipe-line a")
    pick(page, "mosaic")
    type_in(page, "#set-size input", "96")
    page.fill("#set-style_weight > .block input", "2.5")
    page.press("#set-style_weight > .block input", "Tab")
    page.fill("#set-seed input", "11")
    page.press("#set-seed input", "Tab")
    page.click("#layers > button")
    page.fill("#set-layer-1 > .block input", "0.25")
    page.press("#set-layer-1 > .block input", "Tab")
    page.wait_for_timeout(300)
    page.click("#copy-link")
    says(page, "The link with these settings is copied.")
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('recipe'))")
    link = page.evaluate("navigator.clipboard.readText()")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.execCommand = () => { window.copied = document.activeElement.value; return true; }")
    page.click("#copy-link")
    page.wait_for_function("window.copied")
    assert page.evaluate("window.copied") == link

    other = visit(link.removeprefix(server.url))
    other.wait_for_selector("#styles [data-key=mosaic][aria-pressed=true]")
    other.click("#fine-tuning > button")
    other.click("#layers > button")
    boxes = ("#recipe input", "#set-size input", "#set-style_weight > .block input", "#set-seed input",
             "#set-steps > .block input", "#set-layer-1 > .block input")  # fmt: skip
    assert [other.input_value(box) for box in boxes] == [page.input_value(box) for box in boxes]
    assert other.url == server.url


def test_what_a_link_has_wrong_is_named_and_the_rest_works(visit: Visit, server: Server) -> None:
    page = visit("?size=96&steps=many&colour=red&style=scream,elvis&recipe=none&utm_source=mail")
    for text in ("Steps", "colour", "elvis", "none"):
        page.locator(".toast-body", has_text=text).first.wait_for()
    assert page.locator("[data-testid=toast-text]").count() == 4
    assert page.input_value("#set-size input") == "96"
    assert page.locator("#styles [data-key=scream][aria-pressed=true]").count() == 1
    assert page.url == server.url


def test_files_are_taken_wherever_they_are_dropped(visit: Visit, server: Server, photo: Path, tmp_path: Path) -> None:
    page, png = visit(QUICK), result(tmp_path / "result.png")
    assert hand_over(page, "drop", ".masthead", photo, "image/jpeg")
    page.wait_for_selector(READY)
    assert difference(Image.open(photo), shown(page, "#photo img")) < SAME

    assert hand_over(page, "drop", "#results", png, "image/png")
    says(page, "The photo that they were used on is not in the file")
    page.wait_for_selector("#styles [data-key=starry_night][aria-pressed=true]")
    page.wait_for_function(holds("#set-style_weight > .block input", "2.5"))
    page.wait_for_function(holds("#set-size input", "96"))
    assert difference(Image.open(photo), shown(page, "#photo img")) < SAME, "the photo stays"

    notes = tmp_path / "notes.txt"
    notes.write_text("Buy milk.")
    for kind in ("drop", "paste"):
        assert hand_over(page, kind, "#easel", notes, "text/plain")
        says(page, "is not a picture of a kind that can be read")
        assert page.url == server.url
    assert page.locator(READY).count() == 1, "the photo stays"

    # Into the box, a picture is a photo, whatever it carries.
    page.click("#photo [aria-label='Remove Image']")
    page.wait_for_selector("#stage .empty")
    hand_over(page, "drop", "#photo button.upload-container", png, "image/png")
    page.wait_for_selector(READY)
    assert difference(Image.open(png), shown(page, "#photo img")) < SAME

    page.focus("#set-size input")
    assert not hand_over(page, "paste", "#set-size input", photo, "image/jpeg"), "somebody types there"
    page.locator(":focus").evaluate("(element) => element.blur()")
    assert hand_over(page, "paste", "body", photo, "image/jpeg")
    page.wait_for_function("document.querySelector('#stage .frame img').naturalWidth === 96")
    assert difference(Image.open(photo), shown(page, "#photo img")) < SAME


def test_the_content_of_a_photo_decides_not_its_name_or_type(visit: Visit, photo: Path, tmp_path: Path) -> None:
    page = visit()
    for name, mime in (("download", ""), (".photo.jpg", "application/octet-stream")):
        file = tmp_path / name
        file.write_bytes(photo.read_bytes())
        hand_over(page, "drop", "#photo button.upload-container", file, mime)
        page.wait_for_selector(READY)
        assert difference(Image.open(photo), shown(page, "#photo img")) < SAME
        page.click("#photo [aria-label='Remove Image']")
        page.wait_for_selector("#stage .empty")
        page.set_input_files("#photo input[type=file]", {"name": name, "mimeType": mime, "buffer": photo.read_bytes()})
        page.wait_for_selector(READY)
        page.click("#photo [aria-label='Remove Image']")
        page.wait_for_selector("#stage .empty")


def test_a_settings_file_is_loaded(visit: Visit, tmp_path: Path) -> None:
    page, path = visit(), tmp_path / "settings.json"
    settings = {"size": 80, "steps": 9, "content_weight": 0.5, "flavour": "salty"}
    path.write_text(json.dumps({"recipe": "fine", "styles": ["scream"], "settings": settings}))
    page.set_input_files(LOAD, path)
    says(page, "flavour")
    page.wait_for_function(holds("#set-size input", "80"))
    page.wait_for_function(holds("#set-content_weight > .block input", "0.5"))
    page.wait_for_selector("#styles [data-key=scream][aria-pressed=true]")
    assert page.get_by_label("Fine", exact=True).is_checked()
    empty = tmp_path / "empty.json"
    empty.write_text("{}")
    page.set_input_files(LOAD, empty)
    says(page, "empty.json: This carries no settings")
    assert page.input_value("#set-size input") == "80"
