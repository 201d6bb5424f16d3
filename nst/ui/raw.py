"""Gradio's components without their own checks: what the browser sent reaches the handlers untouched."""

from abc import ABCMeta
from collections.abc import Callable
from typing import Any, TypeVar

from gradio.components import Component

C = TypeVar("C", bound=Component)


def raw(kind: type[C], preprocess: Callable[[Any, Any], Any]) -> type[C]:
    """A component class like ``kind`` with another ``preprocess``, which gets the component and the payload.

    Gradio makes new instances of a component's class whenever a handler updates one, so an instance cannot
    be changed for good. Its metaclass writes a stub file beside the module of every class it makes, so that is
    passed by. Name and module stay those of ``kind``: the browser knows the component by them.
    """
    attributes = {"preprocess": preprocess, "__module__": kind.__module__, "__doc__": kind.__doc__}
    return ABCMeta.__new__(type(kind), kind.__name__, (kind,), attributes)


def as_sent(_component: Component, payload: Any) -> Any:
    """The payload itself. Settings are checked where they are read, with a sentence for each mistake."""
    return payload
