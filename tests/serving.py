"""The studio in a process of its own, as its users start it."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
#: No test waits so long unless something is broken, in milliseconds.
PATIENCE = 300_000
#: For clients: the studio closes a connection that is idle for 5 s, perhaps just when a request is sent on it.
SHORT_LIVED = httpx.Limits(keepalive_expiry=1)


@dataclass(frozen=True)
class Server:
    """The running page: its address, the folder that its runs are written to, and what it has printed so far."""

    url: str
    results: Path
    said: list[str] = field(default_factory=list)


@contextmanager
def studio(
    folder: Path,
    *options: str,
    program: Sequence[str] = (str(ROOT / "app.py"),),
    device: str | None = "cpu",
    port: int = 0,
    **environment: str,
) -> Iterator[Server]:
    """app.py, or a ``program`` that starts it, with everything it writes in a folder, until it is killed."""
    port = port or free_port()
    server = Server(url=f"http://127.0.0.1:{port}/", results=folder / "results")
    command = [sys.executable, *program, "--results", str(server.results), *options, "--port", str(port)]
    command += ["--device", device] if device else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRADIO_TEMP_DIR": str(folder / "gradio"), **environment}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        listener = threading.Thread(target=lambda: server.said.extend(process.stdout or ()))
        listener.start()
        try:
            wait_for(server, process)
            yield server
        finally:
            process.kill()  # To end softly takes Python seconds, in which it only takes its modules down.
            listener.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(server: Server, process: subprocess.Popen[str]) -> None:
    """Return as soon as it answers."""
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}health", timeout=PATIENCE / 1000):
                return
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"app.py does not answer; exit code {process.poll()}: {''.join(server.said)}")
