import os
import tempfile
from pathlib import Path

import pytest

from nst.errors import OutputError
from nst.files import MAX_SLUG_BYTES, atomic, cache_folder, slug


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "result.png"
    with atomic(target) as temporary:
        temporary.write_text("new")
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".png"
        assert temporary.name.startswith(".")
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def write_half(target: Path) -> None:
    with atomic(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError


def write_to_full_disk(target: Path) -> None:
    with atomic(target) as temporary:
        temporary.symlink_to("/dev/full")
        temporary.write_text("new")


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "result.png"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_half(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "result.png"
    with atomic(target) as one, atomic(target) as two:
        assert one != two
        one.write_text("one")
        two.write_text("two")
    assert target.read_text() == "one"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, atomic(tmp_path / "none" / "result.png") as temporary:
        temporary.write_text("new")
    assert str(caught.value) == "result.png cannot be written: No such file or directory."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"^result\.png cannot be written: No space left on device\.$"):
        write_to_full_disk(tmp_path / "result.png")
    assert list(tmp_path.iterdir()) == []


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "shared"))
    assert cache_folder("originals") == tmp_path / "own" / "originals"
    monkeypatch.setenv("IMPASTO_CACHE", "")
    assert cache_folder("originals") == tmp_path / "shared" / "impasto" / "originals"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("originals") == tmp_path / ".cache" / "impasto" / "originals"


def test_a_user_without_a_home_gets_a_cache_among_the_temporary_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("IMPASTO_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert cache_folder("originals") == tmp_path / f"cache-{os.getuid()}" / "impasto" / "originals"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("Lion", "The Scream", "512"), "lion-the-scream-512"),
        (("Élan vital!", "ß"), "élan-vital-ß"),
        (("E\u0301lan",), "élan"),
        (("../../etc/passwd",), "etc-passwd"),
        (("写真",), "写真"),
        (("हिन्दी", "ภาพถ่าย"), "हिन्दी-ภาพถ่าย".replace("ำ", "ํา")),
        ((".photo",), "photo"),
        (("🎨", "\udce9\u202e\0"), "picture"),
        (("a" * 200,), "a" * MAX_SLUG_BYTES),
        (("写" * 100,), "写" * (MAX_SLUG_BYTES // 3)),
    ],
)
def test_a_slug_is_safe_anywhere_and_keeps_the_letters_of_every_script(parts: tuple[str, ...], expected: str) -> None:
    assert slug(*parts) == expected
