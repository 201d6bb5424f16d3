"""A film from a clip: what is missing of it is painted."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from nst.engines.lazy import film_steps
from nst.pictures.clips import read_frames
from nst.pyramid import result_size
from nst.runs.film_folder import FilmFolder
from nst.settings import FilmSettings, Settings
from nst.steps import BACK, Clip, Job, PaintedFrame, Picture, Step
from nst.transfer.options import StylizeOptions


def film_frames(clip: Clip, settings: Settings, film: FilmSettings, first: int = 0) -> Iterator[Picture]:
    """The frames of a clip that a film of it has, no larger than they are painted, from number ``first`` on (from 0).

    Raises:
        ImageError: the clip is damaged or gone.
    """
    return read_frames(clip, film.frame_rate, max(result_size(clip.width, clip.height, settings.size)), first)


def paint_film(clip: Clip, job: Job, film: FilmSettings, folder: FilmFolder, options: StylizeOptions) -> Iterator[Step]:
    """Paint the frames that the folder does not have yet.

    Args:
        clip: what is painted.
        job: settings, styles and mask; its content is the first frame.
        film: the settings of the film.
        folder: gets every frame as it is finished; begun, see ``FilmFolder.begin``.
        options: device, controls and the like; mask and start are the job's.

    Yields:
        The Steps as from ``nst.transfer.film.film_steps``.

    Raises:
        NSTError: a frame cannot be read, painted or written.
    """
    done = folder.painted
    back = min(done, max(BACK))
    contents = film_frames(clip, job.settings, film, done - back)
    numbers = range(done - back + 1, done + 1)
    earlier = [
        PaintedFrame(each, folder.read(number)) for each, number in zip(islice(contents, back), numbers, strict=False)
    ]
    options = replace(options, mask=job.mask, start=job.start)
    return folder.record(film_steps(contents, job.styles, job.settings, film, options, earlier=earlier, first=done + 1))
