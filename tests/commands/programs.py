"""``python -m nst`` in a process of its own, as its users start it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import imageio.v3 as iio
from PIL import Image

ROOT = Path(__file__).parents[2]
#: No run takes so long unless something is broken, in seconds.
SAFETY = 120
KINDS = {"png", "gif", "mp4", "sheet", "zip", "log", "settings"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "nst", *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def start(cwd: Path, *arguments: object, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command(*arguments), cwd=cwd, env=environment(), text=True,
        stdout=subprocess.PIPE, **{"stderr": subprocess.PIPE, **options},
    )  # fmt: skip


def run(cwd: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return _run(cwd, *command(*arguments))


def run_signalled(end: str, signals: str, cwd: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run it with signals at the moment when a file whose path ends with ``end`` is to be put in its place."""
    return _run(cwd, sys.executable, "-m", "tests.commands.signalled", end, signals, *map(str, arguments))


def _run(cwd: Path, *whole: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        whole, cwd=cwd, env=environment(), text=True, capture_output=True, timeout=SAFETY, check=False
    )


def painting(photo: Path, *more: object, steps: int = 3) -> list[object]:
    """The arguments of a quick run."""
    return ["transfer", photo, "--style", "scream", "--size", 64, "--steps", steps, *more]


def assert_readable(files: dict[str, str], cwd: Path) -> None:
    """Every kind of file is there and is what its name says."""
    assert set(files) == KINDS
    paths = {kind: cwd / path for kind, path in files.items()}
    for kind in ("png", "sheet", "gif"):
        with Image.open(paths[kind]) as picture:
            picture.load()
    assert iio.imread(paths["mp4"], plugin="pyav").shape[-1] == 3
    with zipfile.ZipFile(paths["zip"]) as archive:
        assert archive.testzip() is None
    json.loads(paths["settings"].read_text())
