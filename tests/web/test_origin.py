"""Whose page it is: names and origins of the studio's own, and all others."""

import socket
from typing import Any

import pytest
from starlette.datastructures import Headers

from nst.errors import SettingsError
from nst.web.origin import OwnNames, check_origin
from nst.web.request_body import RefusedError
from tests.web.conftest import Studio

HOME = "127.0.0.1"
MACHINE = socket.gethostname().lower()


@pytest.mark.parametrize(
    ("listens", "public", "hosts"),
    [
        (HOME, [], ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", "LOCALHOST", "127.0.0.1"]),
        ("127.0.0.2", [], ["127.0.0.2:7860", "localhost"]),
        ("::1", [], ["[::1]:7860", "localhost:7860"]),
        ("192.168.1.5", [], ["192.168.1.5:7860", f"{MACHINE}:7860", f"{MACHINE}.local"]),
        ("0.0.0.0", [], ["192.168.1.5:7860", "[fe80::1]:7860", "127.0.0.1", f"{MACHINE}:7860"]),
        (HOME, ["Studio.Example", "b.example:8443"], ["studio.example", "studio.example:443", "b.example:8443"]),
    ],
)
def test_own_names(listens: str, public: list[str], hosts: list[str]) -> None:
    assert all(OwnNames(listens, public).has(host) for host in hosts)


@pytest.mark.parametrize(
    ("listens", "hosts"),
    [
        (HOME, ["evil.example", "evil.example:7860", "192.168.1.5:7860", "", f"{MACHINE}:7860"]),
        (HOME, ["localhost.evil.example", "evil.example@localhost", "localhost/", "localhost:7860:80", "[::1"]),
        (HOME, ["localhost, evil.example", "local host"]),
        ("192.168.1.5", ["192.168.1.6", "evil.example"]),
        ("0.0.0.0", ["evil.example", "1.2.3.4.evil.example", "studio.example"]),
    ],
)  # fmt: skip
def test_foreign_names(listens: str, hosts: list[str]) -> None:
    names = OwnNames(listens)
    assert not any(names.has(host) for host in hosts)
    for host in hosts:
        with pytest.raises(RefusedError, match="add a name with --allow-host") as refused:
            check_origin(Headers({"host": host}), names)
        assert refused.value.status == 421


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("127.0.0.1:7860", {}),
        ("127.0.0.1:7860", {"origin": "http://127.0.0.1:7860"}),
        ("localhost:8080", {"origin": "http://localhost:8080"}),
        ("studio.example", {"origin": "https://studio.example"}),
        ("127.0.0.1:7860", {"origin": "https://studio.example"}),
        ("127.0.0.1:7860", {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}),
        ("127.0.0.1:7860", {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}),
        ("127.0.0.1:7860", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
    ],
)
def test_requests_of_own_pages_of_programs_and_links_from_elsewhere(host: str, headers: dict[str, str]) -> None:
    check_origin(Headers({"host": host, **headers}), OwnNames(HOME, ["studio.example"]))


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("127.0.0.1:7860", {"origin": "http://127.0.0.1:8000"}),
        ("127.0.0.1:7860", {"origin": "http://localhost:7860"}),
        ("127.0.0.1:7860", {"origin": "https://evil.example"}),
        ("127.0.0.1:7860", {"origin": "null"}),
        ("127.0.0.1:7860", {"origin": "127.0.0.1:7860"}),
        ("127.0.0.1:7860", {"origin": "file://127.0.0.1:7860"}),
        ("studio.example", {"origin": "https://studio.example:8443"}),
        ("studio.example", {"origin": "https://studio.example.evil.example"}),
        ("127.0.0.1:7860", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
        ("127.0.0.1:7860", {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}),
    ],
)
def test_requests_of_foreign_pages(host: str, headers: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="may not use this studio") as refused:
        check_origin(Headers({"host": host, **headers}), OwnNames(HOME, ["studio.example"]))
    assert refused.value.status == 403


@pytest.mark.parametrize("name", ["", "https://studio.example", "studio.example/", "*", "a b", "studio.example:port"])
def test_a_public_name_is_a_host_name(name: str) -> None:
    with pytest.raises(SettingsError, match=r"--allow-host is .*; it must be a name such as studio.example"):
        OwnNames(HOME, [name])


# --- over real sockets ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "", {}), ("GET", "config", {}), ("GET", "gradio_api/token", {}), ("POST", "gradio_api/upload", {}),
        ("POST", "gradio_api/queue/join", {}), ("POST", "login", {}), ("GET", "health", {}),
        ("OPTIONS", "gradio_api/upload", {"Access-Control-Request-Method": "POST"}),
    ],
)  # fmt: skip
def test_foreign_pages_and_names_get_nothing(own: Studio, method: str, path: str, more: dict[str, str]) -> None:
    for headers, status in (({"Origin": "https://evil.example"}, 403), ({"Host": "evil.example"}, 421)):
        answer = own.http.request(method, path, headers={**headers, **more})
        assert answer.status_code == status
        assert answer.json()["error"].endswith(".")
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_the_studio_does_not_believe_what_a_request_says_its_address_is(own: Studio) -> None:
    foreign: dict[str, Any] = {"X-Forwarded-Host": "evil.example", "X-Gradio-Server": "http://evil.example/"}
    assert own.get("config", headers=foreign).json()["root"] == own.url.rstrip("/")
    assert "evil.example" not in own.get("gradio_api/info", headers=foreign).text
    # A proxy on this machine is trusted with the protocol, and with a name that is the studio's own.
    named = {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https"}
    assert own.get("config", headers=named).json()["root"] == "https://localhost"
