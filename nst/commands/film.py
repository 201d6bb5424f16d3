"""``python -m nst film``: paints a clip. Ctrl-C ends it with a clip of what is painted; the same command goes on."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nst.commands.choices import read_choices
from nst.commands.flags import add_film_flags, add_setting_flags, memory_bytes, settings_given
from nst.commands.interrupts import caught_signals, exit_code, nothing_kept
from nst.commands.report import print_json, step_entry
from nst.commands.transfer import RESULTS, add_painting_flags
from nst.controls import Controls
from nst.download_progress import Download
from nst.engines.film_run import paint_film
from nst.errors import ImageError
from nst.files import slug
from nst.pictures.clip_writer import write_clip
from nst.process import tune_heap_and_openmp
from nst.runs.film_folder import FilmFolder
from nst.runs.folder import RunFolder
from nst.runs.record import record
from nst.settings import FilmSettings
from nst.steps import Job, Step
from nst.transfer.options import StylizeOptions


def add_film(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.set_defaults(command=_film, style_each=None, every=None)
    add = parser.add_argument
    add("clip", metavar="CLIP", type=Path, help="the clip: a video or an animated picture")
    add("more", nargs="*", help=argparse.SUPPRESS)
    add_painting_flags(parser)
    add(
        "--out", metavar="FILE", type=Path,
        help="ends in .mp4, .gif or .webp; only an MP4 has the clip's sound "
        f"(default: {RESULTS}/film-<clip>-<style>.mp4)",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object per frame on stdout, the last one with the file")
    add_film_flags(parser)
    add_setting_flags(parser, without=["enlarge"])
    parser.epilog = (
        "The first frame, and the first after each cut, is painted like a picture; a mask belongs to the first frame, "
        "see --mask-motion. The same command again goes on where it was. Exit codes: 0 the film is painted; 1 an error "
        "of the program; 2 a mistake; 130, 143, 129 ended by Ctrl-C, SIGTERM, SIGHUP, with a clip of the frames so far."
    )


def _film(arguments: argparse.Namespace) -> int:
    if arguments.more:
        raise ImageError(f"film paints one clip per command; here are {1 + len(arguments.more)}.")
    choices = read_choices(arguments)
    film = FilmSettings(**{**choices.film, **settings_given(arguments, FilmSettings)})
    name = slug("film", arguments.clip.stem, *[style.name for style in choices.styles])
    out = arguments.out or RESULTS / f"{name}.mp4"
    folder, job = FilmFolder(out), choices.film_job(arguments.clip, film)
    tune_heap_and_openmp()
    with caught_signals("nst") as caught, folder.reserve():
        folder.begin(job)
        for note in job.notes:
            print(note, file=sys.stderr)
        options = StylizeOptions(
            device=arguments.device, weights=arguments.weights, memory=memory_bytes(arguments.memory),
            preview_seconds=-1,
        )  # fmt: skip
        _paint(job.loaded(), folder.run_folder, options, caught, as_json=arguments.json)
        frames = folder.run_folder.painted
        if frames and job.film:
            write_clip(out, folder.frames(), job.film.rate, job.film.clip)
        if not caught:
            folder.close()
    if caught and not frames:
        return nothing_kept(caught[0])
    _report(out, frames, job, "stopped" if caught else "finished", as_json=arguments.json)
    return exit_code(caught[0]) if caught else 0


def _paint(job: Job, folder: RunFolder, options: StylizeOptions, caught: list[int], *, as_json: bool) -> None:
    """Paint what is missing until a signal comes, with a bar on a terminal, and else a line or JSON for each frame."""
    controls = Controls()
    with tqdm(
        unit="frame", total=job.frames, initial=folder.painted, disable=None, file=sys.stderr, dynamic_ncols=True
    ) as bar:

        def report(download: Download) -> None:
            bar.set_postfix_str(f"fetching {download.title}'s weights, {download.amount}")

        steps = paint_film(job, folder, replace(options, controls=controls, report=report))
        for step in record(steps, folder, job):
            if caught:
                controls.stop()
            if step.note:
                tqdm.write(step.note, sys.stderr)
            _show(bar, step)
            if step.end != "finished":
                continue
            if as_json:
                print_json({"frame": step.frame, "frames": job.frames, **step_entry(step)})
            elif bar.disable:
                tqdm.write(f"Frame {step.frame} of {job.frames}, {step.seconds:.0f} s", sys.stderr)


def _show(bar: "tqdm[Any]", step: Step) -> None:
    """Move the bar to a Step."""
    bar.set_postfix_str(f"step {step.index}/{step.total}, loss {step.losses.total:.4g}, {step.width}x{step.height}")
    if step.end == "finished":
        bar.update()


def _report(out: Path, frames: int, job: Job, end: str, *, as_json: bool) -> None:
    """What was painted, and where it is."""
    if as_json:
        print_json({"end": end, "frames": frames, "file": str(out)})
    elif end == "finished":
        print(f"{job.content_name} finished: {frames} of {job.frames} frames\n{out}")
    else:
        print(f"{out}\nstopped after {frames} of {job.frames} frames; the same command goes on from there")
