"""What a body may hold, without a server."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from nst.web import request_body as bodies
from nst.web.request_body import (
    MAX_FORM_BYTES,
    MAX_PLAIN_BYTES,
    RefusedError,
    check_content,
    counted,
    limit,
    read_body,
    replayed,
    upload_size,
)
from tests.ui.coroutines import awaited

UPLOAD = "multipart/form-data; boundary=x"


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gradio's folder of uploads, with one file in it."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    (tmp_path / "lion.png").touch()
    return tmp_path


def headers(kind: str, length: str) -> Headers:
    return Headers({"content-type": kind, "content-length": length})


def receiver(*parts: bytes) -> Any:
    """The body of a request as a server hands it over, then the end of the connection."""
    messages = [{"type": "http.request", "body": part, "more_body": i < len(parts) - 1} for i, part in enumerate(parts)]

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return receive


# --- how much ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "most", "sentence"),
    [
        (UPLOAD, 20_000_000 + MAX_FORM_BYTES, "This file is 20.02 MB; the limit is 20."),
        ("application/json", MAX_PLAIN_BYTES, "The body of a request that is no upload may have 1 MB"),
        ("", MAX_PLAIN_BYTES, "The body of a request that is no upload may have 1 MB"),
    ],
)
def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(kind: str, most: int, sentence: str) -> None:
    assert limit(headers(kind, str(most)), 20_000_000) == most
    with pytest.raises(RefusedError, match=sentence) as refused:
        limit(headers(kind, str(most + 1)), 20_000_000)
    assert refused.value.status == 413


@pytest.mark.parametrize("length", ["", "-1", "1e9", "12 MB"])
def test_a_length_that_is_no_number_is_not_believed_and_the_bytes_are_counted(length: str) -> None:
    assert limit(headers("application/json", length), 20_000_000) == MAX_PLAIN_BYTES


@pytest.mark.parametrize(("length", "size"), [("12", 12), ("0" * 5_000, 0), ("", 99), ("many", 99)])
def test_an_upload_without_a_length_counts_as_the_largest(length: str, size: int) -> None:
    assert upload_size(headers(UPLOAD, length), 99) == size


def test_a_body_must_come_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(RefusedError, match="comes too slowly") as refused:
        awaited(read_body(counted(receive, 100)))
    assert refused.value.status == 408


def test_what_comes_after_a_body_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [{"type": "http.request", "body": b"x", "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def twice() -> str:
        both = counted(receive, 100)
        assert await read_body(both) == b"x"
        monkeypatch.setattr(bodies, "BODY_SECONDS", -1.0)  # Too late for a body.
        return (await both())["type"]

    assert awaited(twice()) == "http.disconnect"


def test_a_body_without_a_length_is_refused_at_the_byte_that_is_too_many() -> None:
    assert awaited(read_body(counted(receiver(b"12345", b"67890"), 10))) == b"1234567890"
    with pytest.raises(RefusedError):
        awaited(read_body(counted(receiver(b"12345", b"678901"), 10)))


def test_a_body_can_be_read_again_and_then_comes_the_end() -> None:
    async def twice() -> tuple[bytes, str]:
        receive = receiver(b"a", b"b")
        again = replayed(await read_body(receive), receive)
        return await read_body(again), (await again())["type"]

    assert awaited(twice()) == (b"ab", "http.disconnect")


# --- what ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:1/secret.png", "HTTPS://example.org/", " https://example.org/", "ftp://example.org/x",
        "file:///etc/passwd", "data:image/png;base64,iVBOR", "DATA:,", "\n\tdata:text/html,x", "//example.org/x.png",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ['{"data": [%s]}', '{"data": [{"a": [{"path": %s}]}]}', "%s", '{"event_data": %s}'])
def test_addresses_and_embedded_files_are_refused_wherever_they_stand(text: str, around: str) -> None:
    body = around % json.dumps(text)
    with pytest.raises(RefusedError, match="an address or an embedded file; upload the file itself") as refused:
        check_content(body.encode())
    assert refused.value.status == 422


def test_escapes_hide_nothing() -> None:
    with pytest.raises(RefusedError):
        check_content(rb'{"data": ["\u0068ttp://127.0.0.1/"]}')
    with pytest.raises(RefusedError):
        check_content('{"data": ["http://127.0.0.1/"]}'.encode("utf-16"))


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "../secret", "{uploads}/../secret", "\0", "x" * 9000])
def test_a_file_that_was_not_uploaded_is_refused(path: str, uploads: Path) -> None:
    with pytest.raises(RefusedError, match="which was not uploaded to this studio"):
        check_content(json.dumps({"data": [{"path": path.format(uploads=uploads)}]}).encode())


def test_an_upload_that_is_used_is_as_good_as_new(uploads: Path) -> None:
    folder = uploads / "0a"
    folder.mkdir()
    os.utime(folder, (0, 0))
    check_content(json.dumps({"path": str(folder / "lion.png")}).encode())
    assert folder.stat().st_mtime > 0


def test_a_link_out_of_the_folder_is_refused(uploads: Path) -> None:
    (uploads / "link.png").symlink_to("/etc/passwd")
    with pytest.raises(RefusedError, match="not uploaded"):
        check_content(json.dumps({"path": str(uploads / "link.png")}).encode())


def test_what_a_browser_sends_passes(uploads: Path) -> None:
    path = str(uploads / "lion.png")
    file = {"path": path, "url": f"http://127.0.0.1:7860/gradio_api/file={path}", "meta": {"_type": "gradio.FileData"}}
    check_content(json.dumps({"data": [file, 0.5, None, True, ["conv4_2"], "scream"], "fn_index": 3}).encode())
    check_content(b"username=ann&password=http%3A")
    check_content(b"")


def test_an_embedded_file_is_refused_as_an_address_of_an_upload_too(uploads: Path) -> None:
    with pytest.raises(RefusedError):
        check_content(json.dumps({"path": str(uploads / "lion.png"), "url": "data:image/png;base64,x"}).encode())


def test_json_nested_too_deeply_is_refused() -> None:
    with pytest.raises(RefusedError, match="nested too deeply"):
        check_content(b"[" * 500_000)


def test_the_answer_has_the_sentence_where_people_and_clients_look() -> None:
    answer = json.loads(bytes(RefusedError(422, "No.").response().body))
    assert answer["error"] == answer["detail"][0]["message"] == "No."
    answer = json.loads(bytes(RefusedError(429, "No.").response().body))
    assert answer["error"] == answer["detail"] == "No."
