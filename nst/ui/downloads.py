"""The files of a run under names that people can read."""

import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nst.runs.folder import FILES

#: The files that the page offers, by kind and in order.
OFFERED = {kind: file for kind, file in FILES.items() if file.label}


def slug(*parts: str) -> str:
    """Words as a file name: small ASCII letters, digits and hyphens, 80 characters at most.

    >>> slug("Café Photo", "The Scream")
    'cafe-photo-the-scream'
    """
    plain = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:80].strip("-") or "picture"


@contextmanager
def named(files: Mapping[str, Path], stem: str) -> Iterator[dict[str, Path]]:
    """The offered files under good names, in a folder that is gone afterwards.

    Args:
        files: kind -> path, as in ``Progress.files``; kinds that are not offered are left out.
        stem: the names' beginning, safe in a path (see ``slug``).

    Yields:
        kind -> path, such as ``lion-the-scream-512.png``.
    """
    with tempfile.TemporaryDirectory(prefix="impasto-") as folder:
        yield {
            kind: _link(files[kind], Path(folder) / (stem + file.ending))
            for kind, file in OFFERED.items()
            if kind in files
        }


def _link(source: Path, target: Path) -> Path:
    """A second name for a file where the disk allows it, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target
