"""What one network address takes, counted before Gradio sees a request: the one place that enforces AddressLimits."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from nst.limits import AddressLimits
from nst.web.request_body import MCP_PATHS, RefusedError

_EVENTS = ("/gradio_api/queue/join", "/gradio_api/call/", *MCP_PATHS)


class Quotas:
    """Counts by network address; used from the server's event loop alone.

    Args:
        limits: the table.
        pending: how many events of an address wait in the queue or are handled.
    """

    def __init__(self, limits: AddressLimits, pending: Callable[[str], int]) -> None:
        self._limits = limits
        self._pending = pending
        # Its cost does not grow with what is counted, unlike that of a moving window.
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._bytes = RateLimitItemPerHour(limits.upload_bytes_hour)
        self._rates = {
            "requests": RateLimitItemPerMinute(limits.requests_minute, namespace="requests"),
            "posts": RateLimitItemPerMinute(limits.posts_minute, namespace="posts"),
            "events": RateLimitItemPerMinute(limits.events_minute, namespace="events"),
        }
        self._open: Counter[str] = Counter()
        self._posts: Counter[str] = Counter()

    @contextmanager
    def request(self, address: str, method: str, path: str) -> Iterator[None]:
        """While a request is answered.

        Raises:
            RefusedError: its address has taken what it may, in one sentence.
        """
        self._count("requests", address)
        if method in ("GET", "HEAD", "OPTIONS"):
            with _one_more(self._open, address, self._limits.open_requests):
                yield
            return
        self._count("posts", address)
        if path.startswith(_EVENTS):
            self._check_pending(address)
            self._count("events", address)
        with _one_more(self._posts, address, self._limits.posts):
            yield

    def upload(self, address: str, size: int) -> None:
        """Count the bytes of an upload before they come, so that many at once are not more than one after the other.

        Raises:
            RefusedError: its address has uploaded enough in the last hour.
        """
        if not self._windows.hit(self._bytes, address, cost=size):
            most = self._limits.upload_bytes_hour // 10**6
            raise RefusedError(429, f"A network address may upload {most} MB an hour; try again later.")

    def _count(self, kind: str, address: str) -> None:
        rate = self._rates[kind]
        if not self._windows.hit(rate, address):
            raise RefusedError(429, f"A network address may send {rate.amount} {kind} a minute; wait a moment.")

    def _check_pending(self, address: str) -> None:
        # Posts on their way to the queue count, too: many may pass here before the first of them is in it.
        if self._pending(address) + self._posts[address] >= self._limits.pending:
            most = self._limits.pending
            raise RefusedError(
                429, f"{most} actions from your network address are waiting already, the limit; wait a moment."
            )


@contextmanager
def _one_more(count: Counter[str], address: str, most: int) -> Iterator[None]:
    if count[address] >= most:
        raise RefusedError(429, f"{most} requests from your network address are open already, the limit.")
    count[address] += 1
    try:
        yield
    finally:
        count[address] -= 1
        if not count[address]:
            del count[address]
