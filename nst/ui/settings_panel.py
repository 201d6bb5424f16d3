"""The settings: quality, recipe, a control for each setting, and what recipes and styles put into the controls."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from nst.jobs import combine_settings
from nst.networks import NETWORKS
from nst.recipes import DEFAULT_RECIPE, Recipe, find_recipe, qualities, recipes
from nst.saved_settings import SavedSettings
from nst.settings import FilmSettings, Settings, live_names, specs
from nst.ui.events import Updates, answer, respond
from nst.ui.film_panel import FilmPanel
from nst.ui.picks import Picks
from nst.ui.studio import Studio
from nst.ui.visits import Session
from nst.ui.widgets import Control, layer_controls, make_control, offered_size, read_controls

LAYER_WEIGHTS = "style_layer_weights"
#: Settings without a control: the shares of blended styles belong to the styles.
ELSEWHERE = frozenset({LAYER_WEIGHTS, "style_weights"})

#: Controls that act only while another one holds one of these values.
ONLY_WITH: dict[str, tuple[str, frozenset[str]]] = {
    "init_blend": ("init", frozenset({"blend"})),
    "history": ("optimizer", frozenset({"lbfgs"})),
    "lr_final": ("lr_schedule", frozenset({"exponential", "cosine"})),
}


class SettingsPanel:
    """The components of the settings; made inside the ``gr.Blocks`` that is open.

    Args:
        studio: what the page works with.
        film: the settings of a film, which are reset and put back with the others.
    """

    def __init__(self, studio: Studio, film: FilmPanel) -> None:
        self._studio, self.film = studio, film
        self._start = find_recipe(DEFAULT_RECIPE)
        self.controls: dict[str, Control] = {}
        self.layers: list[Control] = []
        self.quality = gr.Radio(
            [(find_recipe(name).title, name) for name in qualities()], value=self._start.name, label="Quality",
            info="Draft is a quick look; fine takes its time.", elem_id="quality",
        )  # fmt: skip
        self._add_group("main")
        with gr.Accordion("Layers", open=False, elem_id="layers"):
            self._add(LAYER_WEIGHTS)
            self._add_group("layers")
        with gr.Accordion("Fine tuning", open=False, elem_id="fine-tuning"):
            self.recipe = gr.Dropdown(
                [(recipe.title, recipe.name) for recipe in recipes()], value=self._start.name, label="Recipe",
                info="Published setups, to start from.", elem_id="recipe",
            )  # fmt: skip
            self.recipe_line = gr.HTML(recipe_line(self._start), elem_id="recipe-line", apply_default_css=False)
            self._add_group("advanced")
            self.reset = gr.Button("Reset settings", size="sm", elem_id="reset")
        if studio.rules():
            gr.HTML(f'<p class="remark">{studio.rules()}</p>', elem_id="limit", apply_default_css=False)

    @property
    def components(self) -> list[Component]:
        """What holds the values, in the order that ``values`` expects: the settings, then the layers' weights."""
        return [control.box for control in (*self.controls.values(), *self.layers)]

    @property
    def everything(self) -> list[Any]:
        """What a recipe or saved settings change."""
        named = [self.quality, self.recipe, self.recipe_line]
        return [*named, *self.components, *self._layer_outputs(), *self.film.boxes]

    def connect(self, session: gr.State) -> None:
        """Answer the choice of a recipe, a network or layers, and weights that are moved during a run."""
        boxes, everything = {name: control.box for name, control in self.controls.items()}, self.everything
        # A dropdown's "input" comes also when it is left as it was.
        respond(self.quality.input, self.choose_recipe, [session, self.quality, self.recipe], everything)
        respond(self.recipe.select, self.choose_recipe, [session, self.recipe, self.quality], everything)
        respond(self.reset.click, self.back_to_usual, [session, self.recipe], everything)
        layers = [boxes["network"], boxes["style_layers"], boxes["content_layers"]]
        answer(boxes["network"].input, self.choose_network, layers, [*layers[1:], *self._layer_outputs()])
        answer(boxes["style_layers"].input, self.name_layers, layers[:2], self._layer_outputs())
        for decider in {decider for decider, _ in ONLY_WITH.values()}:
            depending = [self.controls[name].whole for name in _depending(decider)]
            answer(boxes[decider].change, partial(self.show_depending, decider), boxes[decider], depending)
        if self._studio.steerable:
            self._connect_live(session)

    def choose_recipe(self, session: Session, name: str, before: str | None) -> Updates:
        """A recipe was chosen, or a level of quality, which is one.

        A published recipe is a whole setup: it sets every control but the seed. A level of quality sets its steps, and
        leaves the other controls, unless a published recipe stood there ``before``.
        """
        recipe = find_recipe(name)
        usual = self.usual(recipe, session.picks)
        if recipe.own and before is not None and find_recipe(before).own:
            return self._named(recipe) | self.fill({name: usual[name] for name in recipe.settings})
        del usual["seed"]
        return self._set_all(recipe, usual)

    def back_to_usual(self, session: Session, name: str) -> Updates:
        """Every control to what the recipe and the style suggest, those of a film to their defaults."""
        recipe = find_recipe(name)
        return self._set_all(recipe, self.usual(recipe, session.picks)) | self.film.fill(FilmSettings().to_dict())

    def suggest(self, recipe: str, before: Picks, picks: Picks, values: Sequence[Any]) -> Updates:
        """Other styles are picked: what suits them goes into the controls that nobody has changed.

        Args:
            recipe: the name of the recipe.
            before: the styles that were picked.
            picks: those that are picked now.
            values: those of ``components``.
        """
        chosen, current = find_recipe(recipe), self.by_name(values)
        old, new = self.usual(chosen, before), self.usual(chosen, picks)
        return self.fill(
            {name: value for name, value in new.items() if value != old[name] and _same(current[name], old[name])}
        )

    def choose_network(self, network: str, style_layers: Sequence[str], content_layers: Sequence[str]) -> Updates:
        """A network was chosen: it has its own layers; of those that were chosen it keeps the ones that it has."""
        every = NETWORKS[network].layers
        chosen = {"style_layers": style_layers, "content_layers": content_layers}
        kept = {name: [layer for layer in layers if layer in every] for name, layers in chosen.items()}
        offered = {self.controls[name].box: gr.update(choices=list(every), value=kept[name]) for name in kept}
        return offered | self.name_layers(network, kept["style_layers"])

    def name_layers(self, network: str, style_layers: Sequence[str]) -> Updates:
        """The weights of the layers take the names of the layers."""
        names = list(style_layers or NETWORKS[network].style_layers)
        updates: Updates = {}
        for place, control in enumerate(self.layers):
            updates[control.whole] = gr.update(visible=place < len(names))
            updates[control.slider] = gr.update(label=names[place] if place < len(names) else "")
        return updates

    def show_depending(self, decider: str, value: str) -> Updates:
        """Show the controls that act with this value of another, and hide those that do not."""
        return {
            self.controls[name].whole: gr.update(visible=value in ONLY_WITH[name][1]) for name in _depending(decider)
        }

    def steer(self, name: str, session: Session, value: Any) -> None:
        """A weight was moved: the run that is going on, if there is one, takes it."""
        if session.run:
            session.run.update(**{name: value})

    def steer_layers(self, session: Session, chosen: list[str], network: str, *weights: float) -> None:
        """The weight of a style layer was moved."""
        self.steer(LAYER_WEIGHTS, session, list(weights[: len(chosen or NETWORKS[network].style_layers)]))

    def values(self, values: Sequence[Any]) -> dict[str, Any]:
        """Setting name -> value, from the values of ``components``.

        Raises:
            SettingsError: one of them is not valid.
        """
        current = self.by_name(values)
        count = len(current["style_layers"] or self.layers)
        return read_controls({**current, LAYER_WEIGHTS: current[LAYER_WEIGHTS][:count]})

    def by_name(self, values: Sequence[Any]) -> dict[str, Any]:
        """Setting name -> what its control holds, from the values of ``components``; not checked."""
        return {**dict(zip(self.controls, values, strict=False)), LAYER_WEIGHTS: list(values[len(self.controls) :])}

    def usual(self, recipe: Recipe, picks: Picks) -> dict[str, Any]:
        """Setting name -> what its control holds when nobody has changed it: the recipe's, and what suits the style."""
        return self._held(combine_settings(recipe, picks.files(), {}))

    def show(self, saved: SavedSettings, picks: Picks) -> Updates:
        """Updates that put saved settings into the controls, on top of what is usual; of a film, only those saved."""
        recipe = find_recipe(saved.recipe)
        held = self._held(combine_settings(recipe, picks.files(), saved.settings))
        return self._set_all(recipe, held) | self.film.fill(saved.film)

    def fill(self, changes: Mapping[str, Any]) -> Updates:
        """Updates that put values, as of ``usual``, into the controls of the settings named."""
        plain = {
            self.controls[name].box: gr.update(value=value) for name, value in changes.items() if name in self.controls
        }
        weights = zip(self.layers, changes.get(LAYER_WEIGHTS, ()), strict=False)
        return plain | {control.box: gr.update(value=value) for control, value in weights}

    def _held(self, settings: Settings) -> dict[str, Any]:
        """Setting name -> what its control holds."""
        values = settings.to_dict()
        boxes = {name: self._box_value(name, values[name]) for name in self.controls}
        # A weight that is not in use stands at 1, so that a layer that is added counts.
        weights = [*values[LAYER_WEIGHTS], *[1.0] * len(self.layers)][: len(self.layers)]
        return {**boxes, LAYER_WEIGHTS: weights}

    def _set_all(self, recipe: Recipe, usual: Mapping[str, Any]) -> Updates:
        layers = self.choose_network(usual["network"], usual["style_layers"], usual["content_layers"])
        return self._named(recipe) | self.fill(usual) | layers

    def _named(self, recipe: Recipe) -> Updates:
        """The two controls that name a recipe, and its line."""
        return {
            self.quality: gr.update(value=recipe.name if recipe.own else None),
            self.recipe: gr.update(value=recipe.name),
            self.recipe_line: recipe_line(recipe),
        }

    def _connect_live(self, session: gr.State) -> None:
        for name in live_names() & set(self.controls):
            control = self.controls[name]
            control.on_move(partial(self.steer, name), [session, control.box])
        for control in self.layers:
            chosen = [self.controls[name].box for name in ("style_layers", "network")]
            control.on_move(self.steer_layers, [session, *chosen, *(layer.box for layer in self.layers)])

    def _layer_outputs(self) -> list[Any]:
        return [component for layer in self.layers for component in (layer.whole, layer.slider)]

    def _add_group(self, group: str) -> None:
        """Add the controls of a group that are not there yet, in the order of the settings."""
        for name, spec in specs().items():
            if spec.group == group and name not in ELSEWHERE | self.controls.keys():
                self._add(name)

    def _add(self, name: str) -> None:
        settings = self._start.to_settings()
        network = NETWORKS[settings.network]
        if name == LAYER_WEIGHTS:
            self.layers = layer_controls(specs()[name], getattr(settings, name), network.style_layers)
        else:
            value = getattr(settings, name)
            self.controls[name] = make_control(name, specs()[name], value, self._studio.limits.size, network.layers)
            if name in ONLY_WITH:
                decider, values = ONLY_WITH[name]
                self.controls[name].whole.visible = getattr(settings, decider) in values

    def _box_value(self, name: str, value: Any) -> Any:
        """A value as its control holds it."""
        spec = specs()[name]
        if spec.kind == "size":
            return offered_size(value, self._studio.limits.size)
        return str(value) if spec.words else value


def recipe_line(recipe: Recipe) -> str:
    """What a recipe is, and where it comes from, as HTML."""
    source = f' <a href="{escape(recipe.url)}" target="_blank" rel="noopener">Source</a>' if recipe.url else ""
    return f'<p class="remark">{escape(recipe.description)}{source}</p>'


def _depending(decider: str) -> list[str]:
    """The settings that act only with some values of another."""
    return [name for name, (other, _) in ONLY_WITH.items() if other == decider]


def _same(one: Any, other: Any) -> bool:
    """Whether two values of a control look the same: a typed 400 and the number do."""
    return one == other or str(one) == str(other)
