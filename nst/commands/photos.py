"""The photos of a command line, and where the files of each go."""

from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

from nst.errors import ImageError, OutputError
from nst.files import slug
from nst.pictures.convert import is_picture_name
from nst.runs.destination import Destination


def list_photos(paths: Sequence[Path]) -> list[Path]:
    """Files as they are; of a folder, the files directly in it in the order of their names, without hidden ones.

    Raises:
        ImageError: a folder has no files, or cannot be read.
    """
    return [photo for path in paths for photo in (_files(path) if path.is_dir() else [path])]


def list_destinations(out: Path, paths: Sequence[Path], photos: Sequence[Path], all_files: bool) -> list[Destination]:
    """Where each photo goes: directly to ``out`` if a single one is named, else to folders in it, named after them.

    Args:
        out: a folder, or a picture file.
        paths: the arguments that name the photos.
        photos: see ``list_photos``.
        all_files: see ``Destination``.

    Raises:
        OutputError: there may be several photos for one file.
    """
    if len(paths) == 1 and not paths[0].is_dir():
        return [Destination(out, all_files=all_files)]
    if is_picture_name(out):
        raise OutputError(f"{out} is one file, for one photo; name a folder for several.")
    return [Destination(out / name) for name in _folder_names(photos)]


def _files(folder: Path) -> list[Path]:
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise ImageError(f"{folder}: The folder cannot be read: {(error.strerror or str(error)).lower()}.") from error
    if not files:
        raise ImageError(f"{folder}: There are no files in this folder.")
    return files


def _folder_names(photos: Sequence[Path]) -> list[str]:
    """A name for each photo, different from all others."""
    names: list[str] = []
    for photo in photos:
        stem = slug(photo.stem)
        candidates = chain([stem], (f"{stem}-{number}" for number in count(2)))
        names.append(next(name for name in candidates if name not in names))
    return names
