"""``python -m nst film``: a clip in, a clip out; what was killed or stopped goes on."""

import json
import re
import signal
import time
from pathlib import Path

import pytest

from nst.commands.cli import main
from nst.pictures.clip_writer import write_clip
from nst.pictures.clips import open_clip
from tests.commands.programs import SAFETY, run, run_signalled, start
from tests.transfer.test_film import PAN

QUICK = ["--style", "scream", "--size", 64, "--steps", 2, "--frame-steps", 1]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Five frames."""
    path = tmp_path / "a clip.gif"
    write_clip(path, PAN, 8)
    return path


def wait_for(folder: Path, pattern: str) -> None:
    deadline = time.monotonic() + SAFETY
    while not list(folder.glob(pattern)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_film_that_is_killed_or_stopped_goes_on_at_the_frame_it_had_reached(clip: Path) -> None:
    folder, film = clip.parent, clip.parent / "film.mp4"
    settings = clip.with_name("settings.json")
    settings.write_text(json.dumps({"settings": {"steps": 9}, "film": {"frame_rate": 8, "frame_steps": 9}}))
    painting = ["film", clip, "--settings", settings, *QUICK, "--out", "film.mp4"]
    killed = run_signalled("frames/000002.png", "SIGKILL", folder, *painting)
    assert re.fullmatch(r"Frame 1 of 5, \d+ s\n", killed.stderr)
    assert not film.exists()
    stopped = run_signalled("frames/000003.png", "SIGINT", folder, *painting)
    assert stopped.returncode == 130, stopped.stderr
    assert stopped.stdout == "film.mp4\nstopped after 3 of 5 frames; the same command goes on from there\n"
    assert open_clip(film).frames == 3
    lines = re.findall(r"^Frame (\d) of 5, (\d+) s$", stopped.stderr, re.MULTILINE)
    assert [number for number, _ in lines] == ["2", "3"]
    rest = run(folder, *painting, "--json")
    assert (rest.returncode, rest.stderr) == (0, "")
    *frames, end = map(json.loads, rest.stdout.splitlines())
    assert [frame["frame"] for frame in frames] == [4, 5]
    assert all("temporal" in frame for frame in frames)
    assert frames[0]["seconds"] > float(lines[-1][1]) - 0.5, "it counts on; a line rounds"
    assert end == {"end": "finished", "frames": 5, "file": "film.mp4"}
    made = open_clip(film)
    assert (made.frames, made.width, made.height, made.rate) == (5, 64, 48, open_clip(clip).rate)
    assert sorted(path.name for path in folder.iterdir()) == ["a clip.gif", "film.mp4", "settings.json"]


def test_ctrl_c_before_the_first_whole_frame_says_that_nothing_is_kept(clip: Path) -> None:
    with start(clip.parent, "film", clip, "--style", "scream", "--steps", 5000, "--out", "film.mp4") as process:
        wait_for(clip.parent, ".unfinished-*")
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=SAFETY)
    assert (process.returncode, out, error) == (130, "", "nst: interrupted so early that nothing is kept.\n")
    assert [path.name for path in clip.parent.iterdir()] == [clip.name]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--out", "film.avi"], "film.avi must be a file that ends in .mp4, .gif or .webp."),
        (["--frame-rate", 61], "--frame-rate is 61; it must be a whole number from 1 to 60."),
        (["--frame-steps", 0], "--frame-steps is 0; it must be a whole number from 1 to 1000."),
        (["--temporal-weight", -1], "--temporal-weight is -1; it must be a number, 0 or more."),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(clip, flags, sentence, capsys, monkeypatch) -> None:
    monkeypatch.chdir(clip.parent)
    assert main(["film", clip.name, *map(str, [*QUICK, *flags])]) == 2
    assert capsys.readouterr().err == f"nst: {sentence}\n"
    assert [path.name for path in clip.parent.iterdir()] == [clip.name]


def test_it_paints_one_clip_and_is_not_enlarged(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["film", str(clip), str(clip), "--style", "scream"]) == 2
    assert capsys.readouterr().err == "nst: film paints one clip per command; here are 2.\n"
    with pytest.raises(SystemExit, match="2"):
        main(["film", str(clip), "--style", "scream", "--enlarge", "original"])
    assert capsys.readouterr().err == "nst: unrecognized arguments: --enlarge original\n"
