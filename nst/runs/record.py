"""While a run goes on: its settings, log, frames and checkpoints are written as the Steps pass through."""

import csv
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from nst.errors import OutputError
from nst.files import atomic
from nst.pictures.animation import MAX_GIF_FRAMES
from nst.pictures.png import write_png
from nst.pictures.resize import shrink
from nst.pyramid import total_steps
from nst.runs.checkpoint import CheckpointWriter
from nst.runs.folder import NEEDED_MB, RunFolder, writing
from nst.runs.inputs import write_inputs
from nst.settings import Settings
from nst.steps import Film, Job, Losses, Step
from nst.version import __version__

#: Most frames of a run that asks for none, as many as a GIF shows: the start, forty, and the last between two of them.
MAX_FRAMES = MAX_GIF_FRAMES
#: Frames are made smaller to this long side, so that all of them stay small beside the result.
FRAME_SIDE = 1024
INCOMPLETE = "Frames and log are not complete; the run goes on."
#: Longest title of a picture that goes into settings.json.
MAX_NAME = 80


def frame_interval(total: int, every: int = 0) -> int:
    """Every how many steps a frame is kept.

    Step 0 and the last Step are frames at any interval, so two are set aside.

    Args:
        total: the optimiser steps of the run.
        every: the interval that is asked for; with 0, ``total`` steps give at most ``MAX_FRAMES``.
    """
    return every or max(1, -(-total // (MAX_FRAMES - 2)))


def needed_mb(job: Job) -> int:
    """Free space that a run of the job must find at its start, in MB: with all its frames, none of them compressed."""
    total, finest = total_steps(job.scales), job.scales[-1]
    if job.film is not None:
        return NEEDED_MB + job.film.frames * finest.width * finest.height * 3 // 10**6
    pixels = min(finest.width * finest.height, FRAME_SIDE**2)
    frames = total // frame_interval(total, job.picture_every) + 2
    return NEEDED_MB + (frames * pixels * 3 // 10**6 if job.picture_every else 0)


def record(steps: Iterable[Step], folder: RunFolder, job: Job) -> Iterator[Step]:
    """Pass every Step on, after what it brings has been written.

    The folder is made at the first Step, so a run that fails before it leaves no trace. log.csv
    grows by whole lines and can be read at any time; every other file appears whole. A job that starts
    from a checkpoint goes on with the log and the frames of its folder. What cannot be written later is left out: the
    result may still be, so the run goes on, and the first such Step gets a note; but a film with a frame left out would
    be another, so its run ends, and can go on later.

    Args:
        steps: from the loop, with images at the multiples of ``frame_interval``.
        folder: where to write.
        job: what the Steps are painted from.

    Raises:
        OutputError: the folder cannot be made, or a frame of a film cannot be written.
    """
    log: TextIO | None = None
    checkpoints, complete = CheckpointWriter(folder), True
    try:
        for step in steps:
            with writing(folder.path):
                log = log or _open(folder, job, step)
            try:
                with writing(folder.path):
                    _write(step, folder, job, log)
                if folder.resumable and job.film is None and checkpoints.write_if_due(step):
                    write_settings(folder, job, step)
            except OutputError as error:
                if job.film is not None:
                    raise
                if complete:
                    step = replace(step, note=f"{step.note} {error} {INCOMPLETE}".strip())
                complete = False
            yield step
    finally:
        if log is not None:
            with suppress(OSError):  # The rest of a line that the disk had no room for.
                log.close()


def write_settings(folder: RunFolder, job: Job, step: Step) -> Path:
    """Write settings.json as of a Step: what was asked for, what painted it, and how far it came.

    ``settings`` are those of the start and give the same picture again; settings changed during the
    run are in ``changed``, with the values in force at the Step.
    """
    document = _document(folder, job, step)
    path = folder.file("settings")
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def describes(document: Mapping[str, Any], job: Job) -> bool:
    """Whether what settings.json holds is of a run of the same pictures, by their bytes, with the same settings."""
    asked = {"sources": dict(job.sources), "settings": job.settings.to_dict(), "picture_every": job.picture_every}
    asked["film"] = job.film.settings.to_dict() if job.film else None
    return not document.get("changed") and all(document.get(name) == value for name, value in asked.items())


def display_name(name: str) -> str:
    """A title as one short line of text: the last part of a path, without control characters."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if c.isprintable()).strip()
    return printable[:MAX_NAME] or "picture"


def _document(folder: RunFolder, job: Job, step: Step) -> dict[str, Any]:
    """What settings.json holds."""
    start, now = job.settings.to_dict(), settings_at(step, job).to_dict()
    height, width = (step.height, step.width) if step.image is None else step.image.shape[:2]
    return {
        "version": __version__,
        "id": folder.id,
        "written": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "content": display_name(job.content_name),
        "content_size": [*job.content_size],
        "styles": [display_name(name) for name in job.style_names],
        "mask": display_name(job.mask_name) if job.mask_name else "",
        "network": step.network,
        "device": step.device,
        "recipe": job.recipe,
        "picture_every": job.picture_every,
        "sources": dict(job.sources),
        "settings": start,
        "changed": {name: value for name, value in now.items() if value != start[name]},
        "step": step.index,
        "steps": step.total,
        "seconds": round(step.seconds, 3),
        "width": width,
        "height": height,
        "end": job.end(step),
        "metrics": step.metrics,
        **(_film_document(job.film, step) if job.film else {}),
    }


def settings_at(step: Step, job: Job) -> Settings:
    """The settings in force at a Step; those of a film, whose frames after the first have steps of their own."""
    return step.settings.replace(steps=job.settings.steps)


def _film_document(film: Film, step: Step) -> dict[str, Any]:
    """What settings.json holds of a film beside the rest."""
    clip = film.clip
    return {
        "film": film.settings.to_dict(),
        "clip": {
            "width": clip.width, "height": clip.height, "seconds": round(clip.seconds, 3), "rate": float(clip.rate),
            "frames": clip.frames, "sound": clip.sound,
        },
        "frame": step.frame,
        "frames": film.frames,
    }  # fmt: skip


def _open(folder: RunFolder, job: Job, first: Step) -> TextIO:
    """Make the folder with settings.json, the pictures that are kept of the job, and the head of log.csv."""
    goes_on = first.frame if first.frame > 1 else job.start.index if job.start else 0
    if goes_on > 0 and folder.file("log").exists():
        folder.go_back(goes_on)
        write_settings(folder, job, first)
        return folder.file("log").open("a", encoding="utf-8", newline="", buffering=1)
    folder.begin()
    write_settings(folder, job, first)
    if folder.resumable:
        write_inputs(folder, job)
    log = folder.file("log").open("w", encoding="utf-8", newline="", buffering=1)
    frame = ["frame"] if job.film else []
    _line(log, [*frame, "step", "scale", "size", *_losses(first.losses, job), "seconds"])
    return log


def _write(step: Step, folder: RunFolder, job: Job, log: TextIO) -> None:
    """Add a Step to the log, and its image to the frames, at the size it was painted, when a frame is due."""
    size, number = f"{step.width}x{step.height}", [step.frame] if job.film else []
    numbers = (f"{loss:.6g}" for loss in _losses(step.losses, job).values())
    _line(log, [*number, step.index, step.scale, size, *numbers, f"{step.seconds:.3f}"])
    if job.film is not None:
        _write_film_frame(step, folder, job)
        return
    due = step.index % frame_interval(step.total, job.picture_every) == 0
    if step.image is not None and (due or step.end):
        side = min(FRAME_SIDE, max(step.width, step.height))
        frame, path = shrink(step.image, side), folder.frame(step.index)
        write_png(path, frame, settings=step.settings, network=step.network, device=step.device)


def _write_film_frame(step: Step, folder: RunFolder, job: Job) -> None:
    """Write a frame of a film when it is finished, and the time that the film has taken so far."""
    if step.image is not None and step.end == "finished":
        path = folder.frame(step.frame)
        write_png(path, step.image, settings=step.settings, network=step.network, device=step.device)
        write_settings(folder, job, replace(step, end=None))


def _losses(losses: Losses, job: Job) -> dict[str, float]:
    """Every loss by the name of its column; those of a film are the same for each frame."""
    columns: dict[str, float] = {}
    for name, loss in losses.to_dict().items():
        columns |= loss if isinstance(loss, Mapping) else {name: loss}
    total = columns.pop("total")
    return {**columns, **({"temporal": columns.get("temporal", 0.0)} if job.film else {}), "total": total}


def _line(log: TextIO, cells: list[Any]) -> None:
    """One whole line, flushed: the file is line buffered."""
    csv.writer(log, lineterminator="\n").writerow(cells)
