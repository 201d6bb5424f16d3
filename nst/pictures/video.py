"""MP4, MOV, WebM, MKV and AVI, read with FFmpeg's libraries through PyAV."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from nst.errors import ImageError
from nst.pictures import size_limits
from nst.pictures.moving import clip_rate
from nst.pictures.video_frames import display_of, upright_pixels
from nst.pictures.video_guard import HEAD_BYTES, check_mp4, demuxer
from nst.pyramid import scaled_size
from nst.steps import Clip, Picture

#: FFmpeg has hundreds of decoders, most of them for formats of the past and little tested: only these read uploads.
_VIDEO_DECODERS = (
    "h264", "hevc", "libdav1d", "vp8", "vp9", "mpeg4", "h263", "mpeg1video", "mpeg2video", "msmpeg4v2", "msmpeg4",
    "mjpeg", "prores", "dnxhd", "ffv1", "huffyuv", "utvideo", "rawvideo", "qtrle", "png",
)  # fmt: skip
_SOUND_DECODERS = (
    "aac", "mp3", "mp3float", "mp2", "mp2float", "opus", "libopus", "vorbis", "flac", "alac", "ac3", "eac3",
    "adpcm_ms", "adpcm_ima_wav", "pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le",
    "pcm_f32le", "pcm_mulaw", "pcm_alaw",
)  # fmt: skip
#: The decoders that read transparency, by the usual ones.
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}

_MAX_PIXELS = {"max_pixels": str(size_limits.MAX_CLIP_PIXELS)}
#: An index may claim anything, so packets are read in the order in which they are in the file.
_OPTIONS = _MAX_PIXELS | {"fflags": "+ignidx", "codec_whitelist": ",".join(_VIDEO_DECODERS + _SOUND_DECODERS)}

#: By how much the header of an undamaged clip may overstate its length, in seconds.
_TOLERANCE = 0.5


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A file and the stream of it that is shown: the default one, else the first.

    Raises:
        ImageError: another format, no video, one that is not read, or beyond a limit.
        av.FFmpegError: the file is damaged.
    """
    with path.open("rb") as file:
        kind = demuxer(file.read(HEAD_BYTES))
        if kind == "mov":
            check_mp4(file)
        file.seek(0)
        with av.open(file, "r", kind, _OPTIONS, metadata_errors="ignore") as container:
            stream = _shown(container)
            stream.codec_context.options = _MAX_PIXELS
            yield container, stream


def open_video(path: Path) -> Clip:
    """Measure a clip by all of its packets and its first frame, as headers may lie.

    Raises:
        ImageError, av.FFmpegError: as for ``opened``; also for a single frame, or none that can be decoded.
    """
    with opened(path) as (container, stream):
        times = _times(container, stream)
        frames = len(times.starts)
        if frames < 2:
            raise ImageError(f"This clip has {frames or 'no'} frame{'' if frames else 's'}; at least 2 are needed.")
        start = min(times.starts)
        seconds = max(times.starts) + times.last - start
        size_limits.check_clip_length(seconds, frames)
        stated = (container.duration or 0) / av.time_base
        cut = times.broken or stated > max(times.ends.values()) - start + _TOLERANCE
        rate = _rate(stream, times.starts, seconds)
        notes = _notes(container, seconds if cut else None)
        sound = sound_of(container)
        heard = sound is not None and sound.index in times.ends
    width, height = _size(path)
    size_limits.check_clip_size(width, height)
    return Clip(path, width, height, seconds, rate, frames, heard, notes)


def video_frames(path: Path, side: int) -> Iterator[tuple[float, Callable[[], Picture]]]:
    """The frames that can be decoded, each with its end in seconds and a function that makes its pixels.

    Args:
        path: the file.
        side: the longest side of the pixels, which are uint8 (H, W, 3) in sRGB over white.
    """
    with opened(path) as (container, stream):
        frames = _timed(container, stream)
        shown, start = next(frames, (None, 0.0))
        if shown is None:
            return
        display = display_of(shown, stream.sample_aspect_ratio)
        whole = display.width, display.height
        pixels = partial(upright_pixels, display=display, size=scaled_size(*whole, min(side, max(whole))))
        latest = start
        for frame, time in frames:
            if time > latest:
                yield time - start, partial(pixels, shown)
            shown, latest = frame, max(time, latest)
        yield latest - start + float(1 / _stated_rate(stream)), partial(pixels, shown)


def sound_of(container: InputContainer) -> AudioStream | None:
    """The stream of sound that is played, if it can be decoded: the default one, else the first."""
    known = [sound for sound in container.streams.audio if _decoder(sound) in _SOUND_DECODERS]
    return _default(known) if known else None


def _shown(container: InputContainer) -> VideoStream:
    videos = _videos(container)
    if not videos:
        raise ImageError(f"This file has {'sound, but ' if container.streams.audio else ''}no video.")
    stream = _default(videos)
    if _decoder(stream) not in _VIDEO_DECODERS:
        raise ImageError(f"This clip's video is of a kind that is not read ({_decoder(stream)}); export it as H.264.")
    if stream.width:
        size_limits.check_clip_size(stream.width, stream.height)
    return stream


def _videos(container: InputContainer) -> list[VideoStream]:
    """The streams of video but those of one picture, such as the cover of a song."""
    return [video for video in container.streams.video if not video.disposition & Disposition.attached_pic]


def _default(streams: list[Any]) -> Any:
    return next((stream for stream in streams if stream.disposition & Disposition.default), streams[0])


def _decoder(stream: VideoStream | AudioStream) -> str:
    return getattr(stream.codec_context, "name", "unknown")


class _Times(NamedTuple):
    """When frames begin and how long the last packet lasts, in seconds; the end of each stream by its index."""

    starts: list[float]
    last: float
    ends: dict[int, float]
    broken: bool


def _times(container: InputContainer, stream: VideoStream) -> _Times:
    starts, last, ends, broken = list[float](), 0.0, dict[int, float](), False
    try:
        for packet in container.demux():
            broken |= packet.is_corrupt
            ticks = packet.dts if packet.pts is None else packet.pts
            if ticks is None or packet.is_discard or not packet.size:
                continue
            start, duration = float(ticks * packet.time_base), float((packet.duration or 0) * packet.time_base)
            ends[packet.stream_index] = max(start + duration, ends.get(packet.stream_index, start))
            if packet.stream_index == stream.index:
                starts.append(start)
                last = duration
                size_limits.check_clip_length(0, len(starts))
    except av.FFmpegError:
        broken = True
    return _Times(starts, last or float(1 / _stated_rate(stream)), ends, broken)


def _stated_rate(stream: VideoStream) -> Fraction:
    return stream.average_rate or Fraction(25)


def _rate(stream: VideoStream, starts: list[float], seconds: float) -> Fraction:
    """By the stated mean if it fits what was measured, which is rounded in some containers to milliseconds."""
    stated, frames = _stated_rate(stream), len(starts)
    fits = abs(stated * seconds - frames) <= 1 + frames / 100
    mean = stated if fits else Fraction(frames / seconds).limit_denominator(1001)
    lengths = (after - before for before, after in pairwise(sorted(starts)) if after > before)
    return clip_rate(mean, min(lengths, default=seconds))


def _notes(container: InputContainer, cut: float | None) -> tuple[str, ...]:
    videos, notes = _videos(container), []
    if cut is not None:
        notes.append(f"This clip is cut off or damaged: its first {cut:.1f} seconds are used.")
    if len(videos) > 1:
        notes.append(f"This clip has {len(videos)} videos: number {videos.index(_default(videos)) + 1} is used.")
    if container.streams.audio and not sound_of(container):
        notes.append("This clip's sound is of a kind that is not read and is left out.")
    return tuple(notes)


def _size(path: Path) -> tuple[int, int]:
    with opened(path) as (container, stream):
        frame, _ = next(_timed(container, stream), (None, 0))
        if frame is None:
            limit = size_limits.MAX_CLIP_PIXELS / 10**6
            raise ImageError(f"No frame of this clip can be decoded: it is damaged, or larger than {limit} megapixels.")
        return display_of(frame, stream.sample_aspect_ratio)[:2]


def _timed(container: InputContainer, stream: VideoStream) -> Iterator[tuple[VideoFrame, float]]:
    """The frames with the times at which they begin to be shown; those that cannot be decoded are passed over."""
    decoder = stream.codec_context
    if stream.metadata.get("alpha_mode") == "1" and decoder.name in _ALPHA_DECODERS:
        decoder = av.CodecContext.create(_ALPHA_DECODERS[decoder.name], "r")
        decoder.options = _MAX_PIXELS
    # AVI has no times but the order of its packets, which for frames that are stored out of order is not theirs.
    by_order = container.format.name == "avi"
    time, tick = 0.0, float(stream.time_base or 0)
    for frame in decoded(container, stream, decoder):
        ticks = frame.dts if by_order or frame.pts is None else frame.pts
        time = time + float(1 / _stated_rate(stream)) if ticks is None else ticks * tick
        yield frame, time


def decoded(container: InputContainer, stream: Any, decoder: Any) -> Iterator[Any]:
    """The frames of a stream as far as there are any; packets that cannot be decoded are passed over."""
    with suppress(av.FFmpegError):
        for packet in container.demux(stream):
            with suppress(av.FFmpegError):
                yield from decoder.decode(packet if packet.size else None)
