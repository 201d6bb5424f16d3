"""The thread that fetches weights in the background."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from nst.engines.fetching import BROKEN, Fetcher
from nst.errors import WeightsError
from nst.features.weights.progress import Fetched, Stopped
from tests.engines.loops import SAFETY

HALF = Fetched(title="VGG-19", done=40, total=80, seconds_left=3.0)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + SAFETY
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


class Bring:
    """A download that is led by the test: it shows a record, or ends with an error or without one."""

    def __init__(self) -> None:
        self.orders: queue.Queue[Any] = queue.Queue()
        self.began = 0

    def __call__(self, watch: Callable[[Fetched], None], stopped: Callable[[], bool]) -> None:
        self.began += 1
        while True:
            if stopped():
                raise Stopped
            try:
                order = self.orders.get(timeout=0.01)
            except queue.Empty:
                continue
            if isinstance(order, Exception):
                raise order
            if order is None:
                return
            watch(order)


def test_a_download_is_seen_from_its_beginning_to_its_end() -> None:
    bring = Bring()
    fetcher = Fetcher(bring=bring)
    assert fetcher.look().state == "looking"
    fetcher.start()
    bring.orders.put(HALF)
    until(lambda: fetcher.look().state == "fetching")
    assert fetcher.look().fetched == HALF
    assert fetcher.look().under_way
    fetcher.start()
    bring.orders.put(None)
    until(lambda: fetcher.look().state == "here")
    assert fetcher.look().fetched == HALF
    assert bring.began == 1, "one at a time"


def test_what_is_at_hand_was_not_fetched() -> None:
    bring = Bring()
    fetcher = Fetcher(bring=bring)
    fetcher.start()
    bring.orders.put(None)
    until(lambda: fetcher.look().state == "here")
    assert fetcher.look().fetched is None


@pytest.mark.parametrize(
    ("error", "told"), [(WeightsError("No way there."), "No way there."), (RuntimeError("secret detail"), BROKEN)]
)
def test_a_failure_is_a_sentence_and_can_be_tried_again(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL + 1)
    bring = Bring()
    fetcher = Fetcher(bring=bring)
    fetcher.start()
    bring.orders.put(error)
    until(lambda: fetcher.look().state == "failed")
    assert fetcher.look().error == told
    assert not fetcher.look().under_way
    fetcher.start()
    bring.orders.put(None)
    until(lambda: fetcher.look().state == "here")


def test_closing_ends_a_download() -> None:
    fetcher = Fetcher(bring=Bring())
    fetcher.close()
    fetcher = Fetcher(bring=Bring())
    fetcher.start()
    fetcher.close()
    assert "nst-fetch" not in {thread.name for thread in threading.enumerate()}
