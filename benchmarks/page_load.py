"""What the page's process spends on a visitor who watches a run, and on a picture's files, when others paint (Linux).

``python -m benchmarks.page_load`` starts the studio before painters that only show a painting, shifted step by step at
a fixed pace, and has tabs of a headless Chromium watch it.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe, square
from benchmarks.page_speed import FLAGS, ROOT, WATCH, wait_until_it_answers
from nst.controls import Controls
from nst.engines.local import LocalEngine
from nst.gallery.manifest import bundled_styles
from nst.limits import Limits
from nst.pictures.decode import read_picture
from nst.pyramid import plan_scales
from nst.recipes import find_recipe
from nst.settings import Settings
from nst.steps import Job, Losses, Picture, Pictures, Step
from nst.transfer.options import StylizeOptions
from nst.ui.studio import Studio
from nst.ui.visits import Visits
from nst.web.origin import OwnNames
from nst.web.server import launch

WATCHERS = 8
SECONDS = 15.0
#: Milliseconds that a busy machine may take to open the page.
PATIENCE = 120_000


class Replay:
    """A loop that takes ``pace`` seconds a step and paints nothing: it shows a style, shifted."""

    def __init__(self, pace: float) -> None:
        self._pace = pace

    def __call__(
        self, content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions
    ) -> Iterator[Step]:
        """Called like ``nst.transfer.loop.stylize_steps``."""
        controls, began = options.controls or Controls(), time.monotonic()
        scales = plan_scales(content.shape[1], content.shape[0], settings)
        losses = Losses(terms={"content": 1.0, "style": 2.0, "tv": 0.1, "patch": 0.1}, style_layers={}, total=3.0)
        total, index = sum(scale.steps for scale in scales), 0
        for number, scale in enumerate(scales, 1):
            painting = square(styles[0], max(scale.width, scale.height))[: scale.height, : scale.width]
            for _ in range(scale.steps):
                time.sleep(self._pace)
                index += 1
                end = "stopped" if controls.stopped else "finished" if index == total else None
                yield Step(
                    index=index, total=total, scale=number, scales=len(scales), width=scale.width, height=scale.height,
                    losses=losses, seconds=time.monotonic() - began, settings=settings, network="none", device="none",
                    image=np.roll(painting, 7 * index, axis=1), end=end,
                )  # fmt: skip
                if end:
                    return


def serve(port: int, folder: Path, pace: float) -> None:
    """The studio with painters enough for all who watch, until it is killed."""
    engine = LocalEngine("cpu", folder, paint=Replay(pace), workers=WATCHERS)
    limits = Limits()
    studio = Studio(engine=engine, limits=limits, visits=Visits(limits.address.tabs), steerable=True)
    launch(studio, "127.0.0.1", port, OwnNames("127.0.0.1", []))
    time.sleep(3600)


@contextmanager
def serving(pace: float) -> Iterator[tuple[str, psutil.Process]]:
    """The studio in a process of its own: its address, and the process."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "benchmarks.page_load", str(port), folder, str(pace)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            try:
                wait_until_it_answers(f"http://127.0.0.1:{port}/")
                yield f"http://127.0.0.1:{port}/", psutil.Process(process.pid)
            finally:
                process.kill()


def cpu(process: psutil.Process) -> float:
    """Seconds of processor time so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def start(page: Page, url: str, size: int) -> list[int]:
    """Start a long run in a tab; returns a list that grows by the bytes of every piece that the tab receives."""
    received: list[int] = []
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}?size={size}&coarsest={size}&steps=5000&style=scream")
    page.wait_for_function("document.body.classList.contains('open')")
    page.click("#examples [data-key=lion]")
    page.wait_for_selector("#stage .ready img")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.dataReceived", lambda event: received.append(event["dataLength"]))
    page.evaluate(WATCH)
    page.click("#run")
    page.wait_for_selector("#stage .running img")
    return received


def watch(tabs: int, size: int, pace: float) -> dict[str, float]:
    """Processor seconds a second, displayed frames a second of a tab, and bytes a frame, while tabs watch."""
    with serving(pace) as (url, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        pages = [browser.new_page(viewport={"width": 1024, "height": 800}) for _ in range(tabs)]
        received = [start(page, url, size) for page in pages]
        pages[0].wait_for_timeout(3000)

        def state() -> tuple[float, float, int, int]:
            frames = sum(page.evaluate("window.seen.length") for page in pages)
            return time.monotonic(), cpu(process), frames, sum(map(sum, received))

        before = state()
        pages[0].wait_for_timeout(SECONDS * 1000)
        seconds, spent, frames, volume = (after - first for after, first in zip(state(), before, strict=True))
        browser.close()
    return {
        "cores": spent / seconds / tabs, "frames_s": frames / seconds / tabs,
        "cpu_ms": 1000 * spent / frames, "kb": volume / frames / 1000,
    }  # fmt: skip


def files(quality: str, size: int, pictures: int = 3) -> tuple[float, float]:
    """Processor seconds of a picture's frames, checkpoints and files, with nobody watching, and their megabytes."""
    painting = read_picture(bundled_styles()[0].path)
    loaded = Pictures(square(painting, size), (painting,))
    settings = find_recipe(quality).to_settings({"size": size})
    with tempfile.TemporaryDirectory() as folder, closing(LocalEngine("cpu", Path(folder), paint=Replay(0.02))) as own:
        job = Job(content_size=(size, size), load=lambda: loaded, settings=settings)
        before = time.process_time()
        for _ in range(pictures):
            run = own.submit(lambda: job)
            while not run.over:
                time.sleep(0.05)
        spent = time.process_time() - before
        volume = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        return spent / pictures, volume / pictures / 1e6


def main() -> None:
    """Print the tables."""
    print(f"{describe()}\n\n| tabs | size | a step | cores a tab | frames/s | CPU a frame | bytes a frame |")
    print("|---|---|---|---|---|---|---|")
    for tabs, size, pace in ((1, 256, 0.4), (4, 256, 0.4), (1, 256, 0.05), (1, 512, 0.4), (4, 512, 0.4)):
        row = watch(tabs, size, pace)
        cells = f"{row['cores']:.3f} | {row['frames_s']:.1f} | {row['cpu_ms']:.0f} ms | {row['kb']:.0f} kB |"
        print(f"| {tabs} | {size} px | {pace:g} s | {cells}", flush=True)
    for quality, size in (("draft", 256), ("standard", 512), ("fine", 512)):
        print(
            "{}, {} px: {:.2f} CPU seconds, {:.1f} MB of files".format(quality, size, *files(quality, size)), flush=True
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
    else:
        main()
