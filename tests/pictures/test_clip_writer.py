from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, OutputError
from nst.pictures.clip_writer import write_clip
from nst.pictures.clips import open_clip, read_frames
from nst.steps import Picture
from tests.pictures.films import film, grey, heard, numbers
from tests.pictures.making import noise, scene

GREYS = [grey(number) for number in range(20)]
MOVED = [np.roll(scene(), 3 * number, 1) for number in range(8)]


@pytest.mark.parametrize("kind", ["mp4", "gif", "webp"])
def test_count_rate_and_order_are_kept(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"clip.{kind}"
    rate = Fraction(30_000, 1001) if kind == "mp4" else Fraction(25, 2)
    assert write_clip(path, iter(GREYS), rate) == 20
    clip = open_clip(path)
    assert (clip.frames, clip.rate, clip.sound, clip.notes) == (20, rate, False, ())
    assert clip.seconds == pytest.approx(20 / rate, abs=1e-4)
    assert numbers(read_frames(clip, rate, 512)) == list(range(20))


@pytest.mark.parametrize(("kind", "most"), [("mp4", 3), ("gif", 8), ("webp", 5)])
def test_colours_are_kept(tmp_path: Path, kind: str, most: float) -> None:
    path = tmp_path / f"clip.{kind}"
    write_clip(path, MOVED, 10)
    for shown, frame in zip(read_frames(open_clip(path), 10, 512), MOVED, strict=True):
        assert np.abs(shown.astype(int) - frame).mean() < most


def test_a_gif_plays_for_ever_with_a_palette_for_each_scene(tmp_path: Path) -> None:
    reds, blues = (np.full((48, 64, 3), 0, np.uint8) for _ in range(2))
    reds[..., 0], blues[..., 2] = noise()[:48, :, 0], noise()[:48, :, 0]
    write_clip(tmp_path / "clip.gif", [reds] * 3 + [blues] * 3, 10)
    with Image.open(tmp_path / "clip.gif") as image:
        assert image.info["loop"] == 0
        for number, frame in enumerate([reds] * 3 + [blues] * 3):
            image.seek(number)
            assert np.abs(np.asarray(image.convert("RGB")).astype(int) - frame).mean() < 1


def test_an_mp4_is_what_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, [scene(65, 49)] * 3, 10)
    with av.open(path) as container:
        (video,) = container.streams
        context = video.codec_context
        assert (context.name, context.pix_fmt, context.color_range) == ("h264", "yuv420p", 1)
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_odd_sides_of_an_mp4_get_one_more_row_and_column_like_the_last(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", [scene(65, 49)] * 3, 10)
    frame = next(read_frames(open_clip(tmp_path / "clip.mp4"), 10, 512)).astype(int)
    assert frame.shape == (50, 66, 3)
    assert np.abs(frame[:49, :65] - scene(65, 49)).mean() < 5
    assert np.abs(frame[49] - frame[48]).mean() < 3
    assert np.abs(frame[:, 65] - frame[:, 64]).mean() < 3


SOUNDS = [
    ("clip.mp4", "libx264", "aac", "aac"),
    ("clip.mkv", "libx264", "libmp3lame", "mp3float"),
    ("clip.webm", "libvpx-vp9", "libopus", "aac"),
    ("clip.mov", "libx264", "pcm_s16le", "aac"),
]


@pytest.mark.parametrize(("name", "codec", "sound", "expected"), SOUNDS)
@pytest.mark.parametrize("count", [16, 20, 24])
def test_the_sound_comes_along_up_to_the_last_frame(
    tmp_path: Path, name: str, codec: str, sound: str, expected: str, count: int
) -> None:
    clip = open_clip(film(tmp_path / name, GREYS, codec=codec, sound=sound))
    assert clip.sound
    path = tmp_path / "painted.mp4"
    write_clip(path, (GREYS[0] for _ in range(count)), 10, clip)
    begin, end = heard(path)
    assert begin == pytest.approx(1, abs=0.05)
    assert end == pytest.approx(min(count / 10, 2), abs=0.05)
    with av.open(path) as container:
        assert container.streams.audio[0].codec_context.name == expected
    painted = open_clip(path)
    assert (painted.frames, painted.sound, painted.seconds) == (count, True, pytest.approx(count / 10))


def test_the_sound_of_a_video_that_begins_late_stays_with_its_frames(tmp_path: Path) -> None:
    clip = open_clip(film(tmp_path / "clip.mkv", GREYS[:15], times=range(5, 20), sound="pcm_s16le"))
    write_clip(tmp_path / "painted.mp4", GREYS[:15], 10, clip)
    begin, end = heard(tmp_path / "painted.mp4")
    assert begin == pytest.approx(0.75 - 0.5, abs=0.05)
    assert end == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_moving_pictures_have_no_sound(tmp_path: Path, kind: str) -> None:
    clip = open_clip(film(tmp_path / "clip.mp4", GREYS, sound="aac"))
    write_clip(tmp_path / f"painted.{kind}", GREYS, 10, clip)
    assert open_clip(tmp_path / f"painted.{kind}").frames == 20


def test_metadata_of_the_source_does_not_travel(tmp_path: Path) -> None:
    source = film(tmp_path / "clip.mkv", GREYS, sound="aac", secret="the place and the name")
    assert b"the place and the name" in source.read_bytes()
    write_clip(tmp_path / "painted.mp4", read_frames(open_clip(source), 10, 512), 10, open_clip(source))
    assert b"the place and the name" not in (tmp_path / "painted.mp4").read_bytes()


@pytest.mark.parametrize("kind", ["mp4", "gif", "webp"])
def test_an_error_among_the_frames_leaves_the_earlier_file(tmp_path: Path, kind: str) -> None:
    def failing() -> Iterator[Picture]:
        yield from GREYS[:3]
        raise KeyError("stopped")

    path = tmp_path / f"clip.{kind}"
    path.write_bytes(b"earlier")
    with pytest.raises(KeyError):
        write_clip(path, failing(), 10)
    with pytest.raises(ValueError, match="frame 1 is"):
        write_clip(path, [grey(0), grey(0, (32, 32))], 10)
    with pytest.raises(ValueError, match="no frames"):
        write_clip(path, [], 10)
    assert [path] == list(tmp_path.iterdir())
    assert path.read_bytes() == b"earlier"


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"clip\.mp4 cannot be written"):
        write_clip(tmp_path / "none" / "clip.mp4", GREYS, 10)
    with pytest.raises(ValueError, match="avi"):
        write_clip(tmp_path / "clip.avi", GREYS, 10)
    clip = open_clip(film(tmp_path / "source.mp4", GREYS, sound="aac"))
    clip.path.unlink()
    with pytest.raises(ImageError, match="can no longer be read"):
        write_clip(tmp_path / "clip.mp4", GREYS, 10, clip)
