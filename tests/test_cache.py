from pathlib import Path

import pytest

from nst.cache import cache_folder


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "shared"))
    assert cache_folder("originals") == tmp_path / "own" / "originals"
    monkeypatch.setenv("NST_CACHE", "")
    assert cache_folder("originals") == tmp_path / "shared" / "impasto" / "originals"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("originals") == tmp_path / ".cache" / "impasto" / "originals"
