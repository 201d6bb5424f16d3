"""All style pictures in one file, to take elsewhere."""

import os
import zipfile
from pathlib import Path

from nst.files import atomic
from nst.gallery.manifest import MANIFEST, gallery

#: What the file is called, and the folder in it.
NAME = "style_refs"

# The earliest that a zip can say. No time, owner or system of this machine gets into the file.
_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o644 << 16


def write_style_zip(path: str | os.PathLike[str]) -> None:
    """Write the bundled style pictures and their manifest as a zip; the same pictures make the same bytes.

    Args:
        path: the file to write; one that is there is replaced.

    Raises:
        OutputError: the file cannot be written.
    """
    with atomic(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for file in (MANIFEST, *(style.path for style in gallery())):
            archive.writestr(_entry(file), file.read_bytes())


def _entry(file: Path) -> zipfile.ZipInfo:
    """JPEGs do not get smaller, and another zlib would make other bytes: nothing is compressed."""
    entry = zipfile.ZipInfo(f"{NAME}/{file.name}", _TIME)
    entry.create_system, entry.external_attr = _UNIX, _MODE
    return entry
