"""The files of a run under names that people can read."""

from pathlib import Path

import pytest

from nst.ui.downloads import named, slug


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("Lion", "The Scream", "512"), "lion-the-scream-512"),
        (("Élan vital!", "ß"), "elan-vital"),
        (("../../etc/passwd",), "etc-passwd"),
        (("写真",), "picture"),
        (("a" * 200,), "a" * 80),
    ],
)
def test_a_name_is_safe_anywhere(parts: tuple[str, ...], expected: str) -> None:
    assert slug(*parts) == expected


def test_named_files_are_the_same_files_for_a_while(tmp_path: Path) -> None:
    png, log = tmp_path / "result.png", tmp_path / "log.csv"
    png.write_bytes(b"pixels")
    log.write_text("step")
    with named({"png": png, "log": log, "sheet": png}, "lion-512") as files:
        assert {kind: path.name for kind, path in files.items()} == {
            "png": "lion-512.png",
            "sheet": "lion-512-sheet.png",
        }
        assert files["png"].read_bytes() == b"pixels"
    assert not files["png"].exists()
    assert png.read_bytes() == b"pixels"
