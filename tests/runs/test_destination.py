"""A folder or a file that is named: nothing in it is lost, and nothing but whole files gets there."""

import json
from pathlib import Path

import pytest
from PIL import Image

from nst.errors import OutputError
from nst.runs.destination import Destination
from nst.runs.folder import FILES

SIZE = (30, 20)
SETTINGS = json.dumps({"version": "0", "settings": {}})


def an_earlier_run(path: Path) -> None:
    (path / "frames").mkdir(parents=True)
    (path / "frames" / "000040.png").write_text("frame")
    (path / "settings.json").write_text(SETTINGS)
    for name in {file.name for file in FILES.values()} - {"settings.json"}:
        (path / name).write_text("earlier")


def a_run(destination: Destination, *left_out: str) -> dict[str, Path]:
    """What a run leaves in the hidden folder."""
    folder = destination.run_folder
    folder.begin()
    Image.new("RGB", SIZE).save(folder.frame(7))
    files = {kind: folder.file(kind) for kind in folder.kinds if kind not in left_out}
    for kind, path in files.items():
        if kind == "png":
            Image.new("RGB", SIZE).save(path)
        else:
            path.write_text(SETTINGS if kind == "settings" else "new")
    return files


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_files_of_an_earlier_run_stay_until_the_new_ones_are_whole(tmp_path: Path) -> None:
    an_earlier_run(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "frames" / "notes.png").write_text("mine")
    destination = Destination(tmp_path)
    with destination.reserve(SIZE):
        files = a_run(destination, "gif")
        assert (tmp_path / "result.png").read_text() == "earlier"
        delivered = destination.deliver(files)
    assert delivered == {kind: tmp_path / FILES[kind].name for kind in FILES if kind != "gif"}
    others = [file.name for kind, file in FILES.items() if kind != "gif"]
    assert names(tmp_path) == sorted([*others, "notes.txt", "frames/000007.png", "frames/notes.png"])
    assert (tmp_path / "log.csv").read_text() == "new"


def test_a_run_without_a_picture_changes_nothing(tmp_path: Path) -> None:
    an_earlier_run(tmp_path)
    before = names(tmp_path)
    destination = Destination(tmp_path)
    with destination.reserve(SIZE):
        assert destination.deliver({}) == {}
    assert names(tmp_path) == before
    assert (tmp_path / "result.png").read_text() == "earlier"


def test_a_folder_that_is_new_is_gone_after_a_run_that_was_refused(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Destination(tmp_path / "new").reserve(SIZE):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["result.png", "log.csv", "settings.json", "frames/000001.png"])
@pytest.mark.parametrize("settings", [None, "not JSON", "[]", '{"settings": 1}'])
def test_files_of_somebody_else_are_never_replaced(tmp_path: Path, name: str, settings: str | None) -> None:
    (tmp_path / "frames").mkdir()
    (tmp_path / name).write_text("mine")
    if settings and name != "settings.json":
        (tmp_path / "settings.json").write_text(settings)
    with (
        pytest.raises(OutputError, match="already exists and was not written by an earlier run"),
        Destination(tmp_path).reserve(SIZE),
    ):
        pass
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("name", ["painted.jpg", "p" * 251 + ".png"])
def test_a_file_is_written_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("an earlier one, whatever it is")
    destination = Destination(tmp_path / name)
    with destination.reserve(SIZE):
        assert destination.deliver(a_run(destination)) == {"png": tmp_path / name}
    assert names(tmp_path) == [name]
    with Image.open(tmp_path / name) as image:
        assert image.size == SIZE


def test_the_other_files_go_beside_it_where_they_are_asked_for(tmp_path: Path) -> None:
    for _ in range(2):
        destination = Destination(tmp_path / "painted.webp", all_files=True)
        with destination.reserve(SIZE):
            destination.deliver(a_run(destination))
    assert names(tmp_path) == [
        "painted-frames/000007.png", "painted-sheet.png", "painted.csv", "painted.gif", "painted.json", "painted.mp4",
        "painted.webp", "painted.zip",
    ]  # fmt: skip
    (tmp_path / "painted.json").write_text("mine")
    with (
        pytest.raises(OutputError, match="already exists"),
        Destination(tmp_path / "painted.webp", all_files=True).reserve(SIZE),
    ):
        pass


def test_a_folder_in_the_way_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "painted.jpg").mkdir()
    with (
        pytest.raises(OutputError, match=r"painted\.jpg is a folder"),
        Destination(tmp_path / "painted.jpg").reserve(SIZE),
    ):
        pass


def test_two_runs_do_not_meet_in_one_place(tmp_path: Path) -> None:
    for path, other in ((tmp_path, tmp_path / "a.png"), (tmp_path / "a.png", tmp_path / "b.png")):
        with Destination(path).reserve(SIZE):
            with Destination(other).reserve(SIZE):
                pass
            with (
                pytest.raises(OutputError, match=f"^Another run is writing to {path}; wait for its end"),
                Destination(path).reserve(SIZE),
            ):
                pass
        with Destination(path).reserve(SIZE):
            pass


def test_what_a_run_that_was_killed_left_is_no_obstacle(tmp_path: Path) -> None:
    a_run(Destination(tmp_path / "a.png"))
    destination = Destination(tmp_path / "a.png")
    with destination.reserve(SIZE):
        destination.deliver(a_run(destination))
    assert names(tmp_path) == ["a.png"]
