"""The frames of a film that is being painted: kept for the same film, deleted for another and at the end."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from nst.errors import OutputError
from nst.runs.film_folder import FilmFolder
from nst.runs.record import record
from nst.settings import FilmSettings
from nst.steps import Clip, Film, Job, Step
from tests.engines.loops import a_step, job


def steps(numbers: Iterable[int], end: str = "finished") -> list[Step]:
    """The last Steps of frames, each as grey as its number."""
    size = (64, 64, 3)
    return [
        replace(a_step(8, 8, job().settings, np.full(size, n, np.uint8), end=end), frame=n) for n in numbers
    ]  # fmt: skip


def film(**settings: int) -> Job:
    clip = Clip(Path("clip.mp4"), 64, 64, 1.0, Fraction(4), 4)
    film = Film(clip=clip, settings=FilmSettings(frame_rate=4), rate=clip.rate, frames=4)
    return replace(job(**settings), film=film)


@pytest.fixture
def folder(tmp_path: Path) -> FilmFolder:
    return FilmFolder(tmp_path / "film.mp4")


def paint(folder: FilmFolder, job: Job, painted: list[Step]) -> None:
    folder.begin(job)
    assert list(record(painted, folder.run_folder, job)) == painted


def test_frames_that_are_finished_are_there_for_the_same_film_and_gone_for_another(folder: FilmFolder) -> None:
    with folder.reserve():
        paint(folder, film(), [*steps([1, 2]), *steps([3], "stopped")])
        assert [int(picture[0, 0, 0]) for picture in folder.frames()] == [1, 2]
    with folder.reserve():
        folder.begin(film())
        assert folder.run_folder.painted == 2
        folder.begin(film(size=65))
        assert folder.run_folder.painted == 0


def test_only_frames_without_a_gap_before_them_count(folder: FilmFolder) -> None:
    with folder.reserve():
        paint(folder, film(), steps([1, 2, 4]))
        assert folder.run_folder.painted == 2


def test_a_folder_that_was_made_for_it_is_gone_when_there_is_nothing_in_it(tmp_path: Path) -> None:
    folder = FilmFolder(tmp_path / "results" / "film.mp4")
    with folder.reserve():
        folder.begin(film())
    assert list(tmp_path.iterdir()) == []


def test_it_is_one_programs_at_a_time_and_nothing_is_left_of_it_when_the_clip_is_there(
    folder: FilmFolder, tmp_path: Path
) -> None:
    with folder.reserve():
        paint(folder, film(), steps([1]))
        with pytest.raises(OutputError, match="Another run is writing to"), FilmFolder(tmp_path / "film.mp4").reserve():
            pass
        folder.close()
    assert list(tmp_path.iterdir()) == []


def test_without_a_frame_nothing_is_left(folder: FilmFolder, tmp_path: Path) -> None:
    with folder.reserve():
        folder.begin(film())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["film.png", "film", ""])
def test_a_film_is_a_file_of_a_known_kind(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"must be a file that ends in \.mp4, \.gif or \.webp\."):
        FilmFolder(tmp_path / name)
