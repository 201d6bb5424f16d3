"""A run as an animation: GIF for chats and pages, MP4 for everything else."""

import io
import logging
import os
from collections.abc import Sequence

import numpy as np
from PIL import Image

from nst.files import atomic
from nst.pictures.clip_writer import write_clip
from nst.steps import Picture

_log = logging.getLogger(__name__)

MAX_GIF_BYTES = 3_000_000
MAX_GIF_FRAMES = 42
#: (frames, long side) of the GIF, tried in turn until it is small enough; noise, the worst case, needs the fifth.
_GIF_SIZES = (
    (MAX_GIF_FRAMES, 384),
    (32, 352),
    (28, 320),
    (24, 288),
    (20, 256),
    (16, 224),
    (12, 192),
    (8, 160),
    (4, 128),
)
_GIF_RATE = 10
_PALETTE_COLOURS = 255  # the last one means "as in the previous frame", which keeps the file small
_PALETTE_FRAMES = 5

_MP4_SIDE = 704
_MP4_SECONDS = 8
_MP4_RATES = (10, 30)

_HOLD_SECONDS = 2


def write_gif(path: str | os.PathLike[str], frames: Sequence[Picture]) -> None:
    """Write a GIF that loops: at most MAX_GIF_FRAMES frames, 384 pixels, 3 MB; the last frame stays for two seconds.

    All frames share one palette, made from the last one and some others, which takes a tenth of the time of a palette
    for each frame and does not flicker. Error diffusion keeps smooth parts free of bands. If the file would be larger
    than 3 MB, fewer and smaller frames are written.

    Args:
        path: the file to write; it appears whole.
        frames: one or more, uint8, (height, width, 3), of any sizes: all are resized to the shape of the last one.
            Only those that are used are loaded, one at a time.

    Raises:
        OutputError: the file cannot be written.
        ValueError: no frames.
    """
    _check(frames)
    density, last = 0.0, frames[-1]
    for most, side in _GIF_SIZES:
        pixels = min(most, len(frames)) * side**2
        if density * pixels > MAX_GIF_BYTES:
            continue
        data = _gif([_resized(frames[i], _size(last, side)) for i in evenly_spaced(len(frames), most)])
        density = len(data) / pixels
        if len(data) <= MAX_GIF_BYTES:
            break
        _log.info("a GIF of %d frames at %d px has %d bytes; trying smaller", most, side, len(data))
    with atomic(path) as temporary:
        temporary.write_bytes(data)


def write_mp4(path: str | os.PathLike[str], frames: Sequence[Picture]) -> None:
    """Write an H.264 video for browsers: at most 704 pixels, about eight seconds; the last frame stays for two.

    Args:
        path: the file to write, ending in .mp4; it appears whole.
        frames: as for ``write_gif``.

    Raises:
        OutputError: the file cannot be written.
        ValueError: no frames.
    """
    _check(frames)
    slowest, fastest = _MP4_RATES
    rate = min(fastest, max(slowest, round(len(frames) / _MP4_SECONDS)))
    indices = evenly_spaced(len(frames), fastest * _MP4_SECONDS)
    size = _size(frames[-1], _MP4_SIDE, multiple=2)
    shown = [*indices, *[indices[-1]] * (rate * _HOLD_SECONDS)]
    write_clip(path, (np.asarray(_resized(frames[index], size)) for index in shown), rate)


def evenly_spaced(count: int, most: int) -> list[int]:
    """At most ``most`` evenly spaced indices of ``count`` items: always the last, and the first if there are two.

    >>> evenly_spaced(7, 3)
    [0, 3, 6]
    """
    length = min(count, most)
    if length <= 1:
        return [count - 1] * length
    return [round(i * (count - 1) / (length - 1)) for i in range(length)]


def _check(frames: Sequence[Picture]) -> None:
    if not len(frames):
        raise ValueError("no frames")


def _size(last: Picture, side: int, multiple: int = 1) -> tuple[int, int]:
    """(width, height) of the animation: the last frame's shape, never enlarged."""
    height, width = last.shape[:2]
    scale = min(1.0, side / max(width, height))
    wide, high = (max(multiple, round(s * scale) // multiple * multiple) for s in (width, height))
    return wide, high


def _resized(frame: Picture, size: tuple[int, int]) -> Image.Image:
    return Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS)


def _gif(frames: list[Image.Image]) -> bytes:
    palette = _palette(frames)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for frame in frames]
    durations = [1000 // _GIF_RATE] * (len(indexed) - 1) + [1000 * _HOLD_SECONDS]
    colours = bytes(palette.getpalette() or b"")  # without it, Pillow writes a palette into every frame
    file = io.BytesIO()
    indexed[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=indexed[1:],
        duration=durations,
        loop=0,
        palette=colours,
        optimize=True,
    )
    return file.getvalue()


def _palette(frames: list[Image.Image]) -> Image.Image:
    """A picture with the shared palette; the last frame counts twice, since it is the one that people look at."""
    samples = [*(frames[i] for i in evenly_spaced(len(frames), _PALETTE_FRAMES)), frames[-1]]
    return Image.fromarray(np.concatenate([np.asarray(frame) for frame in samples])).quantize(_PALETTE_COLOURS)
