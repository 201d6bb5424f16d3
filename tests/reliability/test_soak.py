"""A studio with visitors who come, choose, run, stop, break off and upload odd files, and what is left of them."""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser

from nst.pictures.containers import PNG_SIGNATURE
from tests.browser.actions import choose_photo, enter, start, stop
from tests.pictures.making import encoded, photograph, quadrants
from tests.serving import studio
from tests.web.conftest import SECONDS, Call, Studio, asking, until

#: For how long visitors come; at least so many rounds of them.
SOAK_SECONDS, ROUNDS = float(os.environ.get("IMPASTO_SOAK_SECONDS", "0")), 3
#: Threads of a pool end some time after their last work.
SETTLING_SECONDS = 60
#: What the process may grow by, in a long soak as well: one decoded photo that is kept for each visitor would be more.
MEMORY = 150_000_000

QUICK, LONG = {"size": 64, "steps": 2}, {"size": 64, "steps": 5000}
ODD = {
    "empty.png": b"",
    "page.jpg": b"<!DOCTYPE html><title>Please log in</title>",
    "half.png": encoded(quadrants(), "PNG")[:40],
    "bomb.gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\0;",
    "<img src=x onerror=alert(1)>.webp": encoded(quadrants(), "WebP")[:40],
}

pytestmark = [pytest.mark.soak, pytest.mark.browser]


@dataclass(frozen=True)
class Footprint:
    """What a studio takes of the machine while nothing is painted."""

    memory: int
    threads: int
    descriptors: int
    children: int
    temporary: int

    @classmethod
    def of(cls, hosted: Studio, folder: Path) -> "Footprint":
        port = hosted.url.rstrip("/").rpartition(":")[2]
        (process,) = (child for child in psutil.Process().children() if port in child.cmdline())
        temporary = [*(folder / "temporary").rglob("*"), *hosted.results.rglob(".*")]
        return cls(
            process.memory_info().rss, process.num_threads(), process.num_fds(), len(process.children(True)),
            len(temporary),
        )  # fmt: skip


class Visitors:
    """Everybody who comes to one studio; no two have the same address."""

    def __init__(self, hosted: Studio, photo: Path, browser: Browser) -> None:
        self._hosted, self._photo = hosted, photo
        self._context = browser.new_context()
        self._context.set_default_timeout(SECONDS * 1000)
        self._numbers = count(1)

    def come(self) -> None:
        """One of each kind at a time, side by side; Playwright is used by the thread that started it."""
        errors: list[BaseException] = []

        def visit(act: Callable[[], None]) -> None:
            try:
                act()
            except BaseException as error:
                errors.append(error)

        acts = (self.run_to_the_end, self.break_off_a_run, self.break_off_an_upload, self.upload_odd_files)
        threads = [threading.Thread(target=visit, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        visit(self.stop_on_the_page)
        for thread in threads:
            thread.join(SECONDS)
        assert errors == []

    def run_to_the_end(self) -> None:
        last = self._call(self._hosted.upload(self._photo), QUICK).end().last
        assert last["state"] == "finished"
        assert httpx.get(last["file"]["url"]).content.startswith(PNG_SIGNATURE)

    def break_off_a_run(self) -> None:
        call = self._call(self._hosted.upload(self._photo), LONG)
        until(lambda: call.records)
        call.leave()

    def break_off_an_upload(self) -> None:
        host, port = self._hosted.url.removeprefix("http://").rstrip("/").split(":")
        head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\nX-Forwarded-For: {self._address()}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
        part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
            connection.sendall(head.encode() + part + bytes(300_000))

    def upload_odd_files(self) -> None:
        for name, data in ODD.items():
            path = self._photo.parent / name
            path.write_bytes(data)
            error = self._call(self._hosted.upload(path), QUICK).end().error
            assert error is not None
            assert error.endswith(".")

    def stop_on_the_page(self) -> None:
        """A new visitor, whose browser has the page's scripts already."""
        self._context.clear_cookies()
        self._context.set_extra_http_headers({"X-Forwarded-For": self._address()})
        page = enter(self._context.new_page(), self._hosted.url + "?size=128&steps=5000&style=scream")
        choose_photo(page, "lion")
        start(page)
        stop(page)
        page.close()

    def _call(self, file: dict[str, object], settings: dict[str, int]) -> Call:
        return Call(self._hosted, [file, "scream", settings], self._address())

    def _address(self) -> str:
        return f"10.1.{next(self._numbers)}.1"


def test_visitors_leave_nothing_behind(browser: Browser, tmp_path: Path) -> None:
    """Whatever grows by less than one for each round of visitors is not left by them."""
    (tmp_path / "temporary").mkdir()
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(photograph(3_000, 2_000))
    with (
        studio(tmp_path, "--hosted", TMPDIR=str(tmp_path / "temporary")) as server,
        asking(server) as hosted,
    ):
        visitors = Visitors(hosted, photo, browser)
        visitors.come()
        before, rounds, end = idle(hosted, tmp_path), 0, time.monotonic() + SOAK_SECONDS
        while rounds < ROUNDS or time.monotonic() < end:
            visitors.come()
            rounds += 1
        after = idle(hosted, tmp_path)
        until_settled = time.monotonic() + SETTLING_SECONDS
        while not flat(before, after, rounds) and time.monotonic() < until_settled:
            time.sleep(1)
            after = idle(hosted, tmp_path)
        assert flat(before, after, rounds), (rounds, before, after)
        assert hosted.get("health").json()["ready"]


def idle(hosted: Studio, folder: Path) -> Footprint:
    """The footprint once nobody waits and the last run is over."""
    until(lambda: hosted.get("health").json()["queue"] == 0)
    return Footprint.of(hosted, folder)


def flat(before: Footprint, after: Footprint, rounds: int) -> bool:
    return after.memory < before.memory + MEMORY and all(
        getattr(after, name) < getattr(before, name) + rounds
        for name in ("threads", "descriptors", "children", "temporary")
    )
