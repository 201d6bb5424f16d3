"""The files of a run under names that people can read."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from gradio.utils import get_upload_folder

from nst.files import link_or_copy
from nst.runs.folder import FILES

#: The files that the page offers, by kind and in order.
OFFERED = {kind: file for kind, file in FILES.items() if file.label}


def named(files: Mapping[str, Path], stem: str, secret: str) -> dict[str, Path]:
    """The offered files under good names, in Gradio's cache, from where it hands them out without another copy.

    Args:
        files: kind -> path, as in ``Progress.files``; kinds that are not offered are left out.
        stem: the names' beginning, safe in a path (see ``nst.files.slug``).
        secret: what nobody else knows, different for every run: whoever knows the address of a file may fetch it.

    Returns:
        kind -> path, such as ``lion-the-scream-512.png``.
    """
    folder = secret_folder(secret)
    folder.mkdir(parents=True, exist_ok=True)
    return {
        kind: link_or_copy(files[kind], folder / (stem + file.ending))
        for kind, file in OFFERED.items()
        if kind in files
    }


def forget(secret: str) -> None:
    """Delete the names that ``named`` gave; the files themselves stay where they are."""
    shutil.rmtree(secret_folder(secret), ignore_errors=True)


def secret_folder(secret: str) -> Path:
    """A folder in Gradio's cache for files that only those may fetch who know a secret."""
    return Path(get_upload_folder()) / hashlib.sha256(secret.encode()).hexdigest()
