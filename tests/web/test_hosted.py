"""``--hosted``: each limit at work, in a real process over real sockets."""

import http.server
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.client import Job
from gradio_client.exceptions import AppError

from tests.web.conftest import SECONDS, Call, Studio, until

QUICK = {"size": 64, "steps": 1}
LONG = {"size": 64, "steps": 5000}


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that counts its requests: its address, and the paths that were asked for."""
    paths: list[str] = []

    class Counting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_more: Any) -> None:
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()
    thread.join()


# --- visitors, turns and time -------------------------------------------------------------------


@dataclass(frozen=True)
class Crowd:
    """Ann, whose first run is painted and whose second waits; Bob, who came after both; and what Ann's third got."""

    first: Job
    second: Job
    refused: str
    bob: Call


@pytest.fixture(scope="module")
def crowd(hosted: Studio, photo: Path) -> Iterator[Crowd]:
    ann = Client(hosted.url, headers={"X-Forwarded-For": "10.0.0.2"}, verbose=False)
    file = hosted.upload(photo)
    first = ann.submit(handle_file(photo), "scream", LONG, api_name="/stylize")
    until(lambda: first.outputs() and first.outputs()[-1]["step"])
    second = ann.submit(handle_file(photo), "scream", QUICK, api_name="/stylize")
    until(second.outputs)
    with pytest.raises(AppError) as refused:
        ann.predict(handle_file(photo), "scream", QUICK, api_name="/stylize")
    yield Crowd(first, second, str(refused.value), Call(hosted, [file, "scream", QUICK]))
    ann.close()


def test_a_visitor_may_have_one_run_and_one_waiting(crowd: Crowd) -> None:
    assert crowd.refused == "1 run is waiting for you already; the limit for each visitor is 1."


def test_visitors_take_turns(crowd: Crowd) -> None:
    until(lambda: crowd.bob.last.get("position") == 1 and crowd.second.outputs()[-1]["position"] == 2)


@pytest.mark.usefixtures("crowd")
def test_an_address_has_four_waiting_whatever_sessions_it_makes_up(hosted: Studio, photo: Path) -> None:
    data = [hosted.upload(photo), "scream", QUICK]
    waiting = [Call(hosted, data, "10.0.0.9") for _ in range(4)]
    until(lambda: all(call.records for call in waiting))
    another = Call(hosted, data, "10.0.0.9").end()
    assert another.error == "4 runs are waiting for your network address already; the limit is 4."
    before = hosted.get("health").json()["queue"]
    for call in waiting:
        call.leave()
    until(lambda: hosted.get("health").json()["queue"] <= before - 4)


@pytest.mark.usefixtures("crowd")
def test_a_call_that_nobody_listens_to_ends_in_seconds(hosted: Studio, photo: Path) -> None:
    data = [hosted.upload(photo), "scream", LONG]
    assert hosted.post("gradio_api/call/stylize", json={"data": data}).status_code == 200
    until(lambda: "nobody has listened for 3 s" in hosted.said())


def test_a_run_has_its_time_and_the_others_go_on(crowd: Crowd) -> None:
    ended = crowd.first.result(timeout=SECONDS)
    assert ended["state"] == "stopped"
    assert "The run was stopped after 20 s" in ended["notes"][-1]
    assert Path(ended["file"]).read_bytes()[:4] == b"\x89PNG"
    assert crowd.second.result(timeout=SECONDS)["state"] == crowd.bob.end().last["state"] == "finished"


# --- sizes --------------------------------------------------------------------------------------


def test_a_larger_picture_is_reduced_and_more_work_is_refused(hosted: Studio, photo: Path) -> None:
    file = hosted.upload(photo)
    reduced = Call(hosted, [file, "scream", {"size": 2048, "steps": 1, "coarsest": 64, "step_decay": 0.1}])
    until(lambda: reduced.last.get("step") or reduced.last.get("notes"))
    assert reduced.last["notes"][0].startswith("The size was reduced from 2048 to 1024 px")
    heavy = Call(hosted, [file, "scream", {"size": 1024, "coarsest": 1024, "steps": 5000}]).end()
    assert heavy.error is not None
    assert heavy.error.startswith("Steps x pixels is 3 932.2 million (5000 steps, up to 1024 x 768 px)")
    assert "the limit is 1 000 million" in heavy.error
    reduced.leave()


def test_a_file_above_the_limit_is_refused(hosted: Studio) -> None:
    answer = hosted.post("gradio_api/upload", files={"files": ("big.png", b"x" * 20_100_000)})
    assert answer.status_code == 413
    assert answer.json()["error"] == "This file is 20.11 MB; the limit is 20."


def test_a_body_above_the_limit_is_refused_before_it_is_sent(hosted: Studio) -> None:
    host, port = hosted.url.removeprefix("http://").rstrip("/").split(":")
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"{head}Content-Length: 45000000\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert "This file is 45 MB; the limit is 20." in answer


def test_a_body_without_a_length_is_counted(hosted: Studio) -> None:
    answer = hosted.post("gradio_api/queue/join", content=(b" " * 100_000 for _ in range(11)))
    assert answer.status_code == 413
    assert "a request that is no upload may have 1 MB" in answer.json()["error"]


# --- nothing from elsewhere, nothing of others ---------------------------------------------------


def test_no_address_is_ever_fetched(hosted: Studio, photo: Path, asked: tuple[str, list[str]]) -> None:
    address, paths = asked
    own = hosted.upload(photo)
    marked = {"meta": {"_type": "gradio.FileData"}}
    for file in (f"{address}/a", {"path": f"{address}/b", **marked}, {"path": f"{address}/c", "url": f"{address}/c"}):
        for data in ([file, "scream", "draft"], [own, file, "draft"]):
            answer = hosted.post("gradio_api/call/stylize", json={"data": data})
            assert answer.status_code == 422
            assert f"{address}/" in answer.json()["error"]
    for body in ({"data": [[{"path": f"{address}/d", **marked}]], "fn_index": 0, "session_hash": "x"},):
        assert hosted.post("gradio_api/queue/join", json=body).status_code == 422
        assert hosted.post("gradio_api/run/predict", json=body).status_code == 422
    for path in (f"file={address}/e", f"file/{address}/f", f"proxy={address}/g", f"proxy=http://x.hf.space/{address}"):
        assert hosted.get(f"gradio_api/{path}").status_code == 404
    # The address beside an uploaded file is where a browser shows it from. Nobody follows it.
    call = Call(hosted, [{**own, "url": f"{address}/h"}, "scream", QUICK]).end()
    assert call.last["state"] == "finished"
    assert paths == []


@pytest.mark.parametrize("data", ["data:image/png;base64,iVBORw0KGgo=", {"url": "data:image/png;base64,iVBORw0KGgo="}])
def test_an_embedded_picture_is_refused(hosted: Studio, data: Any) -> None:
    answer = hosted.post("gradio_api/call/stylize", json={"data": [data, "scream", "draft"]})
    assert answer.status_code == 422
    assert "an embedded file; upload the file itself" in answer.json()["error"]


def test_nothing_is_listed_and_no_file_but_ones_own_can_be_had(hosted: Studio, photo: Path) -> None:
    call = Call(hosted, [hosted.upload(photo), "scream", QUICK]).end()
    url = call.last["file"]["url"]
    assert hosted.get(url).content[:4] == b"\x89PNG"
    result = next(hosted.results.glob("*/result.png"))
    folder = Path(call.last["file"]["path"]).parent
    for path in (result, result.parent, hosted.results, folder, folder.parent, Path("app.py").resolve(), "/etc/passwd"):
        assert hosted.get(f"gradio_api/file={path}").status_code == 403, path
    assert hosted.get("results/").status_code == 404


@pytest.mark.parametrize(
    "path", ["monitoring", "monitoring/summary", "gradio_api/deep_link", "gradio_api/component_server"]
)
def test_statistics_and_unused_doors_are_closed(hosted: Studio, path: str) -> None:
    assert hosted.get(path).status_code == 404


def test_old_results_and_uploads_are_gone_at_the_start_and_young_ones_are_not(hosted: Studio) -> None:
    assert not (hosted.results / "20260102-030405-01234567").exists()
    assert (hosted.results / "20260102-030405-89abcdef").is_dir()
    assert not (hosted.results / "uploads" / ("0a" * 32)).exists()


# --- what it says --------------------------------------------------------------------------------


def test_health(hosted: Studio) -> None:
    answer = hosted.get("health")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["ready"], told["queue"]) == (True, 0)
    assert told["device"].startswith("CPU")


def test_every_answer_carries_the_security_headers(hosted: Studio) -> None:
    for path in ("", "config", "health", "gradio_api/info", "no/such/page"):
        headers = hosted.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'self' https://huggingface.co" in headers["content-security-policy"]


def test_the_page_tells_the_limits(hosted: Studio) -> None:
    components = hosted.get("config").json()["components"]
    (rules,) = [part["props"]["value"] for part in components if part["props"].get("elem_id") == "limit"]
    assert "at most 1024 px" in rules
    assert "deleted after 60 minutes" in rules
