"""Whatever goes wrong in Gradio ends in one sentence for whoever asked, and one line in the log."""

import json
import logging
import traceback
from pathlib import PurePath
from typing import Any

import gradio as gr
from gradio import route_utils
from gradio.blocks import BlockFunction
from gradio.route_utils import FnIndexInferError, GradioUploadFile
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.web.api_request import BROKEN
from nst.web.guard import HEADERS
from nst.web.request_body import RefusedError

logger = logging.getLogger(__name__)

UNKNOWN = "There is nothing of that name here."
UNFIT = "The studio cannot read this request."
MAX_SENTENCE = 300
#: So many places of the code are in a line of the log, the one that raised the exception first.
FRAMES = 3


class Escapes:
    """ASGI middleware: every error is JSON with one sentence under "error", and no exception gets out.

    Args:
        app: what answers the requests.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send)
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            return
        except Exception as error:
            logger.warning("%s %.80s: %s", scope["method"], scope["path"], in_one_line(error))
            await answer.fail(error)


class _Answer:
    """``send`` that holds an error back until all of it is there, and sends it as JSON with a sentence."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._start: Message | None = None
        self._error: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400 and self._scope["method"] != "HEAD":
            self._error = message
        elif self._error is None:
            self._start = message
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_error(self._error)

    async def fail(self, error: Exception) -> None:
        """Send an error in place of the answer, or end the answer that has begun."""
        if self._start is not None:
            await self._send({"type": "http.response.body", "body": b""})
        else:
            response = failure(error).response()
            response.headers.update(HEADERS)
            await response(self._scope, self._receive, self._send)

    async def _send_error(self, start: Message) -> None:
        status, sentence = start["status"], sentence_of(self._body, start["status"])
        if sentence is None:
            await self._send(start)
            await self._send({"type": "http.response.body", "body": self._body})
            return
        # Gradio answers every mistake of a visitor with 500.
        if status == 500 and sentence != BROKEN:
            status = 422
        response = RefusedError(status, sentence).response()
        for name, value in Headers(raw=start["headers"]).items():
            response.headers.setdefault(name, value)
        await response(self._scope, self._receive, self._send)


def failure(error: Exception) -> RefusedError:
    """The answer to an exception of Gradio's routes, where little but malformed requests raises any."""
    if isinstance(error, (LookupError, FnIndexInferError)):
        return RefusedError(404, UNKNOWN)
    if isinstance(error, (OSError, MemoryError)):
        return RefusedError(500, BROKEN)
    return RefusedError(400, UNFIT)


def sentence_of(body: bytes, status: int) -> str | None:
    """The sentence in the body of an error, as Gradio, FastAPI or Starlette write it; None if it says other things."""
    try:
        content = json.loads(body)
    except ValueError:
        content = body.decode(errors="replace")
    if isinstance(content, dict):
        if not content.keys() & {"error", "detail"}:
            return None
        content = content.get("error") or content.get("detail")
    if isinstance(content, list) and content:
        place = ".".join(str(part) for part in content[0].get("loc", ()))
        content = content[0].get("message") or f"{place}: {content[0].get('msg')}"
    if isinstance(content, dict):
        content = content.get("error")
    if not isinstance(content, str) or not content.strip():
        content = BROKEN if status == 500 else f"The studio answers with status {status}"
    sentence = content.strip().splitlines()[0][:MAX_SENTENCE]
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def in_one_line(error: Exception) -> str:
    """An exception for the log: its type, what it says, and where it was raised."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-FRAMES:])
    places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__}: {' '.join(str(error).split())[:MAX_SENTENCE]} ({places})"


def answer_in_sentences(page: gr.Blocks) -> None:
    """Have the handlers of a page fail with a sentence, and with one line in the log, whatever they are sent."""
    preprocess, process = page.preprocess_data, page.process_api

    async def preprocess_data(block_fn: BlockFunction, inputs: list[Any], *rest: Any) -> list[Any]:
        inputs = completed(block_fn, inputs)
        try:
            return await preprocess(block_fn, inputs, *rest)
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            logger.warning("/%s: %s", block_fn.api_name, in_one_line(error))
            raise gr.Error(UNFIT, print_exception=False) from None

    async def process_api(block_fn: BlockFunction, *rest: Any, **options: Any) -> dict[str, Any]:
        try:
            return await process(block_fn, *rest, **options)
        except gr.Error as error:
            error.print_exception = False
            raise
        except Exception as error:
            logger.warning("/%s: %s", block_fn.api_name, in_one_line(error))
            raise gr.Error(BROKEN, print_exception=False) from None

    page.preprocess_data, page.process_api = preprocess_data, process_api  # type: ignore[method-assign, assignment]


def completed(block_fn: BlockFunction, inputs: list[Any]) -> list[Any]:
    """The arguments of a call, with the defaults of those that a caller of the API may leave out.

    Raises:
        gr.Error: there are too few of them, or too many for the API, one lacks a value, or there is nothing to call.
    """
    if block_fn.fn is None:
        raise gr.Error(UNKNOWN)
    takes, is_public = block_fn.inputs, block_fn.api_visibility == "public"
    rest = [getattr(block, "value", None) for block in takes[len(inputs) :]] if is_public else []
    if None not in rest:
        inputs = [*inputs, *rest]
    # The page's scripts may pass more than a handler takes.
    if len(inputs) < len(takes) or (is_public and len(inputs) > len(takes)):
        raise gr.Error(f"/{block_fn.api_name} takes {len(takes)} arguments; {len(inputs)} came.")
    if any(value is None and _is_never_empty(block) for block, value in zip(takes, inputs, strict=False)):
        raise gr.Error(UNFIT)
    return inputs


def _is_never_empty(block: Any) -> bool:
    """Whether this is a list of choices of which there is always one, although Gradio takes none."""
    is_choice = isinstance(block, gr.Dropdown) and not (block.multiselect or block.allow_custom_value)
    return is_choice and block.value is not None


class VisibleUpload(GradioUploadFile):
    """An upload whose name does not begin with a dot: Gradio refuses such files once it has them."""

    def __init__(self, *args: Any, filename: str | None = None, **options: Any) -> None:
        super().__init__(*args, filename=PurePath(filename or "").name.lstrip("."), **options)


# Gradio has no option for the class.
route_utils.GradioUploadFile = VisibleUpload  # type: ignore[misc]
