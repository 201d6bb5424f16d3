"""Many photos: from the files to the zip and back into the studio, in a real browser."""

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from nst.ui.photo import example
from tests.browser.actions import QUICK, RELOADED, Visit, enter, open_tab, shown
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

STATES = "[...document.querySelectorAll('#batch-list .mark')].map((mark) => mark.textContent)"


def test_three_photos_one_of_them_broken_become_two_pictures_and_a_sentence(visit: Visit, tmp_path: Path) -> None:
    files = [tmp_path / "lion at noon.png", tmp_path / "broken.jpg", tmp_path / "tower.webp"]
    Image.open(example("lion")[0]).save(files[0])
    files[1].write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    Image.open(example("tower")[0]).save(files[2])
    page = visit(QUICK + "&style=scream", tolerated=RELOADED, reduced_motion="reduce")
    open_tab(page, "Batch")
    page.wait_for_selector("#batch-styles [data-key=scream][aria-pressed=true]")
    assert "Standard, 64 px" in page.inner_text("#batch-settings")
    page.click("#batch-run")
    page.locator(".toast-body", has_text="There are no photos yet").wait_for()

    page.set_input_files("#batch-files input[type=file]", files)
    page.wait_for_selector("#batch-list .card >> nth=2")
    assert page.evaluate(STATES) == ["waiting", "could not be opened", "waiting"]
    page.click("#batch-run")
    page.wait_for_selector("#batch-stop")
    enter(page, page.url)  # Nothing is lost by a reload.
    open_tab(page, "Batch")
    page.wait_for_function(f"({STATES}).join() === 'finished,could not be opened,finished'")
    refused = page.locator("#batch-list .card", has_text="broken")
    assert refused.locator(".by").inner_text() == "This JPEG file is damaged or incomplete and cannot be opened."
    assert violations(page, 390, 1440) == []

    with page.expect_download() as waiting:
        page.click("#batch-zip")
    with zipfile.ZipFile(waiting.value.path()) as archive:
        names = ["lion-at-noon-scream.png", "lion-at-noon-scream.json", "tower-scream.png", "tower-scream.json"]
        assert archive.namelist() == names
        with archive.open(names[0]) as file, Image.open(file) as picture:
            assert max(picture.size) == 64
    page.click("#batch-list .card >> nth=0")
    page.wait_for_selector("#stage .done img")
    assert "lion at noon" in page.inner_text("#status")
    assert shown(page, "#stage .done img").size == (64, 64)
    assert page.locator("#history .card").count() == 2
