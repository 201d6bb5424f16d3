"""This program's own cache of weights: files whose names end with their SHA-256, which is verified at load.

A file is written beside its place and renamed when it is whole and checked, under a lock that all processes share.
"""

import hashlib
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import filelock
import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from nst.cache import FOLDER, cache_folder
from nst.errors import WeightsError
from nst.features.weights.catalogue import Entry
from nst.features.weights.progress import Stopped, never
from nst.features.weights.tensors import check_tensors, parse_tensors

logger = logging.getLogger(__name__)

#: Seconds between two looks at a lock that somebody else holds.
LOCK_SECONDS = 0.2


def folder() -> Path:
    """Where weights are kept."""
    return cache_folder("weights")


def kept_file(name: str) -> Path | None:
    """The newest whole file of a network in the cache, or None. Its hash is not verified here."""
    pattern = re.compile(rf"{re.escape(name)}-[0-9a-f]{{64}}\.safetensors")
    files = [path for path in folder().glob(f"{name}-*.safetensors") if pattern.fullmatch(path.name)]
    return max(files, key=_written, default=None)


def recorded_hash(path: Path) -> str:
    """The SHA-256 that a kept file had when it was written."""
    return path.stem.rpartition("-")[2]


def origin(path: Path) -> str:
    """Where the tensors in a kept file came from, or "" where it does not say."""
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("source", "")
    except (OSError, SafetensorError):
        return ""


def load(entry: Entry, path: Path) -> dict[str, Tensor]:
    """The tensors of a kept file, its hash verified on the same bytes that are used.

    Raises:
        WeightsError: the file is not what it was, or holds something else.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The weights file {path} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(data).hexdigest() != recorded_hash(path):
        raise WeightsError(
            f"The weights file {path} is damaged: its SHA-256 is not the one in its name; "
            f"python -m nst weights --fetch {entry.name} brings it anew."
        )
    return check_tensors(entry, parse_tensors(data, str(path)), source=str(path))


def keep(entry: Entry, tensors: Mapping[str, Tensor], source: str) -> Path:
    """Write checked tensors ("0.weight", ...) into the cache; the caller holds the lock, and is ``writing``."""
    temporary = folder() / f".{entry.name}-{secrets.token_hex(6)}.safetensors"
    named = {f"features.{key}": tensor.contiguous() for key, tensor in tensors.items()}
    try:
        temporary.write_bytes(safetensors.torch.save(named, {"network": entry.name, "source": source}))
        return commit(entry, temporary)
    finally:
        temporary.unlink(missing_ok=True)


def commit(entry: Entry, temporary: Path) -> Path:
    """Check a whole file and give it its name; earlier files of the network go. The caller holds the lock,
    and is ``writing``.

    Raises:
        WeightsError: the file does not hold the network's tensors.
    """
    data = temporary.read_bytes()
    check_tensors(entry, parse_tensors(data, "what was fetched"), source="what was fetched")
    path = folder() / f"{entry.name}-{hashlib.sha256(data).hexdigest()}.safetensors"
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    for other in folder().glob(f"{entry.name}-*.safetensors"):
        if other != path:
            other.unlink(missing_ok=True)
    logger.info("Kept %s", path)
    return path


def partial(entry: Entry, key: str) -> Path:
    """The file that a download with this key grows in; those with other keys are of no use any more and go."""
    path = folder() / f".{entry.name}-{key[:16]}.part"
    for other in parts(entry):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def parts(entry: Entry) -> list[Path]:
    """The files of downloads that are under way or were given up."""
    return list(folder().glob(f".{entry.name}-*.part"))


@contextmanager
def locked(
    name: str, waiting: Callable[[], None] = lambda: None, stopped: Callable[[], bool] = never
) -> Iterator[None]:
    """Be the only one, of all threads and processes, that brings the weights of a network.

    Args:
        name: the network.
        waiting: called again and again while somebody else is at it.
        stopped: asked as often; when it says yes, ``Stopped`` is raised.

    Raises:
        WeightsError: the folder cannot be made or written.
    """
    with writing():
        folder().mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(_lock_path(name))
        while not _acquired(lock, LOCK_SECONDS):
            waiting()
            if stopped():
                raise Stopped
    try:
        yield
    finally:
        lock.release()


def is_locked(name: str) -> bool:
    """Whether anybody, here or in another process, is bringing the weights of a network right now."""
    if not _lock_path(name).exists():
        return False
    try:
        lock = filelock.FileLock(_lock_path(name))
        free = _acquired(lock, 0)
    except OSError:
        return False
    if free:
        lock.release()
    return not free


@contextmanager
def writing() -> Iterator[None]:
    """Turn the operating system's refusals into a sentence.

    Raises:
        WeightsError: no permission, a full disk and the like.
    """
    try:
        yield
    except OSError as error:
        raise WeightsError(
            f"Weights cannot be kept in {folder()} ({error.strerror or error}); {FOLDER} names another folder."
        ) from error


def _written(path: Path) -> float:
    """When a file was written; 0 for one that has just been replaced."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0


def _lock_path(name: str) -> Path:
    return folder() / f".{name}.lock"


def _acquired(lock: filelock.BaseFileLock, timeout: float) -> bool:
    try:
        lock.acquire(timeout=timeout)
    except filelock.Timeout:
        return False
    return True
