"""Under the sentence of the network: how far the trained weights are on their way, and a Retry when they are not."""

from html import escape
from typing import Any

import gradio as gr

from nst.engines.fetching import Arrival, Fetcher
from nst.ui.choosing import Choosing, Updates, network_line
from nst.ui.parts import Parts
from nst.ui.run_view import clock
from nst.ui.studio import Studio

#: Seconds between two looks at a download.
TICK_SECONDS = 1.0

HERE = "VGG-19's trained weights have arrived."
HERE_LATER = "VGG-19's trained weights have arrived; this picture is finished by the network that began it."

_RETRY = """
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-retry]')) trigger('click');
});
"""


def weights_bar() -> dict[str, Any]:
    """The parts of the page that show a download of weights; they show nothing until they are told.

    The second clock ticks once: the network's own controls change only then, and are left alone at every other tick.
    """
    return {
        "arrival": gr.HTML(elem_id="arrival", apply_default_css=False, js_on_load=_RETRY),
        "ticking": gr.Timer(TICK_SECONDS, active=False),
        "arrived": gr.Timer(TICK_SECONDS / 2, active=False),
    }


def connect_weights(page: gr.Blocks, studio: Studio, choosing: Choosing, parts: Parts, **quiet: Any) -> None:
    """Connect what shows a download of weights; ``quiet`` are the options of small events."""
    if studio.fetcher is None:
        return
    bar = WeightsBar(studio.fetcher, studio, parts, choosing)
    network = parts.panel.controls["network"]
    asked = [network, parts.run_id]
    changed = [parts.arrival, parts.ticking, parts.arrived, parts.network]
    page.load(bar.begin, asked, changed, **quiet)
    parts.ticking.tick(bar.tick, asked, changed, **quiet)
    parts.arrival.click(bar.retry, asked, changed, **quiet)
    here = [network, parts.recipe, parts.picks, parts.put, *parts.panel.components]
    parts.arrived.tick(bar.take_over, here, [parts.arrived, *parts.setup], **quiet)


class WeightsBar:
    """The handlers around a download. Each returns what changes on the page."""

    def __init__(self, fetcher: Fetcher, studio: Studio, parts: Parts, choosing: Choosing) -> None:
        self._fetcher = fetcher
        self._studio = studio
        self._parts = parts
        self._choosing = choosing

    def begin(self, asked: str, run_id: str) -> Updates:
        """The page has loaded: what is at hand already is no news."""
        if self._fetcher.look().state == "here":
            return {}
        return self.tick(asked, run_id)

    def tick(self, asked: str, run_id: str) -> Updates:
        """A second has passed. Once the weights are here and no run is on, the page takes to them and ticks no more."""
        parts, arrival = self._parts, self._fetcher.look()
        arrived = arrival.state == "here" and not run_id
        changes: Updates = {
            parts.arrival: arrival_box(arrival, painting=bool(run_id)),
            parts.ticking: gr.update(active=not arrived and arrival.state != "failed"),
        }
        if arrived:
            return changes | {parts.arrived: gr.update(active=True)}
        return changes if run_id else changes | {parts.network: network_line(self._studio.network(asked)[1])}

    def take_over(self, asked: str, *here: Any) -> Updates:
        """The weights are here: the network that is picked, or that the recipe wants, may be another one now."""
        return self._choosing.arrived(asked, *here) | {self._parts.arrived: gr.update(active=False)}

    def retry(self, asked: str, run_id: str) -> Updates:
        """Retry was pressed."""
        self._fetcher.start()
        return self.tick(asked, run_id)


def arrival_box(arrival: Arrival, painting: bool = False) -> str:
    """How it stands with the weights, as HTML; "" while there is nothing to say."""
    if arrival.state == "failed":
        retry = '<button type="button" data-retry>Retry</button>'
        return f'<div class="arrival failed"><p role="alert">{escape(arrival.error)}</p>{retry}</div>'
    fetched = arrival.fetched
    if fetched is None:
        return ""
    if arrival.state == "here":
        return f'<div class="arrival here"><p role="status">{escape(HERE_LATER if painting else HERE)}</p></div>'
    left = "" if fetched.seconds_left is None else f" · about {clock(fetched.seconds_left)} left"
    percent = f"{min(fetched.share, 1):.0%}".removesuffix("%")
    return (
        f'<div class="arrival fetching"><p><b>Fetching {escape(fetched.title)}</b>'
        f"<span>{escape(fetched.amount + left)}</span></p>"
        f'<div class="track" role="progressbar" aria-label="Fetching {escape(fetched.title, quote=True)}" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}"><i style="width:{percent}%"></i></div></div>'
    )
