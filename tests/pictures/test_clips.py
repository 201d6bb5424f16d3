"""What the frames of a clip show, and what is read of one that is cut off or damaged."""

import gc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from nst.pictures.clips import count_frames, open_clip, read_frames
from nst.steps import Picture
from tests.pictures.films import SIZE, animation, film, grey, numbers
from tests.pictures.making import BLUE, GREEN, GREY, RED, WHITE, assert_near, noise, quadrants, scene


@pytest.mark.parametrize(("turn", "turns"), [(90, 1), (180, 2), (270, 3)])
def test_a_turned_video_is_upright(tmp_path: Path, turn: int, turns: int) -> None:
    stored = np.ascontiguousarray(quadrants())
    clip = open_clip(film(tmp_path / "clip.mp4", [stored] * 2, turn=turn))
    upright = np.rot90(stored, turns)
    assert (clip.height, clip.width) == upright.shape[:2]
    assert_near(next(read_frames(clip, 10, 512)), upright, 8)


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    clip = open_clip(film(tmp_path / "clip.mp4", [quadrants()] * 2, sample_aspect_ratio=Fraction(2, 1)))
    assert (clip.width, clip.height) == (96, 32)
    assert_near(next(read_frames(clip, 10, 512)), quadrants(96, 32), 8)


def test_frames_are_reduced_to_a_side_and_never_enlarged(tmp_path: Path) -> None:
    clip = open_clip(film(tmp_path / "clip.mp4", [quadrants(320, 180)] * 2))
    assert_near(next(read_frames(clip, 10, 64)), quadrants(64, 36), 8)
    assert next(read_frames(clip, 10, 4096)).shape == (180, 320, 3)


@pytest.mark.parametrize("codec", ["libvpx-vp9", "prores_ks"])
def test_what_is_transparent_is_white(tmp_path: Path, codec: str) -> None:
    rgba = np.dstack([quadrants(), np.zeros((32, 48), np.uint8)])
    rgba[:16, :, 3] = 255
    pixels = "yuva420p" if codec == "libvpx-vp9" else "yuva444p10le"
    path = tmp_path / ("clip.webm" if codec == "libvpx-vp9" else "clip.mov")
    with av.open(path, "w") as output:
        video = output.add_stream(codec, 10, width=48, height=32, pix_fmt=pixels)
        for _ in range(2):
            output.mux(video.encode(av.VideoFrame.from_ndarray(rgba, "rgba").reformat(format=pixels)))
        output.mux(video.encode())
    expected = quadrants()
    expected[16:] = WHITE
    assert_near(next(read_frames(open_clip(path), 10, 512)), expected, 8)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WebP"])
def test_what_is_transparent_in_a_moving_picture_is_white(tmp_path: Path, kind: str) -> None:
    images = [Image.new("RGBA", SIZE, (*colour, 0)) for colour in (RED, BLUE)]
    for image in images:
        image.paste((*GREEN, 255), (0, 0, 32, 48))
    images[0].save(tmp_path / "clip", kind, save_all=True, append_images=[images[1].rotate(180)], duration=100)
    frame = next(read_frames(open_clip(tmp_path / "clip"), 10, 512))
    assert tuple(frame[24, 60]) == WHITE
    assert np.abs(frame[24, 4].astype(int) - GREEN).max() < 8


@pytest.mark.parametrize(
    ("height", "matrix", "limited"), [(32, 5, True), (32, 1, True), (32, 5, False), (720, 2, True), (32, 2, True)]
)
def test_colours_by_matrix_and_range_stated_or_not(tmp_path: Path, height: int, matrix: int, limited: bool) -> None:
    """Without a statement, BT.601 below 720 lines and BT.709 from there on, as in players."""
    picture = quadrants(48, height)
    frame = av.VideoFrame.from_ndarray(picture).reformat(
        format="yuv444p",
        dst_colorspace=1 if matrix == 1 or height >= 720 else 5,
        dst_color_range=1 if limited else 2,
    )
    path = tmp_path / "clip.mp4"
    with av.open(path, "w") as output:
        video = output.add_stream("libx264", 10, {"crf": "5"}, width=48, height=height, pix_fmt="yuv444p")
        video.codec_context.colorspace = matrix
        video.codec_context.color_range = 1 if limited else 2
        for _ in range(2):
            frame.pts = None
            output.mux(video.encode(frame))
        output.mux(video.encode())
    shown = next(read_frames(open_clip(path), 10, 4096))
    for (y, x), colour in {(0.25, 0.25): RED, (0.25, 0.75): GREEN, (0.75, 0.25): BLUE, (0.75, 0.75): GREY}.items():
        assert np.abs(shown[int(y * height), int(x * 48)].astype(int) - colour).max() <= 4


def test_of_two_videos_the_default_one_is_used(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with av.open(path, "w") as output:
        streams = [output.add_stream("libx264", 10, width=64, height=48, pix_fmt="yuv420p") for _ in range(2)]
        streams[0].disposition, streams[1].disposition = av.stream.Disposition(0), av.stream.Disposition.default
        for number in range(4):
            for stream, level in zip(streams, (0, 10), strict=True):
                frame = av.VideoFrame.from_ndarray(grey(number + level))
                frame.pts = number
                output.mux(stream.encode(frame))
        for stream in streams:
            output.mux(stream.encode())
    clip = open_clip(path)
    assert clip.notes == ("This clip has 2 videos: number 2 is used.",)
    assert numbers(read_frames(clip, 10, 512)) == [10, 11, 12, 13]


def nearest(frame: Picture, frames: list[Picture]) -> int:
    return int(np.argmin([np.abs(frame.astype(int) - other).mean() for other in frames]))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi"])
def test_a_video_that_is_cut_off_is_read_up_to_there_with_a_note(tmp_path: Path, name: str) -> None:
    busy = [noise(96, 64, seed) for seed in range(20)]
    path = film(tmp_path / name, busy, codec="mpeg4" if name == "clip.avi" else "libx264", faststart=True)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    clip = open_clip(path)
    assert clip.notes == (f"This clip is cut off or damaged: its first {clip.seconds:.1f} seconds are used.",)
    assert 5 <= clip.frames <= 14
    shown = list(read_frames(clip, 10, 512))
    assert len(shown) == count_frames(clip, 10)
    assert [nearest(frame, busy) for frame in shown[:5]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WebP"])
def test_a_moving_picture_that_is_cut_off_is_read_up_to_there_with_a_note(tmp_path: Path, kind: str) -> None:
    busy = [np.roll(scene(), 7 * number, 1) for number in range(10)]
    path = animation(tmp_path / "clip", busy, kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    clip = open_clip(path)
    assert clip.notes == ("This clip is cut off: what is there of it is used.",)
    shown = list(read_frames(clip, 10, 512))
    assert 4 <= len(shown) == clip.frames < 10
    assert [nearest(frame, busy) for frame in shown[:4]] == [0, 1, 2, 3]


def test_a_damaged_middle_does_not_end_a_clip(tmp_path: Path) -> None:
    path = film(tmp_path / "clip.mp4", [np.roll(scene(), 5 * number, 1) for number in range(20)], gop_size=5)
    data = bytearray(path.read_bytes())
    middle = data.index(b"mdat") + len(data) // 3
    data[middle : middle + 400] = bytes(400)
    path.write_bytes(data)
    assert len(list(read_frames(open_clip(path), 10, 512))) == 20


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def resident() -> int:
    """How many bytes of this process are in memory."""
    status = Path("/proc/self/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.mark.usefixtures("no_garbage_collection")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures memory as Linux tells it")
def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    """A frame of this clip has 1.4 MB, which are freed without a collection of garbage."""
    large = [grey(number, (1280, 720)) for number in range(2)] * 20
    clip = open_clip(film(tmp_path / "clip.mp4", large, turn=90, options={"preset": "ultrafast"}))
    frames = read_frames(clip, 10, 64)
    for _ in range(10):
        next(frames)
    before = resident()
    assert sum(1 for _ in frames) == 30
    assert resident() < before + 10_000_000


def test_hdr_video_is_tone_mapped(tmp_path: Path) -> None:
    """A grey of PQ at 100 cd/m2, of which white has 203."""
    path = tmp_path / "clip.mkv"
    frame = av.VideoFrame(64, 48, "yuv420p10le")
    for plane, level in zip(frame.planes, (64 + 876 * 0.508, 512, 512), strict=True):
        plane.update(np.full(plane.buffer_size // 2, round(level), np.uint16).tobytes())
    with av.open(path, "w") as output:
        video = output.add_stream("ffv1", 10, width=64, height=48, pix_fmt="yuv420p10le")
        context = video.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        for number in range(2):
            frame.pts = number
            output.mux(video.encode(frame))
        output.mux(video.encode())
    shown = next(read_frames(open_clip(path), 10, 512))
    assert np.abs(shown.astype(int) - 183).max() <= 4
