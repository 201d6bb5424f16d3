"""The settings on the page: their controls, what they hold, and what recipes and styles put into them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from nst.networks import NETWORKS
from nst.settings import Settings, live_names, specs
from nst.ui.widgets import control, layer_sliders, offered_size, reach, read

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

    def __init__(self, start: Settings, max_size: int | None) -> None:
        self._start = start
        self._max_size = max_size
        self.controls: dict[str, Any] = {}
        self.layers: list[gr.Slider] = []

    def add(self, name: str) -> None:
        """Put the control of a setting here."""
        value, network = getattr(self._start, name), NETWORKS[self._start.network]
        if name == LAYER_WEIGHTS:
            self.layers = layer_sliders(specs()[name], value, network.style_layers)
        else:
            self.controls[name] = control(name, specs()[name], value, self._max_size, network.layers)
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

    def values(self, held: Sequence[Any]) -> dict[str, Any]:
        """Setting name -> value, from what the components hold.

        Args:
            held: the values of ``components``.

        Raises:
            SettingsError: one of them is not valid.
        """
        plain = self.held(held)
        count = len(plain["style_layers"] or self.layers)
        return read({**plain, LAYER_WEIGHTS: plain[LAYER_WEIGHTS][:count]})

    def held(self, values: Sequence[Any]) -> dict[str, Any]:
        """Setting name -> what its control holds, from the values of ``components``; not checked."""
        return {**dict(zip(self.controls, values, strict=False)), LAYER_WEIGHTS: list(values[len(self.controls) :])}

    def fitting(self, decider: str, value: str) -> dict[Component, Any]:
        """Updates that show the controls which act with this value of ``decider``, and hide those that do not."""
        depending = [name for name, (other, _) in ONLY_WITH.items() if other == decider]
        return {self.controls[name]: gr.update(visible=value in ONLY_WITH[name][1]) for name in depending}

    def filled(self, changes: Mapping[str, Any]) -> dict[Component, Any]:
        """Updates that put values, as ``usual`` has them, into the controls of the settings named."""
        plain = {
            self.controls[name]: gr.update(value=value, **reach(specs()[name], value))
            for name, value in changes.items()
            if name in self.controls
        }
        weights = zip(self.layers, changes.get(LAYER_WEIGHTS, ()), strict=False)
        return plain | {
            slider: gr.update(value=value, **reach(specs()[LAYER_WEIGHTS], value)) for slider, value in weights
        }

    def usual(self, settings: Settings, suggested: Mapping[str, Any]) -> dict[str, Any]:
        """Setting name -> what its control holds when nobody has touched it.

        Args:
            settings: those of the recipe.
            suggested: what the picked style puts in their place.
        """
        wanted = {**settings.to_dict(), **suggested}
        shown = {name: self._shown(name, wanted[name]) for name in self.controls}
        # A slider that is not in use stands at 1, so that a layer that is added counts.
        weights = [*wanted[LAYER_WEIGHTS], *[1.0] * len(self.layers)][: len(self.layers)]
        return {**shown, LAYER_WEIGHTS: weights}

    def _shown(self, name: str, value: Any) -> Any:
        """A value as its control holds it."""
        spec = specs()[name]
        if spec.kind == "size":
            return offered_size(value, self._max_size)
        return str(value) if spec.words else value


def put_in(
    usual: Mapping[str, Any], before: Mapping[str, Any], held: Mapping[str, Any], decided: Collection[str] = ()
) -> dict[str, Any]:
    """What choosing a recipe or a style puts into the controls: one rule for both.

    What a recipe decides is put in, whatever stood there. All else keeps what a person has set, and follows the
    choice where nobody has touched it. Our own recipes decide their steps; a published one is a whole setup. A style
    only suggests, so it decides nothing; and to a published recipe it suggests nothing at all.

    Args:
        usual: what the controls hold by themselves after the choice (see ``Panel.usual``).
        before: the same before the choice.
        held: what they hold now.
        decided: the settings that the chosen recipe decides.

    Returns:
        The changes.
    """
    return {
        name: value
        for name, value in usual.items()
        if name in decided
        or (name in before and _alike(held.get(name), before[name]) and not _alike(value, held[name]))
    }


def _alike(one: Any, other: Any) -> bool:
    """Whether two values of a control are the same to who looks at them: a typed 400 and the number are."""
    return one == other or str(one) == str(other)
