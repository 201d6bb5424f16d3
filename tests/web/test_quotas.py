"""What one network address may take, counted without a server."""

from contextlib import ExitStack
from dataclasses import replace

import pytest

from nst.limits import HOSTED, AddressLimits
from nst.web.quotas import Quotas
from nst.web.request_body import RefusedError

JOIN = "/gradio_api/queue/join"
FEW = AddressLimits(requests_minute=5, posts_minute=4, events_minute=3)


def post(quotas: Quotas, address: str = "10.0.0.1", path: str = "/gradio_api/run/predict") -> None:
    with quotas.request(address, "POST", path):
        pass


def get(quotas: Quotas, address: str = "10.0.0.1") -> None:
    with quotas.request(address, "GET", "/"):
        pass


def none_pending(_address: str) -> int:
    return 0


def test_events_posts_and_requests_have_a_rate_each_of_their_address() -> None:
    quotas = Quotas(FEW, none_pending)
    for _ in range(3):
        post(quotas, path=JOIN)
    with pytest.raises(RefusedError, match="may send 3 events a minute") as refused:
        post(quotas, path=JOIN)
    assert refused.value.status == 429
    with pytest.raises(RefusedError, match="may send 4 posts a minute"):
        post(quotas)
    with pytest.raises(RefusedError, match="may send 5 requests a minute"):
        get(quotas)
    for _ in range(3):
        post(quotas, "10.0.0.2", JOIN)


def test_pending_events_are_those_in_the_queue_and_those_on_their_way() -> None:
    queued = {"10.0.0.1": 2}
    quotas = Quotas(AddressLimits(pending=3), lambda address: queued.get(address, 0))
    with quotas.request("10.0.0.1", "POST", JOIN):
        for path in (JOIN, "/gradio_api/call/stylize", "/gradio_api/call/v2/stylize", "/gradio_api/mcp"):
            with pytest.raises(RefusedError, match="3 actions from your network address are waiting"):
                post(quotas, path=path)
        post(quotas, "10.0.0.2", JOIN)
        post(quotas)  # Stop is obeyed all the same.
    post(quotas, path=JOIN)


def test_open_requests_are_counted_until_they_are_answered() -> None:
    quotas = Quotas(AddressLimits(open_requests=2, posts=1), none_pending)
    with ExitStack() as stack:
        for method in ("GET", "GET", "POST"):
            stack.enter_context(quotas.request("10.0.0.1", method, "/"))
        with pytest.raises(RefusedError, match="2 requests from your network address are open"):
            get(quotas)
        with pytest.raises(RefusedError, match="1 requests"):
            post(quotas)
        get(quotas, "10.0.0.2")
    get(quotas)
    post(quotas)
    assert not quotas._open
    assert not quotas._posts


def test_uploads_are_counted_by_their_bytes() -> None:
    quotas = Quotas(replace(HOSTED.address, upload_bytes_hour=10), none_pending)
    quotas.upload("10.0.0.1", 6)
    with pytest.raises(RefusedError, match="may upload 0 MB an hour") as refused:
        quotas.upload("10.0.0.1", 5)
    assert refused.value.status == 429
    quotas.upload("10.0.0.1", 4)
    quotas.upload("10.0.0.2", 10)
