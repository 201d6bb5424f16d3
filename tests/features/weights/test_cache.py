"""The folder of kept weights, its lock and its names."""

import hashlib
import threading
from pathlib import Path

import pytest

from nst.errors import WeightsError
from nst.features.weights import cache
from nst.features.weights.progress import Stopped
from tests.features.weights.files import same, small_entry, small_tensors

ENTRY = small_entry()


def keep(seed: int = 0) -> Path:
    with cache.locked(ENTRY.name), cache.writing():
        return cache.keep(ENTRY, small_tensors(seed), "/somewhere")


def test_what_is_kept_carries_its_hash_and_its_origin() -> None:
    path = keep()
    assert cache.recorded_hash(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert cache.origin(path) == "/somewhere"
    assert cache.kept_file("vgg19") == path
    assert same(cache.load(ENTRY, path), small_tensors())


def test_only_the_last_one_kept_stays() -> None:
    first, second = keep(0), keep(1)
    assert first != second
    assert [path.name for path in cache.folder().iterdir() if not path.name.startswith(".")] == [second.name]


def test_files_without_a_hash_in_their_name_are_none_of_ours() -> None:
    cache.folder().mkdir(parents=True)
    (cache.folder() / "vgg19-mine.safetensors").touch()
    assert cache.kept_file("vgg19") is None


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_one_changed_byte_is_noticed(place: int) -> None:
    path = keep()
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="damaged: its SHA-256 is not the one in its name; python -m nst weights"):
        cache.load(ENTRY, path)


def test_a_file_that_is_gone_is_one_sentence() -> None:
    path = keep()
    path.unlink()
    with pytest.raises(WeightsError, match="cannot be read: No such file"):
        cache.load(ENTRY, path)
    assert cache.origin(path) == ""


def test_what_does_not_pass_the_checks_is_not_kept() -> None:
    with pytest.raises(WeightsError, match=r"features.0.bias is missing"), cache.locked("vgg19"), cache.writing():
        cache.keep(ENTRY, {key: value for key, value in small_tensors().items() if key != "0.bias"}, "/somewhere")
    assert [path for path in cache.folder().iterdir() if path.suffix == ".safetensors"] == []


def test_one_is_at_it_while_others_wait_or_give_up() -> None:
    inside, leave, waited = threading.Event(), threading.Event(), []

    def hold() -> None:
        with cache.locked("vgg19"):
            inside.set()
            leave.wait(20)

    holder = threading.Thread(target=hold)
    assert not cache.is_locked("vgg19")
    holder.start()
    inside.wait(20)
    assert cache.is_locked("vgg19")
    assert not cache.is_locked("vgg16")
    with pytest.raises(Stopped), cache.locked("vgg19", lambda: waited.append(1), lambda: len(waited) == 2):
        pass
    leave.set()
    holder.join()
    with cache.locked("vgg19"):
        pass
    assert not cache.is_locked("vgg19")
