"""Where this program keeps what it has fetched."""

import os
from pathlib import Path

from nst.version import NAME

#: The environment's own cache folder.
FOLDER = "NST_CACHE"


def cache_folder(kind: str) -> Path:
    """The folder of one kind of files in this program's cache; it need not be there yet.

    Args:
        kind: its name, such as "originals".

    Returns:
        A folder in NST_CACHE, else in XDG_CACHE_HOME/impasto, else in ~/.cache/impasto.
    """
    own = os.environ.get(FOLDER)
    shared = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    return (Path(own) if own else shared / NAME.lower()).expanduser() / kind
