"""``python -m nst transfer``: paints a picture. Ctrl-C ends it softly, with everything saved."""

import argparse
import os.path
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from nst.commands.flags import add_setting_flags, memory_bytes, settings_given
from nst.commands.report import BarReport, JsonReport
from nst.engines.local import LocalEngine
from nst.engines.run import LocalRun
from nst.errors import FieldName, SettingsError, StyleError
from nst.jobs import PictureFile, make_job
from nst.limits import Limits
from nst.process import tune_heap_and_openmp
from nst.recipes import DEFAULT_RECIPE, find_recipe, qualities
from nst.runs.folder import RunFolder
from nst.saved_settings import SavedSettings, read_settings_file
from nst.settings import specs
from nst.steps import Job
from nst.validation import either, quoted

#: The exit code of a run that Ctrl-C ended.
INTERRUPTED = 130


def add_transfer(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.set_defaults(command=_transfer)
    add = parser.add_argument
    add("photo", metavar="PHOTO", type=Path, help="the picture to paint")
    add(
        "--style", metavar="NAME_OR_FILE", action="append",
        help="a style of the gallery or a picture file; several blend (see --style-weights)",
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
        "--out", metavar="DIR", type=Path,
        help="write the files directly into DIR, replacing those of an earlier run (default: results/<time>-<id>/)",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object per step on stdout, the last one with the files")
    add_setting_flags(parser)
    parser.epilog = (
        "--init also takes a picture file, such as an earlier result: only the finest scale is painted then."
    )


def _transfer(arguments: argparse.Namespace) -> int:
    job = _job(arguments)
    where = RunFolder.at(arguments.out) if arguments.out else RunFolder.new(Path("results"))
    tune_heap_and_openmp()
    where.check()  # The engine checks it, too, but it takes seconds to load.
    memory = memory_bytes(arguments.memory)
    engine = LocalEngine(arguments.device, limits=Limits(grace_seconds=None), memory=memory, weights=arguments.weights)
    patience = 30.0
    try:
        return _follow(engine.submit(job, where), JsonReport() if arguments.json else BarReport())
    except KeyboardInterrupt:
        patience = 0.0
        raise
    finally:
        engine.close(patience)


def _job(arguments: argparse.Namespace) -> Job:
    """The pictures and settings that the arguments name."""
    photo = PictureFile(path=arguments.photo, name=arguments.photo.name, label=str(arguments.photo))
    saved = read_settings_file(arguments.settings) if arguments.settings else SavedSettings()
    for note in saved.notes:
        print(note, file=sys.stderr)
    styles = [_style(name) for name in arguments.style or saved.styles]
    if not styles:
        raise StyleError("There is no style yet: name one with --style.")
    recipe, flags = _recipe(arguments), settings_given(arguments)
    start = _start(flags.get("init"))
    if start is not None:
        del flags["init"]
    changes = {**_without_shares(saved.settings, arguments.style), **(find_recipe(recipe).settings if recipe else {})}
    return make_job(photo, styles, {**changes, **flags}, recipe=recipe or saved.recipe, start=start)


def _start(init: str | None) -> PictureFile | None:
    """The picture to start from, where --init is none of its words but a file."""
    if init is None or init in specs()["init"].choices or not os.path.isfile(init):
        return None
    return PictureFile(path=Path(init), name=Path(init).name, label=init)


def _without_shares(settings: Mapping[str, Any], styles: list[str] | None) -> dict[str, Any]:
    """Saved settings; the shares of the saved styles are not those of other ``styles``."""
    return {name: value for name, value in settings.items() if name != "style_weights" or not styles}


def _recipe(arguments: argparse.Namespace) -> str | None:
    """The name of the recipe that one of the two flags names, or None."""
    quality = arguments.quality
    if quality is not None and quality not in qualities():
        raise SettingsError(FieldName("quality"), f" is {quoted(quality)}; it must be {either(qualities())}.")
    return quality or arguments.recipe


def _style(name: str) -> PictureFile:
    """The style of the gallery of that name, or else the file."""
    try:
        return PictureFile.of_style(name)
    except StyleError:
        if not os.path.isfile(name):
            raise
        return PictureFile(path=Path(name), name=Path(name).name, label=name)


def _follow(run: LocalRun, report: BarReport | JsonReport) -> int:
    """Show a run to its end; Ctrl-C ends it softly."""
    with _soft_interrupt() as interrupted:
        for progress in run.progress():
            if interrupted:
                run.stop()
            report.show(progress)
        if run.failure is not None:
            raise run.failure
        report.close(run, progress)
    return INTERRUPTED if interrupted else 0


@contextmanager
def _soft_interrupt() -> Iterator[list[int]]:
    """A list that gets an entry at the first Ctrl-C; the second one raises KeyboardInterrupt as usual."""
    caught: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)
