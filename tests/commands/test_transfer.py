import contextlib
import json
import os
import pty
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.commands.cli import main
from nst.pictures.clip_writer import write_clip
from nst.pictures.decode import read_picture
from nst.pictures.resize import shrink
from nst.recipes import find_recipe
from nst.runs.history import past_runs, resume_job
from nst.version import __version__
from tests.commands.programs import ROOT, SAFETY, assert_readable, environment, painting, run, start
from tests.paintings import assert_painted, logged_losses

# --- the real thing ----------------------------------------------------------------------------


def test_the_trained_network_paints_and_json_tells_every_step(tmp_path, photo):
    options = ["--json", "--out", "out", "--quality", "draft", "--size", 96, "--steps", 8, "--tv-weight", 0.5]
    done = run(tmp_path, "transfer", photo, "--style", "scream", *options)
    assert done.returncode == 0, done.stderr
    *steps, end = map(json.loads, done.stdout.splitlines())
    assert [step["step"] for step in steps] == list(range(9))
    assert (end["end"], end["network"]) == ("finished", "vgg19")
    totals = [step["total"] for step in steps]
    result = read_picture(tmp_path / "out" / "result.png")
    assert_painted(result, read_picture(photo), "scream", totals, (72, 96))
    assert set(end["files"].values()) == {str(Path("out", path.name)) for path in (tmp_path / "out").glob("*.*")}
    assert_readable(end["files"], tmp_path)
    settings = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert (settings["content"], settings["styles"]) == ("a photo.jpg", ["The Scream"])
    asked = settings["settings"]
    assert (asked["step_decay"], asked["steps"], asked["tv_weight"]) == (
        find_recipe("draft").settings["step_decay"], 8, 0.5,
    )  # fmt: skip
    assert logged_losses(tmp_path / "out") == pytest.approx(totals, rel=1e-5)
    assert done.stderr == ""


def test_a_terminal_sees_a_bar_with_the_loss_and_the_end_tells_where_the_files_are(tmp_path, photo):
    terminal, stderr = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    with start(tmp_path, *painting(photo), stderr=stderr) as process:
        os.close(stderr)
        seen = "".join(read_terminal(terminal))
        out, _ = process.communicate(timeout=SAFETY)
    os.close(terminal)
    assert process.returncode == 0, seen
    assert "loss " in seen
    assert "3/3" in seen
    assert "network vgg19 on CPU" in out
    pictures = [Path(line) for line in out.splitlines() if line.endswith(".png")]
    assert [path.name for path in pictures] == ["result.png", "sheet.png"]
    assert all((tmp_path / path).is_file() and path.parts[0] == "results" for path in pictures)


def read_terminal(terminal: int) -> Iterator[str]:
    """What is written until the last writer is gone, which Linux tells as an error."""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 65_536):
            yield part.decode()


def test_two_styles_from_a_file_and_the_gallery_blend(tmp_path, photo, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = main([*map(str, painting(photo, "--style", photo, "--style-weights", "3,1", "--json"))])
    assert code == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    settings = json.loads(Path(end["files"]["settings"]).read_text())
    assert settings["styles"] == ["The Scream", "a photo.jpg"]


def test_a_run_starts_from_a_picture_that_init_names(tmp_path, photo, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (96, 72), (200, 30, 10)).save("red.png")
    more = [
        "--init",
        "red.png",
        "--style-weight",
        0,
        "--content-weight",
        0,
        "--patch-weight",
        0,
        "--json",
        "--out",
        "out",
    ]
    assert main([*map(str, painting(photo, "--coarsest", 32, *more))]) == 0
    *steps, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert [(step["step"], step["steps"], step["scales"]) for step in steps] == [(index, 3, 1) for index in range(4)]
    assert np.allclose(read_picture(Path("out/result.png")), (200, 30, 10), atol=1)


def test_a_mask_keeps_the_photo_where_it_is_black(tmp_path, photo, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mask = np.zeros((144, 192), np.uint8)
    mask[:, 96:] = 255
    Image.fromarray(mask).save("right.png")
    assert main([*map(str, painting(photo, "--mask", "right.png", "--json"))]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    folder = Path(end["files"]["png"]).parent
    small = shrink(read_picture(photo), 64)
    changed = np.abs(read_picture(folder / "result.png").astype(int) - small).max(axis=2)
    assert changed[:, :31].max() <= 1, "what is black stays the photo"
    assert changed[:, 36:].mean() > 20
    assert json.loads((folder / "settings.json").read_text())["mask"] == "right.png"
    assert read_picture(folder / "mask.png")[10, [0, 191]].tolist() == [[0] * 3, [255] * 3]


def test_results_that_are_too_old_are_deleted_and_named(tmp_path, photo, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old, mine = Path("results/20200102-030405-01234567"), Path("results/mine")
    for folder in (old, mine):
        folder.mkdir(parents=True)
        os.utime(folder, (0, 0))
    assert main([*map(str, painting(photo, steps=1))]) == 0
    assert f"kept for 30 days and up to 5 GB (--keep-days, --keep-gb): {old.name}.\n" in capsys.readouterr().err
    assert sorted(path.name == "mine" for path in Path("results").iterdir()) == [False, True]


def test_a_run_that_is_killed_can_go_on_from_its_checkpoint(tmp_path, photo):
    code = (
        "import sys; from nst.runs import checkpoint; checkpoint.SECONDS = 0.0; "
        "from nst.commands.cli import main; main(sys.argv[1:])"
    )
    arguments = map(str, painting(photo, "--json", steps=5000))
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + SAFETY
        while not list(tmp_path.glob("results/*/checkpoint.png")) and time.monotonic() < until:
            process.stdout.readline()
        process.kill()
    (past,) = past_runs(tmp_path / "results", "")
    assert past.end == "interrupted"
    job = resume_job(past)
    assert job.start.index > 0
    assert (job.content_name, job.style_names, job.settings.steps) == ("a photo.jpg", ("The Scream",), 5000)


# --- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["paint"], "invalid choice: 'paint'"),
        (["transfer", "{photo}"], "There is no style yet: name one with --style."),
        (["transfer", "{photo}", "--style", "scream", "--stile", "x"], "unrecognized arguments: --stile x"),
        (["transfer", "{photo}", "--settings", "{text}"], "text.txt: This is neither a PNG nor JSON"),
        (["transfer", "{clip}", "--style", "scream"], "clip.mp4: This file is a clip, not a photo: python -m nst film"),
        (["transfer", "{film}", "--style", "scream"], "text.mov: This file is not a clip of a kind that can be read: "),
        (["transfer", "gone.jpg", "--style", "scream"], "gone.jpg: There is no such file."),
        (["transfer", "{photo}", "--style", "monet"], "There is no style called 'monet'; the gallery has scream"),
        (["transfer", "{photo}", "--style", "{text}"], "text.txt: This file is not a picture"),
        (["transfer", "{photo}", "--style", "scream", "--quality", "best"], "--quality is 'best'; it must be draft"),
        (["transfer", "{photo}", "--style", "scream", "--size", "63"], "--size is 63; it must be a whole number"),
        (["transfer", "{photo}", "--style", "scream", "--tv-weight", "nan"], "--tv-weight is nan; it must be a number"),
        (["transfer", "{photo}", "--style", "scream", "--init", "{text}"], "text.txt: This file is not a picture"),
        (["transfer", "{photo}", "--style", "scream", "--init", "gone.png"], "--init is 'gone.png'; it must be"),
        (["transfer", "{photo}", "--style", "scream", "--mask", "gone.png"], "There is no mask called 'gone.png'."),
        (["transfer", "{photo}", "--style", "scream", "--mask", "{text}"], "text.txt: This file is not a picture"),
        (["transfer", "{photo}", "--style", "scream", "--out", "{text}"], "txt cannot be written: not a directory."),
        (["transfer", "{photo}", "{text}", "--style", "scream", "--out", "x.jpg"], "x.jpg is one file, for one pict"),
        (["transfer", "{photo}", "--style", "scream", "--keep-days", "0"], "--keep-days is 0; it must be 1 to 36500."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, photo, arguments, sentence, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = tmp_path / "text.txt"
    text.write_text("not a picture")
    film, clip = text.with_suffix(".mov"), tmp_path / "clip.mp4"
    film.write_text("no clip either")
    write_clip(clip, [np.zeros((64, 64, 3), np.uint8)] * 2, 8)
    try:
        code = main([argument.format(photo=photo, text=text, film=film, clip=clip) for argument in arguments])
    except SystemExit as left:
        code = left.code
    assert code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("nst: ")
    assert sentence in err


def test_a_mistake_ends_the_program_with_exit_code_2(tmp_path):
    done = run(tmp_path, "transfer", "gone.jpg", "--style", "scream")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "nst: gone.jpg: There is no such file.\n")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--device", "cuda:99"], "--device is 'cuda:99'"),
        (["--network", "vgg19", "--weights", "gone.pth"], "gone.pth"),
        (["--style-layers", "conv9_9"], "--style-layers names conv9_9"),
        (["--style-weights", "1,2"], "--style-weights has 2 values"),
    ],
)
def test_what_only_the_loop_can_know_is_told_in_the_same_way(tmp_path, photo, more, sentence, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*map(str, painting(photo, *more))]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert sentence in err
    assert list((tmp_path / "results").iterdir()) == []


# --- the rest ----------------------------------------------------------------------------------


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"nst {__version__}\n"


def test_help_and_mistakes_do_not_wait_for_torch():
    code = "import sys, nst.commands.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
