"""A cache of decoded pictures: a file that was decoded when it was chosen is not decoded again when it is painted."""

import os
import threading
from pathlib import Path

from nst.pictures.decode import read_picture
from nst.steps import Picture

#: How much memory the pictures take at most: eight photos of 12 megapixels, two of the largest that are read.
MAX_CACHED_BYTES = 300_000_000

#: By path, size and time of the last change; the least recently used first.
_cached: dict[tuple[str, int, int], Picture] = {}
_lock = threading.Lock()
#: Held by the one who decodes, which takes several times the memory of the picture.
_decoding = threading.Lock()


def read_picture_cached(path: str | os.PathLike[str]) -> Picture:
    """``read_picture``, but a file is decoded again only if it has changed or many others were read since.

    Args:
        path: as for ``read_picture``.

    Returns:
        uint8, (height, width, 3), read-only.

    Raises:
        ImageError: as for ``read_picture``, also for a file that has been deleted meanwhile.
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return read_picture(path)  # It raises the error that says why.
    version = (os.fspath(path), status.st_size, status.st_mtime_ns)
    picture = _find(version)
    if picture is not None:
        return picture
    with _decoding:
        picture = _find(version)  # Another may have decoded it meanwhile.
        if picture is None:
            picture = read_picture(path)
            picture.flags.writeable = False
            _keep(version, picture)
    return picture


def _find(version: tuple[str, int, int]) -> Picture | None:
    with _lock:
        picture = _cached.pop(version, None)
        if picture is not None:
            _cached[version] = picture
        return picture


def _keep(version: tuple[str, int, int], picture: Picture) -> None:
    with _lock:
        _cached[version] = picture
        while sum(kept.nbytes for kept in _cached.values()) > MAX_CACHED_BYTES:
            del _cached[next(iter(_cached))]
