"""``python -m nst grid``: one photo and style with every combination of the values of one or two settings."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nst.commands.choices import Choices, read_choices
from nst.commands.flags import add_setting_flags, by_flag
from nst.commands.interrupts import caught_signals, exit_code, nothing_kept
from nst.commands.report import print_json
from nst.commands.transfer import RESULTS, add_every_flag, add_painting_flags, engine_starter
from nst.engines.series import Item, Series, SeriesProgress, plan_jobs
from nst.errors import FieldName, SettingsError
from nst.files import slug
from nst.grid import Cell, Head, make_grid, setting_axis, variation_axis
from nst.process import tune_heap_and_openmp
from nst.recipes import find_recipe
from nst.runs.destination import UNFINISHED, Destination, locked
from nst.runs.grid_files import table_rows, write_grid
from nst.validation import quoted

#: Columns of the table that is printed; the CSV has them all.
SHOWN = ("picture", "seconds", "loss_total", "relative_content_loss", "ssim", "palette")


def add_grid(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.set_defaults(command=_grid, style_each=None)
    add = parser.add_argument
    add("photo", metavar="PHOTO", type=Path, help="a picture to paint")
    add(
        "--vary", metavar="SETTING=VALUES", action="append", default=[],
        help="a setting and its values, as in content_weight=0.1,0.2,0.4, or with semicolons where a value is a list, "
        "as in style_layer_weights='1,1,1,1,1;2,1,1,1,1'; twice for a table of two settings",
    )  # fmt: skip
    add("--variations", action="store_true", help="compare the recipe with its variations, such as those of adam-5000")
    add_painting_flags(parser)
    add_every_flag(parser)
    add(
        "--out", metavar="DIR", type=Path,
        help="gets grid.png, grid.csv and grid.zip, and a folder for each picture "
        f"(default: {RESULTS}/grid-<photo>-<style>/)",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object per picture on stdout, the last one with the files")
    add_setting_flags(parser)
    parser.epilog = (
        "The same command again goes on where it was: pictures that are finished are not painted again. "
        "Exit codes: as those of transfer."
    )


def _grid(arguments: argparse.Namespace) -> int:
    choices = read_choices(arguments)
    grid = make_grid(_axes(arguments.vary, choices.recipe if arguments.variations else None))
    jobs = {cell.name: _choices(choices, cell).job(arguments.photo) for cell in grid.cells}
    styles = [style.name for style in choices.styles]
    out = arguments.out or RESULTS / slug("grid", arguments.photo.stem, *styles)
    planned = plan_jobs(jobs, lambda name: Destination(out / name, resumable=True))
    tune_heap_and_openmp()
    with caught_signals("nst") as caught, locked(out / UNFINISHED, out), ExitStack() as stack:
        items = _paint(Series(engine_starter(arguments, stack), planned, stopped=lambda: bool(caught)))
        painted = {item.name: item.files for item in items if "png" in item.files}
        if caught and not painted:
            return nothing_kept(caught[0])
        rows = table_rows(grid, painted)
        files = write_grid(out, grid, painted, rows, ", ".join([arguments.photo.name, *styles]))
    (_print_as_json if arguments.json else _print_table)(rows, files)
    return exit_code(caught[0]) if caught else 2 if any(item.error for item in items) else 0


def _axes(varied: Sequence[str], recipe: str | None) -> list[tuple[Head, ...]]:
    """What is compared: the variations of a recipe, then the settings that are named."""
    axes = [] if recipe is None else [variation_axis(find_recipe(recipe))]
    for text in varied:
        name, equals, values = text.partition("=")
        if not equals:
            raise SettingsError(FieldName("vary"), f" is {quoted(text)}; it must be as in steps=20,40.")
        axes.append(setting_axis(name, values))
    return axes


def _choices(choices: Choices, cell: Cell) -> Choices:
    """The choices of one cell."""
    return replace(choices, settings={**choices.settings, **cell.changes}, recipe=cell.recipe or choices.recipe)


def _paint(series: Series) -> Sequence[Item]:
    """Paint the pictures, with a bar where somebody watches, each note once, and a line for what cannot be painted."""
    items: Sequence[Item] = ()
    noted: set[str] = set()
    with tqdm(unit="picture", disable=None, file=sys.stderr, dynamic_ncols=True) as bar:
        for progress in series.paint():
            items = progress.items
            _move(bar, progress)
            for note in progress.run.notes if progress.run else ():
                if note not in noted:
                    noted.add(note)
                    tqdm.write(note, sys.stderr)
    for item in items:
        if item.error is not None:
            print(f"nst: {item.name}: {item.error.sentence(by_flag, whole_paths=True)}", file=sys.stderr)
    return items


def _move(bar: "tqdm[Any]", progress: SeriesProgress) -> None:
    item, over = progress.items[progress.at], ("finished", "skipped", "stopped", "failed")
    bar.total, bar.n = len(progress.items), sum(each.state in over for each in progress.items)
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left for all"
    bar.set_postfix_str(f"{item.name}: {item.state} {item.share:.0%}{left}")


def _print_table(rows: Sequence[Mapping[str, Any]], files: Mapping[str, Path]) -> None:
    """The most telling columns, and where everything is."""
    lines = [list(SHOWN), *([_text(row.get(name)) for name in SHOWN] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(SHOWN))]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
    for path in files.values():
        print(path)


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_as_json(rows: Sequence[Mapping[str, Any]], files: Mapping[str, Path]) -> None:
    for row in rows:
        print_json(row)
    print_json({"end": "finished", "files": {kind: str(path) for kind, path in files.items()}})
