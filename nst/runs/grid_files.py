"""The files of a whole grid: a contact sheet, a table of settings, losses and metrics, and all of it as a zip."""

import csv
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nst.files import atomic
from nst.grid import Cell, Grid
from nst.pictures.metrics import columns
from nst.pictures.png import read_png, write_plain_png
from nst.pictures.sheet import grid_sheet
from nst.runs.folder import writing
from nst.steps import Picture
from nst.validation import write_text

#: The files by kind.
GRID_FILES = {"sheet": "grid.png", "csv": "grid.csv", "zip": "grid.zip"}
#: Of settings.json, by the names of their columns.
_FACTS = {
    "recipe": "recipe",
    "end": "end",
    "step": "steps_taken",
    "width": "width",
    "height": "height",
    "seconds": "seconds",
}
#: Columns of log.csv that are no losses.
_NO_LOSSES = {"step", "scale", "size", "seconds"}

#: The files of every cell that is painted, kind -> path, by the cell's name.
Painted = Mapping[str, Mapping[str, Path]]


def write_grid(
    folder: Path, grid: Grid, painted: Painted, rows: Sequence[Mapping[str, Any]], title: str
) -> dict[str, Path]:
    """Write sheet, table and zip of the cells that are there.

    Args:
        folder: gets the files; it is made if it is not there.
        grid: its heads are on the sheet.
        painted: the files of the runs, with "png", "settings" and "log".
        rows: their ``table_rows``.
        title: above the sheet.

    Returns:
        kind -> path, of ``GRID_FILES``.

    Raises:
        OutputError: a file cannot be written.
    """
    paths = {kind: folder / name for kind, name in GRID_FILES.items()}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        pictures = {name: read_png(files["png"]) for name, files in painted.items()}
        write_plain_png(paths["sheet"], draw_grid(grid, pictures, title))
        _write_table(paths["csv"], rows)
        _write_zip(paths["zip"], paths, painted)
    return paths


def draw_grid(grid: Grid, pictures: Mapping[str, Picture], title: str) -> Picture:
    """The contact sheet of the pictures that are there, by the names of their cells: uint8 (H, W, 3)."""
    places: list[list[Picture | None]] = [[None] * len(grid.columns) for _ in grid.rows]
    for cell in grid.cells:
        places[cell.row][cell.column] = pictures.get(cell.name)
    return grid_sheet(places, [head.title for head in grid.columns], [head.title for head in grid.rows], title)


def table_row(cell: Cell, files: Mapping[str, Path]) -> dict[str, Any]:
    """What there is to say of a painted cell, by column: what was varied, facts, the last losses, and the metrics.

    Args:
        cell: of the grid.
        files: of its run, with "settings" and "log".
    """
    document = json.loads(files["settings"].read_text(encoding="utf-8"))
    with files["log"].open(encoding="utf-8", newline="") as log:
        *_, last = csv.DictReader(log)
    losses = {f"loss_{name}": float(number) for name, number in last.items() if name not in _NO_LOSSES}
    varied = {name: write_text(value) for name, value in cell.changes.items()}
    facts = {column: document.get(name) for name, column in _FACTS.items()}
    return {"picture": cell.name, **varied, **facts, **losses, **dict(columns(document.get("metrics", {})))}


def table_rows(grid: Grid, painted: Painted) -> list[dict[str, Any]]:
    """The ``table_row`` of every cell that is painted, in the order of the grid."""
    return [table_row(cell, painted[cell.name]) for cell in grid.cells if cell.name in painted]


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, all_columns(rows), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def all_columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of all rows: with other layers, a run has losses of other names."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _write_zip(path: Path, paths: Mapping[str, Path], painted: Painted) -> None:
    """Sheet, table, and the picture and settings of each cell; pictures are compressed already."""
    with atomic(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for kind in ("sheet", "csv"):
            archive.write(paths[kind], paths[kind].name)
        for name, files in painted.items():
            archive.write(files["png"], f"{name}.png")
            archive.write(files["settings"], f"{name}.json")
