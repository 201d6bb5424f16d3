"""What a hosted studio does while one network address sends too much: ``python -m benchmarks.attacks [CHECKOUT]``.

Each attack comes from an address of its own, 127.0.0.11 and up; the honest visitor is at 127.0.0.2 (Linux).
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image

ROOT = Path(__file__).parents[1]
#: What a system commonly allows a process in open files.
OPEN_FILES = 1024
PATIENCE = 120.0


class Target:
    """A studio in a process of its own, attacked from several addresses."""

    def __init__(self, url: str, folder: Path, process: psutil.Process) -> None:
        self.url, self.folder, self.process = url, folder, process
        self.honest = self.at("127.0.0.2")
        self._wait()
        dependencies = self.honest.get("config").json()["dependencies"]
        self._functions = {dependency["api_name"]: dependency["id"] for dependency in dependencies}

    def at(self, address: str) -> httpx.Client:
        """A client at an address."""
        limits = httpx.Limits(max_connections=40)
        transport = httpx.HTTPTransport(local_address=address, limits=limits)
        return httpx.Client(base_url=self.url, timeout=PATIENCE, transport=transport)

    def join(self, client: httpx.Client, name: str, session: str, *data: Any, **headers: str) -> int:
        """Send an event to the queue; returns the status."""
        body = {"data": [None, *data], "fn_index": self._functions[name], "session_hash": session}
        return client.post("gradio_api/queue/join", json=body, headers=headers).status_code

    def open_page(self, client: httpx.Client, session: str, **headers: str) -> float:
        """Open a tab; returns the seconds until its choices have come, or NaN."""
        begun = time.perf_counter()
        body = {"data": [{}], "fn_index": self._functions["enter"], "session_hash": session}
        client.post("gradio_api/queue/join", json=body, headers=headers)
        where = {"session_hash": session}
        with client.stream("GET", "gradio_api/queue/data", params=where, headers=headers) as stream:
            for line in stream.iter_lines():
                if '"msg":"process_completed"' in line:
                    return time.perf_counter() - begun
        return float("nan")

    def is_known(self, session: str) -> bool:
        """Whether the choices of a tab are remembered."""
        body = {"data": [None], "fn_index": self._functions["stop_run"], "session_hash": session}
        return self.honest.post("gradio_api/run/predict", json=body).status_code == 200

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def upload(self, client: httpx.Client, *files: bytes) -> httpx.Response:
        """Upload files in one body."""
        named = [("files", (f"{number}.png", file)) for number, file in enumerate(files)]
        return client.post("gradio_api/upload", files=named)

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(httpx.TransportError):
                if self.honest.get("health").status_code == 200:
                    return
            time.sleep(0.2)
        raise RuntimeError((self.folder / "log").read_text())


@contextmanager
def target(checkout: Path) -> Iterator[Target]:
    """``app.py --hosted`` of a checkout."""
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        folder = Path(name)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "app.py", "--hosted", "--device", "cpu", "--port", str(port)]
        command += ["--results", str(folder / "results")]
        shell = ["bash", "-c", f'ulimit -Sn {OPEN_FILES}; exec "$@"', "bash", *command]
        environment = {**os.environ, "PYTHONPATH": str(checkout), "GRADIO_TEMP_DIR": str(folder / "uploads")}
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(shell, cwd=checkout, env=environment, stdout=log, stderr=log) as process,
        ):
            try:
                yield Target(f"http://127.0.0.1:{port}/", folder, psutil.Process(process.pid))
            finally:
                process.kill()


def together(send: Callable[[int], Any], count: int) -> "Counter[Any]":
    """How often each answer came to so many requests, 32 at once."""
    with ThreadPoolExecutor(32) as threads:
        return Counter(threads.map(send, range(count)))


def visits(studio: Target) -> dict[str, Any]:
    """Memory that a visit keeps, each from an address of its own."""
    proxy, memory = studio.at("127.0.0.1"), studio.process.memory_info
    for number in range(300):
        studio.open_page(proxy, f"visit {number}", **{"X-Forwarded-For": f"10.1.{number // 250}.{number % 250}"})
        if number == 99:
            before = memory().rss
    return {"KB a visit": round((memory().rss - before) / 200 / 1000)}


def sessions(studio: Target) -> dict[str, Any]:
    """520 requests, each with another session."""
    attacker = studio.at("127.0.0.11")
    studio.open_page(studio.honest, "honest")
    answers = together(lambda number: studio.join(attacker, "stop_run", f"made up {number}"), 520)
    return {"answers": dict(answers), "honest visitor is known": studio.is_known("honest")}


def wrong_calls(studio: Target) -> dict[str, Any]:
    """2,100 wrong calls beside an event stream of an honest visitor."""
    attacker, ended = studio.at("127.0.0.12"), threading.Event()
    photo = studio.upload(studio.honest, _picture(1)).json()[0]
    data = [{"path": photo, "meta": {"_type": "gradio.FileData"}}, "scream", {"size": 128, "steps": 5000}]
    event = studio.honest.post("gradio_api/call/stylize", json={"data": data}).json()["event_id"]

    def listen() -> None:
        with (
            suppress(httpx.TransportError),
            studio.at("127.0.0.2").stream("GET", f"gradio_api/call/stylize/{event}") as stream,
        ):
            for _ in stream.iter_lines():
                pass
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(3)
    paint, begun = studio.cpu(), time.perf_counter()
    time.sleep(3)
    paint = (studio.cpu() - paint) / (time.perf_counter() - begun)
    before, begun = studio.cpu(), time.perf_counter()
    call = {"data": ["wrong", "wrong", "wrong"]}
    answers = together(lambda _: attacker.post("gradio_api/call/stylize", json=call).status_code, 2100)
    seconds = time.perf_counter() - begun
    cost = max(0.0, studio.cpu() - before - paint * seconds) / 2100 * 1000
    return {
        "answers": dict(answers), "seconds": round(seconds, 1), "ms CPU a call": round(cost, 1),
        "honest stream is open": not ended.is_set(),
    }  # fmt: skip


def queue(studio: Target) -> dict[str, Any]:
    """160 choices of a photo at once, beside an honest visitor who opens the page."""
    attacker = studio.at("127.0.0.13")
    for number in range(8):
        studio.open_page(attacker, f"chooser {number}")
    photo = studio.upload(attacker, _picture(24)).json()[0]
    box = {"path": photo, "size": 1, "meta": {"_type": "gradio.FileData"}}
    with ThreadPoolExecutor(1) as beside:
        sent = beside.submit(together, lambda n: studio.join(attacker, "choose", f"chooser {n % 8}", box), 160)
        time.sleep(0.5)
        seconds = studio.open_page(studio.honest, "beside")
        return {"answers": dict(sent.result()), "honest page opens in s": round(seconds, 1)}


def uploads(studio: Target) -> dict[str, Any]:
    """16 uploads of two files, 40 of one, and five that break off."""
    attacker, folder = studio.at("127.0.0.14"), studio.folder / "uploads"
    files = [np.random.default_rng(number).bytes(19_000_000) for number in range(2)]
    double = Counter(studio.upload(attacker, *files).status_code for _ in range(16))
    single = Counter(studio.upload(attacker, bytes([number]) + files[0][1:]).status_code for number in range(40))
    for _ in range(5):
        _break_off(studio)
    time.sleep(1)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {
        "two files": dict(double), "one file": dict(single), "MB on the disk": round(size / 10**6),
        "left of broken uploads": len(list(folder.glob("tmp*"))),
        "honest upload": studio.upload(studio.honest, _picture(1)).status_code,
    }  # fmt: skip


def half_open(studio: Target) -> dict[str, Any]:
    """1,100 requests that stop half way, for 8 seconds."""
    log = studio.folder / "log"
    size, host, port = log.stat().st_size, *studio.url.removeprefix("http://").rstrip("/").split(":")
    with ExitStack() as stack:
        for _ in range(1100):
            with suppress(OSError):
                client = socket.create_connection((host, int(port)), timeout=1, source_address=("127.0.0.15", 0))
                stack.enter_context(client).sendall(b"GET / HTTP/1.1\r\n")
        begun = time.perf_counter()
        try:
            with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=8) as fresh:
                served: Any = fresh.get(f"{studio.url}robots.txt").status_code
        except httpx.HTTPError as error:
            served = type(error).__name__
        seconds = time.perf_counter() - begun
        time.sleep(max(0.0, 8 - seconds))
    grown = (log.stat().st_size - size) / 10**6
    return {"honest request": served, "after s": round(seconds, 2), "log grew by MB": round(grown, 2)}


def _break_off(studio: Target) -> None:
    host, port = studio.url.removeprefix("http://").rstrip("/").split(":")
    head = "POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    part = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    with socket.create_connection((host, int(port)), source_address=("127.0.0.16", 0)) as client:
        client.sendall(f"{head}Content-Length: 1000000\r\n\r\n{part}".encode() + bytes(200_000))
        time.sleep(0.2)


def _picture(megapixels: int) -> bytes:
    """A JPEG."""
    with tempfile.TemporaryFile() as file:
        Image.new("RGB", (1000, 1000 * megapixels)).save(file, "JPEG")
        file.seek(0)
        return file.read()


ATTACKS = (visits, sessions, wrong_calls, queue, uploads, half_open)

if __name__ == "__main__":
    with target(Path(*sys.argv[1:2]) if sys.argv[1:] else ROOT) as studio:
        for attack in ATTACKS:
            print(attack.__name__, json.dumps(attack(studio)), flush=True)
