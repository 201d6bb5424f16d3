"""What a visitor does on the page."""

import base64
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from tests.serving import PATIENCE, Server

Visit = Callable[..., Page]
FRAME = "#stage .running img"
READY = "#stage .ready img"
#: Links with the settings of a small picture: one that is painted in a second or two, and one with so many steps that
#: there is time to act on its run.
QUICK, LONG = "?size=64&steps=3", "?size=128&steps=5000&style=scream"
#: A JPEG of a small picture differs from it by less, another picture by more.
SAME = 12
#: What Gradio itself logs when a reload ends its event stream.
RELOADED = r"AbortError|Unexpected error Connection errored out|Error: Connection errored out"


def enter(page: Page, url: str) -> Page:
    """Open the page in a tab; everything in it can be clicked."""
    page.goto(url)
    page.wait_for_function("document.body.classList.contains('open')")
    return page


def upload(page: Page, path: Path) -> None:
    page.set_input_files("#photo input[type=file]", path)


def pick(page: Page, style: str = "scream") -> None:
    page.click(f"#styles [data-key={style}]")
    page.wait_for_selector(f"#styles [data-key={style}][aria-pressed=true]")


def choose(page: Page, selector: str, label: str) -> None:
    page.click(f"{selector} input")
    page.get_by_role("option", name=label, exact=True).click()


def choose_photo(page: Page, photo: Path | str) -> None:
    """Upload a photo, or take one of the examples."""
    if isinstance(photo, Path):
        upload(page, photo)
    else:
        page.click(f"#examples [data-key={photo}]")
    page.wait_for_selector(READY)


def set_steps(page: Page, steps: int) -> None:
    box = page.locator("#set-steps > .block input")
    if not box.is_visible():
        page.click("#fine-tuning > button")
    box.fill(str(steps))
    box.press("Enter")


def type_in(page: Page, selector: str, text: str) -> None:
    page.fill(selector, text)
    page.press(selector, "Enter")


def start(page: Page) -> None:
    page.click("#run")
    page.wait_for_selector(FRAME)


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
            f"(seen) => {{ const now = document.querySelector('{FRAME}'); return now && !seen.includes(now.src); }}",
            arg=seen,
        )
        seen.append(page.get_attribute(FRAME, "src") or "")
    return seen


def settle(page: Page, value: str) -> None:
    """Wait until an expression of JavaScript has had one value for a second."""
    page.wait_for_function(
        f"""() => {{
          const [value, now] = [{value}, performance.now()];
          if (value !== window.settling?.value) window.settling = {{value, since: now}};
          return now - window.settling.since > 1000;
        }}"""
    )


def log(page: Page) -> str:
    return page.text_content("#log pre") or ""


def download(page: Page, kind: str, folder: Path) -> Image.Image:
    with page.expect_download() as waiting:
        page.click(f"#download-{kind}")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return Image.open(path)


def holds(selector: str, value: object) -> str:
    """JavaScript: whether a box has this text."""
    return f"document.querySelector('{selector}').value === '{value}'"


def paint(page: Page, photo: str, style: str) -> None:
    """Paint an example photo to the end."""
    before = page.locator("#history .card").count()
    choose_photo(page, photo)
    pick(page, style)
    page.click("#run")
    page.wait_for_function("(n) => document.querySelectorAll('#history .card').length > n", arg=before)


def shown(page: Page, selector: str) -> Image.Image:
    """A picture on the page, at its own size."""
    uri = page.locator(selector).evaluate(
        """async (image) => {
          const blob = await (await fetch(image.src)).blob();
          return await new Promise((resolve) => {
            const reader = Object.assign(new FileReader(), {onload: () => resolve(reader.result)});
            reader.readAsDataURL(blob);
          });
        }"""
    )
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, 0 to 255, the second at the size of the first."""
    same = other.convert("RGB").resize(one.size, Image.Resampling.BICUBIC)
    return float(np.abs(np.subtract(one.convert("RGB"), same, dtype=float)).mean())


def runs(server: Server) -> set[Path]:
    """The folders of all runs."""
    return set(server.results.glob("*-*"))


def wait_for_file(path: Path) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while not path.exists():
        assert time.monotonic() < end, path.name
        time.sleep(0.1)
