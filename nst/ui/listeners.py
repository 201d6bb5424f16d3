"""Which visitors still receive what handlers yield: Gradio runs a handler to its end even when nobody does."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gradio as gr
from gradio.context import LocalContext

from nst.engines.line import Visitor


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

    def of(self, request: gr.Request | None) -> Callable[[], bool]:
        """Tells, again and again, whether anybody listens to the event being handled; always, without a request."""
        if request is None:
            return lambda: True
        keys = {request.session_hash, LocalContext.event_id.get(None)}
        return lambda: any(key in self._open for key in keys)


def visitor(request: gr.Request | None, visit: str = "") -> Visitor:
    """Who sends a request, as the line tells visitors apart: by visit, or else by the session of the request."""
    client = request.client if request else None
    session = visit or (request.session_hash if request else "")
    return Visitor(session=session or "", address=client.host if client else "")
