"""A film as a run of the engine: painted frame by frame, stopped, and gone on with after a kill."""

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nst.engines.film_run import paint_film
from nst.errors import ImageError, NSTError, SettingsError
from nst.jobs import PictureFile
from nst.limits import Limits
from nst.pictures.clips import open_clip, read_frames
from nst.pictures.png import read_png, write_plain_png
from nst.runs.folder import RunFolder
from nst.runs.history import past_runs, resume_job
from nst.steps import Step
from nst.transfer.options import StylizeOptions
from tests.engines import listening
from tests.engines.listening import listen
from tests.engines.loops import FILM, Gate, film_job, paint_frames
from tests.pictures.films import film, grey, heard, numbers

ROOT = Path(__file__).parents[2]

#: Paints two frames and one step with the tiny loop, and waits to be killed.
PROGRAM = """
import sys
from pathlib import Path
from nst.engines.local import LocalEngine
from tests.engines.loops import Gate, film_job
gate = Gate()
gate.open(7)
engine = LocalEngine("cpu", Path(sys.argv[2]), preview_seconds=0.0, paint=gate, paint_frames=gate.paint_frames)
run = engine.submit(lambda: film_job(Path(sys.argv[1])), owner="ann")
for step in run.steps():
    print(step.frame, flush=True)
"""


@pytest.fixture(scope="module")
def killed(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a program that was killed when it had painted two frames."""
    results = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", PROGRAM, str(clip), str(results)]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        assert "2\n" in process.stdout, "two frames are painted"
        process.kill()
    return results


class Noting:
    """The tiny loop, which notes the number of the first frame and the frames before it, also in another process."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, *pictures, earlier, first, **more) -> Iterator[Step]:
        self._file.write_text(json.dumps([first, numbers(frame.content for frame in earlier)]))
        yield from paint_frames(*pictures, earlier=earlier, first=first, **more)


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "log.csv").read_text().splitlines()))


def test_a_film_is_a_run_whose_mp4_has_every_frame_and_the_clips_sound(an_engine, clip: Path, tmp_path: Path) -> None:
    with an_engine(tmp_path, paint_frames=paint_frames) as engine:
        run = engine.submit(lambda: film_job(clip))
        records = listen(run)
    last = records[-1]
    assert (last.state, set(last.files)) == ("finished", {"png", "settings", "log", "gif", "mp4", "zip"})
    assert [step.frame for record in records for step in record.steps] == list(range(1, 11)), "the last Step of each"
    assert (run.frames, len(run.scales), run.size) == (10, 10, (64, 48))
    for made in (open_clip(last.files["mp4"]), before := open_clip(run.folder / "before.mp4")):
        assert (made.frames, made.rate, made.width, made.height) == (10, 10, 64, 48)
        assert numbers(read_frames(made, 10, 64)) == list(range(10))
    assert not before.sound
    begins, ends = heard(last.files["mp4"])
    assert begins == pytest.approx(0.5, abs=0.05)
    assert ends == pytest.approx(1.0, abs=0.05)
    assert numbers([read_png(last.files["png"])]) == [5]
    document = json.loads(last.files["settings"].read_text())
    assert (document["end"], document["frames"], document["film"]) == ("finished", 10, FILM.to_dict())
    assert document["sources"]["content"] == PictureFile(path=clip, name="clip").digest()
    assert [row["frame"] for row in rows(run.folder)] == [str(n) for n in range(1, 11) for _ in range(3)]
    with zipfile.ZipFile(last.files["zip"]) as archive:
        assert f"{run.id}/progress.mp4" in archive.namelist()
    assert not (run.folder / "clip").exists(), "it is not needed any more"


def test_a_film_that_is_stopped_has_the_frames_so_far_and_can_go_on(an_engine, clip: Path, tmp_path: Path) -> None:
    gate = Gate()
    gate.open(10)  # Three frames and one step.
    with an_engine(tmp_path, paint_frames=gate.paint_frames) as engine:
        run = engine.submit(lambda: film_job(clip))
        for step in run.steps():
            if step.frame == 3:
                run.stop()
        last = listen(run)[-1]
    frames = open_clip(last.files["mp4"]).frames
    assert last.state == "stopped"
    assert frames in (3, 4)
    assert json.loads(last.files["settings"].read_text())["end"] == "stopped"
    assert len(list((run.folder / "frames").iterdir())) == frames
    (past,) = past_runs(run.folder.parent, "")
    assert past.can_go_on
    with an_engine(tmp_path, paint_frames=paint_frames) as engine:
        last = listen(engine.submit(lambda: resume_job(past), past.folder))[-1]
    assert numbers(read_frames(open_clip(last.files["mp4"]), 10, 64)) == list(range(10))
    (past,) = past_runs(run.folder.parent, "")
    assert (past.end, past.can_go_on) == ("finished", False)


def test_a_film_that_is_stopped_in_its_first_frame_is_that_frame(an_engine, clip: Path, tmp_path: Path) -> None:
    with an_engine(tmp_path, paint_frames=paint_frames) as engine:
        run = engine.submit(lambda: film_job(clip, steps=5000))
        for record in run.progress(interval=0.0):
            if record.preview:
                run.stop()
    assert record.state == "stopped"
    with pytest.raises(ImageError, match="This clip has 1 frame"):
        open_clip(record.files["mp4"])


def test_a_film_that_was_killed_goes_on_at_the_frame_that_it_had_reached(
    an_engine, killed: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    shutil.copytree(killed, results)
    (past,) = past_runs(results, "ann")
    assert (past.end, past.frames) == ("interrupted", 10)
    spent = past.document["seconds"]
    assert spent > 0
    job, done = resume_job(past), past.folder.painted
    kept = past.folder.clip.rename(tmp_path / "kept")
    with pytest.raises(ImageError, match="This run cannot go on: its clip is damaged or gone"):
        resume_job(past)
    kept.rename(past.folder.clip)
    with an_engine(tmp_path, paint_frames=Noting(tmp_path / "noted")) as engine:
        run = engine.submit(lambda: job, past.folder)
        last = listen(run)[-1]
    assert done == 2
    assert json.loads((tmp_path / "noted").read_text()) == [3, [0, 1]]
    assert last.state == "finished"
    assert numbers(read_frames(open_clip(last.files["mp4"]), 10, 64)) == list(range(10))
    assert heard(last.files["mp4"])[0] == pytest.approx(0.5, abs=0.05)
    assert sorted({int(row["frame"]) for row in rows(run.folder)}) == list(range(1, 11))
    assert next(float(row["seconds"]) for row in rows(run.folder) if int(row["frame"]) > done) == spent
    assert json.loads(last.files["settings"].read_text())["seconds"] > spent


def test_a_film_goes_on_from_all_its_frames_and_only_a_rule_that_follows_is_applied_to_each(
    clip: Path, tmp_path: Path
) -> None:
    folder = RunFolder.new(tmp_path)
    folder.begin()
    for number in range(1, 10):
        write_plain_png(folder.frame(number), grey(number))
    write_plain_png(tmp_path / "mask.png", grey(20))
    drawn = PictureFile(path=tmp_path / "mask.png", name="lower")
    masks = []

    def paint(contents, *_more, earlier, first):
        masks.append(_more[-1].mask if isinstance(_more[-1].mask, str) else "picture")
        assert numbers(each.content for each in earlier) == [*range(9)]
        assert (numbers([next(contents)]), first) == ([9], 10)
        return []

    for mask, motion in (drawn, "follow"), (drawn, "fixed"), ("lower", "follow"), ("lower", "fixed"):
        job = film_job(clip, mask=mask)
        settings = replace(job.film.settings, mask_motion=motion)
        paint_film(replace(job, film=replace(job.film, settings=settings)), folder, StylizeOptions(), paint)
    assert masks == ["picture", "picture", "lower", "picture"]


def test_a_film_keeps_to_the_limits(clip: Path, tmp_path: Path) -> None:
    film_job(clip, Limits(work=62_000))
    with pytest.raises(SettingsError, match=r"Steps x pixels is 0\.1 million \(20 steps, up to 64 x 48 px\)"):
        film_job(clip, Limits(work=50_000))
    long = film(tmp_path / "long.mp4", [grey(0)] * 3, rate=1)
    with pytest.raises(ImageError, match="This clip lasts 3 seconds; the limit is 2"):
        film_job(long, Limits(clip_seconds=2))


def test_an_engine_that_paints_no_films_says_so(clip: Path, tmp_path: Path) -> None:
    with (
        listening.an_engine(tmp_path, paint_frames=None) as engine,
        pytest.raises(NSTError, match="paints pictures only"),
    ):
        engine.submit(lambda: film_job(clip))
