"""Events of the page, and what their handlers return."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from nst.errors import BusyError, NSTError
from nst.settings import by_label
from nst.ui.visits import Session

#: Component -> its new value, or what ``gr.update`` returned.
Updates = dict[Any, Any]

#: For events that decode pictures: the others wait in Gradio's queue, where they take neither memory nor a thread. They
#: are answered in the order in which they came, so that Run finds the photo that was chosen before it.
DECODING = {"concurrency_limit": 1, "concurrency_id": "decoding"}

TOO_MANY = "The studio is still busy with your last clicks; wait a moment and try again."

FORGOTTEN = "The studio has been restarted since this page was opened: reload it. Your settings are kept."


def answer(event: Any, handler: Any, inputs: Any = None, outputs: Any = None, **options: Any) -> Any:
    """Answer a small event at once, without an overlay, outside the API.

    It bypasses the queue, so nothing that it says or raises is shown on the page.
    """
    return event(handler, inputs, outputs, queue=False, show_progress="hidden", api_visibility="private", **options)


def respond(event: Any, handler: Any, inputs: Any = None, outputs: Any = None, **options: Any) -> Any:
    """Answer an event ``in_session``, through the queue: only from there does Gradio show errors and warnings."""
    return event(in_session(handler), inputs, outputs, show_progress="hidden", api_visibility="private", **options)


def stream(event: Any, handler: Any, session: gr.State, outputs: Any, watchers: int, name: str) -> Any:
    """Answer an event with a generator, which at most so many ``watchers`` have at once; returns the event of its end.

    Gradio sends each record as the difference to the last one, and the browser applies it to that record even if it has
    not displayed it yet: a component that the later record leaves out then stays as it was. So what must arrive is the
    answer of an event after this one. The last record is sent once more, whole: let it be ``gr.skip()``.
    """
    return event.then(
        # The handler that an earlier event began may not be over yet.
        handler, session, outputs, show_progress="hidden", api_visibility="private", trigger_mode="multiple",
        concurrency_limit=watchers, concurrency_id=name,
    )  # fmt: skip


def in_session(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler that begins with the Session of its tab, which it has to itself; only a few wait for it.

    Raises:
        gr.Error: a mistake of the visitor, or a tab that the studio knows nothing of, as after a restart.
    """

    @wraps(handler)
    def locked(session: Session | None, *rest: Any) -> Any:
        try:
            if session is None:
                raise NSTError(FORGOTTEN)
            if not session.pending.acquire(blocking=False):
                raise BusyError(TOO_MANY)
            try:
                with session.lock:
                    return handler(session, *rest)
            finally:
                session.pending.release()
        except NSTError as error:
            raise gr.Error(error.sentence(by_label), print_exception=False) from None

    return locked
