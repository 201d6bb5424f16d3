"""ASGI middleware before Gradio: blocked routes, limits, security headers, and who listens to which stream."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Address, Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.ui.listeners import Listeners, network_address
from nst.web.quotas import Quotas
from nst.web.request_body import (
    MCP_PATHS,
    RefusedError,
    check_content,
    counted,
    is_upload,
    limit,
    read_body,
    replayed,
    upload_size,
)

#: Routes of Gradio that this page does not need: fetching for others, recording, statistics, snapshots on disk.
BLOCKED = (
    "/gradio_api/proxy=", "/gradio_api/process_recording", "/gradio_api/component_server", "/gradio_api/deep_link",
    "/gradio_api/vibe", "/gradio_api/run-history", "/gradio_api/runs", "/gradio_api/stream/", "/monitoring",
    "/gradio_api/token", "/pwa_icon",
)  # fmt: skip
#: A file that is an address; one letter before the colon is a drive.
_FETCHED = re.compile(r"/gradio_api/file[=/]/*[a-z][a-z0-9+.-]+:/", re.IGNORECASE)

#: Gradio's page builds its templates as code and styles as text, hence the two "unsafe" words.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self' https://huggingface.co",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
}


class Guard:
    """ASGI middleware. A refused request gets a sentence, and Gradio never sees it.

    Args:
        app: what answers the requests that pass.
        listeners: hears of every event stream while it is open.
        quotas: what one network address may take.
        largest_upload: bytes of the largest file that may be uploaded.
        make_room: makes room for an upload of so many bytes on the disk; False when there is none.
    """

    def __init__(
        self, app: ASGIApp, listeners: Listeners, quotas: Quotas, largest_upload: int, make_room: Callable[[int], bool]
    ) -> None:
        self._app, self._listeners, self._quotas = app, listeners, quotas
        self._largest_upload, self._make_room = largest_upload, make_room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._pass_on(scope, receive, answer)
        except RefusedError as refusal:
            if not answer.begun:
                await refusal.response()(scope, receive, answer)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        check_route(path)
        address = network_address(Address(*scope["client"]) if scope.get("client") else None)
        with self._quotas.request(address, scope["method"], path):
            if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
                receive = await self._checked_body(address, path, Headers(scope=scope), receive)
            key = stream_key(path, scope["query_string"])
            with self._listeners.listening(key) if key else nullcontext():
                await self._app(scope, receive, send)

    async def _checked_body(self, address: str, path: str, headers: Headers, receive: Receive) -> Receive:
        """``receive`` for a body that is within the limits; an upload is counted on its way."""
        most = limit(headers, self._largest_upload)
        receive = counted(receive, most)
        if not is_upload(headers):
            body = await read_body(receive)
            check_content(body, for_gradio=path not in MCP_PATHS)
            return replayed(body, receive)
        size = upload_size(headers, most)
        self._quotas.upload(address, size)
        if not await run_in_threadpool(self._make_room, size):
            raise RefusedError(507, "The studio has no room for more uploads at the moment; try again later.")
        return receive


class _Answer:
    """``send`` with the security headers, which knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def check_route(path: str) -> None:
    """Refuse blocked routes, and files that would be fetched from elsewhere.

    Raises:
        RefusedError: with the path.
    """
    slashed = path.replace("\\", "/")
    if slashed.startswith(BLOCKED) or _FETCHED.match(slashed):
        raise RefusedError(404, f"There is nothing at {path[:60]}.")


def stream_key(path: str, query: bytes) -> str | None:
    """The session or the event whose stream a path opens, or None for any other path."""
    if path == "/gradio_api/queue/data":
        return parse_qs(query.decode("latin-1")).get("session_hash", [None])[0]
    parts = path.removeprefix("/gradio_api/call/").split("/")
    is_stream = path.startswith("/gradio_api/call/") and len(parts) > 1 + (parts[0] == "v2")
    return parts[-1] if is_stream else None
