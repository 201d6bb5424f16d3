import json
import re

import pytest

from nst.errors import OutputError
from nst.runs.folder import FILES, RunFolder


def an_earlier_run(path) -> None:
    (path / "frames").mkdir(parents=True)
    (path / "frames" / "000040.png").write_text("frame")
    (path / "settings.json").write_text(json.dumps({"version": "0", "settings": {}}))
    for name in {file.name for file in FILES.values()} - {"settings.json"}:
        (path / name).write_text("earlier")


def test_fresh_folders_are_named_by_time_and_chance(tmp_path):
    folders = [RunFolder.new(tmp_path) for _ in range(50)]
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{8}", folder.id) for folder in folders)
    assert all(folder.path == tmp_path / folder.id for folder in folders)
    assert len({folder.id for folder in folders}) == 50


def test_a_run_of_somebody_says_so_in_a_file(tmp_path):
    nobodys, anns = RunFolder.new(tmp_path), RunFolder.new(tmp_path, "ann")
    for folder in (nobodys, anns):
        folder.begin()
    assert not (nobodys.path / "owner").exists()
    assert (anns.path / "owner").read_text() == "ann"


def test_checking_makes_the_results_folder_but_not_the_runs(tmp_path):
    folder = RunFolder.new(tmp_path / "results" / "deep")
    folder.check()
    assert list((tmp_path / "results" / "deep").iterdir()) == []


def test_beginning_makes_room_for_frames(tmp_path):
    folder = RunFolder.new(tmp_path)
    folder.begin()
    assert folder.frame(7).parent.is_dir()
    assert folder.frame(7).name == "000007.png"


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "results").write_text("a file")
    for folder in (RunFolder.new(tmp_path / "results"), RunFolder.at(tmp_path / "results")):
        with pytest.raises(OutputError, match=r"results cannot be written: file exists\.$"):
            folder.check()


def test_a_full_disk_is_refused_with_what_is_free_and_what_is_needed(tmp_path):
    with pytest.raises(OutputError, match=r"has \d+ MB free; a run needs 1099511627776 MB\."):
        RunFolder.new(tmp_path).check(needed_mb=2**40)


def test_an_exact_folder_replaces_an_earlier_run_and_nothing_else(tmp_path):
    an_earlier_run(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "frames" / "notes.png").write_text("mine")
    folder = RunFolder.at(tmp_path)
    folder.check()
    assert (tmp_path / "result.png").read_text() == "earlier"
    folder.begin()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["frames", "notes.png", "notes.txt"]


def test_an_exact_folder_may_be_new(tmp_path):
    folder = RunFolder.at(tmp_path / "a" / "b")
    folder.check()
    folder.begin()
    assert folder.path.is_dir()


@pytest.mark.parametrize("name", ["result.png", "log.csv", "settings.json", "frames/000001.png"])
@pytest.mark.parametrize("settings", [None, "not JSON", "[]", '{"settings": 1}'])
def test_files_of_somebody_else_are_never_replaced(tmp_path, name, settings):
    (tmp_path / "frames").mkdir()
    (tmp_path / name).write_text("mine")
    if settings and name != "settings.json":
        (tmp_path / "settings.json").write_text(settings)
    with pytest.raises(OutputError, match="already exists and was not written by an earlier run"):
        RunFolder.at(tmp_path).check()
    assert (tmp_path / name).read_text() == "mine"
