"""Which visitors still listen."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from gradio.context import LocalContext

from nst.engines.line import Visitor
from nst.ui.listeners import ABSENT, Listeners, leaving, network_address, visitor


def a_request(session: str | None, host: str | None = "10.0.0.1") -> Any:
    return SimpleNamespace(session_hash=session, client=host and SimpleNamespace(host=host))


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


def test_a_listener_has_left_when_it_is_not_heard_for_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now, heard = 100.0, False
    monkeypatch.setattr(time, "monotonic", lambda: now)
    left = leaving(lambda: heard)
    now += ABSENT
    assert not left(), "its stream may open late"
    heard = True
    assert not left()
    heard, now = False, now + ABSENT
    assert not left()
    now += 1
    assert left()


def test_visitors_are_told_apart_by_visit_or_session_and_by_address() -> None:
    assert visitor(a_request("ann")) == Visitor(session="ann", address="10.0.0.1")
    assert visitor(a_request(None, None)) == Visitor()
    assert visitor(None) == Visitor()
    assert visitor(a_request("ann"), "a visit") == Visitor(session="a visit", address="10.0.0.1")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("10.0.0.1", "10.0.0.1"), ("testclient", "testclient"), ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ],
)  # fmt: skip
def test_an_ipv6_line_is_one_address(host: str, address: str) -> None:
    assert network_address(SimpleNamespace(host=host)) == address
    assert network_address(None) == ""
