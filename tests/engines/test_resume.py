"""A program that is killed in the middle of a run, and the one after it, which goes on with that run."""

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.engines.local import LocalEngine
from nst.errors import NSTError
from nst.pictures.png import read_png
from nst.runs.history import find_run, past_runs, resume_job
from nst.steps import Step
from tests.engines.listening import ALL_FILES, listen
from tests.engines.loops import SAFETY
from tests.transfer.runs import picture

ROOT = Path(__file__).parents[2]

#: Paints with the trained network up to its eighth step, and waits to be killed; a checkpoint is due after every
#: step.
PROGRAM = """
import sys, time
from dataclasses import replace
from pathlib import Path
from nst.engines.lazy import stylize_steps
from nst.engines.local import LocalEngine
from nst.runs import checkpoint
from tests.engines.loops import SAFETY, job_of
from tests.transfer.runs import picture

def paint(*arguments):
    for step in stylize_steps(*arguments):
        yield step
        if step.index == 8:
            time.sleep(SAFETY)

checkpoint.SECONDS, checkpoint.SHARE = 0.0, 1000.0
settings = {"size": 64, "coarsest": 45, "pyramid_factor": 1.4, "steps": 14, "enlarge": "original"}
job = replace(job_of(picture(75, 101), picture(90, 90, seed=1), **settings),
              content_name="cat", style_names=("Scream",), picture_every=2)
engine = LocalEngine("cpu", Path(sys.argv[1]), preview_seconds=0.0, paint=paint)
run = engine.submit(lambda: job, owner="ann")
for step in run.steps():
    print(step.index, flush=True)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a program that was killed; every test takes a copy."""
    results = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", PROGRAM, str(results)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert "8\n" in process.stdout
        finally:
            process.kill()
    return results


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "log.csv").read_text().splitlines()))


def test_a_run_that_was_killed_goes_on_in_its_folder_to_its_end(tmp_path: Path, killed: Path) -> None:
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    (past,) = past_runs(tmp_path, "ann")
    assert past.end == "interrupted"
    assert past_runs(tmp_path, "bob") == ()
    before, job = rows(past.folder.path), resume_job(past)
    assert job.start.index >= 7
    assert np.abs(job.content.astype(int) - picture(75, 101)).mean() < 1
    engine = LocalEngine("cpu", tmp_path, preview_seconds=0.0)
    try:
        run = engine.submit(lambda: job, past.folder)
        resumed = listen(run)[-1]
        whole = listen(engine.submit(lambda: replace(job, start=None)))[-1]
    finally:
        engine.close(SAFETY)
    assert (resumed.state, set(resumed.files)) == ("finished", ALL_FILES)
    assert run.folder == past.folder.path
    assert_whole(run.folder, before, job.start.index)
    assert [past.end for past in past_runs(tmp_path, "ann")] == ["finished"]
    assert_alike(resumed.preview, whole.preview)


def assert_whole(folder: Path, before: list[dict[str, str]], index: int) -> None:
    """Log, film, settings and picture are those of one run."""
    after = rows(folder)
    assert [int(row["step"]) for row in after] == list(range(22))
    assert after[:index] == before[:index]
    seconds = [float(row["seconds"]) for row in after]
    assert seconds == sorted(seconds)
    with Image.open(folder / "progress.gif") as film:
        assert film.n_frames == 12
    assert read_png(folder / "result.png").shape == (75, 101, 3)
    document = json.loads((folder / "settings.json").read_text())
    assert (document["step"], document["steps"], document["end"]) == (21, 21, "finished")
    assert (document["content"], document["styles"], document["content_size"]) == ("cat", ["Scream"], [101, 75])
    assert not (folder / "checkpoint.png").exists()
    assert (folder / "owner").read_text() == "ann"


def assert_alike(resumed: Step, whole: Step) -> None:
    """The loss and the picture are about those of a run that was never killed."""
    assert resumed.losses.total == pytest.approx(whole.losses.total, rel=0.05)
    assert np.abs(resumed.image.astype(int) - whole.image).mean() < 8


def test_a_run_that_is_killed_before_its_first_checkpoint_has_what_it_takes_to_begin_anew(
    tmp_path: Path, killed: Path
) -> None:
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    (past,) = past_runs(tmp_path, "ann")
    past.folder.checkpoint.unlink()
    job = resume_job(past)
    assert job.start is None
    past.folder.style(1).unlink()
    with pytest.raises(NSTError, match=r"its style-1\.png is damaged or gone"):
        resume_job(find_run(tmp_path, past.id, "ann"))
