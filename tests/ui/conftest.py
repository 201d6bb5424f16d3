"""Gradio makes an event loop for every Blocks and leaves it open; here all of them share one, which is closed."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def one_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(autouse=True)
def no_loop_is_left_open(monkeypatch: pytest.MonkeyPatch, one_loop: asyncio.AbstractEventLoop) -> None:
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: one_loop)
