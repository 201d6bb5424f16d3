"""Where files go: written whole or not at all, under names that are safe, and a folder for what has been fetched."""

import os
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst.errors import OutputError
from nst.version import NAME

#: The environment's own cache folder.
CACHE_VARIABLE = "IMPASTO_CACHE"
#: Longest slug: with any ending, it stays below the 255 bytes of most file systems.
MAX_SLUG_BYTES = 160


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


def link_or_copy(source: Path, target: Path) -> Path:
    """Give a file a second name where the disk allows it, else copy it; returns the ``target``, which is replaced.

    Raises:
        OSError: neither can be done.
    """
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def cache_folder(kind: str) -> Path:
    """The folder of one kind of files in this program's cache; it need not be there yet.

    Args:
        kind: its name, such as "originals".

    Returns:
        A folder in IMPASTO_CACHE, else in XDG_CACHE_HOME/impasto, else in ~/.cache/impasto.
    """
    own = os.environ.get(CACHE_VARIABLE)
    return (Path(os.path.expanduser(own)) if own else user_cache() / NAME.lower()) / kind


def user_cache() -> Path:
    """The folder that the user's programs share for their caches: XDG_CACHE_HOME, else ~/.cache.

    A user without a home, as in some containers, gets one in the folder of temporary files.
    """
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(os.path.expanduser(shared))
    home = os.path.expanduser("~")
    return Path(tempfile.gettempdir(), f"cache-{os.getuid()}") if home == "~" else Path(home, ".cache")


def slug(*parts: str) -> str:
    """Words as a file name: lower-case letters and digits of every script with hyphens between, 160 bytes at most.

    >>> slug("Café Photo", "The Scream")
    'café-photo-the-scream'
    """
    text = unicodedata.normalize("NFKC", " ".join(parts)).lower()
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text).split()
    short = "-".join(words).encode()[:MAX_SLUG_BYTES].decode(errors="ignore")
    return short.strip("-") or "picture"
