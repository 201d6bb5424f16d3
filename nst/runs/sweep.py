"""Old results and uploads are deleted: for machines that keep nothing."""

import logging
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

logger = logging.getLogger(__name__)

#: Folders that a program has named: those of runs, and Gradio's for uploads and downloads, by a digest.
_OURS = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}|[0-9a-f]{40,64}")


def sweep(folder: Path, keep_seconds: float) -> list[str]:
    """Delete what has not been written to for a while.

    A run at work writes its log at every step and so is left. Only folders directly in ``folder`` are looked
    at, and of these only those named as runs and uploads are; links are left alone.

    Args:
        folder: the results of all runs, or Gradio's cache; it need not be there.
        keep_seconds: what was written to in these last seconds is left.

    Returns:
        The names of the folders that are gone.
    """
    gone = []
    for old in list(_folders(folder)):
        if time.time() - _last_written(old) > keep_seconds:
            shutil.rmtree(old, ignore_errors=True)
            if old.exists():
                logger.warning("%s cannot be deleted", old)
            else:
                gone.append(old.name)
    return gone


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (p for p in folder.iterdir() if _OURS.fullmatch(p.name) and p.is_dir() and not p.is_symlink())


def _last_written(folder: Path) -> float:
    """When anything in a folder changed last, in seconds since 1970."""
    times = [folder.stat().st_mtime]
    for path in folder.iterdir():
        # A file may go while it is looked at.
        try:
            times.append(path.lstat().st_mtime)
        except FileNotFoundError:
            continue
    return max(times)
