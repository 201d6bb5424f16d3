"""Results and uploads are deleted when they are old, and the oldest when all of them take too much space."""

import logging
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from nst.runs.folder import RUN_ID

logger = logging.getLogger(__name__)

#: What a program has named: folders of runs, Gradio's for uploads by their digest, uploads that were broken off.
_OURS = re.compile(rf"{RUN_ID.pattern}|[0-9a-f]{{40,64}}|tmp[a-z0-9_]{{8}}")
#: Somebody may be at what was written to in these last seconds.
YOUNG = 600


def sweep(
    folder: Path,
    keep_seconds: float,
    spare: Collection[Path] = (),
    keep_bytes: int | None = None,
    names: re.Pattern[str] = _OURS,
    young_seconds: float = YOUNG,
) -> list[str]:
    """Delete what has not been written to for a while, and then the oldest until the rest is small enough.

    A run at work writes its log at every step and so is left; ``spare`` holds those that are paused. Only what lies
    directly in ``folder`` is looked at, and of this only what is named as runs and uploads are; links are left alone.

    Args:
        folder: the results of all runs, or Gradio's cache; it need not be there.
        keep_seconds: what was written to in these last seconds is left.
        spare: files or folders that are left however old they are, with what they lie in.
        keep_bytes: how much the rest may take; no bound when None.
        names: what is looked at.
        young_seconds: what was written to in these last seconds is left however much space it takes.

    Returns:
        The names of what is gone, the oldest first.
    """
    files = {path: stats for path in _ours(folder, names) if (stats := _stats(path))}
    ages = {path: time.time() - max(stat.st_mtime for stat in stats) for path, stats in files.items()}
    sizes = {path: sum(stat.st_size for stat in stats) for path, stats in files.items()}
    gone = []
    for path in sorted(ages, key=lambda path: -ages[path]):
        too_much = keep_bytes is not None and sum(sizes.values()) > keep_bytes and ages[path] > young_seconds
        spared = any(kept.is_relative_to(path) for kept in spare)
        if (ages[path] > keep_seconds or too_much) and not spared and _delete(path):
            del sizes[path]
            gone.append(path.name)
    return gone


def _delete(path: Path) -> bool:
    """Whether it is gone."""
    if path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        logger.warning("%s cannot be deleted", path)
    return not path.exists()


def _ours(folder: Path, names: re.Pattern[str]) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if names.fullmatch(path.name) and not path.is_symlink())


def _stats(path: Path) -> list[os.stat_result]:
    """Of a file, or of a folder and all that is in it; what goes meanwhile is left out."""
    stats = []
    inside = (Path(root, name) for root, folders, names in os.walk(path) for name in (*folders, *names))
    for file in (path, *inside):
        with suppress(OSError):
            stats.append(os.lstat(file))
    return stats
