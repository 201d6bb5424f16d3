"""What Gradio keeps of each tab, cut down to what the page needs, and bounded by network address."""

from asyncio import Queue
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import chain
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.queueing import Queue as EventQueue
from gradio.state_holder import SessionState, StateHolder
from gradio.utils import LRUCache

from nst.ui.listeners import Listeners, network_address
from nst.ui.visits import Remembered, Session

#: The messages of so many streams are kept for their listeners.
STREAMS = 2_000
#: What an update changes without a change of the values that a component takes.
LOOKS = {"value", "visible", "interactive", "render", "label", "info"}


def bounded_sessions(listeners: Listeners, tabs: int, *inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The ``lifespan`` of Gradio's application in which its sessions and messages are the ones of this module.

    Within it are the ``inner`` ones.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        app.state_holder = Sessions(app.get_blocks(), tabs)
        queue = app.get_blocks()._queue
        queue.pending_messages_per_session = Messages(listeners, queue)
        async with AsyncExitStack() as stack:
            for each in inner:
                await stack.enter_async_context(each(app))
            yield

    return lifespan


def pending_events(page: gr.Blocks, address: str) -> int:
    """How many events of a network address wait in the queue of a page or are handled."""
    queue: EventQueue = page._queue
    waiting = (line.queue for line in queue.event_queue_per_concurrency_id.values())
    handled = (job for job in queue.active_jobs if job)
    return sum(network_address(event.request.client) == address for event in chain(*waiting, *handled))


class Sessions(StateHolder):
    """Gradio's sessions by their hash, which anybody may make up: only those of tabs with a Session are kept.

    Args:
        page: their page.
        tabs: how many of one network address are kept.
    """

    def __init__(self, page: gr.Blocks, tabs: int) -> None:
        super().__init__()
        self._kept: Remembered[TabState] = Remembered(tabs)
        self.set_blocks(page)

    def __getitem__(self, session_id: str) -> SessionState:
        return self._kept.get(session_id) or TabState(self.blocks, partial(self._kept.put, session_id))

    def __contains__(self, session_id: str) -> bool:
        return self._kept.get(session_id) is not None

    def delete_all_expired_state(self) -> None:
        """Nothing expires."""


class TabState(SessionState):
    """Gradio's state of a tab without a copy of the page, which is for links that this page does not offer.

    Gradio makes a new component with every update, and sends what it then reads from it. Only the latest is kept, and
    those that take other values than the page's own.

    Args:
        page: the page.
        keep: is called with this state and a network address once there is a Session in it.
    """

    def __init__(self, page: gr.Blocks, keep: Callable[["TabState", str], None]) -> None:
        without_copy: Any = SimpleNamespace(default_config=page.default_config, blocks={})
        super().__init__(without_copy)
        self._keep, self._usual = keep, page.default_config.blocks
        self._latest: tuple[int, Any] | None = None

    def __getitem__(self, key: int) -> Any:
        if self._latest is not None and self._latest[0] == key:
            return self._latest[1]
        return super().__getitem__(key)

    def __setitem__(self, key: int, value: Any) -> None:
        usual = self._usual.get(key)
        if usual is None:
            return  # A component made for an update, under its own number, which nothing asks for.
        if not usual.stateful:
            self.blocks_config.blocks[key] = usual if _takes_the_same(usual, value) else value
            self._latest = key, value
            return
        self.state_data[key] = value
        if isinstance(value, Session):
            self._keep(self, value.visit.address)

    def _update_config(self, key: int) -> None:
        """Part of the copy that is not there."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Part of the copy that is not there."""


def _takes_the_same(usual: Any, other: Any) -> bool:
    """Whether two components differ in their looks at most."""
    old, new = usual.constructor_args, other.constructor_args
    return all(old.get(name) == new.get(name) for name in (old | new).keys() - LOOKS)


class Messages(LRUCache[str, "Queue[Any]"]):
    """Gradio's messages by session, of which those that nobody listens to go first.

    Gradio would drop the oldest: the streams that are open for longest.
    """

    def __init__(self, listeners: Listeners, queue: EventQueue) -> None:
        super().__init__(STREAMS)
        self._listeners, self._queue = listeners, queue

    def __setitem__(self, key: str, value: "Queue[Any]") -> None:
        if key not in self and len(self) >= self.max_size:
            oldest = next(self._unheard(), None)
            if oldest is not None:
                del self[oldest]
                self._queue.pending_event_ids_session.pop(oldest, None)
        super().__setitem__(key, value)

    def __missing__(self, key: str) -> "Queue[Any]":
        return Queue()

    def _unheard(self) -> Iterator[str]:
        return (key for key in self if key not in self._listeners)
