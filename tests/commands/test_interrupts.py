"""Signals, sent to the real program, and what counts as a second one."""

import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from nst.commands import interrupts
from tests.commands.programs import SAFETY, assert_readable, painting, run, run_signalled, start


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
    ended = run_signalled("painted.jpg", "SIGHUP,SIGTERM", tmp_path, *painting(photo, "--out", "painted.jpg"))
    assert ended.returncode == 143
    assert ended.stderr.splitlines()[-1] == "nst: ended by a second signal; what is not saved yet is lost."
    assert (tmp_path / "painted.jpg").read_bytes() == before


def test_signals_within_a_fifth_of_a_second_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """``timeout`` sends one to the program and one to its group."""
    clock, ended = SimpleNamespace(now=1000.0, monotonic=lambda: clock.now), []
    monkeypatch.setattr(interrupts, "time", clock)
    monkeypatch.setattr(os, "_exit", ended.append)
    with interrupts.caught_signals("nst") as caught:
        signal.raise_signal(signal.SIGINT)
        for clock.now in (1000.0, 1000.19):
            signal.raise_signal(signal.SIGTERM)
        assert (caught, ended) == ([signal.SIGINT], [])
        clock.now = 1000.21
        signal.raise_signal(signal.SIGTERM)
        assert ended == [143]
