"""Grids on the command line, in a process of their own."""

import csv
import json
import zipfile
from pathlib import Path

import pytest

from nst.commands.cli import main
from nst.pictures.metrics import METRICS, columns
from nst.pictures.png import read_png
from tests.commands.programs import run, run_signalled

VARIED = ["--vary", "content-weight=0.1,0.4", "--vary", "style_layer_weights=1,1,1,1,1;0,0,0,0,1"]
CELLS = [
    f"content_weight={weight},style_layer_weights={layers}"
    for layers in ("1,1,1,1,1", "0,0,0,0,1")
    for weight in ("0.1", "0.4")
]


def grid(photo: Path, *more: object) -> list[object]:
    return ["grid", photo, "--style", "scream", "--size", 64, "--steps", 25, "--out", "out", *VARIED, *more]


def test_a_grid_that_is_killed_goes_on_where_it_was(tmp_path: Path, photo: Path) -> None:
    first = tmp_path / "out" / CELLS[0] / "result.zip"
    run_signalled(f"{CELLS[1]}/result.zip", "SIGKILL", tmp_path, *grid(photo))
    before = first.stat().st_mtime_ns
    assert not (tmp_path / "out" / CELLS[1] / "result.zip").exists()
    again = run(tmp_path, *grid(photo, "--json"))
    assert (again.returncode, again.stderr) == (0, "")
    assert first.stat().st_mtime_ns == before
    *rows, end = map(json.loads, again.stdout.splitlines())
    assert [row["picture"] for row in rows] == CELLS

    files = {kind: tmp_path / path for kind, path in end["files"].items()}
    with files["csv"].open(newline="") as file:
        table = list(csv.DictReader(file))
    settings = json.loads((tmp_path / "out" / CELLS[3] / "settings.json").read_text())
    assert list(settings["metrics"]) == list(METRICS)
    layers = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    assert list(table[0]) == [
        "picture", "content_weight", "style_layer_weights", "recipe", "end",
        "steps_taken", "width", "height", "seconds",
        *(f"loss_{name}" for name in ("content", "style", *layers, "tv", "patch", "total")),
        *dict(columns(settings["metrics"])),
    ]  # fmt: skip
    assert [(row["content_weight"], row["style_layer_weights"]) for row in table] == [
        ("0.1", "1,1,1,1,1"), ("0.4", "1,1,1,1,1"), ("0.1", "0,0,0,0,1"), ("0.4", "0,0,0,0,1")
    ]  # fmt: skip
    assert float(table[0]["relative_content_loss"]) > float(table[1]["relative_content_loss"])
    assert float(table[3]["ssim"]) == pytest.approx(settings["metrics"]["ssim"])
    assert float(table[0]["relative_style_loss_conv1_1"]) < float(table[2]["relative_style_loss_conv1_1"])
    assert read_png(files["sheet"]).shape[1] > 200 + 2 * 320
    with zipfile.ZipFile(files["zip"]) as archive:
        assert len(archive.namelist()) == 2 + 2 * 4
        assert archive.testzip() is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "A grid varies one or two settings; 0 are named."),
        (["--vary", "steps"], "--vary is 'steps'; it must be as in steps=20,40."),
        (["--vary", "steps=1,x"], "--steps is 'x'; it must be a whole number from 1 to 5000 steps."),
        (["--variations"], "The recipe standard has no variations; there are some of adam-5000."),
        (
            ["--vary", "size=64,128", "--vary", "size=256"],
            "--size is varied twice; a grid varies two settings.",
        ),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_painted(
    arguments: list[str], sentence: str, tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["grid", str(photo), "--style", "scream", *arguments]) == 2
    assert capsys.readouterr().err == f"nst: {sentence}\n"
    assert [*tmp_path.iterdir()] == [photo]
