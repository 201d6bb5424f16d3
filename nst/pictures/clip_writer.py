"""Clips written from frames as these come: MP4 with the sound of another clip, GIF, animated WebP."""

import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from av.video.stream import VideoStream
from PIL import Image

from nst.files import atomic
from nst.pictures.clip_sound import sound_packets
from nst.steps import Clip, Picture

_SCALING = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP

#: The last entry of a GIF's palette is the only transparent one: the encoder uses it for what stays the same.
_PALETTE_COLOURS = 255


def write_clip(
    path: str | os.PathLike[str], frames: Iterable[Picture], rate: Fraction | int, sound: Clip | None = None
) -> int:
    """Write frames as they come, one at a time: H.264 in MP4 for browsers, a GIF, or an animated WebP.

    Where an MP4 would have an odd side, its last column or row is repeated. A GIF gets a new palette wherever the last
    one no longer fits. GIF and WebP play for ever. There is no metadata in any.

    Args:
        path: the file to write, ending in .mp4, .gif or .webp; it appears whole, in place of an earlier one.
        frames: one or more, uint8 (H, W, 3) in sRGB, all of one shape.
        rate: frames per second, exactly; each frame of a GIF begins at the nearest hundredth of a second.
        sound: the clip whose sound an MP4 gets, from that clip's first frame to the end of the last one written.

    Returns:
        The number of frames.

    Raises:
        OutputError: the file cannot be written.
        ImageError: the clip with the sound can no longer be read.
        ValueError: no frames, frames of different shapes, or another ending.
    """
    target, frames = Path(path), iter(frames)
    kind, first = _FORMATS.get(target.suffix.lower()), next(frames, None)
    if kind is None or first is None:
        raise ValueError("no frames" if kind else f"no kind of clip: {target.suffix}")
    count = 0

    def numbered() -> Iterator[Picture]:
        nonlocal count
        for frame in chain([first], frames):
            count += 1
            yield frame

    with atomic(target) as temporary, av.open(temporary, "w", options=kind.file_options) as output:
        video = _video_stream(output, kind, first.shape, Fraction(rate))
        with sound_packets(sound if kind.sound else None, output) as packets:
            for packet in heapq.merge(_encoded(numbered(), video, kind), packets, key=_seconds):
                if packet.stream.type == "audio" and _seconds(packet) >= count / rate:
                    break  # all frames are written, as otherwise one of them would come before this sound
                output.mux(packet)
    return count


class _Format(NamedTuple):
    """How a kind of file is written: ``frames`` gives a function that makes the encoder's frames in their order."""

    codec: str
    pixels: str
    frames: Callable[[], Callable[[Picture], VideoFrame]]
    sound: bool
    options: dict[str, str]
    file_options: dict[str, str]


def _video_stream(output: OutputContainer, kind: _Format, shape: tuple[int, ...], rate: Fraction) -> VideoStream:
    stream = output.add_stream(kind.codec, rate, kind.options)
    stream.height, stream.width = shape[:2]
    stream.pix_fmt = kind.pixels
    if kind.pixels == "yuv420p":
        stream.height, stream.width = (side + side % 2 for side in shape[:2])
        stream.color_primaries, stream.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        stream.colorspace, stream.color_range = Colorspace.ITU709, ColorRange.MPEG
    return stream


def _encoded(pictures: Iterator[Picture], stream: VideoStream, kind: _Format) -> Iterator[Packet]:
    make, shape = kind.frames(), None
    for number, picture in enumerate(pictures):
        shape = shape or picture.shape
        if picture.shape != shape:
            raise ValueError(f"frame {number} is {picture.shape}, the others are {shape}")
        frame = make(picture)
        frame.pts, frame.time_base = number, 1 / stream.codec_context.framerate
        yield from stream.encode(frame)
    yield from stream.encode()


def _seconds(packet: Packet) -> float:
    return float(packet.dts * packet.time_base)


def _bt709(picture: Picture) -> VideoFrame:
    height, width = picture.shape[:2]
    even = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    return VideoFrame.from_ndarray(even).reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG, interpolation=_SCALING
    )


def _bgra(picture: Picture) -> VideoFrame:
    return VideoFrame.from_ndarray(picture).reformat(format="bgra")


class _Indexed:
    """Frames of a GIF, with error diffusion; a palette stays as long as it fits, since a new one for each flickers."""

    def __init__(self) -> None:
        self._palette: Image.Image | None = None
        self._error = 0.0

    def __call__(self, picture: Picture) -> VideoFrame:
        image = Image.fromarray(picture)
        if self._palette is None or _error(picture, self._palette) > 1.5 * self._error + 1:
            self._palette = image.quantize(_PALETTE_COLOURS)
            self._error = _error(picture, self._palette)
        indices = np.asarray(image.quantize(palette=self._palette, dither=Image.Dither.FLOYDSTEINBERG))
        palette = np.array(self._palette.getpalette(), np.uint8).reshape(-1, 3)
        colours = np.zeros((256, 4), np.uint8)
        colours[:_PALETTE_COLOURS, 0] = 255
        colours[: len(palette), 1:] = palette
        return VideoFrame.from_ndarray((indices, colours), "pal8")


def _error(picture: Picture, palette: Image.Image) -> float:
    """The mean difference between some of the picture's pixels and the palette's nearest colours."""
    some = np.ascontiguousarray(picture[::4, ::4])
    near = Image.fromarray(some).quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
    return float(np.abs(some.astype(np.int16) - np.asarray(near)).mean())


_FORMATS = {
    ".mp4": _Format("libx264", "yuv420p", lambda: _bt709, True, {"crf": "18"}, {"movflags": "+faststart"}),
    ".gif": _Format("gif", "pal8", _Indexed, False, {}, {"loop": "0"}),
    ".webp": _Format("libwebp_anim", "bgra", lambda: _bgra, False, {"quality": "85"}, {"loop": "0"}),
}
