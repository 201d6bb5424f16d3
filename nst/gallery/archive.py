"""The bundled styles as a zip file for download."""

import os
import zipfile
from pathlib import Path

from nst.files import atomic
from nst.gallery.manifest import MANIFEST, bundled_styles

#: The name of the file, and of the folder in it.
NAME = "style_refs"

# Fixed, so that nothing of this machine gets into the file: the earliest time that a zip can state, and a system.
_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o644 << 16


def write_style_zip(path: str | os.PathLike[str]) -> None:
    """Write the bundled style pictures and their manifest as a zip; the same pictures make the same bytes.

    Args:
        path: the file to write; an existing one is replaced.

    Raises:
        OutputError: the file cannot be written.
    """
    with atomic(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for file in (MANIFEST, *(style.path for style in bundled_styles())):
            archive.writestr(_entry(file), file.read_bytes())


def _entry(file: Path) -> zipfile.ZipInfo:
    """An entry that is stored: JPEGs do not get smaller, and the bytes would depend on the version of zlib."""
    entry = zipfile.ZipInfo(f"{NAME}/{file.name}", _TIME)
    entry.create_system, entry.external_attr = _UNIX, _MODE
    return entry
