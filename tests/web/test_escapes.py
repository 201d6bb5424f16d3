"""Odd requests against a real studio: each gets one sentence, the log one line, and the studio paints afterwards."""

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from nst.web.api_request import BROKEN
from nst.web.escapes import UNFIT, UNKNOWN, completed, in_one_line, sentence_of
from tests.web.conftest import Call, Studio

JSON = "application/json"
FORM = "multipart/form-data; boundary=x"
#: Endpoints that take JSON.
POSTS = ("run/nothing", "api/nothing", "call/nothing", "call/v2/nothing", "call/v2/stylize", "queue/join", "cancel")
#: What is sent to each of them.
BODIES = {
    "nothing": b"",
    "no data": b"{}",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "cut off": b'{"data": [',
    "not UTF-8": b'{"data": ["\xff"]}',
    "too deep": b"[" * 100_000,
    "data only": b'{"data": []}',
    "an index out of range": b'{"data": [], "fn_index": 9999, "session_hash": "odd"}',
    "a negative index": b'{"data": [], "fn_index": -1, "session_hash": "odd"}',
    "a huge index": b'{"data": [], "fn_index": 1e99, "session_hash": "odd"}',
    "a text as index": b'{"data": [], "fn_index": "one", "session_hash": "odd"}',
}
#: Bodies of uploads, with their type; "" is none.
UPLOADS = {
    "no boundary": ("multipart/form-data", b"x"),
    "a long boundary": ("multipart/form-data; boundary=" + "x" * 5000, b"x"),
    "no form": (FORM, b"junk"),
    "JSON": (JSON, b"{}"),
    "no type": ("", b"x"),
    "a field without a name": (FORM, b"--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--\r\n"),
    "a text as file": (FORM, b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nb\r\n--x--\r\n'),
    "a long header": (FORM, b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + b"a" * 9000),
}
#: What nobody's browser asks for.
GETS = (
    "nothing", "svelte/nothing", "static/%00", "custom_component/1/2/3/4", "gradio_api/file=nothing",
    "gradio_api/file=/etc/passwd", "gradio_api/file=%00", "gradio_api/file=%ff", "gradio_api/call/stylize",
    "gradio_api/queue/data", "gradio_api/upload_progress", "gradio_api/custom_component/0/client/component/index.js",
    "?deep_link=%00&page=1", "pwa_icon", "pwa_icon/0", "pwa_icon/99999", "openapi.json", "docs", "redoc", "login",
    "%ff%fe",
)  # fmt: skip
#: Values of the wrong kind for anything.
JUNK: tuple[Any, ...] = (None, {"a": 1}, "\0junk", -1e308, [[1]], True, float("nan"))
ADDRESSES = count(1)


@pytest.fixture(scope="module", autouse=True)
def still_paints(own: Studio, photo: Path) -> Iterator[None]:
    yield
    assert Call(own, [own.upload(photo), "scream", {"size": 64, "steps": 1}]).end().last["state"] == "finished"
    assert "Traceback" not in own.said()


def ask(own: Studio, method: str, path: str, content: bytes = b"", kind: str = "") -> httpx.Response:
    """One request, of an address of its own."""
    number = next(ADDRESSES)
    headers = {"X-Forwarded-For": f"10.7.{number // 250}.{number % 250 + 1}"} | ({"Content-Type": kind} if kind else {})
    return own.http.request(method, path, content=content, headers=headers)


def assert_refused(answer: httpx.Response) -> None:
    """It is an error of whoever asked, in JSON, with one sentence that has no path of the machine."""
    assert 400 <= answer.status_code < 500, answer.text
    assert_sentence(answer.json()["error"])


def assert_sentence(sentence: Any) -> None:
    assert isinstance(sentence, str)
    assert sentence.endswith((".", "!"))
    assert "\n" not in sentence
    assert not any(part in sentence for part in ("site-packages", "/tmp/", "/home/", "gradio."))


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_is_no_call(own: Studio, path: str, body: str) -> None:
    assert_refused(ask(own, "POST", f"gradio_api/{path}", BODIES[body], JSON))


@pytest.mark.parametrize("upload", UPLOADS)
@pytest.mark.parametrize("path", ["upload", "upload?upload_id=u", "queue/join"])
def test_an_upload_that_is_none(own: Studio, path: str, upload: str) -> None:
    kind, content = UPLOADS[upload]
    assert_refused(ask(own, "POST", f"gradio_api/{path}", content, kind))


@pytest.mark.parametrize("path", GETS)
def test_an_address_that_leads_nowhere(own: Studio, path: str) -> None:
    assert_refused(ask(own, "GET", path))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
@pytest.mark.parametrize("path", ["", "gradio_api/queue/join"])
def test_a_method_that_nobody_answers(own: Studio, method: str, path: str) -> None:
    assert_refused(ask(own, method, path))


def test_a_stream_of_a_run_that_never_was_ends(own: Studio) -> None:
    for path in ("call/stylize/none", "call/v2/stylize/none", "queue/data?session_hash=none"):
        assert "404" in ask(own, "GET", f"gradio_api/{path}").text


def test_every_handler_of_the_page_answers_junk_with_a_sentence(own: Studio) -> None:
    """Those outside the queue are called directly, the others through it, in a visit that has begun."""
    handlers = [handler for handler in own.get("config").json()["dependencies"] if handler["backend_fn"]]
    result(own, "enter", [None])
    for handler in handlers:
        takes = len(handler["inputs"])
        for data in ([], *([junk] * takes for junk in JUNK)):
            name, place = handler["api_name"], f"{handler['api_name']} {data[:1]}"
            if handler["queue"]:
                error = result(own, name, data)
            else:
                answer = ask(own, "POST", f"gradio_api/run/{name}", json_of(data, fn_index=handler["id"]), JSON)
                assert answer.status_code in (200, 422), f"{place}: {answer.text}"
                error = answer.json().get("error")
            if error is not None:
                assert_sentence(error)


def result(own: Studio, name: str, data: list[Any]) -> str | None:
    """The error of a call through the queue; None when there is none."""
    answer = ask(own, "POST", f"gradio_api/call/{name}", json_of(data), JSON)
    assert answer.status_code == 200, answer.text
    event, text = "", ask(own, "GET", f"gradio_api/call/{name}/{answer.json()['event_id']}").text
    for line in text.splitlines():
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data" and event == "error":
            return json.loads(value)["error"] or "Error"
    return None


def json_of(data: list[Any], **more: Any) -> bytes:
    return json.dumps({"data": data, "session_hash": "odd", **more}).encode()


def test_settings_may_be_left_out(own: Studio, photo: Path) -> None:
    uploaded = own.upload(photo)
    assert (result(own, "stylize", [uploaded]) or "").startswith("/stylize takes 4 arguments; 1 came.")
    assert (result(own, "stylize", [uploaded, "scream", {}, "", 1]) or "").startswith(
        "/stylize takes 4 arguments; 5 came."
    )
    call = Call(own, [uploaded, "scream"])
    try:
        assert call.error is None
    finally:
        call.leave()


def test_a_photo_whose_name_begins_with_a_dot_is_painted(own: Studio, photo: Path) -> None:
    hidden = photo.with_name(".photo.png")
    hidden.write_bytes(photo.read_bytes())
    uploaded = own.upload(hidden)
    assert Path(uploaded["path"]).name == "photo.png"
    assert Call(own, [uploaded, "scream", {"size": 64, "steps": 1}]).end().last["state"] == "finished"


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"error": "No."}, 400, "No."),
        ({"detail": "Not Found"}, 404, "Not Found."),
        ({"detail": {"error": "Not authenticated"}}, 401, "Not authenticated."),
        ({"detail": [{"loc": ["body", "data"], "msg": "Field required"}]}, 422, "body.data: Field required."),
        ({"detail": [{"message": "It is too large."}]}, 422, "It is too large."),
        ({"error": None}, 500, BROKEN),
        ({"detail": []}, 404, "The studio answers with status 404."),
        ("two\nlines", 400, "two."),
    ],
)
def test_errors_in_every_form_have_a_sentence(body: Any, status: int, sentence: str) -> None:
    assert sentence_of(json.dumps(body).encode(), status) == sentence


def test_errors_without_json_have_a_sentence() -> None:
    assert sentence_of(b"Missing boundary in multipart.", 400) == "Missing boundary in multipart."
    assert sentence_of(b"", 405) == "The studio answers with status 405."
    assert sentence_of(b"Internal Server Error", 500) == "Internal Server Error."
    assert sentence_of(b'{"ready": false}', 503) is None


def test_an_exception_is_one_line_that_says_where_it_was_raised() -> None:
    try:
        json.loads("{\n")
    except ValueError as error:
        line = in_one_line(error)
    assert line.startswith("JSONDecodeError: Expecting property name")
    assert re.search(r" \(decoder\.py:\d+ < decoder\.py:\d+ < __init__\.py:\d+\)$", line)
    assert "\n" not in line


@pytest.mark.usefixtures("no_loop_is_left_open")
def test_what_cannot_be_called_is_unknown_and_what_lacks_a_choice_is_unfit() -> None:
    with gr.Blocks() as page:
        choice = gr.Dropdown(["a", "b"], value="a")
        choice.change(None, choice, js="() => null")
        choice.change(lambda value: value, choice, choice, api_visibility="private")
    script, handler = page.fns.values()
    with pytest.raises(gr.Error, match=UNKNOWN):
        completed(script, [None])
    with pytest.raises(gr.Error, match=UNFIT):
        completed(handler, [None])
    assert completed(handler, ["b", "more"]) == ["b", "more"]
