"""The guard before Gradio: what it lets through, what it answers itself, and what it adds."""

from typing import Any

import pytest

from nst.limits import HOSTED, AddressLimits
from nst.ui.listeners import Listeners
from nst.web.guard import HEADERS, Guard, check_route, stream_key
from nst.web.quotas import Quotas
from nst.web.request_body import RefusedError
from tests.ui.coroutines import awaited


class Inside:
    """An application that reads the whole body, answers, and remembers what it saw."""

    def __init__(self, listeners: Listeners) -> None:
        self.listeners = listeners
        self.body: bytes | None = None
        self.open: list[str] = []

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        parts = []
        while (message := await receive())["type"] == "http.request":
            parts.append(message["body"])
            if not message["more_body"]:
                break
        self.body = b"".join(parts)
        self.open = list(self.listeners._open)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"referrer-policy", b"own")]})
        await send({"type": "http.response.body", "body": b"in"})


def ask(
    path: str, body: bytes = b"", method: str = "POST", query: str = "", limits: AddressLimits = HOSTED.address,
    **headers: str,
) -> tuple[Any, Inside]:  # fmt: skip
    """(the messages of the answer, the application) after one request whose body comes in two parts."""
    listeners = Listeners()
    inside, sent = Inside(listeners), []
    parts = [
        {"type": "http.request", "body": body[: len(body) // 2], "more_body": True},
        {"type": "http.request", "body": body[len(body) // 2 :], "more_body": False},
    ]
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": raw,
        "client": ("10.0.0.1", 1),
    }

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    quotas = Quotas(limits, pending=lambda _address: 0)
    awaited(
        Guard(inside, listeners, quotas, HOSTED.largest_upload, lambda size: size < 10_000_000)(scope, receive, send)
    )
    assert not listeners._open
    return sent, inside


def test_a_request_without_fault_passes_untouched() -> None:
    sent, inside = ask("/gradio_api/queue/join", b'{"data": [1, 2]}')
    assert inside.body == b'{"data": [1, 2]}'
    assert sent[0]["status"] == 200


def test_an_upload_passes_in_its_parts() -> None:
    _, inside = ask(
        "/gradio_api/upload", b"x" * 3_000_000, content_type="multipart/form-data; boundary=b", content_length="3000000"
    )
    assert len(inside.body or b"") == 3_000_000


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/gradio_api/proxy=http://a.hf.space/", b"", {}, 404),
        ("/gradio_api/queue/join", b'["http://127.0.0.1/"]', {}, 422),
        ("/gradio_api/queue/join", b" " * 1_000_001, {}, 413),
        ("/gradio_api/upload", b"", {"content_type": "multipart/form-data", "content_length": "20010001"}, 413),
        ("/", b"", {"content_length": "1000001"}, 413),
        ("/gradio_api/upload", b"", {"content_type": "multipart/form-data", "content_length": "20000000"}, 507),
        ("/", b"", {"limits": AddressLimits(requests_minute=0)}, 429),
    ],
)
def test_a_refused_request_never_gets_inside(path: str, body: bytes, headers: dict[str, Any], status: int) -> None:
    sent, inside = ask(path, body, **headers)
    assert sent[0]["status"] == status
    assert inside.body is None
    assert dict(sent[0]["headers"])[b"x-content-type-options"] == b"nosniff"


def test_every_answer_has_the_headers_and_keeps_its_own() -> None:
    sent, _ = ask("/", method="GET")
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert found == {name.lower(): value for name, value in HEADERS.items()} | {"referrer-policy": "own"}


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://127.0.0.1/x", "/gradio_api/file=https:/127.0.0.1/x", "/gradio_api/file/HTTP://x",
        "/gradio_api/file=\\http:\\\\x", "/gradio_api/file=///ftp://x", "/gradio_api/process_recording",
        "/gradio_api/component_server", "/monitoring", "/monitoring/summary", "/gradio_api/deep_link",
    ],
)  # fmt: skip
def test_blocked_routes(path: str) -> None:
    with pytest.raises(RefusedError, match="There is nothing at") as refused:
        check_route(path)
    assert refused.value.status == 404


@pytest.mark.parametrize(
    "path", ["/", "/gradio_api/file=/tmp/gradio/0a/lion.png", "/gradio_api/file=C:\\gradio\\lion.png", "/config"]
)
def test_other_routes(path: str) -> None:
    check_route(path)


@pytest.mark.parametrize(
    ("path", "query", "key"),
    [
        ("/gradio_api/queue/data", "session_hash=abc&x=1", "abc"),
        ("/gradio_api/queue/data", "", None),
        ("/gradio_api/call/stylize/e1", "", "e1"),
        ("/gradio_api/call/v2/stylize/e1", "", "e1"),
        ("/gradio_api/call/stylize", "", None),
        ("/gradio_api/call/v2/stylize", "", None),
        ("/gradio_api/upload", "session_hash=abc", None),
    ],
)
def test_a_stream_is_known_by_its_session_or_event(path: str, query: str, key: str | None) -> None:
    assert stream_key(path, query.encode()) == key
    _, inside = ask(path, method="GET", query=query)
    assert inside.open == ([key] if key else [])
