"""What a studio for strangers takes, and how long an honest visitor waits, while another sends far too much (Linux).

``python benchmarks/admission.py [FLAG ...]`` starts ``app.py --hosted FLAG ...`` of the current folder. One address
posts requests that choose a photo of 48 megapixels, and runs of it; another one clicks a style and has a small picture
painted.
"""

import argparse
import io
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

LARGE, SMALL = (8000, 6000), (640, 480)
SETTINGS = {"size": 64, "steps": 5}
PATIENCE = 180.0
#: Requests at a time of the one who sends too much.
SENDERS = 16


class Visitor:
    """A client of the studio that comes from an address of its own."""

    def __init__(self, url: str, address: str) -> None:
        transport = httpx.HTTPTransport(local_address=address)
        self.http = httpx.Client(base_url=f"{url}gradio_api/", transport=transport, timeout=PATIENCE)
        config = self.http.get(f"{url}config").json()
        self._parts = {part["id"]: part["props"] for part in config["components"]}
        self._events = config["dependencies"]

    def upload(self, picture: bytes) -> dict[str, Any]:
        """Upload a JPEG; returns it as the studio takes it."""
        (path,) = self.http.post("upload", files={"files": ("photo.jpg", picture)}).json()
        return {"path": path, "orig_name": "photo.jpg", "size": 1, "meta": {"_type": "gradio.FileData"}}

    def enter(self, session: str) -> None:
        """Open the page."""
        self.send(session, "", "load", [None])
        self.wait(session)

    def send(self, session: str, element: str, event: str, data: list[Any], event_data: Any = None) -> int:
        """Post an event of the page; returns the status of the answer."""
        number, inputs = next(
            (entry["id"], entry["inputs"])
            for entry in self._events
            for target, name in entry["targets"]
            if name == event and entry["backend_fn"] and self._parts.get(target, {}).get("elem_id") == (element or None)
        )
        data = data + [self._parts[part].get("value") for part in inputs[len(data) :]]
        body = {"data": data, "event_data": event_data, "fn_index": number, "session_hash": session}
        return self.http.post("queue/join", json=body).status_code

    def wait(self, session: str) -> str:
        """Follow the events of a session to the end of one: what it said, or ""."""
        with self.http.stream("GET", "queue/data", params={"session_hash": session}) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: ") and (message := json.loads(line[6:]))["msg"] == "process_completed":
                    return str(message["output"].get("error") or "")
        return "closed"

    def paint(self, photo: Any, style: Any) -> str:
        """A run through the API: "finished", or what was said instead."""
        answer = self.http.post("call/stylize", json={"data": [photo, style, SETTINGS]})
        if answer.status_code != 200:
            return str(answer.status_code)
        state = event = ""
        with self.http.stream("GET", f"call/stylize/{answer.json()['event_id']}") as stream:
            for line in stream.iter_lines():
                name, _, text = line.partition(": ")
                event = text if name == "event" else event
                if name == "data" and event == "error":
                    return str(json.loads(text or "null"))[:90]
                if name == "data" and event in ("generating", "complete"):
                    state = json.loads(text)[0]["state"]
        return state


def jpeg(size: tuple[int, int]) -> bytes:
    """A photo of that width and height."""
    random, file = np.random.default_rng(0), io.BytesIO()
    Image.fromarray(random.integers(0, 256, (60, 80, 3), dtype=np.uint8)).resize(size).save(file, "JPEG", quality=85)
    return file.getvalue()


def attack(url: str, count: int, photo: bytes, answers: Counter[str]) -> list[threading.Thread]:
    """Begin to send; the threads end when everything has been answered. None of it is listened to."""
    greedy = Visitor(url, "127.0.0.1")
    large = greedy.upload(photo)
    for number in range(4):
        greedy.enter(f"greedy{number}")

    def send(first: int) -> None:
        for number in range(first, count, SENDERS):
            try:
                status = greedy.send(f"greedy{number % 4}", "photo", "input", [None, large])
                answers[f"choice {status}"] += 1
                body = {"data": [large, large, SETTINGS]}
                answers[f"run {greedy.http.post('call/stylize', json=body).status_code}"] += 1
            except httpx.HTTPError as error:
                answers[type(error).__name__] += 1

    threads = [threading.Thread(target=send, args=(first,), daemon=True) for first in range(SENDERS)]
    for thread in threads:
        thread.start()
    return threads


def honest(url: str, times: dict[str, list[float]], said: Counter[str], turns: int) -> None:
    """Click a style and have a picture painted, again and again."""
    for number in range(turns):
        session = f"honest{number}{time.time()}"
        start = time.perf_counter()
        try:
            visitor = Visitor(url, "127.0.0.2")
            photo = visitor.upload(jpeg(SMALL))
            visitor.enter(session)
            times["open"].append(time.perf_counter() - start)
            start = time.perf_counter()
            status = visitor.send(session, "styles", "click", [None, False, "standard"], {"key": "scream"})
            said[f"click {status} {visitor.wait(session) if status == 200 else ''}"] += 1
            times["click"].append(time.perf_counter() - start)
            start = time.perf_counter()
            said[f"run {visitor.paint(photo, 'scream')}"] += 1
            times["run"].append(time.perf_counter() - start)
        except httpx.HTTPError as error:
            said[type(error).__name__] += 1


def memory(process: int, what: str) -> float:
    """Megabytes of a process, by the name that Linux gives them."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1000


def start_studio(folder: str, flags: list[str]) -> tuple["subprocess.Popen[bytes]", str]:
    """``app.py --hosted`` of the current folder with more flags, when it is ready, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--hosted", "--port", str(port), "--results", f"{folder}/results"]
    with open(f"{folder}/log", "wb") as log:
        studio = subprocess.Popen([*command, "--device", "cpu", *flags], stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/"
    for _ in range(int(PATIENCE)):
        time.sleep(1)
        try:
            if httpx.get(f"{url}health").status_code == 200:
                return studio, url
        except httpx.HTTPError:
            pass
    raise SystemExit(f"it does not start: {Path(folder, 'log').read_text()}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=160, help="requests of each kind (default %(default)s)")
    parser.add_argument("--turns", type=int, default=3, help="turns of the honest visitor (default %(default)s)")
    options, flags = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        studio, url = start_studio(folder, flags)
        try:
            for title, count in (("alone", 0), ("beside too much", options.count)):
                base, answers, said = memory(studio.pid, "VmRSS"), Counter[str](), Counter[str]()
                times: dict[str, list[float]] = {"open": [], "click": [], "run": []}
                threads = attack(url, count, jpeg(LARGE), answers) if count else []
                time.sleep(2 if count else 0)
                honest(url, times, said, options.turns)
                for thread in threads:
                    thread.join(1)
                waits = {name: [round(value, 1) for value in values] for name, values in times.items()}
                medians = {name: round(statistics.median(values), 1) for name, values in times.items() if values}
                peak, after = memory(studio.pid, "VmHWM"), memory(studio.pid, "VmRSS")
                print(f"{title}: {base:.0f} MB before, peak {peak:.0f} MB, {after:.0f} MB after\n"
                      f"  honest: {medians} s, {waits}\n  honest heard: {dict(said)}\n"
                      f"  the other: {dict(answers)}", flush=True)  # fmt: skip
        finally:
            studio.kill()
            studio.wait()


if __name__ == "__main__":
    main()
