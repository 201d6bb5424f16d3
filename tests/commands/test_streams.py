"""Streams that are closed, names that are no text, users without a home: it paints all the same."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.programs import SAFETY, command, environment, painting

CAFE = os.fsdecode(b"caf\xe9")


def shell(folder: Path, line: str, *arguments: object, **more: str) -> "subprocess.CompletedProcess[bytes]":
    """A line of shell script, in which "$@" is the program with its arguments."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line, "bash", *command(*arguments)], cwd=folder,
        env={**environment(), **more}, capture_output=True, timeout=SAFETY, check=False,
    )  # fmt: skip


def test_a_folder_that_is_not_utf_8_is_named_by_its_bytes(tmp_path: Path, photo: Path) -> None:
    cwd = tmp_path / CAFE
    cwd.mkdir()
    shutil.copy(photo, cwd / f"{CAFE}.jpg")
    strict = {"PYTHONIOENCODING": "utf-8:strict"}
    done = shell(cwd, '"$@"', *painting(Path(f"{CAFE}.jpg"), "--out", CAFE), **strict)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"caf\xe9/result.png\n" in done.stdout
    done = shell(cwd, '"$@" | tail -1', *painting(Path(f"{CAFE}.jpg"), "--json"), **strict)
    assert (done.returncode, done.stderr) == (0, b"")
    end = json.loads(done.stdout.decode())
    assert end["photo"] == f"{CAFE}.jpg"
    assert (cwd / end["files"]["mp4"]).is_file()


@pytest.mark.parametrize("line", ['"$@" <&- >&- 2>&-', '"$@" --json | head -1'])
def test_a_run_goes_on_when_nobody_reads_what_it_prints(tmp_path: Path, photo: Path, line: str) -> None:
    done = shell(tmp_path, line, *painting(photo, "--out", "out.png"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "out.png").is_file()


def can_unshare() -> bool:
    return sys.platform == "linux" and not subprocess.call(
        ["unshare", "--user", "--map-user=54321", "true"], stderr=subprocess.DEVNULL
    )


@pytest.mark.skipif(not can_unshare(), reason="needs user namespaces")
def test_a_user_without_a_home_paints(tmp_path: Path, photo: Path) -> None:
    """In a container, a user may have no entry in passwd either, which is where HOME would be looked up."""
    nobody = 'unshare --user --map-user=54321 env -u HOME -u IMPASTO_CACHE -u XDG_CACHE_HOME -u TORCH_HOME "$@"'
    done = shell(tmp_path, nobody, *painting(photo, "--out", "out.png"), TMPDIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(tmp_path.glob("cache-*/impasto/estimates"))
    done = shell(tmp_path, nobody, *painting(photo, "--weights", "~/gone.pth"), TMPDIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (2, b"nst: The weights file ~/gone.pth does not exist.\n")
