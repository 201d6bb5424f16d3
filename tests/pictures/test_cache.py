import os
import weakref
from pathlib import Path

import numpy as np
import pytest

from nst.errors import ImageError
from nst.pictures import cache
from nst.pictures.cache import decode_cached
from nst.pictures.decode import Decoded, decode
from tests.pictures.making import encoded, noise


@pytest.fixture(autouse=True)
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty cache, and the names of the files that are decoded."""
    names: list[str] = []

    def read(path: Path) -> Decoded:
        names.append(path.name)
        return decode(path)

    monkeypatch.setattr(cache, "decode", read)
    monkeypatch.setattr(cache, "_cached", {})
    return names


def photo(folder: Path, name: str, seed: int = 0) -> Path:
    path = folder / name
    path.write_bytes(encoded(noise(64, 48, seed), "PNG"))
    return path


def test_a_file_is_decoded_once(tmp_path: Path, decoded: list[str]) -> None:
    path = photo(tmp_path, "a.png")
    first, second = decode_cached(path), decode_cached(path)
    np.testing.assert_array_equal(first.pixels, noise(64, 48))
    assert second is first
    assert decoded == ["a.png"]


def test_nobody_can_change_what_others_get(tmp_path: Path) -> None:
    decoded = decode_cached(photo(tmp_path, "a.png"))
    with pytest.raises(ValueError, match="read-only"):
        decoded.pixels[0, 0] = 0


def test_a_changed_file_is_decoded_again(tmp_path: Path) -> None:
    path = photo(tmp_path, "a.png")
    decode_cached(path)
    path.write_bytes(encoded(noise(64, 48, seed=1), "PNG"))
    np.testing.assert_array_equal(decode_cached(path).pixels, noise(64, 48, seed=1))


def test_a_file_of_the_same_size_but_another_time_is_decoded_again(tmp_path: Path, decoded: list[str]) -> None:
    path = photo(tmp_path, "a.png")
    decode_cached(path)
    os.utime(path, ns=(0, 0))
    decode_cached(path)
    assert decoded == ["a.png", "a.png"]


def test_a_deleted_file_is_an_error_though_its_picture_is_cached(tmp_path: Path) -> None:
    path = photo(tmp_path, "a.png")
    decode_cached(path)
    path.unlink()
    with pytest.raises(ImageError, match="no such file"):
        decode_cached(path)


def test_nothing_is_kept_of_a_deleted_file(tmp_path: Path) -> None:
    gone, there = photo(tmp_path, "a.png"), photo(tmp_path, "b.png", seed=1)
    decode_cached(gone)
    kept = weakref.ref(decode_cached(gone))
    gone.unlink()
    decode_cached(there)
    assert kept() is None


def test_the_least_recently_used_picture_makes_room(
    tmp_path: Path, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_CACHED_BYTES", 2 * 64 * 48 * 3)
    a, b, c = (photo(tmp_path, name) for name in ("a.png", "b.png", "c.png"))
    for path in (a, b, a, c, a, b):
        decode_cached(path)
    assert decoded == ["a.png", "b.png", "c.png", "b.png"]


def test_a_picture_larger_than_the_cache_is_read_and_not_kept(
    tmp_path: Path, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_CACHED_BYTES", 64 * 48 * 3 - 1)
    path = photo(tmp_path, "a.png")
    assert decode_cached(path).pixels.shape == (48, 64, 3)
    assert decode_cached(path).pixels.shape == (48, 64, 3)
    assert decoded == ["a.png", "a.png"]
