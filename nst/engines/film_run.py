"""A film from a clip: what is missing of it is painted."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from nst.engines.lazy import film_steps
from nst.engines.worker import PaintFilm
from nst.pictures.clips import film_frames
from nst.pictures.masks import is_rule
from nst.pictures.png import read_png
from nst.runs.destination import settings_document
from nst.runs.folder import RunFolder
from nst.steps import Job, PaintedFrame, Step
from nst.transfer.options import StylizeOptions


def paint_film(job: Job, folder: RunFolder, options: StylizeOptions, paint: PaintFilm = film_steps) -> Iterator[Step]:
    """Paint the frames that the folder does not have yet; where it has all of them, the last one again.

    Args:
        job: that of a film.
        folder: gets the frames, see ``nst.runs.record.record``.
        options: device, controls and the like; mask and start are the job's.
        paint: the loop.

    Yields:
        The Steps as from ``nst.transfer.film.film_steps``; ``seconds`` count on from the last frame that is there.

    Raises:
        NSTError: a frame cannot be read or painted.
    """
    film = job.film
    if film is None:
        raise ValueError("the job is not of a film")
    seconds = settings_document(folder.file("settings")).get("seconds", 0.0) if folder.painted else 0.0
    done, rule = min(folder.painted, film.frames - 1), job.sources.get("mask", "")
    contents = film_frames(film, job.settings)
    earlier = (
        PaintedFrame(each, read_png(folder.frame(number)))
        for number, each in enumerate(islice(contents, done), start=1)
    )
    mask = rule if film.settings.mask_follows and is_rule(rule) else job.mask
    options = replace(options, mask=mask, start=job.start)
    steps = paint(contents, job.styles, job.settings, film.settings, options, earlier=earlier, first=done + 1)
    return (replace(step, seconds=seconds + step.seconds) for step in steps)
