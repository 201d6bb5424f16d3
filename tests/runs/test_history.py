"""Earlier runs as their folders show them, whatever state those are in."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from nst.errors import NSTError
from nst.runs import checkpoint
from nst.runs.folder import RunFolder
from nst.runs.history import delete_run, find_run, past_runs, resume_job
from nst.runs.record import record
from tests.runs.making import a_job, recorded, steps


@pytest.fixture
def checkpoints(monkeypatch) -> None:
    """Every Step is one."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1000.0)


def test_a_finished_run_shows_its_pictures_files_and_names(tmp_path) -> None:
    folder = recorded(tmp_path)
    (past,) = past_runs(tmp_path, "ann")
    assert (past.id, past.end) == (folder.id, "finished")
    assert (past.content_title, past.style_titles) == ("cat", ("The Scream",))
    assert (past.width, past.height) == (64, 64)
    assert past.picture == folder.path / "result.png"
    assert past.content == folder.path / "content.png"
    assert set(past.files) == {"png", "gif", "mp4", "sheet", "zip", "log", "settings"}
    assert all(path.is_file() for path in past.files.values())
    assert past.document == json.loads(folder.file("settings").read_text())


@pytest.mark.usefixtures("checkpoints")
def test_a_run_without_an_end_was_interrupted_unless_it_is_going_on(tmp_path) -> None:
    folder = recorded(tmp_path, 5, end=None)
    (past,) = past_runs(tmp_path, "ann")
    assert (past.end, past.picture) == ("interrupted", folder.checkpoint)
    assert set(past.files) == {"log", "settings"}
    (past,) = past_runs(tmp_path, "ann", {folder.id})
    assert past.end == "running"
    assert [past.end for past in past_runs(tmp_path / ".", "ann", {"another"})] == ["interrupted"]


def test_before_its_first_checkpoint_a_run_shows_its_newest_frame(tmp_path) -> None:
    folder = recorded(tmp_path, 3, end=None)
    (past,) = past_runs(tmp_path, "ann")
    assert past.picture == folder.frame(3)


def test_a_stopped_run_is_one(tmp_path) -> None:
    recorded(tmp_path, end="stopped")
    assert [past.end for past in past_runs(tmp_path, "ann")] == ["stopped"]


def test_everybody_sees_exactly_their_own_newest_first(tmp_path) -> None:
    folders = [recorded(tmp_path, 1, end=None, owner=owner) for owner in ("ann", "ann", "ann", "bob", "")]
    for day, folder in zip((3, 1, 2, 4, 5), folders, strict=True):
        folder.path.rename(tmp_path / f"2026010{day}-000000-00000000")
    days = {owner: [past.id[7] for past in past_runs(tmp_path, owner)] for owner in ("ann", "bob", "", "an", "anna")}
    assert days == {"ann": ["3", "2", "1"], "bob": ["4"], "": ["5"], "an": [], "anna": []}
    assert [past.id[7] for past in past_runs(tmp_path, "ann", most=2)] == ["3", "2"]


def test_nothing_is_found_where_there_is_nothing(tmp_path) -> None:
    (tmp_path / "file").touch()
    assert past_runs(tmp_path / "none", "ann") == past_runs(tmp_path / "file", "ann") == ()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"end": null}', '{"content": 1, "styles": null}'])
def test_damaged_and_half_written_folders_are_left_out(tmp_path, text, caplog) -> None:
    caplog.set_level("INFO", "nst.runs.history")
    whole = recorded(tmp_path, 1, end=None)
    damaged = [recorded(tmp_path, 1, end=None) for _ in range(3)]
    damaged[0].file("settings").write_text(text)
    damaged[1].file("settings").unlink()
    damaged[2].content.unlink()
    RunFolder.new(tmp_path, "ann").path.mkdir()
    RunFolder.new(tmp_path, "ann").path.touch()
    assert [past.id for past in past_runs(tmp_path, "ann")] == [whole.id]
    assert [folder.id in caplog.text for folder in damaged] == [True] * 3


def test_only_folders_with_the_names_of_runs_count(tmp_path) -> None:
    folder = recorded(tmp_path / "elsewhere", 1, end=None)
    shutil.copytree(folder.path, tmp_path / "mine")
    (tmp_path / "20260101-000000-0123abcd").symlink_to(folder.path)
    assert past_runs(tmp_path, "ann") == ()
    for run_id in ("mine", "../elsewhere", f"elsewhere/{folder.id}", str(folder.path), "", f"{folder.id}/."):
        assert find_run(tmp_path, run_id, "ann") is None


def test_one_run_is_found_by_its_owner_alone(tmp_path) -> None:
    folder = recorded(tmp_path, 1, end=None)
    assert find_run(tmp_path, folder.id, "ann").id == folder.id
    assert find_run(tmp_path, folder.id, "bob") is None
    assert find_run(tmp_path, folder.id, "") is None


def test_a_run_is_deleted_by_its_owner_when_it_is_over(tmp_path) -> None:
    folder, other = recorded(tmp_path, 1), recorded(tmp_path, 1, end=None)
    assert not delete_run(tmp_path, folder.id, "bob")
    with pytest.raises(NSTError, match="still going on"):
        delete_run(tmp_path, folder.id, "ann", {folder.id})
    assert folder.path.is_dir()
    assert delete_run(tmp_path, folder.id, "ann")
    assert not folder.path.exists()
    assert not delete_run(tmp_path, folder.id, "ann")
    assert [past.id for past in past_runs(tmp_path, "ann")] == [other.id]


# --- going on -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("checkpoints")
def test_a_job_comes_back_with_its_checkpoint_and_its_folder(tmp_path) -> None:
    folder = recorded(tmp_path, 5, end=None)
    job = resume_job(past_runs(tmp_path, "ann")[0])
    assert np.array_equal(job.content, a_job().content)
    assert [style.tolist() for style in job.styles] == [style.tolist() for style in a_job().styles]
    assert (job.settings, job.content_name, job.style_names) == (a_job().settings, "cat", ("The Scream",))
    assert (job.start.index, job.start.picture[0, 0, 0]) == (5, 5)
    list(record(steps(8, "stopped", first=5), folder, job))
    assert [int(path.stem) for path in folder.frames()] == list(range(9))


def test_a_job_without_a_checkpoint_begins_anew(tmp_path) -> None:
    where = recorded(tmp_path, 5, end=None)
    job = resume_job(past_runs(tmp_path, "ann")[0])
    assert job.start is None
    list(record(steps(2), where, job))
    assert [int(path.stem) for path in where.frames()] == [0, 1, 2]
    assert len(where.file("log").read_text().splitlines()) == 4
    assert (where.path / "owner").read_text() == "ann"


def test_a_job_comes_back_with_its_mask_or_says_that_it_is_gone(tmp_path) -> None:
    mask = np.full((32, 32, 3), 200, np.uint8)
    pictures = a_job().load()._replace(mask=mask)
    masked = replace(a_job(), load=lambda: pictures, mask_name="face.png")
    folder = RunFolder.new(tmp_path, "ann")
    list(record(steps(2), folder, masked))
    job = resume_job(past_runs(tmp_path, "ann")[0])
    assert (job.mask_name, job.mask.tolist()) == ("face.png", mask.tolist())
    folder.mask.unlink()
    with pytest.raises(NSTError, match=r"^This run cannot go on: its mask\.png is damaged or gone\.$"):
        resume_job(past_runs(tmp_path, "ann")[0])


def test_what_is_missing_is_said_in_one_sentence(tmp_path) -> None:
    for file, sentence in (
        ("style-1.png", r"its style-1\.png is damaged or gone"),
        ("content.png", r"its content\.png is damaged or gone"),
        ("checkpoint.png", r"its checkpoint\.png is damaged or gone"),
    ):
        folder = recorded(tmp_path, 5, end=None)
        (folder.path / file).write_bytes(b"damaged")
        with pytest.raises(NSTError, match=f"^This run cannot go on: {sentence}"):
            resume_job(find_run(tmp_path, folder.id, "ann"))


@pytest.mark.parametrize("name", ["content_size", "settings", "recipe", "picture_every"])
def test_settings_that_lack_something_are_said_in_one_sentence(tmp_path, name) -> None:
    folder = recorded(tmp_path, 5, end=None)
    document = json.loads(folder.file("settings").read_text())
    folder.file("settings").write_text(json.dumps({key: value for key, value in document.items() if key != name}))
    with pytest.raises(NSTError, match=r"^This run cannot go on: its settings\.json is not complete\.$"):
        resume_job(find_run(tmp_path, folder.id, "ann"))


def test_a_run_that_is_over_does_not_go_on(tmp_path) -> None:
    for end in ("finished", "stopped"):
        recorded(tmp_path / end, end=end)
        with pytest.raises(NSTError, match=f"This run is {end}; only a run that was interrupted, or a film, can go on"):
            resume_job(past_runs(tmp_path / end, "ann")[0])
