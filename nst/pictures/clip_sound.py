"""The sound of a clip for an MP4 that is made from it: its packets where the format can hold them, else as AAC."""

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.packet import Packet

from nst.errors import ImageError
from nst.pictures.video import decoded, opened, sound_of
from nst.steps import Clip

#: What every player of MP4 plays.
_COPIED = ("aac", "mp3", "mp3float")
_RATE, _BITS = 48_000, 192_000


@contextmanager
def sound_packets(clip: Clip | None, output: OutputContainer) -> Iterator[Iterator[Packet]]:
    """A stream in the output, and the packets for it in their order; 0 is the time of the clip's first frame.

    Without a clip, or sound in it, there is no stream and no packet.

    Raises:
        ImageError: the clip can no longer be read.
    """
    with ExitStack() as stack:
        if clip is None or not clip.sound:
            yield iter(())
            return
        try:
            source, video = stack.enter_context(opened(clip.path))
        except (OSError, av.FFmpegError):
            raise ImageError("The clip with the sound can no longer be read.") from None
        start = (video.start_time or 0) * (video.time_base or Fraction(0))
        yield _packets(source, start, output)


def _packets(source: InputContainer, start: Fraction, output: OutputContainer) -> Iterator[Packet]:
    """The packets from ``start`` on; the stream for them is there when this returns."""
    sound = sound_of(source)
    if sound is None:
        return iter(())
    if sound.codec_context.name in _COPIED:
        return _copied(source, sound, start, output.add_stream_from_template(sound))
    layout = "mono" if sound.layout.nb_channels == 1 else "stereo"
    stream = output.add_stream("aac", rate=_RATE, layout=layout, bit_rate=_BITS)
    return _encoded(_resampled(source, sound, start, layout), stream)


def _copied(source: InputContainer, sound: AudioStream, start: Fraction, stream: AudioStream) -> Iterator[Packet]:
    shift, last = round(start / sound.time_base), -math.inf
    with suppress(av.FFmpegError):
        for packet in source.demux(sound):
            if packet.pts is None or packet.pts + (packet.duration or 0) <= shift or packet.pts <= last:
                continue
            last = packet.pts
            packet.pts = packet.dts = last - shift
            packet.stream = stream
            yield packet


def _encoded(frames: Iterator[AudioFrame], stream: AudioStream) -> Iterator[Packet]:
    for frame in frames:
        yield from stream.encode(frame)
    yield from stream.encode()


def _resampled(source: InputContainer, sound: AudioStream, start: Fraction, layout: str) -> Iterator[AudioFrame]:
    """The decoded sound from ``start`` on at one rate, with silence in its gaps."""
    graph: Graph | None = None
    with suppress(av.FFmpegError):
        for frame in decoded(source, sound, sound.codec_context):
            frame.time_base = sound.time_base
            frame.pts = None if frame.pts is None else frame.pts - round(start / sound.time_base)
            graph = graph or _resampler(frame, layout)
            graph.push(frame)
            yield from _pulled(graph)
    if graph:
        graph.push(None)
        yield from _pulled(graph)


def _resampler(frame: AudioFrame, layout: str) -> Graph:
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout.name, time_base=frame.time_base
        ),
        graph.add("aresample", f"{_RATE}:async=1:first_pts=0"),
        graph.add("aformat", f"sample_fmts=fltp:channel_layouts={layout}"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    with suppress(BlockingIOError, EOFError):
        while True:
            yield graph.pull()
