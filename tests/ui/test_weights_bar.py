"""What the page tells of weights on their way, with a download that the test leads."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from nst.engines.fetching import Arrival, Fetcher
from nst.engines.local import LocalEngine
from nst.errors import WeightsError
from nst.ui.choosing import Choosing
from nst.ui.order import Picks
from nst.ui.page import build_page, lay_out
from nst.ui.parts import Parts
from nst.ui.studio import Studio
from nst.ui.weights_bar import HERE, HERE_LATER, WeightsBar, arrival_box
from tests.engines import loops
from tests.engines.test_fetching import HALF, Bring, until


class Desk:
    """A page with a download."""

    def __init__(self, engine: LocalEngine) -> None:
        self.bring = Bring()
        self.fetcher = Fetcher(bring=self.bring)
        self.studio = Studio(engine=engine, fetcher=self.fetcher)
        with gr.Blocks():
            self.parts: Parts = lay_out(self.studio)
        self.bar = WeightsBar(self.fetcher, self.studio, self.parts, Choosing(self.studio, self.parts))

    def led(self, order: Any, state: str) -> None:
        """Lead the download on, and wait until it is there."""
        self.fetcher.start()
        self.bring.orders.put(order)
        until(lambda: self.fetcher.look().state == state)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = LocalEngine("cpu", tmp_path / "results", paint=loops.paint)
    here = Desk(engine)
    yield here
    here.fetcher.close()
    engine.close()


def test_while_it_is_fetched_the_clock_ticks_and_the_bar_moves(desk: Desk) -> None:
    desk.led(HALF, "fetching")
    changes = desk.bar.begin("auto", "")
    assert 'aria-valuenow="50"' in changes[desk.parts.arrival]
    assert changes[desk.parts.ticking]["active"]
    assert "network paints" in changes[desk.parts.network]
    assert desk.parts.arrived not in changes


def test_when_it_is_here_the_clock_stops_and_the_network_is_looked_at_once_more(desk: Desk) -> None:
    desk.led(HALF, "fetching")
    desk.led(None, "here")
    changes = desk.bar.tick("auto", "")
    assert escape(HERE) in changes[desk.parts.arrival]
    assert not changes[desk.parts.ticking]["active"]
    assert changes[desk.parts.arrived]["active"]
    held = [control.value for control in desk.parts.panel.components]
    after = desk.bar.take_over("gabor", "standard", Picks(), desk.parts.put.value, *held)
    assert not after[desk.parts.arrived]["active"]
    assert "built-in" in after[desk.parts.network]
    assert after[desk.parts.defaults]


def test_a_run_that_is_on_keeps_its_network_and_its_layers(desk: Desk) -> None:
    desk.led(HALF, "fetching")
    desk.led(None, "here")
    changes = desk.bar.tick("auto", "some-run")
    assert escape(HERE_LATER) in changes[desk.parts.arrival]
    assert changes[desk.parts.ticking]["active"]
    assert desk.parts.arrived not in changes
    assert desk.parts.network not in changes


def test_what_was_there_before_is_no_news(desk: Desk) -> None:
    desk.led(None, "here")
    assert desk.bar.begin("auto", "") == {}
    assert desk.bar.tick("auto", "")[desk.parts.arrival] == ""


def test_a_failure_stops_the_clock_and_retry_starts_it_again(desk: Desk) -> None:
    desk.led(WeightsError("No way <there>."), "failed")
    changes = desk.bar.tick("auto", "")
    assert "No way &lt;there&gt;." in changes[desk.parts.arrival]
    assert "data-retry" in changes[desk.parts.arrival]
    assert not changes[desk.parts.ticking]["active"]
    again = desk.bar.retry("auto", "")
    assert again[desk.parts.ticking]["active"]
    assert "data-retry" not in again[desk.parts.arrival]
    until(lambda: desk.bring.began == 2)


@pytest.mark.parametrize("offline", [True, False])
def test_a_page_without_a_download_has_no_clock(tmp_path: Path, offline: bool) -> None:
    engine = LocalEngine("cpu", tmp_path, paint=loops.paint, offline=offline)
    page = build_page(Studio(engine=engine, offline=offline))
    clocks = [block._id for block in page.blocks.values() if isinstance(block, gr.Timer)]
    assert clocks
    assert [fn for fn in page.fns.values() if any(target in clocks for target, _ in fn.targets)] == []
    engine.close()


def test_its_small_events_wait_for_nothing_and_are_no_api(desk: Desk) -> None:
    page = build_page(desk.studio)
    assert set(page.get_api_info()["named_endpoints"]) == {"/stylize", "/styles"}
    assert {fn.api_name for fn in page.fns.values() if fn.queue} == {"run", "stylize"}


def test_seconds_left_are_told_when_they_are_known() -> None:
    assert "about 3 s left" in arrival_box(Arrival(state="fetching", fetched=HALF))
    assert arrival_box(Arrival(state="looking")) == ""
