"""Only what is old, and only what is ours, is deleted."""

import os
import time
from pathlib import Path

import pytest

from nst.runs.folder import RUN_ID, RunFolder
from nst.runs.sweep import sweep

HOUR = 3600


def aged(path: Path, seconds: float) -> Path:
    """A file or folder that seems to have been written so many seconds ago."""
    when = time.time() - seconds
    os.utime(path, (when, when))
    return path


def a_run(results: Path, seconds: float) -> Path:
    folder = RunFolder.new(results)
    folder.begin()
    aged(folder.path / "frames", seconds)
    log = folder.file("log")
    log.write_text("step\n")
    aged(log, seconds)
    return aged(folder.path, seconds)


def test_an_old_run_goes_and_a_young_one_stays(tmp_path: Path) -> None:
    old, young = a_run(tmp_path, HOUR + 60), a_run(tmp_path, HOUR - 60)
    assert sweep(tmp_path, HOUR) == [old.name]
    assert not old.exists()
    assert young.is_dir()


def test_a_run_at_work_stays_however_long_ago_it_began(tmp_path: Path) -> None:
    run = a_run(tmp_path, 3 * HOUR)
    aged(run / "log.csv", 5)
    assert sweep(tmp_path, HOUR) == []
    assert run.is_dir()


def test_uploads_go_by_the_names_that_gradio_gives_them(tmp_path: Path) -> None:
    upload = tmp_path / ("0a" * 32)
    upload.mkdir()
    aged(upload, 2 * HOUR)
    assert sweep(tmp_path, HOUR) == [upload.name]


@pytest.mark.parametrize("name", ["holiday", "20260102-030405", "20260102-030405-0123456g", "0" * 39])
def test_what_is_not_named_by_a_program_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    aged(tmp_path / name, 2 * HOUR)
    assert sweep(tmp_path, HOUR) == []


def test_only_what_has_one_of_the_names_is_looked_at(tmp_path: Path) -> None:
    upload, run = tmp_path / ("0a" * 32), a_run(tmp_path, 2 * HOUR)
    upload.mkdir()
    aged(upload, 2 * HOUR)
    assert sweep(tmp_path, HOUR, names=RUN_ID) == [run.name]
    assert upload.is_dir()


def test_what_is_to_be_spared_stays_with_what_it_lies_in(tmp_path: Path) -> None:
    for name in ("0a" * 32, "0b" * 32):
        (tmp_path / name).mkdir()
        aged(tmp_path / name, 2 * HOUR)
    offered = tmp_path / ("0a" * 32) / "styles.zip"
    assert sweep(tmp_path, HOUR, {offered}) == ["0b" * 32]
    assert offered.parent.is_dir()


def test_uploads_that_were_broken_off_go_and_other_files_stay(tmp_path: Path) -> None:
    for name in ("tmpab12_z9x", "notes.txt"):
        (tmp_path / name).touch()
        aged(tmp_path / name, 2 * HOUR)
    assert sweep(tmp_path, HOUR) == ["tmpab12_z9x"]
    assert (tmp_path / "notes.txt").exists()


def test_a_link_stays_and_so_does_what_it_leads_to(tmp_path: Path) -> None:
    elsewhere = a_run(tmp_path / "elsewhere", 2 * HOUR)
    results = tmp_path / "results"
    results.mkdir()
    (results / "20260102-030405-01234567").symlink_to(elsewhere)
    assert sweep(results, HOUR) == []
    assert elsewhere.is_dir()


def filled(results: Path, seconds: float, size: int) -> Path:
    """A run with a file of ``size`` bytes."""
    run = a_run(results, seconds)
    (run / "result.png").write_bytes(bytes(size))
    aged(run / "result.png", seconds)
    return aged(run, seconds)


def test_the_oldest_go_until_the_rest_fits(tmp_path: Path) -> None:
    runs = [filled(tmp_path, hours * HOUR, 100_000) for hours in (3, 5, 2, 4, 1)]
    assert sweep(tmp_path, 30 * HOUR, keep_bytes=350_000) == [runs[1].name, runs[3].name]
    assert sweep(tmp_path, 30 * HOUR, keep_bytes=350_000) == []
    assert all(runs[kept].is_dir() for kept in (0, 2, 4))


def test_frames_count_as_well(tmp_path: Path) -> None:
    older, newer = filled(tmp_path, 2 * HOUR, 10), filled(tmp_path, HOUR, 10)
    aged_frame = newer / "frames" / "000001.png"
    aged_frame.write_bytes(bytes(200_000))
    for path in (aged_frame, aged_frame.parent, newer):
        aged(path, HOUR)
    assert sweep(tmp_path, 30 * HOUR, keep_bytes=250_000) == []
    assert sweep(tmp_path, 30 * HOUR, keep_bytes=200_000) == [older.name, newer.name]


def test_what_is_painted_or_has_just_been_stays_however_much_it_takes(tmp_path: Path) -> None:
    paused, young = filled(tmp_path, 3 * HOUR, 100_000), filled(tmp_path, 60, 100_000)
    old = filled(tmp_path, 2 * HOUR, 10)
    assert sweep(tmp_path, HOUR, {paused}, keep_bytes=1000) == [old.name]
    assert paused.is_dir()
    assert young.is_dir()


def test_a_folder_that_is_not_there_is_no_mistake(tmp_path: Path) -> None:
    assert sweep(tmp_path / "none", HOUR) == []
