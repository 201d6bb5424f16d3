"""Events of the page, and what their handlers return."""

from typing import Any

#: Component -> its new value, or what ``gr.update`` returned.
Updates = dict[Any, Any]


def answer(event: Any, handler: Any, inputs: Any = None, outputs: Any = None, **options: Any) -> None:
    """Answer a small event at once: it bypasses the queue, shows no overlay, and is not part of the API."""
    event(handler, inputs, outputs, queue=False, show_progress="hidden", api_visibility="private", **options)
