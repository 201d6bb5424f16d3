"""Files that several programs fetch at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from nst.fetch import fetch_file
from tests.file_server import FileServer

ROOT = Path(__file__).parents[2]

#: Fetches a file once it is told to; the check takes long enough for the others to come.
PROGRAM = """
import sys, time
from pathlib import Path
from nst.fetch import fetch_file

url, path = sys.argv[1], Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
fetch_file("The file", url, path, check=lambda _file: time.sleep(0.5), progress=lambda _done, _total: None)
print(len(path.read_bytes()))
"""


def test_programs_that_need_a_file_at_once_fetch_it_once(tmp_path: Path) -> None:
    with FileServer() as server:
        server.files["/file"] = bytes(300_000)
        command = [sys.executable, "-c", PROGRAM, f"{server.url}/file", str(tmp_path / "cache" / "file")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        programs = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(4)]
        for program in programs:
            assert program.stdout.readline() == "ready\n"
        for program in programs:
            program.stdin.write("\n")
            program.stdin.flush()
        assert [program.communicate(timeout=60)[0] for program in programs] == ["300000\n"] * 4
        assert server.asked == ["/file"]
    assert {file.name for file in (tmp_path / "cache").iterdir()} == {"file", ".lock"}


def test_whoever_waits_for_a_download_can_give_up(tmp_path: Path) -> None:
    class GivenUpError(Exception):
        """A run that was stopped."""

    def give_up(_done: int, _total: int) -> None:
        raise GivenUpError

    def fetch_meanwhile(_file: Path) -> None:
        with pytest.raises(GivenUpError):
            fetch_file("The file", f"{server.url}/file", path, check=print, progress=give_up)

    path = tmp_path / "file"
    with FileServer() as server:
        server.files["/file"] = bytes(1_000)
        fetch_file("The file", f"{server.url}/file", path, check=fetch_meanwhile, progress=lambda _done, _total: None)
        assert server.asked == ["/file"]
