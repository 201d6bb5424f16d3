"""Which visitors still receive what handlers yield: Gradio runs a handler to its end even when nobody does."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from nst.engines.line import Visitor

#: A series of pictures ends with the picture at work after so many seconds without a listener.
ABSENT = 10


class Listeners:
    """The event streams that are open, by the session or the event that they belong to."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def listening(self, key: str) -> Iterator[None]:
        """While a stream is open."""
        with self._lock:
            self._open[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[key] -= 1
                if not self._open[key]:
                    del self._open[key]

    def __contains__(self, key: str) -> bool:
        return key in self._open

    def of(self, request: gr.Request | None) -> Callable[[], bool]:
        """Tells, again and again, whether anybody listens to the event being handled; always, without a request."""
        if request is None:
            return lambda: True
        keys = {request.session_hash, LocalContext.event_id.get(None)}
        return lambda: any(key in self._open for key in keys)


def leaving(listening: Callable[[], bool]) -> Callable[[], bool]:
    """Tells, again and again, whether nobody has listened for ABSENT seconds; a stream may open late, or break."""
    heard = time.monotonic()

    def left() -> bool:
        nonlocal heard
        if listening():
            heard = time.monotonic()
        return time.monotonic() - heard > ABSENT

    return left


def visitor(request: gr.Request | None, visit: str = "") -> Visitor:
    """Who sends a request, as the line tells visitors apart: by visit, or else by the session of the request."""
    session = visit or (request.session_hash if request else "")
    return Visitor(session=session or "", address=network_address(request.client if request else None))


def network_address(client: Any) -> str:
    """The network address that limits count by: a ``client``'s host, or the /64 of an IPv6 host, which one line has.

    Args:
        client: of a request, with a ``host``; None when it is not known.
    """
    host = client.host if client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
