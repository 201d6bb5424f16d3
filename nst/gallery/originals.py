"""Download photographs of the originals from Wikimedia Commons into the program's cache."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pooch
import requests

from nst.errors import ImageError, OriginalError, UnreachableError
from nst.gallery.manifest import Original, Style, original_path
from nst.pictures.decode import read_picture
from nst.version import USER_AGENT

#: The environment variable with the URL of another folder that has these files, by their names on Wikimedia Commons.
MIRROR = "IMPASTO_ORIGINALS_URL"
#: The shortest long side of a photograph, in pixels.
MIN_SIDE = 800
#: How often a download is tried again after a broken connection or a temporary error of the server.
RETRIES = 2
#: Seconds to wait for the connection, and for the next bytes.
TIMEOUT = (5.0, 30.0)
#: Status codes below 500 that are temporary.
TEMPORARY = frozenset({408, 425, 429})


def fetch_original(style: Style, bar: Any = False) -> Path:
    """Download the photograph of a style's original, unless it is in the cache and intact.

    Args:
        style: a bundled style that has an ``original``.
        bar: a progress bar with ``total``, ``update``, ``reset`` and ``close``, or False.

    Returns:
        Its file, as the server sent it; from now on ``available_styles`` includes it.

    Raises:
        UnreachableError: the server cannot be reached, so there is no use in trying the others.
        OriginalError: the download failed, or is not a usable picture. No file is left.
    """
    if style.original is None:
        raise ValueError(f"{style.key} has no original")
    path = original_path(style)
    if not _is_intact(path):
        _fetch(style.title, address(style.original), path, bar)
    return path


def address(original: Original) -> str:
    """The URL of a photograph: at the mirror if there is one, else from the manifest."""
    mirror = os.environ.get(MIRROR)
    return f"{mirror.rstrip('/')}/{quote(original.file)}" if mirror else original.address


def _is_intact(path: Path) -> bool:
    """Whether the file exists and can be decoded."""
    try:
        check_photograph(path)
    except ImageError:
        return False
    return True


def check_photograph(path: Path) -> None:
    """Refuse a file that is not a picture, or a picture that is too small.

    Raises:
        ImageError: as from ``read_picture``, or the long side is below MIN_SIDE.
    """
    height, width = read_picture(path).shape[:2]
    if max(height, width) < MIN_SIDE:
        raise ImageError(f"This picture is {width} x {height} pixels; the long side needs at least {MIN_SIDE}.")


def _fetch(title: str, url: str, path: Path, bar: Any) -> None:
    pooch.get_logger().setLevel("WARNING")  # At the default level it prints the hash of each file.
    # There is no hash to check: the server scales the files again from time to time. _Download decodes them instead.
    store = pooch.create(path.parent, "", registry={path.name: None}, urls={path.name: url}, retry_if_failed=RETRIES)
    host = urlsplit(url).netloc
    try:
        path.unlink(missing_ok=True)
        store.fetch(path.name, downloader=_Download(title, bar))
    except requests.ConnectionError as error:
        raise UnreachableError(f"The original of {title} did not come: {host} cannot be reached.") from error
    except requests.RequestException as error:
        raise OriginalError(f"The original of {title} did not come: {host} {_why(error)}.") from error
    except OSError as error:
        raise OriginalError(
            f"The original of {title} cannot be kept in {path.parent}: {error.strerror or error}."
        ) from error


class _Download:
    """The downloader that pooch calls for each try: it checks the file before pooch gives it its name."""

    def __init__(self, title: str, bar: Any) -> None:
        self._title = title
        self._get = pooch.HTTPDownloader(
            progressbar=bar, chunk_size=2**16, timeout=TIMEOUT, headers={"User-Agent": USER_AGENT}
        )

    def __call__(self, url: str, output_file: str, store: Any) -> None:
        """Download one file. After an OriginalError pooch does not try again, after other errors it does."""
        host = urlsplit(url).netloc
        try:
            self._get(url, output_file, store)
            check_photograph(Path(output_file))
        except requests.HTTPError as error:
            if _is_temporary(error):
                raise
            raise OriginalError(f"The original of {self._title} did not come: {host} {_why(error)}.") from error
        except ImageError as error:
            sentence = str(error)
            raise OriginalError(
                f"What {host} sent as the original of {self._title} is of no use: {sentence[0].lower()}{sentence[1:]}"
            ) from error


def _is_temporary(error: requests.HTTPError) -> bool:
    """Whether it is worth trying again; closes the response, which pooch leaves open."""
    response = error.response
    if response is None:
        return True
    response.close()
    return response.status_code in TEMPORARY or response.status_code >= 500


def _why(error: requests.RequestException) -> str:
    """The reason, as the rest of a sentence that begins with the host."""
    if error.response is not None:
        return f"answers {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, requests.Timeout):
        return f"sent nothing for {TIMEOUT[1]:g} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "ended the connection early"
    return f"cannot be asked: {error}"
