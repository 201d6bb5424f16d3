"""A server of files on 127.0.0.1 that knows ranges, counts what it is asked, and fails on demand."""

import re
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class FileServer:
    """Serves ``files`` (path -> bytes). Each request takes one of the ``faults``, while there are any.

    A fault is a status code, or "cut" (half of the body), "stall" (half of the body, then nothing), "html" (a page
    instead of the file), "other range", "vague" (no Content-Length and half of the body). ``ranges`` and ``etag``
    say what the server knows; ``moved`` leads paths to others. A body goes out in pieces of ``piece`` bytes, and
    ``slow`` seconds pass before each.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: deque[str | int] = deque()
        self.ranges = True
        self.etag = '"one"'
        self.moved: dict[str, str] = {}
        self.piece = 4096
        self.slow = 0.0
        self.asked: list[tuple[str, str]] = []
        self.agents: list[str] = []
        self.sent = 0
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

    def ranges_asked(self) -> list[str]:
        """The Range headers of the requests so far."""
        return [wanted for _, wanted in self.asked]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Clients that leave early are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    files: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        here = self.files
        wanted = self.headers.get("Range", "")
        here.asked.append((self.path, wanted.removeprefix("bytes=")))
        here.agents.append(self.headers.get("User-Agent", ""))
        fault = here.faults.popleft() if here.faults else None
        if isinstance(fault, int):
            self.send_error(fault)
        elif self.path in here.moved:
            self._begin(302, 0, Location=here.moved[self.path])
        elif self.path not in here.files:
            self.send_error(404)
        elif fault == "html":
            self._send(200, b"<!DOCTYPE html><title>Please log in</title>" + b"<p>Welcome</p>" * 99)
        else:
            self._send_file(here.files[self.path], wanted, fault)

    def _send_file(self, data: bytes, wanted: str, fault: str | None) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
        if not (asked and self.files.ranges):
            self._send(200, data, fault)
            return
        start, stop = int(asked[1]), min(int(asked[2] or len(data)) + 1, len(data))
        if start >= len(data):
            self.send_error(416)
            return
        told = f"bytes {start + (fault == 'other range')}-{stop - 1}/{len(data)}"
        self._send(206, data[start:stop], fault, **{"Content-Range": told})

    def _send(self, code: int, body: bytes, fault: str | None = None, **headers: str) -> None:
        self._begin(code, None if fault == "vague" else len(body), **headers)
        half = fault in ("cut", "stall", "vague")
        try:
            self._pour(body[: len(body) // 2] if half else body)
        except (BrokenPipeError, ConnectionResetError):
            half = True
        if fault == "stall":
            self.files.over.wait(20)
        self.close_connection = half or self.close_connection

    def _pour(self, body: bytes) -> None:
        here = self.files
        for start in range(0, len(body), here.piece):
            if here.slow:
                here.over.wait(here.slow)
            self.wfile.write(body[start : start + here.piece])
            here.sent += len(body[start : start + here.piece])

    def _begin(self, code: int, length: int | None, **headers: str) -> None:
        self.send_response(code)
        if self.files.etag:
            headers["ETag"] = self.files.etag
        if length is None:
            self.close_connection = True
            headers["Connection"] = "close"
        else:
            headers["Content-Length"] = str(length)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass
