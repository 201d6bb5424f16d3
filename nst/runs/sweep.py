"""Old results and uploads are deleted: for machines that keep nothing."""

import logging
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

#: What a program has named: folders of runs, Gradio's for uploads by their digest, uploads that were broken off.
_OURS = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}|[0-9a-f]{40,64}|tmp[a-z0-9_]{8}")


def sweep(folder: Path, keep_seconds: float, spare: Collection[Path] = ()) -> list[str]:
    """Delete what has not been written to for a while.

    A run at work writes its log at every step and so is left. Only what lies directly in ``folder`` is looked
    at, and of this only what is named as runs and uploads are; links are left alone.

    Args:
        folder: the results of all runs, or Gradio's cache; it need not be there.
        keep_seconds: what was written to in these last seconds is left.
        spare: files or folders that are left however old they are, with what they lie in.

    Returns:
        The names of what is gone.
    """
    gone = []
    for old in list(_ours(folder)):
        if any(kept.is_relative_to(old) for kept in spare):
            continue
        if time.time() - _last_written(old) > keep_seconds:
            _delete(old)
            if old.exists():
                logger.warning("%s cannot be deleted", old)
            else:
                gone.append(old.name)
    return gone


def _delete(path: Path) -> None:
    if path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def _ours(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if _OURS.fullmatch(path.name) and not path.is_symlink())


def _last_written(path: Path) -> float:
    """When a file, or anything directly in a folder, changed last, in seconds since 1970."""
    times = [path.lstat().st_mtime]
    for inside in path.iterdir() if path.is_dir() else ():
        # A file may go while it is looked at.
        with suppress(FileNotFoundError):
            times.append(inside.lstat().st_mtime)
    return max(times)
