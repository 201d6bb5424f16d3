"""A cache of decoded pictures: a file that was decoded when it was chosen is not decoded again when it is painted."""

import os
import threading
from pathlib import Path

from nst.pictures.decode import Decoded, decode

#: How much memory the pictures take at most: eight photos of 12 megapixels, two of the largest that are read.
MAX_CACHED_BYTES = 300_000_000

#: By path, size and time of the last change; the least recently used first.
_cached: dict[tuple[str, int, int], Decoded] = {}
_lock = threading.Lock()
#: Held by the one who decodes, which takes several times the memory of the picture.
_decoding = threading.Lock()


def decode_cached(path: str | os.PathLike[str]) -> Decoded:
    """``decode``, but a file is decoded again only if it has changed or many others were read since.

    Args:
        path: as for ``decode``.

    Returns:
        The picture; its arrays are read-only.

    Raises:
        ImageError: as for ``decode``, also for a file that has been deleted meanwhile.
    """
    drop_deleted()
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return decode(path)  # It raises the error that says why.
    version = (os.fspath(path), status.st_size, status.st_mtime_ns)
    decoded = _find(version)
    if decoded is not None:
        return decoded
    with _decoding:
        decoded = _find(version)  # Another may have decoded it meanwhile.
        if decoded is None:
            decoded = decode(path)
            _keep(version, decoded)
    return decoded


def drop_deleted() -> None:
    """Forget the pictures whose files are gone: who deletes a photo must not find it kept in memory."""
    with _lock:
        for version in [version for version in _cached if not Path(version[0]).exists()]:
            del _cached[version]


def _find(version: tuple[str, int, int]) -> Decoded | None:
    with _lock:
        decoded = _cached.pop(version, None)
        if decoded is not None:
            _cached[version] = decoded
        return decoded


def _keep(version: tuple[str, int, int], decoded: Decoded) -> None:
    for array in (decoded.pixels, decoded.alpha):
        if array is not None:
            array.flags.writeable = False
    with _lock:
        _cached[version] = decoded
        while sum(kept.nbytes for kept in _cached.values()) > MAX_CACHED_BYTES:
            del _cached[next(iter(_cached))]
