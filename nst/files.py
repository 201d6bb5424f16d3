"""Where files go: written whole or not at all, and a folder for what has been fetched."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst.errors import OutputError
from nst.version import NAME

#: The environment's own cache folder.
CACHE_VARIABLE = "IMPASTO_CACHE"


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path in the same folder, and rename it to ``path`` when the block ends well.

    The temporary name begins with a dot and keeps the suffix, from which writers take the format.
    After an error nothing of it is left, and a file that was there before is untouched.

    Args:
        path: the file to write; its folder must be there.

    Yields:
        The path to write to.

    Raises:
        OutputError: the operating system refuses: a missing folder, no permission, a full disk.
    """
    target = Path(path)
    temporary = target.with_name(f".{secrets.token_hex(6)}{target.suffix}")
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise OutputError(f"{target.name} cannot be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def cache_folder(kind: str) -> Path:
    """The folder of one kind of files in this program's cache; it need not be there yet.

    Args:
        kind: its name, such as "originals".

    Returns:
        A folder in IMPASTO_CACHE, else in XDG_CACHE_HOME/impasto, else in ~/.cache/impasto.
    """
    own = os.environ.get(CACHE_VARIABLE)
    return (Path(own).expanduser() if own else user_cache() / NAME.lower()) / kind


def user_cache() -> Path:
    """The folder that the user's programs share for their caches: XDG_CACHE_HOME, else ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
