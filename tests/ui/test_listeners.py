"""Who still listens, and what becomes of a run when nobody does."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gradio.context import LocalContext

from nst.engines.limits import Visitor
from nst.engines.local import LocalEngine
from nst.ui.listeners import Listeners, visitor, while_heard
from tests.engines.loops import job, paint


def a_request(session: str | None, host: str | None = "10.0.0.1") -> Any:
    return SimpleNamespace(session_hash=session, client=host and SimpleNamespace(host=host))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine("cpu", tmp_path, paint=paint)
    yield engine
    engine.close()


def test_a_session_is_heard_while_one_of_its_streams_is_open() -> None:
    listeners = Listeners()
    heard, other = listeners.of(a_request("ann")), listeners.of(a_request("bob"))
    assert not heard()
    with listeners.listening("ann"):
        with listeners.listening("ann"):
            assert heard()
            assert not other()
        assert heard()
    assert not heard()


def test_an_event_is_heard_by_its_own_name_too() -> None:
    listeners = Listeners()
    LocalContext.event_id.set("e1")
    try:
        heard = listeners.of(a_request("ann"))
    finally:
        LocalContext.event_id.set(None)
    with listeners.listening("e1"):
        assert heard()


def test_who_calls_without_a_request_is_always_there() -> None:
    assert Listeners().of(None)()


def test_a_run_that_is_not_heard_is_stopped_softly_and_reported_to_its_end(engine: LocalEngine) -> None:
    run = engine.submit(job(steps=5000))
    records = list(while_heard(run.progress(0.0), run, lambda: False, heartbeat=0.1))
    assert records[-1].state == "stopped"
    assert "png" in records[-1].files


def test_a_run_that_is_heard_now_and_then_goes_on(engine: LocalEngine) -> None:
    run = engine.submit(job(steps=300))
    times = iter(range(100_000))
    records = list(while_heard(run.progress(0.0), run, lambda: next(times) % 2 == 0, heartbeat=5.0))
    assert records[-1].state == "finished"


def test_visitors_are_told_apart_by_session_and_address() -> None:
    assert visitor(a_request("ann")) == Visitor(session="ann", address="10.0.0.1")
    assert visitor(a_request(None, None)) == Visitor()
    assert visitor(None) is None
