"""The files of a grid: what its sheet shows, its table says and its zip holds."""

import csv
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nst.grid import Grid, make_grid, setting_axis
from nst.pictures.png import read_png
from nst.runs.finish import finish
from nst.runs.folder import RunFolder
from nst.runs.grid_files import table_rows, write_grid
from nst.runs.record import record
from tests.runs.making import a_job, steps

GRID = make_grid([setting_axis("content_weight", "0.1,0.2"), setting_axis("style_scale", "1,2")])


def painted(results: Path, grid: Grid, count: int) -> dict[str, dict[str, Path]]:
    """The first cells of a grid, as runs leave them: each is as grey as it is late."""
    files = {}
    for place, cell in enumerate(grid.cells[:count]):
        *earlier, last = steps(2, "finished")
        picture = np.full((48, 64, 3), 50 * place, np.uint8)
        last = replace(last, image=picture, metrics={"ssim": place / 10, "relative_style_loss": {"one": 0.5}})
        folder, job = RunFolder.new(results), a_job(**cell.changes)
        list(record([*earlier, last], folder, job))
        files[cell.name] = dict(finish(folder, job, last))
    return files


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("grid")
    files = painted(folder, GRID, 3)
    return write_grid(folder / "out", GRID, files, table_rows(GRID, files), "cat, The Scream")


def test_the_table_has_a_row_for_each_picture_with_what_was_varied_losses_and_metrics(files: dict[str, Path]) -> None:
    with files["csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["picture"] for row in rows] == [cell.name for cell in GRID.cells[:3]]
    assert list(rows[0]) == [
        "picture", "content_weight", "style_scale", "recipe", "end", "steps_taken", "width", "height", "seconds",
        "loss_content", "loss_style", "loss_one", "loss_two", "loss_tv", "loss_patch", "loss_total",
        "ssim", "relative_style_loss_one",
    ]  # fmt: skip
    assert [(row["content_weight"], row["style_scale"]) for row in rows] == [("0.1", "1"), ("0.2", "1"), ("0.1", "2")]
    assert [row["ssim"] for row in rows] == ["0.0", "0.1", "0.2"]
    assert (rows[1]["loss_total"], rows[1]["loss_two"], rows[1]["end"], rows[1]["steps_taken"]) == (
        "2.0",
        "4.0",
        "finished",
        "2",
    )


def test_the_sheet_has_each_picture_in_its_place_and_room_for_those_to_come(files: dict[str, Path]) -> None:
    sheet = read_png(files["sheet"])
    greys = (sheet == sheet[..., :1]).all(axis=-1)
    for grey, (left, below) in {0: (True, False), 50: (False, False), 100: (True, True)}.items():
        rows, across = np.nonzero(greys & (sheet[..., 0] == grey))
        if grey:  # The letters are nearly black.
            assert len(rows) > 70_000
            assert (across.mean() < sheet.shape[1] * 0.6) == left
            assert (rows.mean() > sheet.shape[0] * 0.55) == below


def test_the_zip_has_sheet_table_pictures_and_settings(files: dict[str, Path]) -> None:
    with zipfile.ZipFile(files["zip"]) as archive:
        names = [cell.name for cell in GRID.cells[:3]]
        assert archive.namelist() == ["grid.png", "grid.csv", *(n + end for n in names for end in (".png", ".json"))]
        assert json.loads(archive.read(f"{names[2]}.json"))["settings"]["style_scale"] == 2


def test_without_any_picture_there_is_an_empty_sheet_and_table(tmp_path: Path) -> None:
    paths = write_grid(tmp_path / "new", make_grid([setting_axis("seed", "1,2")]), {}, [], "cat")
    assert paths["csv"].read_text() == "\n"
    assert read_png(paths["sheet"]).shape[1] > 2 * 320
