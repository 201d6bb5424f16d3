"""Which frames of a clip are shown when, and which of them repeat the one before."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.pictures.clip_writer import write_clip
from nst.pictures.clips import count_frames, film_frames, make_film, open_clip, read_frames
from nst.settings import FilmSettings, Settings
from nst.steps import Picture
from tests.pictures.films import SIZE, animation, film, grey, numbers
from tests.pictures.making import noise

GREYS = [grey(number) for number in range(20)]

#: Name, codec and pixels of a video in each container; AVI has H.264 with frames that are stored out of order.
VIDEOS = [
    ("clip.mp4", "libx264", "yuv420p"),
    ("clip.mov", "prores_ks", "yuv422p10le"),
    ("clip.webm", "libvpx-vp9", "yuv420p"),
    ("clip.mkv", "libx265", "yuv420p"),
    ("clip.avi", "libx264", "yuv420p"),
    ("other.avi", "mpeg4", "yuv420p"),
]


@pytest.mark.parametrize(("name", "codec", "pixels"), VIDEOS)
def test_a_video_at_its_own_rate_comes_frame_by_frame_whatever_its_name(
    tmp_path: Path, name: str, codec: str, pixels: str
) -> None:
    path = film(tmp_path / name, GREYS, codec=codec, pixels=pixels).rename(tmp_path / "clip.jpg")
    clip = open_clip(path)
    assert (clip.width, clip.height, clip.frames, clip.rate, clip.sound, clip.notes) == (*SIZE, 20, 10, False, ())
    assert clip.seconds == pytest.approx(2)
    assert numbers(read_frames(clip, clip.rate, 512)) == list(range(20))
    assert count_frames(clip, clip.rate) == 20


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WebP"])
def test_a_moving_picture_at_its_own_rate_comes_frame_by_frame(tmp_path: Path, kind: str) -> None:
    clip = open_clip(animation(tmp_path / "clip", GREYS, kind))
    assert (clip.width, clip.height, clip.frames, clip.rate, clip.sound, clip.notes) == (*SIZE, 20, 10, False, ())
    assert numbers(read_frames(clip, clip.rate, 512)) == list(range(20))


def test_a_rate_of_broadcasting_survives_the_milliseconds_of_matroska(tmp_path: Path) -> None:
    clip = open_clip(film(tmp_path / "clip.mkv", GREYS, rate=Fraction(30_000, 1001)))
    assert clip.rate == Fraction(30_000, 1001)
    assert numbers(read_frames(clip, clip.rate, 512)) == list(range(20))


@pytest.mark.parametrize(
    ("own", "rate", "shown"),
    [
        (8, 8, [0, 1, 2, 3, 4, 5]),
        (Fraction(1, 2), Fraction(1, 2), [0, 1, 2, 3, 4, 5]),
        (Fraction(30_000, 1001), 12, [1, 3]),
    ],
)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif"])
def test_a_film_has_the_rate_of_its_settings_but_no_frame_twice(
    tmp_path: Path, name: str, own: Fraction, rate: Fraction, shown: list[int]
) -> None:
    write_clip(tmp_path / name, GREYS[:6], own)
    clip = open_clip(tmp_path / name)
    made = make_film(clip, FilmSettings(frame_rate=12))
    frames = list(film_frames(made, Settings(size=64)))
    assert (made.rate, made.frames, numbers(frames)) == (pytest.approx(rate, rel=0.02), len(shown), shown)
    write_clip(tmp_path / "film.mp4", frames, made.rate)
    film = open_clip(tmp_path / "film.mp4")
    assert (film.frames, film.rate, film.seconds) == (len(shown), made.rate, pytest.approx(len(shown) / made.rate))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.webm"])
def test_frames_of_uneven_length_are_shown_as_long_as_in_a_player(tmp_path: Path, name: str) -> None:
    codec = "libx264" if name == "clip.mp4" else "libvpx-vp9"
    path = film(tmp_path / name, GREYS[:4], times=[0, 1, 5, 6], codec=codec)
    clip = open_clip(path)
    assert (clip.seconds, clip.rate) == (pytest.approx(0.7, abs=0.002), 10), "the rate of the short ones"
    assert numbers(read_frames(clip, 10, 512)) == [0, 1, 1, 1, 1, 2, 3]
    assert numbers(read_frames(clip, 5, 512)) == [1, 1, 2]
    assert len(list(read_frames(clip, 60, 512))) == count_frames(clip, 60) == 42


def test_frames_of_a_gif_last_as_long_as_browsers_show_them(tmp_path: Path) -> None:
    clip = open_clip(animation(tmp_path / "clip.gif", GREYS[:4], "GIF", duration=[100, 300, 10, 40]))
    assert (clip.seconds, clip.rate) == (pytest.approx(0.54), 25)
    assert numbers(read_frames(clip, 50, 512)) == [0] * 5 + [1] * 15 + [2] * 5 + [3] * 2


#: A picture with soft structure everywhere, larger than the frames cut from it.
TEXTURE = Image.fromarray(96 + noise(48, 36) // 4).resize((384, 288), Image.Resampling.BICUBIC)


def cut_out(left: float) -> Picture:
    """The part of TEXTURE that begins so many pixels from its left edge."""
    return np.array(TEXTURE.transform((320, 240), Image.Transform.AFFINE, (1, 0, left, 0, 1, 0), Image.BICUBIC))


def shown_of(path: Path) -> list[Picture]:
    """The frames of a film of a clip."""
    return list(film_frames(make_film(open_clip(path), FilmSettings()), Settings(size=320)))


def test_what_a_codec_repeats_with_a_little_noise_is_the_same_frame(tmp_path: Path) -> None:
    frames = [cut_out(8 * drawing) for drawing in range(4) for _ in range(3)]
    shown = shown_of(film(tmp_path / "clip.mp4", frames))
    repeats = [one is other for one, other in pairwise(shown)]
    assert not any(repeats[2::3]), "each drawing is another"
    assert sum(repeats) >= 6, "of 8: now and then a codec changes more"
    decoded = read_frames(open_clip(tmp_path / "clip.mp4"), 10, 320)
    assert any((one != other).any() for one, other in zip(shown, decoded, strict=True)), "there is noise"


def test_what_changes_slowly_is_no_repeat(tmp_path: Path) -> None:
    """A pan by a fifth of a pixel, a fade by a level and a small thing that moves; what is slower is not lost."""
    pan, fade = [cut_out(k / 5) for k in range(5)], [cut_out(0) - np.uint8(k) for k in range(5)]
    thing = [cut_out(0) for _ in range(5)]
    for number, frame in enumerate(thing):
        frame[100:106, 50 + number : 56 + number] = 255
    for frames in (pan, fade, thing):
        shown = shown_of(film(tmp_path / "clip.mkv", frames, codec="ffv1", pixels="bgr0"))
        assert all(one is not other for one, other in pairwise(shown))
    slow = [cut_out(k / 100) for k in range(12)]
    shown = shown_of(film(tmp_path / "clip.mkv", slow, codec="ffv1", pixels="bgr0"))
    assert len({id(frame) for frame in shown}) > 1
    assert all(np.abs(one.astype(int) - frame).mean() < 0.3 for one, frame in zip(shown, slow, strict=True))


def test_one_pixel_of_a_gif_is_no_noise(tmp_path: Path) -> None:
    dark, lit = (np.zeros((48, 64, 3), np.uint8) for _ in range(2))
    lit[20, 20] = 255
    shown = shown_of(animation(tmp_path / "clip.gif", [dark, lit, dark], "GIF"))
    assert [int(frame.max()) for frame in shown] == [0, 255, 0]


def test_a_clip_shorter_than_a_frame_has_one(tmp_path: Path) -> None:
    clip = open_clip(film(tmp_path / "clip.mp4", GREYS[:2], rate=60))
    assert count_frames(clip, 5) == len(list(read_frames(clip, 5, 512))) == 1
