"""The frames of a film that is being painted: kept for the same film, deleted for another and at the end."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nst.errors import OutputError
from nst.runs.film_folder import FilmFolder
from nst.steps import Step
from tests.engines.loops import a_step, job

FILM = {"settings": {"size": 64}}


def frame(number: int, end: str | None = "finished") -> Step:
    """A Step whose picture is as grey as its frame's number."""
    step = a_step(8, 8, job().settings, np.full((64, 64, 3), number, np.uint8), end=end)
    return replace(step, frame=number)


@pytest.fixture
def folder(tmp_path: Path) -> FilmFolder:
    return FilmFolder(tmp_path / "film.mp4")


def test_frames_that_are_finished_are_there_for_the_same_film_and_gone_for_another(folder: FilmFolder) -> None:
    with folder.reserve():
        folder.begin(FILM)
        steps = [frame(1, None), frame(1), frame(2), frame(3, "stopped")]
        assert list(folder.record(steps)) == steps
        assert folder.painted == 2
        assert [int(picture[0, 0, 0]) for picture in folder.frames()] == [1, 2]
    with folder.reserve():
        folder.begin(FILM)
        assert folder.painted == 2
        folder.begin({"settings": {"size": 65}})
        assert folder.painted == 0


def test_only_frames_without_a_gap_before_them_count(folder: FilmFolder) -> None:
    with folder.reserve():
        folder.begin(FILM)
        list(folder.record([frame(1), frame(2), frame(4)]))
        assert folder.painted == 2


def test_it_is_one_programs_at_a_time_and_nothing_is_left_of_it_when_the_clip_is_there(
    folder: FilmFolder, tmp_path: Path
) -> None:
    with folder.reserve():
        folder.begin(FILM)
        list(folder.record([frame(1)]))
        with pytest.raises(OutputError, match="Another run is writing to"), FilmFolder(tmp_path / "film.mp4").reserve():
            pass
        folder.close()
    assert list(tmp_path.iterdir()) == []


def test_without_a_frame_nothing_is_left(folder: FilmFolder, tmp_path: Path) -> None:
    with folder.reserve():
        folder.begin(FILM)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["film.png", "film", ""])
def test_a_film_is_a_file_of_a_known_kind(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"must be a file that ends in \.mp4, \.gif or \.webp\."):
        FilmFolder(tmp_path / name)
