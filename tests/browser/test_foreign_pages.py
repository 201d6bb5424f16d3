"""Two sites in one browser: a page of another origin can send the studio nothing, and read nothing of it."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.serving import PATIENCE, Server

#: Tries everything that a script on a page can, and returns what it could read.
_TRY_ALL = """async (studio) => {
  const form = new FormData();
  form.append('files', new Blob(['foreign']), 'foreign.txt');
  const json = (body) => ({method: 'POST', body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}});
  const tries = {
    token: ['gradio_api/token', {}],
    config: ['config', {}],
    upload: ['gradio_api/upload', {method: 'POST', body: form}],
    join: ['gradio_api/queue/join', json({data: [], fn_index: 0, session_hash: 'foreign'})],
    plain: ['gradio_api/queue/join', {method: 'POST', body: '{"data": [], "fn_index": 0, "session_hash": "foreign"}'}],
    login: ['login', {method: 'POST', body: new URLSearchParams({username: 'ann', password: 'secret'})}],
  };
  const read = {};
  for (const [name, [path, options]] of Object.entries(tries)) {
    for (const mode of ['cors', 'no-cors']) {
      try {
        read[`${name} ${mode}`] = await (await fetch(studio + path, {credentials: 'include', mode, ...options})).text();
      } catch (error) { read[`${name} ${mode}`] = ''; }
    }
  }
  return read;
}"""
#: Sends a form with a file, which needs no leave, and takes the browser to the answer.
_SEND_FORM = """(studio) => {
  const files = new DataTransfer();
  files.items.add(new File(['foreign'], 'foreign.txt'));
  document.body.innerHTML = '<form method="post" enctype="multipart/form-data"><input type="file" name="files"></form>';
  document.querySelector('input').files = files.files;
  document.querySelector('form').action = studio + 'gradio_api/upload';
  document.querySelector('form').submit();
}"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a server with an empty page, at every name and address of the loopback."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Another site</title>")

        def log_message(self, *_more: Any) -> None:
            """Says nothing."""

    site = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Empty)
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield site.server_port
    site.shutdown()
    site.server_close()
    thread.join()


@pytest.fixture(params=["localhost", "127.0.0.1", "127.0.0.2"])
def foreign(request: pytest.FixtureRequest, port: int, browser: Browser) -> Iterator[Page]:
    """A page that is not the studio's: on another port of its host, where cookies go along, or on another host."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"http://{request.param}:{port}/")
    yield page
    context.close()


def uploads(server: Server) -> list[Path]:
    return sorted((server.results.parent / "gradio").rglob("foreign*"))


def test_a_script_of_another_site_sends_and_reads_nothing(server: Server, foreign: Page) -> None:
    read = foreign.evaluate(_TRY_ALL, server.url)
    assert set(read.values()) == {""}, read
    assert uploads(server) == []


def test_a_form_of_another_site_leaves_no_file(server: Server, foreign: Page) -> None:
    with foreign.expect_navigation(url=f"{server.url}**") as answer:
        foreign.evaluate(_SEND_FORM, server.url)
    assert answer.value.status == 403
    assert "may not use this studio" in foreign.content()
    assert uploads(server) == []
