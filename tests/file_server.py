"""A server of files on 127.0.0.1 that counts what it is asked, and fails on demand."""

import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class FileServer:
    """Serves ``files`` (path -> bytes). Each request takes one of the ``faults``, while there are any.

    A fault is a status code, or "cut" (half of the body), "stall" (half of the body, then nothing), "html" (a page
    instead of the file), "vague" (no Content-Length and half of the body).
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: deque[str | int] = deque()
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.over = threading.Event()
        handler = type("Handler", (_Handler,), {"files": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Clients that leave early are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    files: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        here = self.files
        here.asked.append(self.path)
        here.agents.append(self.headers.get("User-Agent", ""))
        fault = here.faults.popleft() if here.faults else None
        if isinstance(fault, int):
            self.send_error(fault)
        elif self.path not in here.files:
            self.send_error(404)
        elif fault == "html":
            self._send(b"<!DOCTYPE html><title>Please log in</title>" + b"<p>Welcome</p>" * 99)
        else:
            self._send(here.files[self.path], fault)

    def _send(self, body: bytes, fault: str | None = None) -> None:
        self.send_response(200)
        if fault == "vague":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = fault in ("cut", "stall", "vague")
        try:
            self.wfile.write(body[: len(body) // 2] if half else body)
        except (BrokenPipeError, ConnectionResetError):
            half = True
        if fault == "stall":
            self.files.over.wait(20)
        self.close_connection = half or self.close_connection

    def log_message(self, *_: Any) -> None:
        pass
