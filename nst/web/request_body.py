"""What the body of a request may hold: so much, and no address or embedded file in place of an upload.

Gradio fetches an address that it is sent, and decodes a ``data:`` URL, before any handler is asked.
"""

import asyncio
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import Message, Receive

from nst.errors import ImageError
from nst.pictures.size_limits import check_bytes
from nst.validation import quoted
from nst.web.upload_folder import is_uploaded

#: A body that is no upload may have so many bytes, and an upload so many beside those of its file.
MAX_PLAIN_BYTES = 1_000_000
MAX_FORM_BYTES = 10_000
#: A body must have come after so many seconds, and another one for so many bytes.
BODY_SECONDS = 30.0
BYTES_PER_SECOND = 10_000

#: Where assistants reach the studio, see ``nst.web.mcp_tools``: as with Gradio's own server, with a slash or without.
MCP_PATHS = ("/gradio_api/mcp", "/gradio_api/mcp/")

_ADDRESSES = ("http:", "https:", "ftp:", "file:", "data:", "//")


class RefusedError(Exception):
    """Why a request is not answered: the HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def response(self) -> JSONResponse:
        """The answer, in the forms in which Gradio's clients look for a sentence: of a 422 they expect a list."""
        invalid = {"__type__": "validate", "is_valid": False, "message": self.sentence, "parameter_name": "request"}
        detail = [invalid] if self.status == 422 else self.sentence
        # What is left of the body is not read, so nothing more can come over this connection.
        close = {"Connection": "close"} if self.status in (408, 413) else {}
        wait = {"Retry-After": "60"} if self.status == 429 else {}
        return JSONResponse({"error": self.sentence, "detail": detail}, self.status, close | wait)


def is_upload(headers: Headers) -> bool:
    """Whether the body of a request with these headers is read piece by piece, into files."""
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


def limit(headers: Headers, largest_upload: int) -> int:
    """How many bytes the body of a request with these headers may have.

    Raises:
        RefusedError: it says itself that it has more.
    """
    length = _stated_length(headers) or 0
    if is_upload(headers):
        most = largest_upload + MAX_FORM_BYTES
        try:
            check_bytes(length, most)
        except ImageError as error:
            raise RefusedError(413, str(error)) from None
        return most
    if length > MAX_PLAIN_BYTES:
        raise _too_large(MAX_PLAIN_BYTES)
    return MAX_PLAIN_BYTES


def upload_size(headers: Headers, most: int) -> int:
    """How many bytes the body with these headers says that it has; ``most`` if it does not say."""
    length = _stated_length(headers)
    return most if length is None else length


def _stated_length(headers: Headers) -> int | None:
    length = headers.get("content-length", "")
    # Python refuses to read numbers of thousands of digits.
    return int(length[:20]) if length.isdecimal() else None


def counted(receive: Receive, most: int) -> Receive:
    """``receive`` for a body that comes in time, and has no more than ``most`` bytes even if it has no length.

    It raises a RefusedError otherwise.
    """
    count, begun, more = 0, time.monotonic(), True

    async def count_and_receive() -> Message:
        nonlocal count, more
        if not more:
            return await receive()
        due = begun + BODY_SECONDS + count / BYTES_PER_SECOND
        try:
            message = await asyncio.wait_for(receive(), max(0.0, due - time.monotonic()))
        except TimeoutError:
            raise RefusedError(408, "The body of the request comes too slowly.") from None
        count += len(message.get("body", b""))
        more = message.get("more_body", False)
        if count > most:
            raise _too_large(most)
        return message

    return count_and_receive


async def read_body(receive: Receive) -> bytes:
    """A whole body; a RefusedError from ``counted`` passes through."""
    parts = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives a body that was read already, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def check_content(body: bytes, *, for_gradio: bool = True) -> None:
    """Refuse JSON that is nested too deeply or, for Gradio, holds an address, an embedded file, or the path of a file
    that was not uploaded.

    What is no JSON, such as a form, holds none of these; whoever reads it will say what is wrong with it.

    Raises:
        RefusedError: with the value.
    """
    try:
        waiting: list[tuple[str, Any]] = [("", json.loads(body))]
    except RecursionError:
        raise RefusedError(422, "The request is nested too deeply.") from None
    except ValueError:
        return
    while waiting and for_gradio:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend(("", entry) for entry in value)
        elif isinstance(value, str):
            _check_text(key, value)


def _check_text(key: str, text: str) -> None:
    start = text[:100].strip().lower()
    # A browser repeats where it fetched an uploaded file from, beside its path; nobody reads that.
    if start.startswith(_ADDRESSES) and not (key == "url" and start.startswith("http")):
        raise RefusedError(
            422, f"The request holds {quoted(text)}, an address or an embedded file; upload the file itself instead."
        )
    if key == "path":
        if not is_uploaded(text):
            raise RefusedError(
                422, f"The request names the file {quoted(text)}, which was not uploaded to this studio."
            )
        # The uploads that have been unused for longest are deleted first.
        with suppress(OSError):
            os.utime(Path(text).parent)


def _too_large(most: int) -> RefusedError:
    kind = " that is no upload" if most == MAX_PLAIN_BYTES else ""
    return RefusedError(413, f"The body of a request{kind} may have {most // 10**6} MB; this one has more.")
