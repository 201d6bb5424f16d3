"""The command line: ``python -m nst transfer`` paints a picture, ``python -m nst styles`` lists the gallery.

Exit codes: 0 finished; 1 an error of the program; 2 a mistake of the user, told in one line on stderr;
130 interrupted by Ctrl-C, after which the picture so far and all its files are saved.
"""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from nst.engines.local import LocalEngine
from nst.engines.run import LocalRun
from nst.errors import ImageError, NSTError, StyleError
from nst.flags import add_setting_flags, settings_given
from nst.pictures.decode import read_picture
from nst.pictures.styles import Style, find_style, gallery
from nst.report import BarReport, JsonReport
from nst.runs.folder import RunFolder
from nst.settings import DEFAULT_QUALITY, QUALITIES, Settings
from nst.steps import Job, Picture
from nst.version import __version__

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        argv: the arguments without the program's name; those of the process when None.
    """
    arguments = _parser().parse_args(argv)
    # What is only worth a warning comes with the Steps as a note, and is printed once.
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        return arguments.command(arguments)
    except NSTError as error:
        print(f"nst: {error}", file=sys.stderr)
        return 1 if type(error) is NSTError else 2
    except KeyboardInterrupt:
        print("nst: interrupted; nothing more is saved.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout is gone; what is left in its buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


class _Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"nst: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m nst", description="A photo and a painting in, the photo as a painting out.")
    parser.add_argument("--version", action="version", version=f"nst {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="name")
    _add_transfer(commands.add_parser("transfer", help="paint a photo in a style", allow_abbrev=False))
    styles = commands.add_parser("styles", help="list the styles of the gallery", allow_abbrev=False)
    styles.add_argument("--json", action="store_true", help="print them as a JSON array")
    styles.set_defaults(command=_styles)
    return parser


def _add_transfer(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_transfer)
    add = parser.add_argument
    add("photo", metavar="PHOTO", type=Path, help="the picture to paint")
    add(
        "--style", metavar="NAME_OR_FILE", action="append", required=True,
        help="a style of the gallery or a picture file; several blend (see --style-weights)",
    )  # fmt: skip
    add(
        "--quality", metavar="{" + ",".join(QUALITIES) + "}", default=DEFAULT_QUALITY,
        help=f"how many steps are taken; flags below go first (default {DEFAULT_QUALITY})",
    )  # fmt: skip
    add("--device", metavar="NAME", help="auto, cpu, cuda, cuda:N or mps (default auto)")
    add("--weights", metavar="FILE", help="trained VGG weights, .pth or .safetensors")
    add(
        "--out", metavar="DIR", type=Path,
        help="write the files directly into DIR, replacing those of an earlier run (default: results/<time>-<id>/)",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object per step on stdout, the last one with the files")
    add_setting_flags(parser)


# --- styles ------------------------------------------------------------------------------------


def _styles(arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps([_entry(style) for style in gallery()], indent=2, ensure_ascii=False))
        return 0
    width = max(len(style.key) for style in gallery())
    for style in gallery():
        print(f"{style.key:{width}}  {style.title}, {style.artist}, {style.year}")
    return 0


def _entry(style: Style) -> dict[str, object]:
    """A style as JSON can hold it."""
    return {**vars(style), "path": str(style.path), "suggested": dict(style.suggested)}


# --- transfer ----------------------------------------------------------------------------------


def _transfer(arguments: argparse.Namespace) -> int:
    job = _job(arguments)
    where = RunFolder.at(arguments.out) if arguments.out else RunFolder.new(Path("results"))
    where.check()  # The engine checks it, too, but it takes seconds to load.
    engine = LocalEngine(arguments.device, heartbeat=None)
    patience = 30.0
    try:
        return _follow(engine.submit(job, where), JsonReport() if arguments.json else BarReport())
    except KeyboardInterrupt:
        patience = 0.0
        raise
    finally:
        engine.close(patience)


def _job(arguments: argparse.Namespace) -> Job:
    """The pictures and settings that the arguments ask for; everything cheap is refused here."""
    named = [_named(name) for name in arguments.style]
    suggested = next((dict(style.suggested) for style in named if style), {})
    settings = Settings.of_quality(arguments.quality, **{**suggested, **settings_given(arguments)})
    files = [style.path if style else Path(name) for style, name in zip(named, arguments.style, strict=True)]
    return Job(
        content=_picture(arguments.photo),
        styles=tuple(_picture(file) for file in files),
        settings=settings,
        content_name=arguments.photo.name,
        style_names=tuple(style.title if style else file.name for style, file in zip(named, files, strict=True)),
        weights=arguments.weights,
    )


def _named(name: str) -> Style | None:
    """The style of the gallery of that name, or None for a file."""
    try:
        return find_style(name)
    except StyleError:
        if Path(name).is_file():
            return None
        raise


def _picture(file: Path) -> Picture:
    """A picture from a file, which an error names: there are several in one command."""
    try:
        return read_picture(file)
    except ImageError as error:
        raise ImageError(f"{file}: {error}") from error


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
