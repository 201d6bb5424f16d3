"""What a visitor does on the page."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Page

Visit = Callable[..., Page]
FRAME = "#stage .running img"
#: JavaScript: whether the page can be used.
#: What Gradio itself logs when a reload ends its event stream.
RELOADED = r"AbortError|Unexpected error Connection errored out|Error: Connection errored out"
ENTERED = "document.body.classList.contains('open')"


def enter(context: BrowserContext, url: str) -> Page:
    """A new tab with the page, in which everything can be clicked."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_function(ENTERED)
    return page


def upload(page: Page, path: Path) -> None:
    page.set_input_files("#photo input[type=file]", path)


def pick(page: Page, style: str = "scream") -> None:
    page.click(f"#styles [data-key={style}]")
    page.wait_for_selector(f"#styles [data-key={style}][aria-pressed=true]")


def choose(page: Page, selector: str, label: str) -> None:
    page.click(f"{selector} input")
    page.get_by_role("option", name=label, exact=True).click()


def prepare(page: Page, photo: Path | str, style: str = "scream", size: int = 256) -> None:
    """Photo, style, and a small picture with many steps, so that there is time to act on the run."""
    if isinstance(photo, Path):
        upload(page, photo)
    else:
        page.click(f"#examples [data-key={photo}]")
    page.wait_for_selector("#stage .ready img")
    pick(page, style)
    page.get_by_label("Fine", exact=True).check()
    type_in(page, "#set-size input", str(size))


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


def open_small(page: Page, address: str, size: int = 64, steps: int = 3) -> None:
    """The page at this address with settings for runs that take a second or two."""
    open_link(page, f"{address}?size={size}&steps={steps}")
    page.wait_for_function(holds("#set-size input", size))


def open_link(page: Page, address: str) -> None:
    """Open an address and wait until the page has taken in what it says."""
    page.wait_for_function(ENTERED)
    page.wait_for_timeout(500)  # A page that is left while a stream is open complains.
    page.goto(address)
    page.wait_for_function(ENTERED)


def paint(page: Page, photo: str, style: str) -> None:
    """Paint an example photo to the end."""
    before = page.locator("#history .card").count()
    page.click(f"#examples [data-key={photo}]")
    page.wait_for_selector("#stage .ready img")
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
