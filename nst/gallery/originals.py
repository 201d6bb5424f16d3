"""Photographs of the originals, from Wikimedia Commons into this program's cache. They come only when asked for."""

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

#: The environment's address of another folder with these files, under their names on Wikimedia Commons.
MIRROR = "IMPASTO_ORIGINALS_URL"
#: The long side that a photograph needs, in pixels.
MIN_SIDE = 800
#: So many tries follow a first one that was cut off, or answered by a server in trouble.
RETRIES = 2
#: Seconds to wait for a connection, and for the next bytes.
TIMEOUT = (5.0, 30.0)
#: Answers below 500 after which it is worth asking again.
BUSY = frozenset({408, 425, 429})


def fetch_original(style: Style, bar: Any = False) -> Path:
    """Bring the photograph of a study's original, unless it is here and good.

    Args:
        style: a study of the gallery that has an ``original``.
        bar: an object with ``total``, ``update``, ``reset`` and ``close`` that shows the bytes coming, or False.

    Returns:
        Its file; from now on ``collection`` has it. The picture is as it was sent, not made smaller.

    Raises:
        UnreachableError: nobody answers, so there is no use in asking for others.
        OriginalError: the photograph is not to be had, or what came is none. Nothing of it is kept.
    """
    if style.original is None:
        raise ValueError(f"{style.key} has no original")
    path = original_path(style)
    if not _is_good(path):
        _fetch(style.title, address(style.original), path, bar)
    return path


def address(original: Original) -> str:
    """Where a photograph is asked for: at the mirror if there is one, else where the manifest says."""
    mirror = os.environ.get(MIRROR)
    return f"{mirror.rstrip('/')}/{quote(original.file)}" if mirror else original.address


def _is_good(path: Path) -> bool:
    """Whether a photograph is here, and has not been damaged since it came."""
    try:
        check_photograph(path)
    except ImageError:
        return False
    return True


def check_photograph(path: Path) -> None:
    """Refuse what is no picture, or too small a one.

    Raises:
        ImageError: as the decoder says it, or the long side is below MIN_SIDE.
    """
    height, width = read_picture(path).shape[:2]
    if max(height, width) < MIN_SIDE:
        raise ImageError(f"This picture is {width} x {height} pixels; the long side needs at least {MIN_SIDE}.")


def _fetch(title: str, url: str, path: Path, bar: Any) -> None:
    pooch.get_logger().setLevel("WARNING")  # It would tell each file's hash, and how to write that into the code.
    # No hash is known: the server scales the files anew when it likes. What came is looked at instead.
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
    """What pooch calls for each try: the file is checked before it gets its name."""

    def __init__(self, title: str, bar: Any) -> None:
        self._title = title
        self._get = pooch.HTTPDownloader(
            progressbar=bar, chunk_size=2**16, timeout=TIMEOUT, headers={"User-Agent": USER_AGENT}
        )

    def __call__(self, url: str, output_file: str, store: Any) -> None:
        """Bring one file. An OriginalError ends all tries, other errors only this one."""
        host = urlsplit(url).netloc
        try:
            self._get(url, output_file, store)
            check_photograph(Path(output_file))
        except requests.HTTPError as error:
            if _passes(error):
                raise
            raise OriginalError(f"The original of {self._title} did not come: {host} {_why(error)}.") from error
        except ImageError as error:
            sentence = str(error)
            raise OriginalError(
                f"What {host} sent as the original of {self._title} is of no use: {sentence[0].lower()}{sentence[1:]}"
            ) from error


def _passes(error: requests.HTTPError) -> bool:
    """Whether a refusal is worth another try; its body has not been read, and pooch leaves the connection open."""
    answer = error.response
    if answer is None:
        return True
    answer.close()
    return answer.status_code in BUSY or answer.status_code >= 500


def _why(error: requests.RequestException) -> str:
    """What went wrong, as the rest of a sentence that begins with the host."""
    if error.response is not None:
        return f"answers {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, requests.Timeout):
        return f"sent nothing for {TIMEOUT[1]:g} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "ended the connection early"
    return f"cannot be asked: {error}"
