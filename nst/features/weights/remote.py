"""One file on a server, read in pieces that survive cuts, stalls and servers that know no ranges."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from nst.features.weights.progress import Stopped, never
from nst.version import USER_AGENT

logger = logging.getLogger(__name__)

#: With so many bytes since the last failure, the count of failures begins anew.
FORGIVEN_BYTES = 64 * 1024
#: Answers after which it is worth asking again, besides those of 500 and above.
BUSY = frozenset({408, 425, 429})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class RemoteError(Exception):
    """Why an address did not give what was asked for, as the rest of a sentence that begins with its host."""


class _Again(Exception):  # noqa: N818  (never leaves this module)
    """A failure after which it is worth asking again."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds to wait for a connection, and for the next bytes, and between tries: so many follow the first."""

    connect: float = 5.0
    read: float = 15.0
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)


class Remote:
    """A file at an address. ``size`` and ``etag`` are known from the first answer on, where the server tells them.

    The proxies that the environment names are used. To be closed, or used in a ``with`` block.

    Args:
        url: an http or https address; redirects are followed.
        patience: how long and how often to try.
        stopped: asked again and again; when it says yes, ``Stopped`` is raised.

    Raises:
        RemoteError: the environment's proxy settings cannot be used.
    """

    def __init__(self, url: str, patience: Patience | None = None, stopped: Callable[[], bool] = never) -> None:
        self.url = url
        self.size: int | None = None
        self.etag = ""
        self.knows_ranges = True
        self._patience = patience or Patience()
        self._stopped = stopped
        self._answered = False
        self._client = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, start: int, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` to before ``stop``, or to the end; what a cut left out is asked for again.

        Raises:
            RemoteError: they are not to be had.
            Stopped: when told to.
        """
        position, failures, mark = start, 0, start
        while not self._is_end(position, stop):
            try:
                for chunk in self._ask(position, stop):
                    position += len(chunk)
                    yield chunk
                if not self._is_end(position, stop):
                    raise _Again("ended the connection early")
            except (httpx.TransportError, _Again) as error:
                failures = 0 if position - mark >= FORGIVEN_BYTES else failures
                mark = position
                self._wait(failures, error)
                failures += 1
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise RemoteError(f"cannot be asked: {error}") from error

    def _open(self) -> httpx.Client:
        patience = self._patience
        try:
            return httpx.Client(
                timeout=httpx.Timeout(patience.read, connect=patience.connect),
                follow_redirects=True,
                # Ranges count the bytes that travel, so nothing may be compressed on the way.
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            )
        except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
            raise RemoteError(
                f"cannot be asked with the proxy or certificate settings of this machine: {error}"
            ) from error

    def _is_end(self, position: int, stop: int | None) -> bool:
        ends = [end for end in (stop, self.size) if end is not None]
        return bool(ends) and position >= min(ends)

    def _ask(self, position: int, stop: int | None) -> Iterator[bytes]:
        """One request, as far as it goes."""
        wanted = {"Range": f"bytes={position}-{'' if stop is None else stop - 1}"}
        with self._client.stream("GET", self.url, headers=wanted) as response:
            self._answered = True
            at = self._begin(response, position)
            for chunk in response.iter_raw():
                if self._stopped():
                    raise Stopped
                piece = chunk[max(0, position - at) : None if stop is None else max(0, stop - at)]
                at += len(chunk)
                if piece:
                    yield piece
                if stop is not None and at >= stop:
                    return
            if stop is None and self.size is None:
                self.size = at

    def _begin(self, response: httpx.Response, position: int) -> int:
        """Where in the file the body of an answer begins."""
        code, headers = response.status_code, response.headers
        if code in BUSY or code >= 500:
            raise _Again(f"answers {code} {response.reason_phrase}".rstrip())
        if code not in (200, 206):
            raise RemoteError(f"answers {code} {response.reason_phrase}".rstrip())
        if headers.get("content-encoding", "identity") != "identity":
            raise RemoteError(f"sends the file compressed as {headers['content-encoding']}, unasked")
        told = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        if code == 206 and (told is None or int(told[1]) != position):
            raise RemoteError("answers with another range than was asked for")
        self.knows_ranges = code == 206
        size = told[2] if code == 206 and told else headers.get("content-length", "*")
        self._same_file(int(size) if size.isdigit() else None, headers.get("etag", ""))
        return position if code == 206 else 0

    def _same_file(self, size: int | None, etag: str) -> None:
        """Learn what the file is, or see that it is still the same."""
        if (self.size is not None and size not in (None, self.size)) or (self.etag and etag not in ("", self.etag)):
            raise RemoteError("changed the file while it was being fetched")
        self.size, self.etag = self.size if size is None else size, self.etag or etag

    def _wait(self, failures: int, error: Exception) -> None:
        """Pause before the next try, or give up: at once where nobody answers, after some failures elsewhere."""
        why, pauses = self._why(error), self._patience.pauses
        if not self._answered:
            pauses = () if isinstance(error, httpx.ConnectTimeout) else pauses[:1]
        if failures >= len(pauses):
            raise RemoteError(why if not failures else f"{why} ({failures + 1} tries)") from error
        logger.info("%s: it %s; asking again in %g s", self.url, why, pauses[failures])
        until = time.monotonic() + pauses[failures]
        while (left := until - time.monotonic()) > 0:
            if self._stopped():
                raise Stopped
            time.sleep(min(left, 0.1))

    def _why(self, error: Exception) -> str:
        """What went wrong, as the rest of a sentence that begins with the host."""
        match error:
            case _Again():
                return str(error)
            case httpx.ConnectTimeout():
                return f"cannot be reached within {self._patience.connect:g} s"
            case httpx.ConnectError() | httpx.ProxyError():
                return "cannot be reached"
            case httpx.TimeoutException():
                return f"sent nothing for {self._patience.read:g} s"
            case _:
                return "ended the connection early"
