"""Files from servers: fetched and checked as a whole, or not kept at all, by one program at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from filelock import FileLock, Timeout

from nst.errors import DownloadError, OutputError, ServerPath, UnreachableError
from nst.files import atomic
from nst.version import USER_AGENT

#: How often a download is tried again that may succeed the next time, and the seconds between two tries.
RETRIES, PAUSE = 2, 1.0
#: Seconds of silence after which a server is given up.
TIMEOUT = 30.0
#: Status codes below 500 after which it is worth trying again.
BUSY = frozenset({408, 425, 429})
#: Bytes read at a time.
CHUNK = 2**16
#: Seconds of waiting for another program's download, before ``progress`` may end it.
POLL = 0.1


class _TransientError(DownloadError):
    """A download that may succeed the next time."""


def fetch_file(
    what: str, url: str, path: Path, *, check: Callable[[Path], None], progress: Callable[[int, int], None]
) -> None:
    """Fetch a file into a folder, which is made if need be.

    If another program or thread is fetching it into the same folder, wait for that one.

    Args:
        what: the file in the words of an error's sentence, such as "VGG-16's trained weights".
        url: http or https.
        path: gets the file, once it is whole and checked.
        check: called with the whole file under a temporary name; what it raises ends the download.
        progress: called with the bytes that have come and their total, 0 if unknown, also while waiting; what it raises
            ends the download.

    Raises:
        UnreachableError: the server does not answer at all.
        DownloadError: the server does not have the file, or breaks off each time.
        OutputError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "The folder ",
            ServerPath(path.parent),
            f" cannot be made: {error.strerror or error}. "
            "IMPASTO_CACHE or, for a network's weights, TORCH_HOME can name another.",
        ) from error
    with _locked(path.parent, progress):
        if path.is_file():  # another program was quicker
            return
        for left in reversed(range(RETRIES + 1)):
            try:
                with atomic(path) as temporary:
                    _receive(f"{what} cannot be fetched from {url}: the server", url, temporary, progress)
                    check(temporary)
                return
            except (_TransientError, UnreachableError):
                if not left:
                    raise
                time.sleep(PAUSE)


@contextmanager
def _locked(folder: Path, progress: Callable[[int, int], None]) -> Iterator[None]:
    """Hold the lock of a folder, which ends with the process at the latest."""
    lock = FileLock(folder / ".lock")
    while True:
        try:
            lock.acquire(timeout=POLL)
        except Timeout:
            progress(0, 0)
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError("The folder ", ServerPath(folder), f" cannot be written: {reason}.") from error
        else:
            break
    try:
        yield
    finally:
        lock.release()


def _receive(failed: str, url: str, path: Path, progress: Callable[[int, int], None]) -> None:
    """Write what a server sends; ``failed`` begins the sentence of an error."""
    try:
        with urlopen(Request(url, headers={"User-Agent": USER_AGENT}), timeout=TIMEOUT) as response:
            total = int(response.headers.get("Content-Length") or 0)
            with path.open("wb") as file:
                while chunk := response.read(CHUNK):
                    file.write(chunk)
                    progress(file.tell(), total)
                if file.tell() < total:
                    raise _TransientError(f"{failed} broke off.")
    except HTTPError as error:
        error.close()
        kind = _TransientError if error.code in BUSY or error.code >= 500 else DownloadError
        raise kind(f"{failed} answers {error.code} {error.reason}.") from error
    except TimeoutError as error:
        raise _TransientError(f"{failed} sent nothing for {TIMEOUT:g} s.") from error
    except URLError as error:
        raise UnreachableError(f"{failed} cannot be reached ({error.reason}).") from error
    except (HTTPException, ConnectionError) as error:
        raise _TransientError(f"{failed} broke off.") from error
