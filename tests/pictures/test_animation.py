from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from nst.errors import OutputError
from nst.pictures.animation import MAX_GIF_BYTES, evenly_spaced, write_gif, write_mp4
from nst.steps import Picture
from tests.pictures.making import noise


def fading(count: int, width: int = 60, height: int = 40) -> list[Picture]:
    """Frames from black to white over a coloured ramp, so that each differs from its neighbours."""
    ramp = np.dstack(
        [
            np.full((height, width), 90),
            np.linspace(0, 255, height)[:, None].repeat(width, 1),
            0 * np.ones((height, width)),
        ]
    )
    return [(ramp * (1 - t) + 255 * t).astype(np.uint8) for t in np.linspace(0, 1, count)]


def gif(path: Path, frames: Sequence[Picture]) -> tuple[list[Image.Image], list[int]]:
    """The frames of the GIF that is written, and how long each is shown."""
    write_gif(path, frames)
    with Image.open(path) as image:
        shown = [(frame.convert("RGB"), frame.info["duration"]) for frame in ImageSequence.Iterator(image)]
    return [frame for frame, _ in shown], [duration for _, duration in shown]


def local_palettes(data: bytes) -> int:
    """How many frames of a GIF bring a palette of their own."""

    def after_blocks(at: int) -> int:
        while data[at]:
            at += data[at] + 1
        return at + 1

    at, count = 13 + (3 << (data[10] & 7) + 1), 0
    while data[at] != 0x3B:
        if data[at] == 0x21:
            at = after_blocks(at + 2)
        else:
            count += data[at + 9] >> 7
            at = after_blocks(at + 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0))
    return count


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(0, 3, []), (1, 3, [0]), (5, 1, [4]), (3, 3, [0, 1, 2]), (7, 3, [0, 3, 6]), (100, 4, [0, 33, 66, 99])],
)
def test_indices_are_spread_evenly(count: int, most: int, expected: list[int]) -> None:
    assert evenly_spaced(count, most) == expected


def test_no_index_is_repeated() -> None:
    for count in range(2, 130):
        indices = evenly_spaced(count, 40)
        assert len(set(indices)) == len(indices) == min(count, 40)
        assert (indices[0], indices[-1]) == (0, count - 1)


def test_a_gif_of_few_frames_shows_each_and_holds_the_last(tmp_path: Path) -> None:
    frames = fading(5)
    shown, durations = gif(tmp_path / "making.gif", frames)
    assert durations == [100, 100, 100, 100, 2000]
    for frame, picture in zip(shown, frames, strict=True):
        assert frame.size == (60, 40)
        assert np.abs(np.asarray(frame).astype(int) - picture).mean() < 6


def test_a_gif_has_at_most_forty_two_frames_with_the_first_and_the_last(tmp_path: Path) -> None:
    frames = fading(90)
    shown, durations = gif(tmp_path / "making.gif", frames)
    assert len(shown) <= 42  # frames that look the same are one that is shown longer
    assert sum(durations) == 41 * 100 + 2000
    assert np.abs(np.asarray(shown[0]).astype(int) - frames[0]).mean() < 6
    assert np.asarray(shown[-1]).min() >= 252


def test_a_gif_plays_for_ever_and_has_one_palette(tmp_path: Path) -> None:
    gif(tmp_path / "making.gif", fading(12))
    with Image.open(tmp_path / "making.gif") as image:
        assert image.info["loop"] == 0
    assert local_palettes((tmp_path / "making.gif").read_bytes()) == 0


def test_frames_of_a_pyramid_take_the_shape_of_the_last(tmp_path: Path) -> None:
    frames = [noise(65, 49, 1), noise(129, 97, 2), noise(512, 384, 3)]
    shown, _ = gif(tmp_path / "making.gif", frames)
    assert {frame.size for frame in shown} == {(384, 288)}
    shown, _ = gif(tmp_path / "making.gif", [frame.swapaxes(0, 1) for frame in frames])
    assert {frame.size for frame in shown} == {(288, 384)}


def test_the_colours_of_the_last_frame_are_the_best_kept(tmp_path: Path) -> None:
    """The last frame shares the palette with forty others and is still near to what it was."""
    frames = [noise(64, 64, seed) for seed in range(39)] + [np.full((64, 64, 3), (12, 200, 77), np.uint8)]
    shown, _ = gif(tmp_path / "making.gif", frames)
    assert np.abs(np.asarray(shown[-1]).astype(int) - frames[-1]).max() <= 2


def test_the_palette_has_more_of_the_last_frame_than_of_another(tmp_path: Path) -> None:
    reds, blues = noise(64, 64, 1), noise(64, 64, 2)
    reds[..., 2] = 0
    blues[..., 0] = 0
    write_gif(tmp_path / "making.gif", [reds, blues])
    with Image.open(tmp_path / "making.gif") as image:
        colours = np.array(image.getpalette()).reshape(-1, 3)
    assert (colours[:, 2] > colours[:, 0]).sum() > 1.5 * (colours[:, 0] > colours[:, 2]).sum()


def test_noise_is_made_smaller_until_it_fits(tmp_path: Path) -> None:
    path = tmp_path / "making.gif"
    shown, durations = gif(path, [noise(384, 384, seed) for seed in range(40)])
    assert MAX_GIF_BYTES / 2 < path.stat().st_size <= MAX_GIF_BYTES == 3_000_000
    assert len(shown) >= 20
    assert shown[0].width >= 256
    assert durations[-1] == 2000


def blurred(picture: Picture) -> np.ndarray:
    """What the eye sees from a distance: means of 4 x 4 pixels."""
    height, width = picture.shape[:2]
    return picture.reshape(height // 4, 4, width // 4, 4, 3).astype(float).mean(axis=(1, 3))


def test_smooth_parts_have_no_bands_beside_busy_ones(tmp_path: Path) -> None:
    """A dusky sky beside leaves that need most of the palette."""
    y, x = np.mgrid[:288, :384]
    sky = np.stack([20 + x / 384 * 40, 30 + y / 288 * 50, 60 + (x + y) / 672 * 60], -1).astype(np.uint8)
    sky[:, :120] = noise(120, 288)
    frames = [(sky * (i / 41) + 128 * (1 - i / 41)).astype(np.uint8) for i in range(42)]
    shown, _ = gif(tmp_path / "making.gif", frames)
    assert shown[-1].size == (384, 288)
    assert (tmp_path / "making.gif").stat().st_size < MAX_GIF_BYTES
    error = np.abs(blurred(np.asarray(shown[-1])) - blurred(sky))[:, 31:]
    assert error.mean() < 0.6


def test_one_frame_and_frames_without_change(tmp_path: Path) -> None:
    shown, durations = gif(tmp_path / "making.gif", fading(1))
    assert (len(shown), durations) == (1, [2000])
    same = np.full((20, 30, 3), 77, np.uint8)
    shown, durations = gif(tmp_path / "making.gif", [same] * 5)
    assert (len(shown), durations) == (1, [2400])
    assert np.asarray(shown[0])[3, 3].tolist() == [77, 77, 77]


def film(path: Path, frames: Sequence[Picture]) -> list[Picture]:
    """The frames of the film that is written."""
    write_mp4(path, frames)
    with av.open(path) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_film_plays_in_browsers(tmp_path: Path) -> None:
    film(tmp_path / "making.mp4", fading(5, 61, 41))
    with av.open(tmp_path / "making.mp4") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (60, 40)
        assert float(stream.duration * stream.time_base) == pytest.approx(2.5)
    data = (tmp_path / "making.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_film_shows_every_frame_and_holds_the_last(tmp_path: Path) -> None:
    frames = fading(6, 64, 48)
    shown = film(tmp_path / "making.mp4", frames)
    assert len(shown) == 6 + 2 * 10
    for i, picture in enumerate(shown):
        assert np.abs(picture.astype(int) - frames[min(i, 5)]).mean() < 6, i


def test_a_film_of_many_frames_is_faster_and_no_longer(tmp_path: Path) -> None:
    shown = film(tmp_path / "making.mp4", fading(300, 32, 32))
    with av.open(tmp_path / "making.mp4") as container:
        assert container.streams.video[0].average_rate == 30
    assert len(shown) == 240 + 2 * 30
    assert np.asarray(shown[-1]).min() >= 250


@pytest.mark.parametrize(("width", "height"), [(320, 16), (16, 320), (17, 17), (900, 600)])
def test_odd_shapes_become_films(tmp_path: Path, width: int, height: int) -> None:
    picture = film(tmp_path / "making.mp4", [noise(width, height)] * 2)[-1]
    assert max(picture.shape) <= 704
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0
    assert picture.shape[1] / picture.shape[0] == pytest.approx(width / height, rel=0.1)


class Counted(Sequence[Picture]):
    """Frames that lie elsewhere: counts how often one is fetched."""

    def __init__(self, count: int) -> None:
        self.count, self.fetched = count, 0

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Picture:  # type: ignore[override]
        self.fetched += 1
        return np.full((32, 32, 3), index % 256, np.uint8)


def test_frames_are_fetched_one_at_a_time_and_only_those_that_are_used(tmp_path: Path) -> None:
    frames = Counted(1000)
    write_gif(tmp_path / "making.gif", frames)
    assert frames.fetched <= 2 * 42 + 2


@pytest.mark.parametrize("write", [write_gif, write_mp4])
def test_no_frames_and_no_folder(tmp_path: Path, write: Callable[[Path, Sequence[Picture]], None]) -> None:
    with pytest.raises(ValueError, match="no frames"):
        write(tmp_path / "making.mp4", [])
    with pytest.raises(OutputError, match=r"making\.mp4 cannot be written"):
        write(tmp_path / "none" / "making.mp4", fading(2))
    assert list(tmp_path.iterdir()) == []
