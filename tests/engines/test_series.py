"""A series of pictures: what is painted, skipped, passed over and zipped."""

import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.engines.line import Visitor
from nst.engines.local import LocalEngine
from nst.engines.series import Planned, Series, SeriesProgress, zip_pictures
from nst.errors import ImageError
from nst.limits import Limits
from nst.pictures.png import read_png
from nst.runs import checkpoint
from nst.runs.destination import Destination, ResultsFolder
from nst.runs.record import record
from nst.steps import Job
from nst.transfer.options import StylizeOptions
from tests.engines import loops


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine("cpu", tmp_path / "results", paint=loops.paint)
    yield engine
    engine.close()


def a_job(colour: int, **settings: Any) -> Job:
    return replace(loops.job(colour, **settings), sources={"content": f"digest {colour}"})


def plan(folder: Path, *colours: int, **settings: Any) -> list[Planned]:
    """A picture of each colour, but none of a colour that there is not."""

    def make_job(colour: int) -> Job:
        if colour > 255:
            raise ImageError(f"{colour} is no colour.")
        return a_job(colour, **settings)

    return [
        Planned(
            name=f"colour-{colour}", make_job=lambda colour=colour: make_job(colour),
            place=Destination(folder / f"colour-{colour}", resumable=True),
        )
        for colour in colours
    ]  # fmt: skip


def painted(engine: LocalEngine, planned: list[Planned], **options: Any) -> SeriesProgress:
    *_, end = Series(lambda: engine, planned, **options).paint()
    return end


def states(progress: SeriesProgress) -> list[str]:
    return [item.state for item in progress.items]


def test_one_that_fails_is_passed_over_and_finished_ones_are_skipped(engine: LocalEngine, tmp_path: Path) -> None:
    first = painted(engine, plan(tmp_path, 10, 999, 20))
    assert states(first) == ["finished", "failed", "finished"]
    assert str(first.items[1].error) == "999 is no colour."
    assert first.seconds_left == 0
    assert {path.name for path in (tmp_path / "colour-10").iterdir()} == {
        "result.png", "settings.json", "log.csv", "progress.gif", "progress.mp4", "sheet.png", "result.zip", "frames",
    }  # fmt: skip
    again = painted(engine, plan(tmp_path, 10, 999, 20, 30))
    assert states(again) == ["skipped", "failed", "skipped", "finished"]
    assert again.items[0].files == first.items[0].files
    assert states(painted(engine, plan(tmp_path, 10, 20, steps=6))) == ["finished"] * 2, "other settings"
    other = replace(plan(tmp_path, 10, steps=6)[0], make_job=lambda: a_job(40, steps=6))
    assert states(painted(engine, [other])) == ["finished"], "another photo of that name"
    assert states(painted(engine, [other], skip=False)) == ["finished"]


def test_the_zip_holds_each_picture_and_its_settings(engine: LocalEngine, tmp_path: Path) -> None:
    end = painted(engine, plan(tmp_path, 10, 999, 20))
    assert zip_pictures(tmp_path / "all.zip", end.items)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["colour-10.png", "colour-10.json", "colour-20.png", "colour-20.json"]
        assert archive.read("colour-20.png") == (tmp_path / "colour-20" / "result.png").read_bytes()
    assert not zip_pictures(tmp_path / "none.zip", end.items[1:2])
    assert not (tmp_path / "none.zip").exists()


def test_a_stop_keeps_the_picture_at_work_and_the_same_series_goes_on_from_there(tmp_path: Path) -> None:
    gate, stop = loops.Gate(), threading.Event()
    engine = LocalEngine("cpu", tmp_path / "results", paint=gate)
    gate.open(8)  # The first picture, and the first step of the second.
    for progress in Series(lambda: engine, plan(tmp_path, 10, 20, 30), stopped=stop.is_set).paint():
        if progress.at == 1 and progress.items[1].share > 0:
            stop.set()
    assert states(progress) == ["finished", "stopped", "waiting"]
    assert read_png(tmp_path / "colour-20" / "result.png").max() == 20
    gate.open(20)
    assert states(painted(engine, plan(tmp_path, 10, 20, 30))) == ["skipped", "finished", "finished"]
    engine.close()


def test_the_last_one_is_finished(engine: LocalEngine, tmp_path: Path) -> None:
    last = threading.Event()
    records = Series(lambda: engine, plan(tmp_path, 10, 20), last=last.is_set).paint()
    next(records)
    last.set()
    *_, end = records
    assert states(end) == ["finished", "waiting"]


def test_one_that_was_killed_goes_on_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    (planned,) = plan(tmp_path, 10)
    left = planned.place.run_folder
    steps = loops.paint(a_job(10).content, (), a_job(10).settings, StylizeOptions())
    *_, last = islice(record(steps, left, a_job(10)), 4)  # As if the program had ended here.
    assert last.index == 3
    (planned,) = plan(tmp_path, 10)
    with planned.place.reserve((64, 64)):
        assert planned.place.resumed(a_job(10)).start.index == 3
        assert planned.place.resumed(a_job(11)).start is None
        assert planned.place.resumed(a_job(10, steps=6)).start is None


def test_it_waits_while_the_line_is_full_and_lets_others_have_their_turn(tmp_path: Path) -> None:
    gate = loops.Gate()
    engine = LocalEngine("cpu", tmp_path / "results", limits=Limits(waiting=1, waiting_each=1), paint=gate)
    ann, bob = Visitor(session="ann"), Visitor(session="bob")
    engine.submit(lambda: loops.job(1), visitor=bob)
    assert gate.begun.get(timeout=loops.SAFETY) == 1
    engine.submit(lambda: loops.job(2), visitor=ann)  # Now the line is full.
    end: list[SeriesProgress] = []
    places = [ResultsFolder(engine.results, "ann") for _ in range(2)]
    planned = [replace(each, place=place) for each, place in zip(plan(tmp_path, 10, 20), places, strict=True)]
    thread = threading.Thread(target=lambda: end.append(painted(engine, planned, visitor=ann)))
    thread.start()
    gate.open(12)
    assert [gate.begun.get(timeout=loops.SAFETY) for _ in range(2)] == [2, 10]
    engine.submit(lambda: loops.job(3), visitor=bob)
    gate.open(100)
    assert [gate.begun.get(timeout=loops.SAFETY) for _ in range(2)] == [3, 20], "between two pictures of a series"
    thread.join(loops.SAFETY)
    assert states(end[0]) == ["finished", "finished"]
    assert np.all(read_png(end[0].items[0].files["png"]) == 10)
    again = [replace(each, place=ResultsFolder(engine.results, "ann")) for each in planned]
    assert states(painted(engine, again)) == ["skipped", "skipped"]
    others = [replace(each, place=ResultsFolder(engine.results, "bob")) for each in planned[:1]]
    assert states(painted(engine, others)) == ["finished"], "nobody is shown the pictures of others"
    engine.close()
