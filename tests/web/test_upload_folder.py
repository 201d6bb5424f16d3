"""The folder of uploads: room for one more."""

import os
import time
from pathlib import Path

import pytest

from nst.web import upload_folder
from nst.web.upload_folder import folder_bytes, make_room


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Four uploads of 1000 bytes; the first has been unused for longest."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(upload_folder, "FREE_BYTES", 0)
    files = [tmp_path / (f"{number:02x}" * 32) / "lion.png" for number in range(4)]
    for number, file in enumerate(files):
        file.parent.mkdir()
        file.write_bytes(bytes(1000))
        for path in (file, file.parent):
            os.utime(path, (time.time() - 1000 + number * 100,) * 2)
    return files


def test_nothing_goes_while_there_is_room(uploads: list[Path]) -> None:
    size = folder_bytes(uploads[0].parents[1])
    assert make_room(1000, 10 * size, ())
    assert all(file.exists() for file in uploads)


def test_the_uploads_unused_for_longest_go_and_those_that_are_chosen_stay(uploads: list[Path]) -> None:
    per_upload = 1000 + uploads[0].parent.stat().st_size
    assert make_room(1000, 3 * per_upload + 1000, {uploads[0]})
    assert [file.exists() for file in uploads] == [True, False, True, True]


def test_no_room_is_made_of_what_is_chosen_or_young(uploads: list[Path]) -> None:
    os.utime(uploads[3])
    assert not make_room(1000, 1500, set(uploads[:3]))
    assert all(file.exists() for file in uploads)


def test_the_disk_keeps_some_room(uploads: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_folder, "FREE_BYTES", 10**18)
    assert not make_room(1000, 10**9, ())
    assert not any(file.exists() for file in uploads)


def test_a_folder_that_is_not_there_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "not" / "made" / "yet"))
    monkeypatch.setattr(upload_folder, "FREE_BYTES", 0)
    assert make_room(1, 1, ())
