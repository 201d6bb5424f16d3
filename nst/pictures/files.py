"""Files that are written whole: a reader finds the old file or the new one, never half of one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst.errors import OutputError


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
