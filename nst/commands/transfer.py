"""``python -m nst transfer``: paints a picture. Ctrl-C ends it softly, with everything saved."""

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from nst.engines.local import LocalEngine
from nst.engines.run import LocalRun
from nst.errors import ImageError, StyleError
from nst.flags import add_setting_flags, settings_given
from nst.pictures.decode import read_picture
from nst.pictures.styles import Style, find_style
from nst.report import BarReport, JsonReport
from nst.runs.folder import RunFolder
from nst.settings import DEFAULT_QUALITY, QUALITIES, Settings
from nst.steps import Job, Picture

#: The exit code of a run that Ctrl-C ended.
INTERRUPTED = 130


def add_transfer(parser: argparse.ArgumentParser) -> None:
    """Make a parser that of this command."""
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
