"""Films and moving pictures of every kind: opened by their content, read as pictures at any rate."""

import logging
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np
from PIL import Image

from nst.errors import ImageError
from nst.pictures import size_limits
from nst.pictures.containers import identify
from nst.pictures.decode import check_file
from nst.pictures.moving import MOVING, moving_frames, open_moving
from nst.pictures.video import open_video, video_frames
from nst.pictures.video_guard import ENDINGS, HEAD_BYTES, begins_like_video
from nst.pyramid import result_size
from nst.settings import FilmSettings, Settings
from nst.steps import Clip, Film, Picture

_log = logging.getLogger(__name__)

#: What a codec changes in a picture that it repeats, in levels of 255: the mean over the picture, and in any channel of
#: a square of so many pixels, rounded. A pan or a fade changes more of the first, a thing that moves of the second.
MEAN_CHANGE, SQUARE_CHANGE, SQUARE = 0.25, 1, 16


def open_clip(path: str | os.PathLike[str]) -> Clip:
    """Measure a clip without decoding more than its first frame.

    Args:
        path: an MP4, MOV, WebM, MKV, AVI, GIF, APNG or animated WebP; its content decides, not its name.

    Returns:
        What it holds as a player shows it. Of one that is cut off, what is there, with a note.

    Raises:
        ImageError: no such file, another format, damaged, a single frame, or beyond a limit of
            ``nst.pictures.size_limits``.
    """
    with _damage_as_image_errors():
        check_file(path, size_limits.MAX_CLIP_BYTES, "clip")
        kind = _moving(Path(path))
        return open_moving(Path(path), kind) if kind else open_video(Path(path))


def is_video(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a video by its first bytes, or by its name where these are unknown; a picture may move, too."""
    try:
        check_file(path, size_limits.MAX_CLIP_BYTES)
        with Path(path).open("rb") as file:
            head = file.read(HEAD_BYTES)
        return identify(head) is None and (begins_like_video(head) or Path(path).suffix.lower() in ENDINGS)
    except (ImageError, OSError):
        return False


def count_frames(clip: Clip, rate: Fraction | int) -> int:
    """How many frames ``read_frames`` yields at a rate: the clip's length to the nearest frame, at least one."""
    return max(1, _frames_until(clip.seconds, rate))


def make_film(clip: Clip, settings: FilmSettings) -> Film:
    """The film that a clip becomes with these settings."""
    rate = min(Fraction(settings.frame_rate), clip.rate)
    return Film(clip=clip, settings=settings, rate=rate, frames=count_frames(clip, rate))


def read_frames(clip: Clip, rate: Fraction | int, side: int) -> Iterator[Picture]:
    """The clip's frames at a steady rate, decoded one at a time.

    Frame k is what is shown in its middle, (k + 1/2) / rate seconds from the start, so that a clip at its own rate
    comes out frame by frame.

    Args:
        clip: as opened.
        rate: frames per second.
        side: pixels; frames with a longer side are reduced to it.

    Yields:
        ``count_frames`` pictures, uint8 (H, W, 3), upright, sRGB, over white where transparent, all of one shape. One
        that is shown for longer, as before what cannot be decoded, is the same array again.

    Raises:
        ImageError: the clip can no longer be read.
    """
    with _damage_as_image_errors():
        number, total, make = 0, count_frames(clip, rate), None
        for end, make in _frames(clip.path, side):
            stop = min(_frames_until(end, rate), total)
            if number < stop:
                yield from [make()] * (stop - number)
                number = stop
        if number < total and make:
            yield from [make()] * (total - number)


def film_frames(film: Film, settings: Settings) -> Iterator[Picture]:
    """The frames that a film paints, no larger than they are painted.

    One of a video that differs from the last by no more than a codec's noise is the last one again.

    Raises:
        ImageError: the clip is damaged or gone.
    """
    with _damage_as_image_errors():
        noisy = _moving(film.clip.path) is None
    frames = read_frames(film.clip, film.rate, max(result_size(film.clip.width, film.clip.height, settings.size)))
    yield from accumulate(frames, _or_repeat) if noisy else frames


def _or_repeat(last: Picture, frame: Picture) -> Picture:
    """The frame, or the last one where it repeats that.

    As it is compared with the last one that is not itself a repeat, what changes slowly is at most a little late.
    """
    if frame is last:
        return last
    difference = np.maximum(frame, last) - np.minimum(frame, last)
    squares = np.asarray(Image.fromarray(difference).reduce(SQUARE))
    return last if difference.mean() <= MEAN_CHANGE and squares.max() <= SQUARE_CHANGE else frame


def _frames_until(seconds: float, rate: Fraction | int) -> int:
    """How many frames have their middle before this time, but for rounding."""
    return math.ceil(seconds * float(rate) - 0.5 - 1e-6)


def _frames(path: Path, side: int) -> Iterator[tuple[float, Callable[[], Picture]]]:
    kind = _moving(path)
    return moving_frames(path, kind, side) if kind else video_frames(path, side)


def _moving(path: Path) -> str | None:
    """One of MOVING, or None for a video."""
    with path.open("rb") as file:
        kind = identify(file.read(HEAD_BYTES))
    if kind and kind not in MOVING:
        raise ImageError(f"This {kind} file is a picture, not a clip.")
    return kind


@contextmanager
def _damage_as_image_errors() -> Iterator[None]:
    try:
        yield
    except ImageError:
        raise
    except MemoryError:
        raise ImageError("This clip needs more memory than there is.") from None
    except Exception as error:  # PyAV raises ValueError, OSError, UnicodeDecodeError, ... on broken files
        _log.info("a clip was refused: %s: %s", type(error).__name__, error)
        raise ImageError("This clip is damaged or incomplete and cannot be opened.") from None
