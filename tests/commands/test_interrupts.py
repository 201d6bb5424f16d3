"""Signals, sent to the real program."""

import json
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.commands.programs import SAFETY, assert_readable, painting, run, start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_keeps_the_picture_and_all_files(tmp_path: Path, photo: Path, number: int) -> None:
    with start(tmp_path, *painting(photo, "--json", steps=5000)) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        assert json.loads(lines[2])["step"] == 2
        process.send_signal(number)
        out, err = process.communicate(timeout=SAFETY)
    assert (process.returncode, err) == (128 + number, "")
    end = json.loads(out.splitlines()[-1])
    assert end["end"] == "stopped"
    assert_readable(end["files"], tmp_path)
    (folder,) = (tmp_path / "results").iterdir()
    assert folder.name == end["id"]
    assert json.loads((folder / "settings.json").read_text())["end"] == "stopped"


def test_an_earlier_result_stays_until_the_new_one_is_whole_and_keeps_other_runs_out(
    tmp_path: Path, photo: Path
) -> None:
    """The earlier result is also the photo, as when one style is put on top of another."""
    earlier = tmp_path / "again" / "result.png"
    earlier.parent.mkdir()
    Image.open(photo).save(earlier)
    (tmp_path / "again" / "settings.json").write_text('{"version": "0", "settings": {}}')
    (tmp_path / "again" / "progress.gif").touch()
    before = earlier.read_bytes()
    with start(tmp_path, *painting(earlier, "--json", "--out", "again", steps=5000)) as process:
        assert process.stdout
        process.stdout.readline()
        assert earlier.read_bytes() == before
        assert (tmp_path / "again" / "progress.gif").exists()
        second = run(tmp_path, *painting(photo, "--out", "again"))
        assert second.returncode == 2
        assert second.stderr == "nst: Another run is writing to again; wait for its end or choose another place.\n"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=SAFETY)
    assert (process.returncode, err) == (143, "")
    assert_readable(json.loads(out.splitlines()[-1])["files"], tmp_path)
    assert earlier.read_bytes() != before
    assert not list(tmp_path.glob("again/.*"))


def test_a_second_signal_ends_it_at_once_in_one_line_and_the_earlier_picture_stays(tmp_path: Path, photo: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "painted.jpg")
    before = (tmp_path / "painted.jpg").read_bytes()
    slow = ["transfer", photo, "--style", "scream", "--size", 512, "--coarsest", 512, "--steps", 500]
    with start(tmp_path, *slow, "--json", "--out", "painted.jpg") as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)  # As good as the same one.
        time.sleep(0.3)  # Less than a step of this size takes.
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=SAFETY)
    assert process.returncode == 143
    assert err == "nst: ended by a second signal; what is not saved yet is lost.\n"
    assert (tmp_path / "painted.jpg").read_bytes() == before
