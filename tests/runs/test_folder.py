import re

import pytest

from nst.errors import OutputError
from nst.runs.folder import RunFolder


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
    with pytest.raises(OutputError, match=r"results cannot be written: file exists\.$"):
        RunFolder.new(tmp_path / "results").check()


def test_a_full_disk_is_refused_with_what_is_free_and_what_is_needed(tmp_path):
    with pytest.raises(OutputError, match=r"has \d+ MB free; a run needs 1099511627776 MB\."):
        RunFolder.new(tmp_path).check(needed_mb=2**40)


def test_beginning_again_leaves_nothing_of_before_but_what_is_not_of_a_run(tmp_path):
    folder = RunFolder.new(tmp_path)
    folder.begin()
    for path in (folder.frame(7), folder.path / "frames" / "notes.png", folder.file("png")):
        path.touch()
    folder.begin()
    assert sorted(path.name for path in folder.path.rglob("*")) == ["frames", "notes.png"]
