"""The files of a run under names that people can read."""

from pathlib import Path

import pytest

from nst.ui.downloads import forget, named


def test_named_files_are_other_names_of_the_same_files_in_a_secret_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    png, log = tmp_path / "result.png", tmp_path / "log.csv"
    png.write_bytes(b"pixels")
    log.write_text("step")
    files = named({"png": png, "log": log, "sheet": png}, "lion-512", "a secret")
    assert {kind: path.name for kind, path in files.items()} == {"png": "lion-512.png", "sheet": "lion-512-sheet.png"}
    assert files["png"].samefile(png)
    assert files["png"].is_relative_to(tmp_path / "gradio")
    assert named({"png": png}, "lion-512", "another")["png"].parent != files["png"].parent
    png.unlink()
    png.write_bytes(b"new pixels")
    assert named({"png": png}, "lion-512", "a secret")["png"].read_bytes() == b"new pixels"
    forget("a secret")
    assert not files["png"].exists()
    assert png.read_bytes() == b"new pixels"
