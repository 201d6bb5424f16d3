"""What Gradio keeps of tabs and of their messages."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from nst.ui.listeners import Listeners
from nst.ui.visits import Session, Visits
from nst.web import sessions
from nst.web.sessions import Messages, Sessions, pending_events

pytestmark = pytest.mark.usefixtures("no_loop_is_left_open")


@pytest.fixture
def page() -> gr.Blocks:
    with gr.Blocks() as page:
        gr.State(None)
        gr.Slider(0, 1)
        gr.Textbox()
    return page


def state_of(page: gr.Blocks) -> int:
    return next(key for key, block in page.blocks.items() if isinstance(block, gr.State))


def test_only_tabs_with_a_session_are_kept_and_each_address_loses_its_own(page: gr.Blocks) -> None:
    kept, visits, key = Sessions(page, tabs=2), Visits(), state_of(page)
    for name, address in (("ann", "10.0.0.1"), ("bob 1", "10.0.0.2"), ("bob 2", "10.0.0.2"), ("bob 3", "10.0.0.2")):
        state = kept[name]
        assert name not in kept
        state[key] = Session(visits.enter(None, address))
        assert kept[name] is state
    assert [name in kept for name in ("ann", "bob 1", "bob 2", "bob 3", "made up")] == [True, False, True, True, False]


def test_a_tab_keeps_its_components_and_no_copy_of_the_page(page: gr.Blocks) -> None:
    kept, key = Sessions(page, tabs=2), state_of(page)
    first, second = kept["ann"], kept["bob"]
    first[key] = Session(Visits().enter(None))
    (slider,) = (block for block in page.blocks.values() if isinstance(block, gr.Slider))
    other = gr.Slider(0, 2, render=False)
    first[slider._id] = other
    first._update_config(slider._id)
    first._update_value_in_config(slider._id, 1)
    assert kept["ann"][slider._id] is other
    hidden = first[slider._id] = gr.Slider(0, 1, visible=False, render=False)
    assert kept["ann"][slider._id] is hidden, "Gradio sends what it reads from there"
    (text,) = (block for block in page.blocks.values() if isinstance(block, gr.Textbox))
    first[text._id] = gr.Textbox(visible=False, render=False)
    assert kept["ann"][slider._id] is slider, "nothing is kept of what looks different only"
    first[hidden._id] = hidden
    assert hidden._id not in first
    assert second[slider._id] is slider
    assert second[key] is None
    assert first.config_values == {}


def test_of_too_many_streams_those_go_that_nobody_listens_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "STREAMS", 3)
    listeners, queue = Listeners(), SimpleNamespace(pending_event_ids_session={"b": {"1"}})
    messages = Messages(listeners, queue)  # type: ignore[arg-type]
    with listeners.listening("a"):
        for key in "abcd":
            messages[key] = key  # type: ignore[assignment]
        assert list(messages) == ["a", "c", "d"]
        assert queue.pending_event_ids_session == {}
        messages["gone"].put_nowait("nobody hears this")
        assert "gone" not in messages


def test_pending_events_are_counted_by_address() -> None:
    def event(host: str) -> Any:
        return SimpleNamespace(request=SimpleNamespace(client=SimpleNamespace(host=host)))

    queue = SimpleNamespace(
        event_queue_per_concurrency_id={"a": SimpleNamespace(queue=[event("10.0.0.1"), event("10.0.0.2")])},
        active_jobs=[None, [event("10.0.0.1")]],
    )
    page: Any = SimpleNamespace(_queue=queue)
    assert [pending_events(page, f"10.0.0.{number}") for number in (1, 2, 3)] == [2, 1, 0]
