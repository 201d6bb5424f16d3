"""The settings on the page: their controls, what they hold, and what quality levels and styles put into them."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from nst.settings import QUALITIES, Settings, live_names, specs
from nst.ui.widgets import control, layer_sliders, offered_size, read

LAYER_WEIGHTS = "style_layer_weights"
#: Settings that are not a control of their own: the shares belong to the cards of the styles.
ELSEWHERE = frozenset({LAYER_WEIGHTS, "style_weights"})

#: Controls that act only while another one holds one of these values.
ONLY_WITH: dict[str, tuple[str, frozenset[str]]] = {
    "init_blend": ("init", frozenset({"blend"})),
    "history": ("optimizer", frozenset({"lbfgs"})),
    "lr_final": ("lr_schedule", frozenset({"exponential", "cosine"})),
}


class Panel:
    """The controls of one page; made inside a ``gr.Blocks``.

    ``names`` and ``components`` are parallel: one place for each setting, then the layer sliders.
    """

    def __init__(self, quality: str, max_size: int | None) -> None:
        self._start = Settings.of_quality(quality)
        self._max_size = max_size
        self.controls: dict[str, Any] = {}
        self.layers: list[gr.Slider] = []

    def add(self, name: str) -> None:
        """Put the control of a setting here."""
        value = getattr(self._start, name)
        if name == LAYER_WEIGHTS:
            self.layers = layer_sliders(specs()[name], value)
        else:
            self.controls[name] = control(name, specs()[name], value, self._max_size)
            if name in ONLY_WITH:
                decider, values = ONLY_WITH[name]
                self.controls[name].visible = getattr(self._start, decider) in values

    def add_group(self, group: str, but: Sequence[str] = ()) -> None:
        """Put the controls of a group here, in the order of the settings."""
        for name, spec in specs().items():
            if spec.group == group and name not in but and (name not in ELSEWHERE or name == LAYER_WEIGHTS):
                self.add(name)

    @property
    def components(self) -> list[Component]:
        """Every control, in the order that ``values`` expects."""
        return [*self.controls.values(), *self.layers]

    def live(self) -> list[str]:
        """The settings with one live control each."""
        return [name for name in self.controls if name in live_names()]

    def values(self, held: Sequence[Any], defaults: Sequence[str] = ()) -> dict[str, Any]:
        """Setting name -> value, from what the components hold.

        Args:
            held: the values of ``components``.
            defaults: the network's own style layers; so many layer sliders count when none are chosen.

        Raises:
            SettingsError: one of them is not valid.
        """
        plain = dict(zip(self.controls, held, strict=False))
        weights = held[len(self.controls) :]
        count = len(plain["style_layers"] or defaults) or len(weights)
        return read({**plain, LAYER_WEIGHTS: list(weights[:count])})

    def fitting(self, decider: str, value: str) -> dict[Component, Any]:
        """Updates that show the controls which act with this value of ``decider``, and hide those that do not."""
        depending = [name for name, (other, _) in ONLY_WITH.items() if other == decider]
        return {self.controls[name]: gr.update(visible=value in ONLY_WITH[name][1]) for name in depending}

    def filled(self, changes: Mapping[str, Any]) -> dict[Component, Any]:
        """Updates that put values into the controls of the settings named."""
        return {
            self.controls[name]: gr.update(value=self._shown(name, value))
            for name, value in changes.items()
            if name in self.controls
        }

    def usual(self, quality: str, suggested: Mapping[str, Any]) -> dict[Component, Any]:
        """Updates that put every control back to what a quality level and a style mean."""
        wanted = {**Settings.of_quality(quality).to_dict(), **suggested}
        sliders = zip(self.layers, wanted[LAYER_WEIGHTS], strict=False)
        return self.filled(wanted) | {slider: gr.update(value=value) for slider, value in sliders}

    def _shown(self, name: str, value: Any) -> Any:
        """A value as its control holds it."""
        spec = specs()[name]
        if spec.kind == "size":
            return offered_size(value, self._max_size)
        return str(value) if spec.words else value


def put_by_quality(quality: str) -> dict[str, Any]:
    """What a quality level puts into the controls."""
    known = {name for values in QUALITIES.values() for name in values}
    wanted = Settings.of_quality(quality).to_dict()
    return {name: wanted[name] for name in known}


def put_by_style(
    suggested: Mapping[str, Any], quality: str, held: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """What picking a style puts into the controls: its suggestions, but over nothing that a person set.

    Args:
        suggested: the style's suggested settings.
        quality: the quality level that is picked.
        held: what the controls hold now.
        before: what was put into the controls by an earlier style.

    Returns:
        The changes: the suggestions, and the usual values where an earlier style left others.
    """
    usual = Settings.of_quality(quality).to_dict()
    wanted = {name: suggested.get(name, usual[name]) for name in {*before, *suggested}}
    untouched = {name for name in wanted if held.get(name) == before.get(name, usual[name])}
    return {name: value for name, value in wanted.items() if name in untouched}
