"""Clips that lie, break off, hold nothing or cost more than they weigh: one sentence each, and little memory."""

import json
import struct
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError
from nst.pictures.clips import count_frames, open_clip, read_frames
from tests.pictures.films import film, grey, numbers
from tests.pictures.making import encoded, png_chunk, quadrants
from tests.pictures.test_hostile import CHILD

GREYS = [grey(number) for number in range(20)]
UNKNOWN = "This file is not a clip of a kind that can be read: MP4, MOV, WebM, MKV, AVI, GIF, APNG, animated WebP."


def boxes(path: Path, **fields: tuple[int, bytes]) -> Path:
    """An MP4 with bytes written over those at an offset from the name of a box."""
    data = bytearray(path.read_bytes())
    for name, (offset, new) in fields.items():
        at = data.index(name.encode()) + offset
        data[at : at + len(new)] = new
    path.write_bytes(data)
    return path


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def gif(count: int, delay: int) -> bytes:
    """A GIF of frames of one pixel, each of which weighs 26 bytes."""
    control = b"!\xf9\x04\0" + struct.pack("<H", delay) + b"\0\0"
    frame = control + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a" + struct.pack("<HH", 16, 16) + b"\x80\0\0" + bytes(3) + b"\xff" * 3 + frame * count + b";"


def sound_only(path: Path) -> Path:
    with av.open(path, "w") as output:
        sound = output.add_stream("aac", 48_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 48_000), np.float32), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        output.mux(sound.encode(frame))
        output.mux(sound.encode())
    return path


def jpegs(path: Path, pictures: list[bytes], codec: str = "mjpeg") -> Path:
    """Files of pictures as a video."""
    with av.open(path, "w") as output:
        video = output.add_stream(codec, 10, width=64, height=48, pix_fmt="yuvj420p" if codec == "mjpeg" else "rgb24")
        output.start_encoding()
        for number, data in enumerate(pictures):
            packet = av.Packet(data)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, 10), video, True
            output.mux(packet)
    return path


def png_bomb(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"\x78\xda") + png_chunk(b"IEND", b"")


ONE, MANY = struct.pack(">I", 1), struct.pack(">I", 50_000_000)
UNDECODED = "No frame of this clip can be decoded: it is damaged, or larger than 9.5 megapixels."

#: What is asked for, and the sentence.
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "nothing there": (lambda path: path, "There is no such file."),
    "an empty file": (lambda path: written(path, b""), UNKNOWN),
    "text": (lambda path: written(path, b"#EXTM3U\nhttp://localhost/"), UNKNOWN),
    "a folder": (lambda path: path.parent, "This is not a file but a folder or a device; a clip is needed."),
    "a photo": (lambda path: written(path, encoded(quadrants(), "JPEG")), "This JPEG file is a picture, not a clip."),
    "a still GIF": (
        lambda path: written(path, encoded(quadrants(), "GIF")),
        "This GIF file is a picture that does not move, not a clip.",
    ),
    "one frame": (
        lambda path: film(path.with_suffix(".mp4"), GREYS[:1]),
        "This clip has 1 frame; at least 2 are needed.",
    ),
    "no frames": (
        lambda path: boxes(film(path.with_suffix(".mp4"), GREYS[:2]), stsz=(12, bytes(4))),
        "This clip has no frames; at least 2 are needed.",
    ),
    "one pixel": (
        lambda path: film(path.with_suffix(".mkv"), [grey(0, (1, 1))] * 3, codec="ffv1", pixels="bgr0"),
        "This clip is 1 x 1 pixels; each side needs at least 16.",
    ),
    "sound only": (lambda path: sound_only(path.with_suffix(".mp4")), "This file has sound, but no video."),
    "a codec of the past": (
        lambda path: film(path.with_suffix(".avi"), GREYS, codec="wmv2"),
        "This clip's video is of a kind that is not read (wmv2); export it as H.264.",
    ),
    "8 hours of GIF": (
        lambda path: written(path, gif(10_000, 288)),
        "This clip lasts 28 800 seconds; the limit is 300.",
    ),
    "20 000 frames": (lambda path: written(path, gif(20_000, 1)), "This clip lasts 2 000 seconds; the limit is 300."),
    "8 hours": (
        lambda path: film(path.with_suffix(".mkv"), GREYS[:2], times=[0, 288_000]),
        "This clip lasts 28 801 seconds; the limit is 300.",
    ),
    "9.6 megapixels": (
        lambda path: film(path.with_suffix(".mp4"), [grey(0, (4000, 2400))] * 2, options={"preset": "ultrafast"}),
        "This clip has 9.6 megapixels (4 000 x 2 400); the limit is 9.5.",
    ),
    "900 megapixels of PNG": (lambda path: jpegs(path.with_suffix(".mov"), [png_bomb(30_000)] * 3, "png"), UNDECODED),
    "900 megapixels of GIF": (
        lambda path: written(path, gif(3, 10).replace(b"\x10\0\x10\0", b"\x30\x75\x30\x75", 1)),
        "This picture has 900 megapixels (30 000 x 30 000); the limit is 50.",
    ),
    "no key frame": (lambda path: headless(path.with_suffix(".mkv")), UNDECODED),
    "half a header": (
        lambda path: written(path, film(path.with_suffix(".mp4"), GREYS).read_bytes()[:600]),
        "This clip is damaged or incomplete and cannot be opened.",
    ),
    "50 million samples": (
        lambda path: boxes(
            film(path.with_suffix(".mp4"), GREYS, faststart=True),
            stsz=(8, ONE + MANY),
            stsc=(16, MANY),
            stts=(12, MANY),
        ),
        "This clip's header is damaged, or of a kind that is not read.",
    ),
}


def headless(path: Path) -> Path:
    """A video without its first frame, which all others refer to."""
    film(path, GREYS, gop_size=100)
    with av.open(path) as source, av.open(path.with_name("headless.mkv"), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux():
            if packet.dts:
                packet.stream = stream
                output.mux(packet)
    return path.with_name("headless.mkv")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_clip_is_one_sentence(tmp_path: Path, name: str) -> None:
    make, sentence = REFUSED[name]
    with pytest.raises(ImageError) as error:
        open_clip(make(tmp_path / "clip"))
    assert str(error.value) == sentence


def test_more_frames_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.pictures.size_limits.MAX_CLIP_FRAMES", 19)
    for path in (film(tmp_path / "clip.mp4", GREYS), written(tmp_path / "clip.gif", gif(20, 2))):
        with pytest.raises(ImageError, match=r"This clip has 20 frames; the limit is 19\."):
            open_clip(path)


@pytest.mark.parametrize(
    ("claimed", "notes"),
    [(28_800_000, ("This clip is cut off or damaged: its first 2.0 seconds are used.",)), (100, ())],
)
def test_a_header_that_lies_about_the_length_takes_nothing_away(
    tmp_path: Path, claimed: float, notes: tuple[str, ...]
) -> None:
    path = film(tmp_path / "clip.mkv", GREYS)
    data = path.read_bytes()
    at = data.index(b"\x44\x89\x88") + 3  # Matroska's Duration, in thousandths of a second
    path.write_bytes(data[:at] + struct.pack(">d", claimed) + data[at + 8 :])
    clip = open_clip(path)
    assert (clip.seconds, clip.notes) == (pytest.approx(2), notes)
    assert numbers(read_frames(clip, 10, 512)) == list(range(20))


def test_frames_that_grow_beyond_the_limit_are_not_decoded(tmp_path: Path) -> None:
    """The header knows nothing of it: only the decoder can refuse, and the frame before stays."""
    pictures = [encoded(Image.fromarray(grey(1, (width, width * 3 // 4))), "JPEG") for width in (64, 64, 4096, 64)]
    clip = open_clip(jpegs(tmp_path / "clip.mkv", pictures))
    shown = list(read_frames(clip, 10, 512))
    assert [frame.shape for frame in shown] == [(48, 64, 3)] * 4


def test_small_files_do_not_take_much_memory_or_time(tmp_path: Path) -> None:
    makers = [make for name, (make, _) in REFUSED.items() if "mega" in name or "million" in name or "000" in name]
    paths = [str(make(tmp_path / str(number))) for number, make in enumerate(makers)]
    paths.append(str(written(tmp_path / "frames.gif", gif(10_000, 2))))
    program = CHILD.replace("from nst.pictures.decode import read_picture", "from nst.pictures.clips import *").replace(
        "list(read_picture(path).shape[1::-1])", "sum(1 for _ in read_frames(open_clip(path), 5, 64))"
    )
    child = subprocess.run(
        [sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True, timeout=60
    )
    for path, (end, megabytes) in json.loads(child.stdout).items():
        assert megabytes < 120, (Path(path).name, end, megabytes)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi", "clip.gif"])
def test_files_broken_at_random_are_read_or_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "clip.gif":
        path.write_bytes(gif(20, 10))
    else:
        film(path, GREYS, codec="mpeg4", sound="aac" if name == "clip.mp4" else "pcm_s16le", faststart=True)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    ends = set()
    for _ in range(30):
        data = bytearray(whole)
        for at in random.integers(0, min(len(data), 3000), 8):
            data[at] = random.integers(0, 256)
        path.write_bytes(data)
        ends.add(outcome(path))
    assert len(ends) > 1
    assert all(end is True or end.endswith(".") for end in ends)


def outcome(path: Path) -> str | bool:
    """The sentence, or whether as many frames come as are promised."""
    try:
        clip = open_clip(path)
    except ImageError as error:
        return str(error)
    return sum(1 for _ in read_frames(clip, 5, 64)) == count_frames(clip, 5)
