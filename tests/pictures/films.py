"""Clips that the tests need, and what is in them."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from nst.steps import Picture

SIZE = 64, 48
SOUND_RATE = 48_000


def grey(number: int, size: tuple[int, int] = SIZE) -> Picture:
    """A frame whose level tells its number, from 0 to 24."""
    return np.full((size[1], size[0], 3), 16 + 9 * number, np.uint8)


def numbers(frames: Iterable[Picture]) -> list[int]:
    """The numbers of grey frames."""
    return [round((float(frame.mean()) - 16) / 9) for frame in frames]


def animation(
    path: Path, frames: Sequence[Picture], kind: str, duration: int | list[int] = 100, **options: object
) -> Path:
    images = [Image.fromarray(frame) for frame in frames]
    images[0].save(path, kind, save_all=True, append_images=images[1:], duration=duration, loop=0, **options)
    return path


def film(
    path: Path,
    frames: Sequence[Picture],
    *,
    rate: Fraction | int = 10,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    times: Sequence[int] | None = None,
    sound: str | None = None,
    turn: int | None = None,
    faststart: bool = False,
    secret: str = "",
    **properties: object,
) -> Path:
    """Write frames as a video, each from its time in frames on; a tone sounds in the second half of them."""
    with av.open(path, "w", options={"movflags": "faststart"} if faststart else {}) as output:
        output.metadata["comment"] = output.metadata["location"] = secret
        height, width = frames[0].shape[:2]
        video = output.add_stream(codec, rate, width=width, height=height, pix_fmt=pixels)
        if turn is not None:
            video.set_display_rotation(turn)
        for name, value in properties.items():
            setattr(video.codec_context, name, value)
        heard = output.add_stream(sound, SOUND_RATE, layout="stereo") if sound else None
        for number, picture in enumerate(frames):
            frame = VideoFrame.from_ndarray(picture)
            frame.pts, frame.time_base = (times[number] if times else number), 1 / Fraction(rate)
            output.mux(video.encode(frame))
        output.mux(video.encode())
        if heard:
            output.mux(heard.encode(_tone(float(len(frames) / rate))))
            output.mux(heard.encode())
    return path


def _tone(seconds: float) -> av.AudioFrame:
    t = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    wave = np.sin(2 * np.pi * 440 * t) * 0.5 * (t > seconds / 2)
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]).astype(np.float32), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
    return frame


def heard(path: Path) -> tuple[float, float]:
    """When the tone of a clip begins and when its sound ends, in seconds."""
    with av.open(path) as container:
        stream = container.streams.audio[0]
        frames = list(container.decode(stream))
        samples = np.concatenate([np.abs(frame.to_ndarray().astype(float)).max(axis=0) for frame in frames])
        start = float(frames[0].pts * stream.time_base)
        return start + float(np.argmax(samples > 0.05)) / stream.rate, start + len(samples) / stream.rate
