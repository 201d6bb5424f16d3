"""``python -m nst transfer``: paints photos. Ctrl-C, SIGTERM and SIGHUP end it softly, with everything saved."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from nst.commands.choices import Choices, read_choices
from nst.commands.flags import add_keep_flags, add_setting_flags, by_flag, kept, memory_bytes
from nst.commands.interrupts import caught_signals, exit_code
from nst.commands.photos import list_destinations, list_photos
from nst.commands.report import BarReport, JsonReport
from nst.engines.local import LocalEngine
from nst.errors import NSTError
from nst.limits import DAY, Limits
from nst.pictures.masks import SWAP, rules
from nst.process import tune_heap_and_openmp
from nst.recipes import DEFAULT_RECIPE, qualities
from nst.runs.destination import UNFINISHED, Destination, ResultsFolder, locked
from nst.runs.folder import RUN_ID
from nst.runs.record import needed_mb
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
    add(
        "--style", metavar="NAME_OR_FILE", action="append",
        help="a style of the gallery or a picture file; several blend (see --style-weights)",
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
    add(
        "--out", metavar="PATH", type=Path,
        help="a picture file ending in .png, .jpg, .jpeg or .webp, or else a folder for all files, with a folder in it "
        "for each of several photos; an earlier run's are replaced at the end (default: results/<time>-<id>/)",
    )  # fmt: skip
    add("--all-files", action="store_true", help="write the other files, too, beside the picture file of --out")
    add(
        "--every", metavar="N", type=int,
        help="keep the picture of every Nth step, however many these are (default: 40, or as the recipe says)",
    )  # fmt: skip
    add_keep_flags(parser)
    add("--json", action="store_true", help="print one JSON object per step on stdout, the last one with the files")
    add_setting_flags(parser)
    parser.epilog = (
        "--init also takes a picture file, such as an earlier result: only the finest scale is painted then. "
        "Exit codes: 0 every photo is painted; 1 an error of the program; 2 a mistake, or a photo was left out; "
        "130, 143, 129 ended by Ctrl-C, SIGTERM, SIGHUP, with the picture so far saved."
    )


def _transfer(arguments: argparse.Namespace) -> int:
    choices, (keep_seconds, keep_bytes) = read_choices(arguments), kept(arguments)
    choices.check()
    out, several = arguments.out, len(arguments.photos) > 1 or arguments.photos[0].is_dir()
    photos = list_photos(arguments.photos)
    destinations: Sequence[Destination | ResultsFolder] = [ResultsFolder(RESULTS) for _ in photos]
    if out is not None:
        destinations = list_destinations(out, arguments.photos, photos, arguments.all_files)
    tune_heap_and_openmp()
    left_out = 0
    with (
        caught_signals("nst") as caught,
        locked(out / UNFINISHED, out) if out is not None and several else nullcontext(),
        closing(_Painter(arguments, choices, caught)) as painter,
    ):
        for photo, destination in zip(photos, destinations, strict=True):
            try:
                painter.paint(photo, destination)
            except NSTError as error:
                if not several:
                    raise
                left_out += 1
                print(f"nst: {_about(photo, error)}", file=sys.stderr)
            if caught:
                break
        if out is None:
            _sweep(keep_seconds, keep_bytes)
    return exit_code(caught[0]) if caught else 2 if left_out else 0


def _about(photo: Path, error: NSTError) -> str:
    """A sentence that begins with the photo."""
    sentence = error.sentence(by_flag)
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


class _Painter:
    """Paints one photo after another; the engine is started when the first is ready, as that takes seconds.

    Args:
        arguments: those of the command line.
        choices: what they choose.
        caught: gets an entry when the program is asked to end.
    """

    def __init__(self, arguments: argparse.Namespace, choices: Choices, caught: Sequence[int]) -> None:
        self._arguments, self._choices, self._caught = arguments, choices, caught
        self._memory = memory_bytes(arguments.memory)
        self._engine: LocalEngine | None = None

    def paint(self, photo: Path, destination: Destination | ResultsFolder) -> None:
        """Paint a photo, save its files and report both; nothing once the program is asked to end.

        Raises:
            NSTError: it cannot be painted, or not saved.
        """
        job = self._choices.job(photo)
        with destination.reserve(job.size, needed_mb(job)):
            if self._caught:
                return
            report = (JsonReport if self._arguments.json else BarReport)(str(photo))
            run = self._start_engine().submit(lambda: job, destination.run_folder)
            for progress in run.progress():
                if self._caught:
                    run.stop()
                report.show(progress)
            files = destination.deliver(progress.files)
            if run.failure is not None:
                raise run.failure
            report.close(run.id, progress.state, files)

    def close(self) -> None:
        """End the engine, if it was started."""
        if self._engine is not None:
            self._engine.close()

    def _start_engine(self) -> LocalEngine:
        if self._engine is None:
            limits, weights = Limits(grace_seconds=None), self._arguments.weights
            self._engine = LocalEngine(self._arguments.device, limits=limits, memory=self._memory, weights=weights)
        return self._engine
