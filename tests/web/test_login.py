"""The image's own command, with a login, and with a public link that cannot be made: there is no way out."""

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from gradio_client import Client

from nst.web.login import Passwords, _address, lax
from nst.web.request_body import RefusedError
from tests.deploy.test_files import instructions
from tests.serving import studio
from tests.web.conftest import Studio, asking, until

#: Of an assistant that has not said what answers it takes.
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
MCP = "gradio_api/mcp"
#: A port that nobody listens on, in place of the way to the internet.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The Dockerfile's command, on this machine's own address, with ``--auth``, ``--share`` and ``--mcp``."""
    _, script, *words = json.loads(instructions("CMD")[-1])
    words = ["127.0.0.1" if word == "0.0.0.0" else word for word in words]
    with studio(
        tmp_path_factory.mktemp("guarded"), *words, "--auth", "--share", "--mcp", program=(script,),
        IMPASTO_AUTH="ann:se:cret,bob:hidden", HTTPS_PROXY=NOWHERE, ALL_PROXY=NOWHERE, NO_PROXY="127.0.0.1",
    ) as server, asking(server) as guarded:  # fmt: skip
        yield guarded


def test_without_a_login_there_is_nothing_but_the_health(guarded: Studio) -> None:
    assert guarded.get("health").status_code == 200
    for path in (
        "config",
        "gradio_api/info",
        "gradio_api/mcp/schema",
        "gradio_api/openapi.json",
        "gradio_api/file=/etc/passwd",
        "operator",
    ):
        assert guarded.get(path).status_code == 401, path
    for path in ("queue/join", "call/stylize", "upload", "mcp", "mcp/"):
        files = {"files": ("a", b"a")} if path == "upload" else None
        answer = guarded.post(f"gradio_api/{path}", json=None if files else {"data": []}, files=files)
        assert answer.status_code == 401, path
    for path in ("openapi.json", "docs", "redoc", "gradio_api/token"):
        assert guarded.get(path).status_code == 404, path
    assert "The Scream" not in guarded.get("").text


def test_whoever_logs_in_sees_the_operators_page(guarded: Studio) -> None:
    page = guarded.get("operator", auth=("ann", "se:cret"))
    assert page.status_code == 200
    assert "0 waiting, 0 of 0 failed." in page.text or "Not ready." in page.text
    guarded.http.cookies.clear()


def test_a_wrong_password_is_refused_and_the_right_one_lets_in(guarded: Studio) -> None:
    wrong = guarded.post("login", data={"username": "ann", "password": "secret"})
    assert wrong.status_code == 400
    right = guarded.post("login", data={"username": "ann", "password": "se:cret"})
    assert right.status_code == 200
    cookies = right.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("; SameSite=Lax" in cookie and "HttpOnly" in cookie for cookie in cookies)
    guarded.http.cookies.clear()


@pytest.fixture
def token(guarded: Studio) -> dict[str, str]:
    """The header of somebody who has logged in."""
    answer = guarded.post("login", data={"username": "bob", "password": "hidden"})
    guarded.http.cookies.clear()
    return {"Cookie": "; ".join(cookie.partition(";")[0] for cookie in answer.headers.get_list("set-cookie"))}


def test_a_login_opens_the_page_but_hands_out_no_token(guarded: Studio, token: dict[str, str]) -> None:
    page = guarded.get("config", headers=token)
    assert page.json()["username"] == "bob"
    assert r"action=\"logout\"" in page.text
    assert guarded.get("gradio_api/token", headers=token).status_code == 404
    assert guarded.get("gradio_api/token", headers=token | {"Origin": "https://evil.example"}).status_code == 403


def test_only_a_post_logs_out(guarded: Studio, token: dict[str, str]) -> None:
    refused = guarded.get("logout", headers=token)
    assert (refused.status_code, refused.json()["error"]) == (405, "To log out, send a POST.")
    assert guarded.get("config", headers=token).status_code == 200
    assert guarded.post("logout", headers=token).status_code == 302
    assert guarded.get("config", headers=token).status_code == 401


def test_wrong_passwords_are_slowed_for_their_address_alone(guarded: Studio) -> None:
    def status(password: str, address: str) -> int:
        answer = guarded.post(
            "login", data={"username": "ann", "password": password}, headers={"X-Forwarded-For": address}
        )
        if answer.status_code == 429:
            assert re.fullmatch(r"Too many wrong passwords; wait \d+ s before the next one\.", answer.json()["error"])
        return answer.status_code

    assert [status("wrong", "10.1.0.1") for _ in range(8)] == [400] * 5 + [429] * 3
    assert status("se:cret", "10.1.0.1") == 429
    assert status("se:cret", "10.1.0.2") == 200
    guarded.http.cookies.clear()


def sent(passwords: Passwords, name: str, password: str, address: str) -> bool | None:
    """Whether a password is right; None when nobody looked at it."""
    _address.set(address)
    try:
        return passwords.check(name, password)
    except RefusedError:
        return None


def test_the_wait_grows_and_is_the_same_for_names_that_do_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    for name in ("ann", "nobody"):
        passwords = Passwords([("ann", "secret")])
        looked_at = []
        for _ in range(61):
            looked_at.append([sent(passwords, name, "wrong", "a") for _ in range(7)].count(False))
            now += 61
        assert looked_at[:3] == [5, 5, 0], "five a minute, ten in ten minutes"
        assert sum(looked_at[:60]) == 20, "twenty an hour"


def test_one_address_that_tries_many_names_waits_and_an_account_that_many_addresses_try_stays_open() -> None:
    passwords = Passwords([("ann", "secret"), ("bob", "hidden")])
    assert [sent(passwords, f"name {number}", "wrong", "a") for number in range(30)].count(False) == 20
    for number in range(200):
        sent(passwords, "ann", "wrong", f"address {number}")
    assert sent(passwords, "ann", "wrong", "another") is False
    assert sent(passwords, "ann", "secret", "another") is None, "one try for each address"
    assert sent(passwords, "ann", "secret", "home") is True
    assert sent(passwords, "bob", "wrong", "another") is False
    assert sent(passwords, "bob", "hidden", "another") is True


@pytest.mark.parametrize(
    ("cookie", "secure", "sent"),
    [
        ("a=b; HttpOnly; Path=/; SameSite=none; Secure", True, "a=b; HttpOnly; Path=/; Secure; SameSite=Lax"),
        ("a=b; Path=/; SameSite=lax", True, "a=b; Path=/; Secure; SameSite=Lax"),
        ("a=b; Path=/", False, "a=b; Path=/; SameSite=Lax"),
    ],
)
def test_cookies_are_for_this_site_alone(cookie: str, secure: bool, sent: str) -> None:
    assert lax(cookie, secure) == sent


def test_a_program_sends_name_and_password_with_each_request(guarded: Studio, token: dict[str, str]) -> None:
    ann = {"auth": ("ann", "se:cret"), "headers": {"X-Forwarded-For": "10.2.0.1"}}
    assert guarded.post("gradio_api/upload", files={"files": ("a.png", b"a")}, **ann).status_code == 200
    assert guarded.get("config", **ann).json()["username"] == "ann"
    for path in (MCP, f"{MCP}/"):
        for headers in (ann, {"headers": token}):
            answer = guarded.post(path, json=LIST, **headers)
            assert (answer.status_code, answer.json()["error"]) == (406, "The studio answers with status 406.")
    guarded.post("logout", auth=ann["auth"])
    assert guarded.get("config", **ann).json()["username"] == "ann"
    assert guarded.get("config").status_code == 401


def test_wrong_credentials_are_refused_and_counted(guarded: Studio) -> None:
    def status(credentials: str) -> int:
        headers = {"Authorization": f"Basic {credentials}", "X-Forwarded-For": "10.2.0.2"}
        return guarded.post("gradio_api/mcp", json=LIST, headers=headers).status_code

    wrong = base64.b64encode(b"bob:wrong").decode()
    assert [status(wrong) for _ in range(6)] == [401] * 5 + [429]
    assert [status(damaged) for damaged in ("x", "%", "/w==", base64.b64encode(b"bob").decode())] == [401] * 3 + [429]


def test_a_client_logs_in(guarded: Studio) -> None:
    client = Client(guarded.url, auth=("bob", "hidden"), verbose=False)
    assert {style["name"] for style in client.predict(api_name="/styles")} >= {"scream"}
    client.close()


def test_a_link_that_cannot_be_made_is_one_line_and_the_studio_is_open(guarded: Studio) -> None:
    until(lambda: len(guarded.server.said) > 3)
    said = [line for line in guarded.server.said if line.strip()]
    assert said[1:] == [
        f"Impasto is open at {guarded.url}\n",
        f"Assistants reach it at {guarded.url}gradio_api/mcp\n",
        "app.py: No public link could be made: Could not get share link from Gradio API Server.\n",
    ]


def test_the_images_own_check_finds_it_healthy_and_a_missing_one_not(guarded: Studio) -> None:
    _, code = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])[1:]
    for port, healthy in ((urlsplit(guarded.url).port, True), (9, False)):
        command = [sys.executable, "-c", code.replace(":7860/", f":{port}/")]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode == 0) is healthy
