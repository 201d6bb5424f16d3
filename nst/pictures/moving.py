"""GIF, APNG and animated WebP, read with Pillow frame by frame."""

import io
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import accumulate
from pathlib import Path

import numpy as np
from PIL import Image

from nst.errors import ImageError
from nst.pictures import size_limits
from nst.pictures.containers import CLEANERS, Clean, clean_gif, clean_webp, webp_chunks
from nst.pictures.decode import read_file
from nst.pictures.resize import shrink
from nst.pictures.srgb import to_srgb
from nst.steps import Clip, Picture

#: The formats, each a key of CLEANERS.
MOVING = ("GIF", "PNG", "WebP")
#: The shortest frame of a clip with a steady rate has at least so much of the mean length.
EVEN = 0.75


def open_moving(path: Path, name: str) -> Clip:
    """Measure a moving picture by its headers and its first frame.

    Args:
        path: the file, of at most ``nst.pictures.size_limits.MAX_BYTES``, as it is read whole.
        name: one of MOVING.

    Raises:
        ImageError: a single frame, or beyond a limit.
        Exception: of any kind, as decoders raise them on damaged files.
    """
    clean = _clean(name, read_file(path))
    frames, seconds = len(clean.delays), math.fsum(clean.delays)
    if frames < 2:
        raise ImageError(f"This {name} file is a picture that does not move, not a clip.")
    size_limits.check_clip_length(seconds, frames)
    with _opened(name, clean) as image:
        image.load()
        width, height = image.size
    notes = ("This clip is cut off: what is there of it is used.",) if clean.cut else ()
    mean = frames / Fraction(seconds).limit_denominator(1000)
    return Clip(path, width, height, seconds, clip_rate(mean, min(clean.delays)), frames, notes=notes)


def clip_rate(mean: Fraction, shortest: float) -> Fraction:
    """Frames per second at which no frame is lost: the mean, or that of the shortest frame where they are uneven.

    Args:
        mean: frames per second.
        shortest: seconds.
    """
    return mean if mean * shortest > EVEN else Fraction(1 / shortest).limit_denominator(1001)


def moving_frames(path: Path, name: str, side: int) -> Iterator[tuple[float, Callable[[], Picture]]]:
    """The frames up to the first that cannot be decoded, each with its end in seconds and a function for its pixels.

    Args:
        path, name: as for ``open_moving``.
        side: the longest side of the pixels, which are uint8 (H, W, 3) in sRGB over white.
    """
    clean = _clean(name, read_file(path))
    with _opened(name, clean) as image:
        first = int(getattr(image, "default_image", False))  # a picture for viewers that do not know APNG
        for number, end in enumerate(accumulate(clean.delays), first):
            try:
                image.seek(number)
                image.load()
            except Exception:  # EOFError, OSError, SyntaxError, ... as decoders raise them on broken files
                return
            yield end, partial(_pixels, image.copy(), side)


def _clean(name: str, data: bytes) -> Clean:
    """The file with all of its frames; a WebP that is cut ends with its last whole chunk, as its decoder wants."""
    if name == "GIF":
        return clean_gif(data, size_limits.MAX_CLIP_FRAMES)
    clean = CLEANERS[name](data)
    if name == "WebP" and clean.cut:
        stop = max((stop for _, _, stop in webp_chunks(data) if stop <= len(data)), default=len(data))
        clean = clean_webp(b"RIFF" + (stop - 8).to_bytes(4, "little") + data[8:stop])._replace(cut=True)
    return clean


def _opened(name: str, clean: Clean) -> Image.Image:
    image = Image.open(io.BytesIO(clean.data), formats=[name])
    size_limits.check_clip_size(*image.size)
    if clean.profile:
        image.info.setdefault("icc_profile", clean.profile)
    return image


def _pixels(image: Image.Image, side: int) -> Picture:
    return shrink(np.array(to_srgb(image)[0]), side)
