"""The page as a visitor meets it: how soon it answers, how soon a frame is painted, how many a second."""

import itertools
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]

#: Counts the live picture's changes of source inside the browser, with the time of each.
WATCH = """
() => { window.seen = []; let last = null;
  const look = () => { const image = document.querySelector('#stage .running img');
    if (image && image.src !== last) { last = image.src; window.seen.push(performance.now()); }
    requestAnimationFrame(look); };
  look(); }
"""


def measure(seconds: float = 8.0) -> dict[str, float]:
    """Seconds from the command to an answer, from Run to the first two frames, and frames a second at 256 px."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        start = time.perf_counter()
        command = [sys.executable, "app.py", "--port", str(port), "--results", folder, "--device", "cpu"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            try:
                wait_until_it_answers(f"http://127.0.0.1:{port}/")
                answered = time.perf_counter() - start
                return {"answer_s": answered, **_visit(f"http://127.0.0.1:{port}/", seconds)}
            finally:
                process.terminate()


def wait_until_it_answers(url: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)


def _visit(url: str, seconds: float) -> dict[str, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        page.wait_for_selector("#run")
        times = _run(page, seconds)
        browser.close()
    gaps = [after - before for before, after in itertools.pairwise(times[1:])]
    return {"first_frame_s": times[1], "stylised_s": times[2], "frames_per_s": len(gaps) / sum(gaps)}


def _run(page: Page, seconds: float) -> list[float]:
    """Seconds after the click on Run at which the live picture changed; the first is the initial picture."""
    page.click("#examples [data-key=lion]")
    page.wait_for_selector("#stage .ready img")
    page.click("#styles [data-key=scream]")
    # Steps enough to last until Stop.
    page.get_by_label("Fine", exact=True).check()
    page.click("#set-size input")
    page.get_by_role("option", name="256 px", exact=True).click()
    page.evaluate(WATCH)
    clicked = page.evaluate("() => { document.querySelector('#run').click(); return performance.now(); }")
    page.wait_for_timeout(seconds * 1000)
    page.click("#stop")
    return [(moment - clicked) / 1000 for moment in page.evaluate("window.seen")]
