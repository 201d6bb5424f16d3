"""The site for nginx in front of a studio."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.serving import PATIENCE, Server, free_port

SITE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
#: In place of the lines about https, for which there is no certificate here, and of nginx's own folders.
FRAME = """
daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {site}
}}
"""


@pytest.fixture(scope="module")
def port(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx with the site, in which only addresses and the time for a head are changed."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        missing = "no nginx on this machine: apt-get install nginx"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    site = "\n".join(line for line in SITE.read_text().splitlines() if "ssl_certificate" not in line)
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port}"),
        ("http://127.0.0.1:7860", server.url.rstrip("/")),
        ("client_header_timeout 10s", "client_header_timeout 1s"),
    ):
        assert site.count(old) == 1
        site = site.replace(old, new)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, site=site))
    with subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"]) as process:
        try:
            _answer(port)
            yield port
        finally:
            process.terminate()


@pytest.fixture
def http(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/", timeout=PATIENCE / 1000) as http:
        yield http


def _answer(port: int) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx does not answer")


def test_the_page_and_its_files_come_through(http: httpx.Client) -> None:
    page = http.get("")
    assert page.status_code == 200
    assert "frame-ancestors" in page.headers["content-security-policy"]
    assert http.get("config").json()["title"] in page.text


def test_an_event_and_its_stream_come_through(http: httpx.Client) -> None:
    event = http.post("gradio_api/call/styles", json={"data": []}).json()["event_id"]
    with http.stream("GET", f"gradio_api/call/styles/{event}") as answer:
        assert "scream" in "".join(answer.iter_lines())


def test_a_photo_above_nginxs_own_limit_comes_through(http: httpx.Client) -> None:
    assert http.post("gradio_api/upload", files={"files": ("a.png", bytes(2_000_000))}).status_code == 200


def test_half_a_request_is_not_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        begun = time.monotonic()
        assert client.recv(65536) == b"", "it is closed"
        assert 0.5 < time.monotonic() - begun < 20


def test_an_address_has_so_many_streams(port: int) -> None:
    with ExitStack() as stack:
        heads = []
        for number in range(130):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            path = f"/gradio_api/heartbeat/{number}"
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            heads.append(client.recv(12).decode())
        assert heads == ["HTTP/1.1 200"] * 128 + ["HTTP/1.1 429"] * 2
