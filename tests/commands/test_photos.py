"""Several photos in one command line."""

import json
from pathlib import Path

import pytest
from PIL import Image

from nst.commands.cli import main
from nst.commands.photos import list_destinations, list_photos
from nst.errors import ImageError
from nst.features import weights
from tests.commands.programs import painting


def test_each_photo_gets_a_folder_of_its_name_and_one_that_is_none_is_left_out(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = []
    load = weights.load_weights
    monkeypatch.setattr(weights, "load_weights", lambda *given: loaded.append(given) or load(*given))
    weights._kept.clear()
    Path("photos").mkdir()
    for name in ("写真.png", "Straße nach Ålesund.png"):
        Image.open(photo).save(Path("photos", name))
    Path("photos", "notes.txt").write_text("not a picture")
    Image.open(photo).save(".photo.png")
    name, *words = map(str, painting(Path("photos"), "--json", "--out", "painted"))
    assert main([name, ".photo.png", *words]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("nst: photos/notes.txt: This file is not a picture")
    assert err.count("\n") == 1
    ends = [line for line in map(json.loads, out.splitlines()) if "end" in line]
    assert [end["photo"] for end in ends] == [".photo.png", "photos/Straße nach Ålesund.png", "photos/写真.png"]
    assert [str(Path(end["files"]["png"])) for end in ends] == [
        "painted/photo/result.png", "painted/straße-nach-ålesund/result.png", "painted/写真/result.png",
    ]  # fmt: skip
    assert all(Path(path).is_file() for end in ends for path in end["files"].values())
    assert len(loaded) == 1


def test_a_folder_is_its_files_in_order_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", ".DS_Store"):
        (tmp_path / name).touch()
    (tmp_path / "deeper").mkdir()
    assert [path.name for path in list_photos([tmp_path, tmp_path / ".DS_Store"])] == ["a.png", "b.png", ".DS_Store"]
    with pytest.raises(ImageError, match=r"deeper: There are no files in this folder\.$"):
        list_photos([tmp_path / "deeper"])


def test_photos_of_one_name_get_folders_of_different_names(tmp_path: Path) -> None:
    photos = [Path("a.png"), Path("b/A.jpg"), Path("a-2.png")]
    destinations = list_destinations(tmp_path, photos, photos, all_files=False)
    assert [destination.run_folder.path.parent.name for destination in destinations] == ["a", "a-2", "a-2-2"]
