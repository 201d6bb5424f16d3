"""The image's own command, with a login, and with a public link that cannot be made: there is no way out."""

import json
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from gradio_client import Client

from tests.deploy.test_files import instructions
from tests.serving import studio
from tests.web.conftest import Studio, asking, until

#: A port that nobody listens on, in place of the way to the internet.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The Dockerfile's command, on this machine's own address, with ``--auth`` and ``--share``."""
    _, script, *words = json.loads(instructions("CMD")[-1])
    words = ["127.0.0.1" if word == "0.0.0.0" else word for word in words]
    with studio(
        tmp_path_factory.mktemp("guarded"), *words, "--auth", "--share", program=(script,),
        IMPASTO_AUTH="ann:se:cret,bob:hidden", HTTPS_PROXY=NOWHERE, ALL_PROXY=NOWHERE, NO_PROXY="127.0.0.1",
    ) as server, asking(server) as guarded:  # fmt: skip
        yield guarded


def test_without_a_login_there_is_nothing_but_the_health(guarded: Studio) -> None:
    assert guarded.get("health").status_code == 200
    for path in ("config", "gradio_api/info", "gradio_api/file=/etc/passwd"):
        assert guarded.get(path).status_code == 401, path
    for path in ("queue/join", "call/stylize", "upload"):
        files = {"files": ("a", b"a")} if path == "upload" else None
        answer = guarded.post(f"gradio_api/{path}", json=None if files else {"data": []}, files=files)
        assert answer.status_code == 401, path
    assert "The Scream" not in guarded.get("").text


def test_a_wrong_password_is_refused_and_the_right_one_lets_in(guarded: Studio) -> None:
    wrong = guarded.post("login", data={"username": "ann", "password": "secret"})
    assert wrong.status_code == 400
    right = guarded.post("login", data={"username": "ann", "password": "se:cret"})
    assert right.status_code == 200
    guarded.http.cookies.update(right.cookies)
    assert guarded.get("config").status_code == 200
    guarded.http.cookies.clear()


def test_a_client_logs_in(guarded: Studio) -> None:
    client = Client(guarded.url, auth=("bob", "hidden"), verbose=False)
    assert {style["name"] for style in client.predict(api_name="/styles")} >= {"scream"}
    client.close()


def test_a_link_that_cannot_be_made_is_one_line_and_the_studio_is_open(guarded: Studio) -> None:
    until(lambda: len(guarded.server.said) > 1)
    said = [line for line in guarded.server.said if line.strip()]
    assert said[0] == f"Impasto is open at {guarded.url}\n"
    assert said[1] == "app.py: No public link could be made: Could not get share link from Gradio API Server.\n"
    assert len(said) == 2


def test_the_images_own_check_finds_it_healthy_and_a_missing_one_not(guarded: Studio) -> None:
    _, code = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])[1:]
    for port, healthy in ((urlsplit(guarded.url).port, True), (9, False)):
        command = [sys.executable, "-c", code.replace(":7860/", f":{port}/")]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode == 0) is healthy
