"""Events of the page, and what their handlers return."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from nst.errors import NSTError
from nst.settings import by_label
from nst.ui.visits import Session

#: Component -> its new value, or what ``gr.update`` returned.
Updates = dict[Any, Any]

FORGOTTEN = "The studio has been restarted since this page was opened: reload it. Your settings are kept."


def answer(
    event: Any, handler: Any, inputs: Any = None, outputs: Any = None, *, queue: bool = False, **options: Any
) -> Any:
    """Answer a small event without an overlay, outside the API.

    It bypasses the queue unless ``queue``: only from there does Gradio show what ``gr.Info`` and ``gr.Warning`` say.
    """
    return event(handler, inputs, outputs, queue=queue, show_progress="hidden", api_visibility="private", **options)


def in_session(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler that begins with the Session of its tab, which it has to itself.

    A mistake of the visitor, or a tab that the studio knows nothing of, as after a restart, changes nothing on the page
    and is told in a sentence.
    """

    @wraps(handler)
    def locked(session: Session | None, *rest: Any) -> Any:
        try:
            if session is None:
                raise NSTError(FORGOTTEN)
            with session.lock:
                return handler(session, *rest)
        except NSTError as error:
            gr.Warning(error.sentence(by_label))
            return gr.skip()

    return locked
