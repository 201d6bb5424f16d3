"""A clip on the page, from its drop to a film that plays beside it."""

from pathlib import Path

import numpy as np
import pytest

from nst.pictures.clips import open_clip
from tests.browser.actions import RELOADED, Visit, holds, open_tab, runs, type_in
from tests.browser.test_accessibility import violations
from tests.browser.test_settings_travel import hand_over
from tests.pictures.films import film, heard
from tests.serving import Server

pytestmark = pytest.mark.browser

RATE, STEPS = "#set-frame_rate > .block", "#set-frame_steps > .block"
PLAYERS = "[...document.querySelectorAll('.players video')]"


def test_a_clip_that_is_dropped_becomes_a_film_with_its_sound(visit: Visit, server: Server, tmp_path: Path) -> None:
    scene = np.random.default_rng(0).integers(60, 200, (12, 24, 3), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    frames = [np.ascontiguousarray(scene[:, 4 * number : 4 * number + 128]) for number in range(8)]
    clip = film(tmp_path / "waves.mp4", frames, rate=8, sound="aac", faststart=True)
    page = visit("?size=64&steps=2&style=scream&frame_rate=4", tolerated=RELOADED, reduced_motion="reduce")
    before = runs(server)
    hand_over(page, "drop", "#photo button.upload-container", clip, "video/mp4")
    page.wait_for_selector("#photo-note :text('A clip of 1.0 s, 128 × 96, with sound')")
    type_in(page, f"{STEPS} input", "2")
    page.click("#run")
    page.wait_for_selector("#film-strip .card")
    page.wait_for_selector("#status dd:text-matches('[1-4] of 4')")
    page.wait_for_selector(".players video")
    assert violations(page, 390, 1024, 1440) == []
    page.wait_for_function(f"{PLAYERS}.every((video) => video.readyState >= 3)")
    assert page.evaluate(f"{PLAYERS}.map((video) => [video.duration, video.videoWidth, video.muted])") == [
        [1, 64, True], [1, 64, False],
    ]  # fmt: skip
    page.focus(".players .seek")
    page.keyboard.press("End")
    page.wait_for_function(f"{PLAYERS}.every((video) => video.currentTime > 0.7)")
    page.focus(".players .play")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{PLAYERS}[1].ended && {PLAYERS}[0].paused")
    assert page.evaluate(f"{PLAYERS}[1].webkitAudioDecodedByteCount") > 0
    assert page.text_content(".players .time") == "0:01 / 0:01"
    page.click("#film-strip [data-key='2']")
    page.wait_for_selector("#stage .chip:text('Frame 2')")

    open_tab(page, "Downloads")
    with page.expect_download() as waiting:
        page.click("#download-mp4")
    assert waiting.value.suggested_filename == "waves-the-scream-64.mp4"
    waiting.value.save_as(tmp_path / "painted.mp4")
    made = open_clip(tmp_path / "painted.mp4")
    assert (made.frames, made.rate, made.width, made.height, made.sound) == (4, 4, 64, 48, True)
    assert heard(tmp_path / "painted.mp4") == pytest.approx((0.5, 1.0), abs=0.05)
    (folder,) = runs(server) - before
    assert len(list((folder / "frames").iterdir())) == 4

    page.reload()
    page.wait_for_selector(f"{RATE} input")
    page.wait_for_function(holds(f"{RATE} input", "4"))
    assert page.input_value(f"{STEPS} input") == "2"
    page.click("#fine-tuning > button")
    page.click("#reset")
    page.wait_for_function(holds(f"{RATE} input", "12"))
    page.click("#history .card")
    open_tab(page, "Before/after")
    page.wait_for_selector(".players video")
    page.wait_for_selector("#status :text('Frames per second 4, Steps per frame 2')")
    page.click("text=Reuse settings")
    page.wait_for_function(holds(f"{RATE} input", "4"))
    assert page.input_value(f"{STEPS} input") == "2"
