"""``python -m nst styles``: the list, the zip and the originals."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from nst import fetch
from nst.commands.cli import main
from nst.gallery.manifest import bundled_styles, original_path
from tests.file_server import FileServer

pytestmark = pytest.mark.usefixtures("empty_cache")

STUDIES = [style for style in bundled_styles() if style.original]


def test_styles_are_listed_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["styles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [style.key for style in bundled_styles()]
    assert "The Scream, Edvard Munch, 1893" in lines[0]
    assert main(["styles", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["title"] for entry in listed] == [style.title for style in bundled_styles()]
    assert all(Path(entry["path"]).is_file() for entry in listed)
    assert listed[0]["original"]["licence"] == "Public domain"


@pytest.mark.usefixtures("commons")
def test_every_original_is_fetched_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["styles", "--originals"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert f"The Scream: {original_path(bundled_styles()[0])}" in told.out
    assert "11 of 11 originals are here" in told.out
    assert main(["styles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(bundled_styles()) + len(STUDIES)
    assert lines[1].startswith("scream-original ")
    assert lines[1].endswith("Edvard Munch, 1893, photograph of the original")
    assert main(["styles", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1]["photograph"] is True


def test_those_that_came_are_kept_and_the_others_told(capsys: pytest.CaptureFixture[str], commons: FileServer) -> None:
    commons.files.pop("/" + quote(STUDIES[0].original.file))
    commons.faults.extend([404, "html"])
    assert main(["styles", "--originals"]) == 2
    told = capsys.readouterr()
    first, second = told.err.splitlines()
    assert first.startswith("nst: The original of The Scream cannot be fetched from ")
    assert second.startswith("nst: The original of The Starry Night from ")
    assert " is of no use: " in second
    assert "9 of 11 originals are here" in told.out
    assert [original_path(style).exists() for style in STUDIES] == [False, False] + 9 * [True]


def test_offline_it_says_so_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with FileServer() as gone:
        monkeypatch.setenv("IMPASTO_ORIGINALS_URL", gone.url)
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    assert main(["styles", "--originals"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith("nst: The original of The Scream cannot be fetched from http://127.0.0.1:")
    assert "the server cannot be reached" in line


def test_the_zip_is_written_where_one_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["styles", "--zip", str(tmp_path / "all.zip")]) == 0
    assert capsys.readouterr().out == f"12 style pictures and their manifest are in {tmp_path / 'all.zip'}\n"
    assert (tmp_path / "all.zip").stat().st_size > 4_000_000
    assert main(["styles", "--zip", str(tmp_path / "no" / "all.zip")]) == 2
    assert "all.zip cannot be written" in capsys.readouterr().err
