"""Connections that have not sent a whole request: how many, and for how long; and how many files may be open."""

import asyncio
import logging
import sys
import time
from collections import Counter
from functools import partial
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

if sys.platform != "win32":
    import resource

#: A connection has so many seconds to send the head of a request.
HEAD_SECONDS = 10.0
#: Open files, connections among them, that the process asks for, and what is left of them for other than connections.
FILES = 16_384
SPARE_FILES = 256
#: Seconds between two lines in the log about connections for which there is no file.
LOG_SECONDS = 60


def bound_connections(config: Config, half_open: int) -> None:
    """Have a server close connections that are late with their request, or too many of one address.

    Args:
        config: of the server; holds for the connections that are opened from now on.
        half_open: how many connections of an address may be without a whole request.
    """
    most = raise_open_files() - SPARE_FILES
    config.http_protocol_class = partial(Connection, half_open=half_open, most=most, waiting=Counter())  # type: ignore[assignment]
    logging.getLogger("asyncio").addFilter(Seldom())


def raise_open_files() -> int:
    """Allow the process as many open files as its user may have, FILES at most; returns how many it may have."""
    if sys.platform == "win32":
        return FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= FILES:
        return FILES
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


class Connection(H11Protocol):
    """uvicorn's connection, which it only bounds in time between two requests.

    A proxy that is trusted has one address for everybody, but sends whole requests.
    """

    def __init__(self, *args: Any, half_open: int, most: int, waiting: "Counter[str]", **options: Any) -> None:
        super().__init__(*args, **options)
        self._half_open, self._most, self._waiting = half_open, most, waiting
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection begins."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """A part of a request, or more than one."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._expect_head()
        else:
            self._stop_expecting()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._stop_expecting()
        super().connection_lost(exc)

    @property
    def _host(self) -> str:
        return self.client[0] if self.client else ""

    def _expect_head(self) -> None:
        if self._timer is not None:
            return
        if self._waiting[self._host] >= self._half_open or len(self.connections) > self._most:
            self.transport.abort()
            return
        self._waiting[self._host] += 1
        self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _stop_expecting(self) -> None:
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._waiting[self._host] -= 1
        if not self._waiting[self._host]:
            del self._waiting[self._host]


class Seldom(logging.Filter):
    """Lets the line of asyncio about a connection for which there is no open file through once in a while.

    asyncio writes it up to 2048 times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written."""
        if "out of system resource" not in record.getMessage():
            return True
        due = time.monotonic() >= self._next
        if due:
            self._next = time.monotonic() + LOG_SECONDS
        return due
