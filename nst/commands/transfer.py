"""``python -m nst transfer``: paints photos. Ctrl-C, SIGTERM and SIGHUP end it softly, with everything saved."""

import argparse
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from functools import cache, partial
from pathlib import Path

from tqdm import tqdm

from nst.commands.choices import Choices, read_choices
from nst.commands.flags import add_keep_flags, add_setting_flags, by_flag, kept, memory_bytes
from nst.commands.interrupts import caught_signals, exit_code, nothing_kept
from nst.commands.photos import folder_names, list_folders, list_photos
from nst.commands.report import BarReport, JsonReport, json_summary, print_table
from nst.engines.local import LocalEngine
from nst.engines.series import ZIP, Item, Planned, Series, SeriesProgress, zip_pictures
from nst.errors import NSTError
from nst.gallery.surprise import SEEDS
from nst.limits import DAY, Limits
from nst.pictures.masks import SWAP, rules
from nst.process import tune_heap_and_openmp
from nst.recipes import DEFAULT_RECIPE, qualities
from nst.runs.destination import UNFINISHED, Destination, ResultsFolder, locked
from nst.runs.folder import RUN_ID
from nst.runs.sweep import sweep

#: Gets a folder for each run, unless --out names another place.
RESULTS = Path("results")


def add_transfer(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.set_defaults(command=_transfer)
    add = parser.add_argument
    add(
        "photos", metavar="PHOTO", type=Path, nargs="+",
        help="a picture to paint, several, or a folder of them; one that cannot be painted is named and left out",
    )  # fmt: skip
    add_painting_flags(parser)
    add_every_flag(parser)
    add(
        "--style-each", metavar="NAME_OR_FILE", action="append",
        help="a style in which every photo is painted once, beside the picture in --style; may be repeated",
    )  # fmt: skip
    add(
        "--out", metavar="PATH", type=Path,
        help="a picture file ending in .png, .jpg, .jpeg or .webp, or else a folder for all files, with a folder in it "
        "for each of several pictures and a zip of all; an earlier run's are replaced at the end, but of several those "
        "that are finished are left as they are (default: results/<time>-<id>/)",
    )  # fmt: skip
    add("--all-files", action="store_true", help="write the other files, too, beside the picture file of --out")
    add_keep_flags(parser)
    add("--json", action="store_true", help="print one JSON object per step on stdout, the last one with the files")
    add_setting_flags(parser)
    parser.epilog = (
        "--init also takes a picture file, such as an earlier result: only the finest scale is painted then. "
        "Exit codes: 0 every photo is painted; 1 an error of the program; 2 a mistake, or a photo was left out; "
        "130, 143, 129 ended by Ctrl-C, SIGTERM, SIGHUP, with the picture so far saved."
    )


def add_painting_flags(parser: argparse.ArgumentParser) -> None:
    """Add what ``read_choices`` reads beside the settings, and what paints."""
    add = parser.add_argument
    add(
        "--style", metavar="NAME_OR_FILE", action="append",
        help="a style of the gallery or a picture file; several blend (see --style-weights)",
    )  # fmt: skip
    add(
        "--surprise", metavar="SEED", type=int, nargs="?", const=secrets.randbelow(SEEDS),
        help="draw a style of the gallery, its brush size and its strength; a number that was drawn brings them back",
    )  # fmt: skip
    add(
        "--mask", metavar="RULE_OR_FILE",
        help="where the photo is painted: a picture in the photo's proportions, white where it is painted and black "
        "where it stays (red, green and blue: only the first, second, third of several styles), or one of the rules. "
        + " ".join(f"{rule.name}: {rule.about}" for rule in rules())
        + f" {SWAP}RULE: swaps what is painted and what is kept.",
    )  # fmt: skip
    followed = parser.add_mutually_exclusive_group()
    followed.add_argument(
        "--recipe", metavar="NAME",
        help=f"settings with a name, see 'recipes'; flags below go on top (default {DEFAULT_RECIPE})",
    )  # fmt: skip
    followed.add_argument(
        "--quality", metavar="{" + ",".join(qualities()) + "}", help="the short way to our own recipes"
    )
    add(
        "--settings", metavar="FILE", type=Path,
        help="recipe, styles and settings of an earlier run, from its settings.json or PNG; other flags go on top",
    )  # fmt: skip
    add("--device", metavar="NAME", help="auto, cpu, cuda, cuda:N or mps (default auto)")
    add(
        "--memory", metavar="GB", type=float,
        help="GB of memory that the program may take; larger pictures are painted in tiles (default: what is free)",
    )  # fmt: skip
    add("--weights", metavar="FILE", help="trained weights of your own, .pth or .safetensors")


def add_every_flag(parser: argparse.ArgumentParser) -> None:
    """Add the interval of the frames that show how a picture was painted."""
    parser.add_argument(
        "--every", metavar="N", type=int,
        help="keep the picture of every Nth step, however many these are (default: 40, or as the recipe says)",
    )  # fmt: skip


def _transfer(arguments: argparse.Namespace) -> int:
    choices, (keep_seconds, keep_bytes) = read_choices(arguments), kept(arguments)
    choices.check()
    out = arguments.out
    several = len(arguments.photos) > 1 or arguments.photos[0].is_dir() or bool(choices.each)
    planned, photos = _plan(arguments, choices, several)
    tune_heap_and_openmp()
    with (
        caught_signals("nst") as caught,
        locked(out / UNFINISHED, out) if out is not None and several else nullcontext(),
        ExitStack() as stack,
    ):
        series = Series(
            engine_starter(arguments, stack), planned, stopped=lambda: bool(caught), skip=out is not None and several
        )
        items = _paint(series, photos, several, arguments.json)
        if several:
            archive = out / ZIP if out is not None and zip_pictures(out / ZIP, items) else None
            (json_summary if arguments.json else print_table)(photos, items, archive)
        if out is None:
            _sweep(keep_seconds, keep_bytes)
    if caught and not any(item.files for item in items):
        return nothing_kept(caught[0])
    return exit_code(caught[0]) if caught else 2 if any(item.error for item in items) else 0


def _plan(arguments: argparse.Namespace, choices: Choices, several: bool) -> tuple[list[Planned], list[Path]]:
    """The pictures to paint, and the photo of each."""
    out, variants = arguments.out, choices.variants()
    pictures = [(photo, style) for photo in list_photos(arguments.photos) for style in variants]
    names = folder_names(pictures)
    places: Sequence[Destination | ResultsFolder] = [ResultsFolder(RESULTS) for _ in pictures]
    if out is not None:
        places = list_folders(out, names) if several else [Destination(out, all_files=arguments.all_files)]
    planned = [
        Planned(name=name, make_job=partial(variants[style].job, photo), place=place)
        for (photo, style), name, place in zip(pictures, names, places, strict=True)
    ]
    return planned, [photo for photo, _ in pictures]


def engine_starter(arguments: argparse.Namespace, stack: ExitStack) -> Callable[[], LocalEngine]:
    """Starts the engine at the first call, as that takes seconds; the stack ends it."""
    memory = memory_bytes(arguments.memory)

    @cache
    def start() -> LocalEngine:
        limits = Limits(grace_seconds=None)
        engine = LocalEngine(arguments.device, limits=limits, memory=memory, weights=arguments.weights)
        stack.callback(engine.close)
        return engine

    return start


def _paint(series: Series, photos: Sequence[Path], several: bool, as_json: bool) -> Sequence[Item]:
    """Paint all pictures and report what happens; returns what became of each.

    Raises:
        NSTError: the only one cannot be painted, or not saved.
    """
    report: BarReport | JsonReport | None = None
    items: Sequence[Item] = ()
    for progress in series.paint():
        items, item, photo = progress.items, progress.items[progress.at], photos[progress.at]
        if progress.run is not None:
            report = report or (JsonReport if as_json else BarReport)(str(photo))
            report.show(progress.run, _heading(progress) if several else "")
            continue
        if item.error is not None:
            if not several:
                raise item.error
            print(f"nst: {_about(photo, item.error)}", file=sys.stderr)
        if as_json or not several:
            (report or JsonReport(str(photo))).close(item)
        report = None
    return items


def _heading(progress: SeriesProgress) -> str:
    """What the bar says before it: which picture it is, and how long all take."""
    left = "" if progress.seconds_left is None else f", {tqdm.format_interval(progress.seconds_left)} left"
    return f"{progress.at + 1}/{len(progress.items)} {progress.items[progress.at].name}{left}"


def _about(photo: Path, error: NSTError) -> str:
    """A sentence that begins with the photo."""
    sentence = error.sentence(by_flag, whole_paths=True)
    return sentence if sentence.startswith(f"{photo}: ") else f"{photo}: {sentence}"


def _sweep(keep_seconds: float, keep_bytes: int) -> None:
    """Delete the runs that are too old or too many, and name them."""
    gone = sweep(RESULTS, keep_seconds, keep_bytes=keep_bytes, names=RUN_ID)
    if gone:
        print(
            f"Deleted from {RESULTS}, where runs are kept for {keep_seconds / DAY:g} days and up to "
            f"{keep_bytes / 10**9:g} GB (--keep-days, --keep-gb): {', '.join(gone)}.",
            file=sys.stderr,
        )
