"""What answers what: every event of the page and its handler."""

from functools import partial
from typing import Any

import gradio as gr

from nst.ui.choosing import Choosing
from nst.ui.painting import Painting
from nst.ui.panel import ONLY_WITH
from nst.ui.parts import Parts
from nst.ui.studio import Studio

#: So many visitors may wait or watch at once; the engine's own line decides who is painted.
VISITORS = 32

#: Small controls never wait behind a run, cover nothing, and are no part of an API.
_QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def connect(page: gr.Blocks, studio: Studio, parts: Parts) -> None:
    """Connect every event of the page."""
    choosing, painting = Choosing(studio, parts), Painting(studio, parts)
    _connect_photo(choosing, parts)
    _connect_styles(choosing, parts)
    _connect_settings(choosing, parts)
    _connect_run(painting, parts)
    if studio.steerable:
        _connect_live(painting, parts)
    page.load(None, js=_KEEP_EASEL, **_QUIET)


def _connect_photo(choosing: Choosing, parts: Parts) -> None:
    here = [parts.picks, parts.run_id]
    changed = [parts.photo, parts.photo_note, parts.chosen, parts.stage, parts.status]
    # "input" comes from a file, the clipboard and the camera alike; "upload" does not.
    parts.photo.input(choosing.photo, [parts.photo, *here], changed, **_QUIET)
    parts.photo.clear(choosing.no_photo, here, changed, **_QUIET)
    parts.examples.click(choosing.example, here, changed, **_QUIET)


def _connect_styles(choosing: Choosing, parts: Parts) -> None:
    rest = [parts.run_id, parts.recipe, parts.put, *parts.panel.components]
    changed = [
        parts.own, parts.own_note, parts.picks, parts.styles, parts.put, parts.stage, parts.status,
        *parts.shares, *parts.panel.components,
    ]  # fmt: skip
    have = [parts.chosen, parts.picks]
    parts.styles.click(choosing.style, [*have, parts.blend, *rest], changed, **_QUIET)
    parts.blend.input(choosing.blend, [parts.blend, *have, *rest], changed, **_QUIET)
    parts.own.input(choosing.own_style, [parts.own, *have, parts.blend, *rest], changed, **_QUIET)
    parts.own.clear(choosing.no_own_style, [*have, *rest], changed, **_QUIET)


def _connect_settings(choosing: Choosing, parts: Parts) -> None:
    panel = parts.panel
    network, layers = panel.controls["network"], panel.controls["style_layers"]
    # A dropdown's "input" comes also when it is left as it was.
    for name, picked in ((parts.quality, parts.quality.input), (parts.recipe, parts.recipe.select)):
        picked(choosing.recipe, [name, parts.picks, parts.put, *panel.components], parts.setup, **_QUIET)
    parts.reset.click(choosing.reset, [parts.recipe, parts.picks], parts.setup, **_QUIET)
    network.input(choosing.network, [network, *panel.components], panel.components, **_QUIET)
    layers.input(choosing.layers, [layers, network], panel.components, **_QUIET)
    for decider in {decider for decider, _ in ONLY_WITH.values()}:
        panel.controls[decider].change(
            partial(panel.fitting, decider), panel.controls[decider], panel.components, **_QUIET
        )


def _connect_run(painting: Painting, parts: Parts) -> None:
    changed = [
        parts.stage, parts.status, parts.log, parts.curve, parts.hint, parts.compare, parts.run_id,
        parts.run, parts.pause, parts.stop, *parts.downloads.values(),
    ]  # fmt: skip
    inputs = [parts.chosen, parts.picks, parts.recipe, *parts.shares, *parts.panel.components]
    # First, because a browser calls the listeners of one event in turn, each after the one before has ended.
    parts.run.click(None, js=_SHOW_EASEL, **_QUIET)
    parts.run.click(
        painting.run, inputs, changed, show_progress="hidden", api_visibility="private", concurrency_limit=VISITORS
    )
    parts.stop.click(painting.stop, parts.run_id, parts.stop, **_QUIET)
    parts.pause.click(painting.pause, [parts.run_id, parts.pause], parts.pause, **_QUIET)


def _connect_live(painting: Painting, parts: Parts) -> None:
    """Sliders that act on a run that is going on."""
    panel = parts.panel
    for name in panel.live():
        control = panel.controls[name]
        _while_moved(control, partial(painting.steer, name), [parts.run_id, control])
    for slider in panel.layers:
        inputs = [parts.run_id, panel.controls["style_layers"], panel.controls["network"], *panel.layers]
        _while_moved(slider, painting.steer_layers, inputs)


def _while_moved(slider: gr.Slider, handler: Any, inputs: list[Any]) -> None:
    """By mouse, by arrow keys and by typing: of what comes faster than it is answered, only the last counts."""
    gr.on([slider.input, slider.release], handler, inputs, trigger_mode="always_last", **_QUIET)


# The easel stays in sight while the settings scroll; one that is taller than the window sticks by its lower edge.
_KEEP_EASEL = """() => {
  const easel = document.getElementById('easel');
  const place = () => easel.style.setProperty('--top', Math.min(16, innerHeight - easel.offsetHeight - 16) + 'px');
  new ResizeObserver(place).observe(easel);
  addEventListener('resize', place);
}"""
_SHOW_EASEL = """() => {
  if (innerWidth < 900) document.getElementById('stage').scrollIntoView({block: 'start'});
}"""
