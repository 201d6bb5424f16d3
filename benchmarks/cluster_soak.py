"""Visitors of a hosted studio whose painters are on a Ray cluster of this machine, and are killed now and then.

``python -m benchmarks.cluster_soak [SECONDS] [KILLS]``. It prints what the page's process, the painters and the cluster
take of the machine while visitors paint, and at the end what became of every run that was accepted (Linux).
"""

import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import ray
from PIL import Image
from ray._private.internal_api import memory_summary
from ray.cluster_utils import Cluster

from benchmarks.attacks import PATIENCE, ROOT
from benchmarks.machine import describe, photo

VISITORS, PAINTERS = 8, 2
#: Of every so many runs of a visitor, the last is left while it is painted.
LEAVE_EVERY = 4
SETTINGS = {"size": 128, "steps": 6}
REPORT_SECONDS = 60
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "node_ip_address": "127.0.0.1"}


class Visitor(threading.Thread):
    """Paints one picture after the other from a network address of its own."""

    def __init__(self, url: str, number: int, until: float) -> None:
        super().__init__()
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{20 + number}")
        self._client = httpx.Client(base_url=url, timeout=PATIENCE, transport=transport)
        self._until = until
        self.outcomes: Counter[str] = Counter()

    def run(self) -> None:
        data = io.BytesIO()
        Image.fromarray(photo(96, 96, seed=id(self) % 1000)).save(data, "PNG")
        runs = 0
        while time.monotonic() < self._until:
            runs += 1
            try:
                self.outcomes[self._paint(data.getvalue(), leave=runs % LEAVE_EVERY == 0)] += 1
            except Exception as error:
                self.outcomes[f"{type(error).__name__}: {error}"] += 1

    def _paint(self, picture: bytes, *, leave: bool) -> str:
        uploaded = self._client.post("gradio_api/upload", files=[("files", ("photo.png", picture))]).json()[0]
        file = {"path": uploaded, "meta": {"_type": "gradio.FileData"}}
        call = self._client.post("gradio_api/call/stylize", json={"data": [file, "scream", SETTINGS]})
        if call.status_code != 200:
            return f"refused: {call.status_code}"
        last: dict[str, Any] = {}
        with self._client.stream("GET", f"gradio_api/call/stylize/{call.json()['event_id']}") as stream:
            for line in stream.iter_lines():
                if line.startswith("data: ["):
                    last = json.loads(line[6:])[0]
                    if leave and last["state"] == "running":
                        return "left"
                elif line.startswith("data: ") and "error" in line:
                    return line[6:]
        whole = Image.open(io.BytesIO(httpx.get(last["file"]["url"], timeout=PATIENCE).content))
        whole.load()
        return last["state"]


@contextmanager
def studio(address: str, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """``app.py --hosted`` before the cluster of that address: its URL and its process."""
    port = 20_000 + os.getpid() % 10_000
    command = [sys.executable, "app.py", "--hosted", "--cluster", address, "--painter-cores", "1"]
    command += ["--port", str(port), "--results", str(folder / "results")]
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(folder / "uploads")}
    url = f"http://127.0.0.1:{port}/"
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            while not _painters(url, PAINTERS):
                time.sleep(0.5)
            yield url, psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def _painters(url: str, ready: int = 0) -> list[dict[str, Any]]:
    """What the painters do; none before so many are ready."""
    with suppress(httpx.TransportError):
        painters = httpx.get(f"{url}health", timeout=PATIENCE).json().get("painters", [])
        if sum(painter["state"] != "away" for painter in painters) >= ready:
            return painters
    return []


def kill_now_and_then(url: str, count: int, until: float, killed: list[int]) -> None:
    """Thread: SIGKILL for a painter at work, at random moments, one after the other."""
    pause = (until - time.monotonic()) / (count + 1)
    for _ in range(count):
        time.sleep(pause * random.uniform(0.7, 1.3))
        while time.monotonic() < until:
            busy = [painter for painter in _painters(url) if painter["state"] == "painting"]
            if busy:
                killed.append(random.choice(busy)["process"])
                os.kill(killed[-1], signal.SIGKILL)
                break
            time.sleep(0.2)


def look(page: psutil.Process, url: str, folder: Path) -> dict[str, Any]:
    """What is taken of the machine."""
    store = memory_summary(ray.get_runtime_context().gcs_address, stats_only=True)
    processes = [painter["process"] for painter in _painters(url) if psutil.pid_exists(painter["process"])]
    painters = [psutil.Process(process).memory_info().rss for process in processes]
    return {
        "page MB": page.memory_info().rss // 10**6,
        "threads": page.num_threads(),
        "files open": page.num_fds(),
        "painters MB": [size // 10**6 for size in painters],
        "Ray objects": next((line for line in store.splitlines() if "Plasma memory usage" in line), ""),
        "hidden files": sum(1 for path in (folder / "results").rglob(".*")),
    }


def ends(results: Path) -> Counter[str]:
    """How the runs ended, by their folders."""
    documents = [json.loads(path.read_text()) for path in results.rglob("settings.json")]
    return Counter(document.get("end", "unknown") for document in documents)


def main(seconds: float = 600, kills: int = 20) -> None:
    print(describe(), flush=True)
    nodes = Cluster(initialize_head=True, head_node_args={"include_dashboard": False, **NODE})
    nodes.add_node(**NODE)
    ray.init(nodes.address, log_to_driver=False)
    try:
        with tempfile.TemporaryDirectory() as name, studio(nodes.address, Path(name)) as (url, page):
            until = time.monotonic() + seconds
            visitors = [Visitor(url, number, until) for number in range(VISITORS)]
            killed: list[int] = []
            killer = threading.Thread(target=kill_now_and_then, args=(url, kills, until, killed))
            for thread in (*visitors, killer):
                thread.start()
            while time.monotonic() < until:
                print(look(page, url, Path(name)), flush=True)
                time.sleep(REPORT_SECONDS)
            for thread in (*visitors, killer):
                thread.join()
            time.sleep(5)
            print(look(page, url, Path(name)))
            print("visitors:", dict(sum((visitor.outcomes for visitor in visitors), Counter())))
            print("folders:", dict(ends(Path(name) / "results")), "painters killed:", len(killed))
    finally:
        ray.shutdown()
        nodes.shutdown()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
