"""One network address sends too much, over real sockets; an honest visitor at another one does not notice."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest
from PIL import Image

from tests.serving import SHORT_LIVED, Server, studio
from tests.web.conftest import SECONDS, Call, Studio, asking, until
from tests.web.scaled import ADDRESS, HEAD_SECONDS

QUICK = {"size": 64, "steps": 1}
LONG = {"size": 64, "steps": 5000}


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``app.py --hosted`` with small limits for each network address."""
    folder = tmp_path_factory.mktemp("scaled")
    with studio(folder, "--hosted", program=("-m", "tests.web.scaled"), GRADIO_TEMP_DIR="") as server:
        with asking(server):
            pass
        yield server


@pytest.fixture
def at(scaled: Server) -> Iterator[Callable[[str], Studio]]:
    """The studio as a client at a network address meets it."""
    with ExitStack() as stack:

        def connect(address: str) -> Studio:
            transport = httpx.HTTPTransport(local_address=address, limits=SHORT_LIVED)
            http = httpx.Client(base_url=scaled.url, timeout=SECONDS, transport=transport)
            return Studio(scaled, stack.enter_context(http))

        yield connect


@pytest.fixture
def honest(at: Callable[[str], Studio]) -> Studio:
    return at("127.0.0.2")


def function(own: Studio, name: str) -> int:
    """The number of a handler of the page."""
    dependencies = own.get("config").json()["dependencies"]
    return next(dependency["id"] for dependency in dependencies if dependency["api_name"] == name)


def opened(own: Studio, session: str, enter: int, **headers: str) -> Studio:
    """The page is opened in a tab, and its choices come."""
    body = {"data": [{}], "fn_index": enter, "session_hash": session}
    assert own.post("gradio_api/queue/join", json=body, headers=headers).status_code == 200
    with own.http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}, headers=headers) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: ") and json.loads(line[6:])["msg"] == "process_completed":
                assert json.loads(line[6:])["success"]
                return own
    raise AssertionError("the page did not open")


def is_known(own: Studio, session: str) -> bool:
    """Whether the studio has not forgotten what a tab has chosen."""
    body = {"data": [None], "fn_index": function(own, "stop_run"), "session_hash": session}
    return own.post("gradio_api/run/predict", json=body).status_code == 200


def process(server: Server) -> psutil.Process:
    """The process of a studio."""
    (found,) = (child for child in psutil.Process().children() if str(server.results) in child.cmdline())
    return found


def test_one_address_cannot_make_another_be_forgotten(at: Callable[[str], Studio], honest: Studio) -> None:
    enter, attacker = function(honest, "enter"), at("127.0.0.11")
    opened(honest, "honest", enter)
    for number in range(ADDRESS.tabs + 2):
        opened(attacker, f"tab {number}", enter)
        attacker.post("gradio_api/run/predict", json={"data": [], "fn_index": 0, "session_hash": f"made up {number}"})
    assert is_known(attacker, f"tab {ADDRESS.tabs + 1}")
    assert not is_known(attacker, "tab 0")
    assert is_known(honest, "honest")


def test_a_visit_keeps_less_than_100_kilobytes(scaled: Server, at: Callable[[str], Studio]) -> None:
    proxy = at("127.0.0.1")
    enter, memory = function(proxy, "enter"), process(scaled).memory_info

    def visits(first: int, last: int) -> int:
        for number in range(first, last):
            opened(proxy, f"visit {number}", enter, **{"X-Forwarded-For": f"10.1.0.{number}"})
        return memory().rss

    before = visits(0, 40)
    assert (visits(40, 120) - before) / 80 < 100_000


def test_wrong_calls_are_refused_in_one_sentence_and_a_run_goes_on(
    at: Callable[[str], Studio], honest: Studio, photo: Path
) -> None:
    attacker = at("127.0.0.12")
    run = Call(honest, [honest.upload(photo), "scream", {"size": 64, "steps": 40}])
    answers = [
        attacker.post("gradio_api/call/styles", json={"data": ["wrong"]}) for _ in range(ADDRESS.events_minute + 10)
    ]
    assert sum(answer.status_code == 429 for answer in answers) >= 10
    assert answers[-1].headers["retry-after"] == "60"
    limit = f"A network address may send {ADDRESS.events_minute} events a minute; wait a moment."
    waiting = f"{ADDRESS.pending} actions from your network address are waiting already, the limit; wait a moment."
    assert answers[-1].json()["error"] in (limit, waiting)
    assert run.end().last["state"] == "finished"


def test_one_address_cannot_fill_the_queue(at: Callable[[str], Studio], honest: Studio, photo: Path) -> None:
    attacker = at("127.0.0.13")
    data = [attacker.upload(photo), "scream", LONG]
    calls = [Call(attacker, data) for _ in range(ADDRESS.pending)]
    refused = attacker.post("gradio_api/call/stylize", json={"data": data})
    assert refused.status_code == 429
    assert refused.json()["error"].startswith(f"{ADDRESS.pending} actions from your network address are waiting")
    run = Call(honest, [honest.upload(photo), "scream", QUICK])
    for call in calls:
        call.leave()
    assert run.end().last["state"] == "finished"


def test_large_photos_that_one_address_chooses_and_paints_hold_nobody_up(
    at: Callable[[str], Studio], honest: Studio, photo: Path, tmp_path: Path
) -> None:
    attacker, enter, choose = at("127.0.0.19"), function(honest, "enter"), function(honest, "choose")
    Image.new("RGB", (6000, 4000)).save(tmp_path / "large.jpg")
    large = attacker.upload(tmp_path / "large.jpg")
    opened(attacker, "greedy", enter)

    def send(number: int) -> None:
        body = {"data": [None, {**large, "size": 1}], "fn_index": choose, "session_hash": "greedy"}
        path, content = ("call/stylize", {"data": [large, large, LONG]}) if number % 2 else ("queue/join", body)
        attacker.post(f"gradio_api/{path}", json=content)

    with ThreadPoolExecutor(8) as threads:
        sent = threads.map(send, range(40))
        opened(honest, "beside it", enter)
        assert Call(honest, [honest.upload(photo), "scream", QUICK]).end().last["state"] == "finished"
        list(sent)


def test_an_address_uploads_so_much_an_hour(at: Callable[[str], Studio], honest: Studio, photo: Path) -> None:
    attacker = at("127.0.0.14")

    def upload() -> httpx.Response:
        return attacker.post("gradio_api/upload", files={"files": ("x.png", bytes(900_000))})

    assert [upload().status_code for _ in range(4)] == [200, 200, 200, 429]
    assert upload().json()["error"] == "A network address may upload 3 MB an hour; try again later."
    assert honest.upload(photo)["path"]


def test_a_body_holds_one_file(at: Callable[[str], Studio], scaled: Server) -> None:
    two = [("files", ("a.png", b"a")), ("files", ("b.png", b"b"))]
    attacker = at("127.0.0.15")
    assert attacker.post("gradio_api/upload", files=two).status_code == 400
    assert attacker.post("gradio_api/upload", files={"other": ("a.png", b"a")}).status_code == 400
    assert temporary_files(scaled) == []


def test_nothing_is_left_of_an_upload_that_breaks_off(scaled: Server) -> None:
    head = "POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + bytes(200_000)
    with connection(scaled, "127.0.0.16") as client:
        client.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + part)
        until(lambda: temporary_files(scaled))
    until(lambda: not temporary_files(scaled))


def test_half_a_request_is_not_waited_for(scaled: Server, honest: Studio) -> None:
    with ExitStack() as stack:
        begun = time.monotonic()
        sockets = [stack.enter_context(connection(scaled, "127.0.0.17")) for _ in range(ADDRESS.half_open + 10)]
        for client in sockets:
            send(client, b"GET / HTTP/1.1\r\n")
        until(lambda: sum(is_closed(client) for client in sockets) >= 10)
        assert time.monotonic() - begun < HEAD_SECONDS, "too many are closed at once"
        assert honest.get("health").status_code == 200
        until(lambda: all(is_closed(client) for client in sockets))
        assert time.monotonic() - begun >= HEAD_SECONDS


def test_a_request_in_pieces_is_answered(scaled: Server) -> None:
    with connection(scaled, "127.0.0.18") as client:
        for _ in range(2):
            for piece in (b"GET /health HTTP/1.1\r\n", b"Host: 127.0.0.1\r\n", b"\r\n"):
                client.sendall(piece)
                time.sleep(0.05)
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
        client.sendall(b"GET /health HTTP/1.1\r\n")
        until(lambda: is_closed(client))


def temporary_files(server: Server) -> list[Path]:
    return list((server.results / "uploads").glob("tmp*"))


def connection(server: Server, address: str) -> socket.socket:
    host, port = server.url.removeprefix("http://").rstrip("/").split(":")
    return socket.create_connection((host, int(port)), timeout=30, source_address=(address, 0))


def send(client: socket.socket, data: bytes) -> None:
    """Send to a server that may have closed the connection."""
    try:
        client.sendall(data)
    except ConnectionError:
        return


def is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(65536) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
