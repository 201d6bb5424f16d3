"""Photographs of the originals: downloaded from Wikimedia Commons into the program's cache when the user asks."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from nst.errors import DownloadError, ImageError
from nst.fetch import fetch_file
from nst.gallery.manifest import Original, Style, original_path
from nst.pictures.decode import DAMAGED, decode

#: The environment variable with the URL of another folder that has these files, by their names on Wikimedia Commons.
MIRROR = "IMPASTO_ORIGINALS_URL"
#: The shortest long side of a photograph, in pixels.
MIN_SIDE = 800


def fetch_original(style: Style, progress: Callable[[int, int], None]) -> Path:
    """Download the photograph of a style's original, unless it is in the cache and intact.

    Args:
        style: a bundled style that has an ``original``.
        progress: called with the bytes that have come and their total, 0 if unknown.

    Returns:
        Its file, as the server sent it; from now on ``available_styles`` includes it.

    Raises:
        UnreachableError: the server does not answer, so there is no use in asking for others.
        DownloadError: the photograph cannot be fetched, or what came is none; nothing is kept.
        OutputError: the file cannot be written.
    """
    if style.original is None:
        raise ValueError(f"{style.key} has no original")
    path, url, what = original_path(style), address(style.original), f"The original of {style.title}"

    def check(file: Path) -> None:
        try:
            check_photograph(file)
        except ImageError as error:
            sentence = str(error)
            raise DownloadError(f"{what} from {url} is of no use: {sentence[0].lower()}{sentence[1:]}") from error

    if not _is_good(path):
        path.unlink(missing_ok=True)
        # No digest is known: the server scales the files anew when it likes.
        fetch_file(what, url, path, check=check, progress=progress)
    return path


def address(original: Original) -> str:
    """The URL of a photograph: at the mirror if there is one, else the manifest's."""
    mirror = os.environ.get(MIRROR)
    return f"{mirror.rstrip('/')}/{quote(original.file)}" if mirror else original.address


def _is_good(path: Path) -> bool:
    """Whether a photograph is here and has not been damaged since it came."""
    try:
        check_photograph(path)
    except ImageError:
        return False
    return True


def check_photograph(path: Path) -> None:
    """Refuse a file that is not a whole picture, or a picture that is too small.

    Raises:
        ImageError: as from ``decode``, a part is missing, or the long side is below MIN_SIDE.
    """
    picture = decode(path)
    if DAMAGED in picture.notes:
        raise ImageError(DAMAGED)
    height, width = picture.pixels.shape[:2]
    if max(height, width) < MIN_SIDE:
        raise ImageError(f"This picture is {width} x {height} pixels; the long side needs at least {MIN_SIDE}.")
