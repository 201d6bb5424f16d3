"""The photos of a command line, and where the files of each go."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from nst.engines.series import unique_names
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


def list_folders(out: Path, names: Iterable[str]) -> list[Destination]:
    """A folder in ``out`` for each picture of several.

    Args:
        out: a folder.
        names: see ``folder_names``.

    Raises:
        OutputError: ``out`` is a picture file.
    """
    if is_picture_name(out):
        raise OutputError(f"{out} is one file, for one picture; name a folder for several.")
    return [Destination(out / name, resumable=True) for name in names]


def _files(folder: Path) -> list[Path]:
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise ImageError(f"{folder}: The folder cannot be read: {(error.strerror or str(error)).lower()}.") from error
    if not files:
        raise ImageError(f"{folder}: There are no files in this folder.")
    return files


def folder_names(pictures: Iterable[tuple[Path, str]]) -> list[str]:
    """A name for each picture, of its photo and a style or "", different from all others."""
    return unique_names(slug(photo.stem, style) for photo, style in pictures)
