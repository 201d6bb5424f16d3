"""The script at the beginning of the page's HTML."""

from typing import Any

import pytest

from nst.web.first_paint import FirstPaint
from tests.ui.coroutines import finished

HTML = b"<html><head><title>Impasto</title></head></html>"


async def page(_scope: Any, _receive: Any, send: Any) -> None:
    headers = [(b"content-length", str(len(HTML)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": HTML[:20], "more_body": True})
    await send({"type": "http.response.body", "body": HTML[20:]})


def ask(path: str, method: str = "GET") -> tuple[int, bytes]:
    """(content length, body) of the answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    finished(FirstPaint(page)({"type": "http", "method": method, "path": path}, None, send))
    return int(dict(sent[0]["headers"])[b"content-length"]), b"".join(message["body"] for message in sent[1:])


def test_the_script_comes_first_and_the_length_is_right() -> None:
    length, body = ask("/")
    assert body.startswith(b"<html><head><script>")
    assert body.endswith(HTML[12:])
    assert length == len(body)


@pytest.mark.parametrize(("path", "method"), [("/gradio_api/info", "GET"), ("/", "HEAD")])
def test_everything_else_is_passed_on_unchanged(path: str, method: str) -> None:
    assert ask(path, method) == (len(HTML), HTML)
