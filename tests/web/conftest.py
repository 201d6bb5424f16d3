"""Studios in processes of their own, and a way to call one without a client library."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.serving import PATIENCE, SHORT_LIVED, Server, studio

SECONDS = PATIENCE / 1000


@dataclass(frozen=True)
class Studio:
    """A running studio, and a way to ask it."""

    server: Server
    http: httpx.Client

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def results(self) -> Path:
        return self.server.results

    def said(self) -> str:
        """What it has printed so far."""
        return "".join(self.server.said)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.http.post(path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(path, **options)

    def upload(self, path: Path) -> dict[str, Any]:
        """Upload a file; returns it as the API takes it."""
        (there,) = self.post("gradio_api/upload", files={"files": (path.name, path.read_bytes())}).json()
        return {"path": there, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}


@contextmanager
def asking(server: Server) -> Iterator[Studio]:
    """A studio that has everything loaded."""
    with httpx.Client(base_url=server.url, timeout=SECONDS, limits=SHORT_LIVED) as http:
        until(lambda: http.get("health").status_code == 200)
        yield Studio(server, http)


def until(condition: Callable[[], Any]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


class Call:
    """A call of ``/stylize`` over bare HTTP, followed in a thread; to the studio each is a visitor of its own."""

    def __init__(self, own: Studio, data: list[Any], address: str = "10.0.0.1") -> None:
        self.records: list[dict[str, Any]] = []
        self.error: str | None = None
        headers = {"X-Forwarded-For": address}
        answer = own.post("gradio_api/call/stylize", json={"data": data}, headers=headers)
        assert answer.status_code == 200, answer.text
        self._stream = own.http.stream("GET", f"gradio_api/call/stylize/{answer.json()['event_id']}", headers=headers)
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def _follow(self) -> None:
        event = ""
        with self._stream as answer:
            for line in answer.iter_lines():
                if self._left.is_set():
                    return
                name, _, text = line.partition(": ")
                if name == "event":
                    event = text
                elif name == "data" and event == "error":
                    self.error = json.loads(text)["error"]
                elif name == "data" and event in ("generating", "complete"):
                    self.records.extend(json.loads(text)[:1])

    @property
    def last(self) -> dict[str, Any]:
        return self.records[-1] if self.records else {}

    def leave(self) -> None:
        """Hang up."""
        self._left.set()
        self._thread.join(SECONDS)

    def end(self) -> "Call":
        """Wait for its end."""
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        return self


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "lion.png"
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 256, (48, 64, 3), dtype=np.uint8)).resize((640, 480)).save(path)
    return path


@pytest.fixture(scope="session")
def own(server: Server) -> Iterator[Studio]:
    """The studio of a person at home."""
    with asking(server) as own:
        yield own


@pytest.fixture(scope="session")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """``app.py --hosted``, with its long times shortened; old and young results were there before it."""
    folder = tmp_path_factory.mktemp("hosted")
    for name, hours in (
        ("20260102-030405-01234567", 2),
        ("20260102-030405-89abcdef", 0.5),
        ("uploads/" + "0a" * 32, 2),
    ):
        (folder / "results" / name).mkdir(parents=True)
        os.utime(folder / "results" / name, (time.time() - hours * 3600,) * 2)
    program = ("-m", "tests.web.shortened")
    with (
        studio(folder, "--hosted", "--mcp", program=program, GRADIO_TEMP_DIR="") as server,
        asking(server) as hosted,
    ):
        yield hosted
