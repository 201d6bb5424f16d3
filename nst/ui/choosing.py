"""What happens when a visitor chooses: photo, styles, recipe and network."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr

from nst.errors import NSTError
from nst.gallery.manifest import find_style
from nst.networks import NETWORKS
from nst.recipes import Recipe, find_recipe
from nst.ui.doors import Upload, accept, thumbnail
from nst.ui.examples import example
from nst.ui.order import OWN, Picks
from nst.ui.panel import put_in
from nst.ui.parts import Parts
from nst.ui.picker import card, picked_value
from nst.ui.run_view import status
from nst.ui.stage import empty_stage, stage
from nst.ui.studio import Studio

Updates = dict[Any, Any]

#: The settings that hold layers of a network.
LAYERS = ("style_layers", "content_layers")
#: The status box before a run.
READY = status("idle", "Ready when you are")


class Choosing:
    """The handlers of the left column. Each returns what changes on the page, and nothing else."""

    def __init__(self, studio: Studio, parts: Parts) -> None:
        self._studio = studio
        self._parts = parts

    def photo(self, path: str | None, picks: Picks, run_id: str) -> Updates:
        """A photo came in, by upload, paste or webcam."""
        return self._photo(path, "", picks, run_id) if path else gr.skip()

    def example(self, event: gr.EventData, picks: Picks, run_id: str) -> Updates:
        """An example photo was clicked."""
        path, title = example(event.key)
        return self._photo(path, title, picks, run_id)

    def no_photo(self, picks: Picks, run_id: str) -> Updates:
        """The photo was taken away."""
        parts = self._parts
        changes: Updates = {parts.chosen: None, parts.photo_note: ""}
        return changes | self._easel(None, picks, run_id)

    def style(self, event: gr.EventData, photo: Upload | None, picks: Picks, blend: bool, *rest: Any) -> Updates:
        """The card of a style was clicked."""
        return self._picked(picks.toggled(event.key, blend), photo, *rest)

    def blend(self, blend: bool, photo: Upload | None, picks: Picks, *rest: Any) -> Updates:
        """Blending was switched; without it the first style stays."""
        keys = picks.keys if blend else picks.keys[:1]
        return self._picked(Picks(keys=keys, own=picks.own, own_thumb=picks.own_thumb), photo, *rest)

    def own_style(self, path: str | None, photo: Upload | None, picks: Picks, blend: bool, *rest: Any) -> Updates:
        """A style picture of the visitor's own came in."""
        if not path:
            return gr.skip()
        try:
            upload, shown = accept(path)
        except NSTError as error:
            return {self._parts.own: None, self._parts.own_note: refusal(error)}
        have = Picks(keys=tuple(key for key in picks.keys if key != OWN), own=upload, own_thumb=thumbnail(shown))
        changes = {self._parts.own: shown, self._parts.own_note: ""}
        return changes | self._picked(have.toggled(OWN, blend), photo, *rest)

    def no_own_style(self, photo: Upload | None, picks: Picks, *rest: Any) -> Updates:
        """The visitor's own style picture was taken away."""
        keys = tuple(key for key in picks.keys if key != OWN)
        return {self._parts.own_note: ""} | self._picked(Picks(keys=keys), photo, *rest)

    def recipe(self, name: str, picks: Picks, put: dict[str, Any], *held: Any) -> Updates:
        """A recipe was picked, or a level of quality, which is one: it fills the controls."""
        panel, recipe = self._parts.panel, find_recipe(name)
        usual, now = panel.usual(recipe.to_settings(), _suggested(picks, recipe)), panel.held(held)
        changes = put_in(usual, put, now, recipe.decides)
        layers = self._layers_of(changes["network"], now) if "network" in changes else {}
        return _merged(self._followed(recipe, usual) | layers, panel.filled(changes))

    def reset(self, name: str, picks: Picks) -> Updates:
        """Everything back to what the recipe and the style suggest."""
        panel, recipe = self._parts.panel, find_recipe(name)
        usual = panel.usual(recipe.to_settings(), _suggested(picks, recipe))
        layers = self._layers_of(usual["network"], usual)
        return _merged(self._followed(recipe, usual) | layers, panel.filled(usual))

    def network(self, network: str, *held: Any) -> Updates:
        """A network was picked: it has layers of its own."""
        return self._layers_of(network, self._parts.panel.held(held))

    def _followed(self, recipe: Recipe, usual: dict[str, Any]) -> Updates:
        """The two controls that name a recipe, its line, and what the page remembers of it."""
        parts = self._parts
        return {
            parts.quality: gr.update(value=recipe.name if recipe.own else None),
            parts.recipe: gr.update(value=recipe.name),
            parts.recipe_line: recipe_line(recipe),
            parts.put: usual,
        }

    def _layers_of(self, network: str, held: Mapping[str, Any]) -> Updates:
        """The layers that a network offers; of those chosen, the ones that it has stay."""
        controls, every = self._parts.panel.controls, NETWORKS[network].layers
        chosen = {kind: [layer for layer in held[kind] if layer in every] for kind in LAYERS}
        offered = {controls[kind]: gr.update(choices=list(every), value=chosen[kind]) for kind in LAYERS}
        return offered | self.layers(chosen["style_layers"], network)

    def layers(self, chosen: Sequence[str], network: str) -> Updates:
        """The layer sliders take the names of the layers they weigh."""
        names = list(chosen or NETWORKS[network].style_layers)
        sliders = self._parts.panel.layers
        return {
            slider: gr.update(visible=place < len(names), label=names[place] if place < len(names) else "")
            for place, slider in enumerate(sliders)
        }

    def _photo(self, path: Any, title: str, picks: Picks, run_id: str) -> Updates:
        parts = self._parts
        try:
            upload, shown = accept(path, title)
        except NSTError as error:
            return {parts.photo: None, parts.chosen: None, parts.photo_note: refusal(error)} | self._easel(
                None, picks, run_id
            )
        changes = {parts.photo: shown, parts.chosen: upload, parts.photo_note: ""}
        return changes | self._easel(upload, picks, run_id)

    def _picked(
        self, picks: Picks, photo: Upload | None, run_id: str, name: str, put: dict[str, Any], *held: Any
    ) -> Updates:
        """The page after the picked styles have changed."""
        parts, recipe = self._parts, find_recipe(name)
        now = parts.panel.held(held)
        usual = parts.panel.usual(recipe.to_settings(), _suggested(picks, recipe))
        changes = put_in(usual, put, now)
        own = [card(OWN, "Your own", picks.own_thumb, by="uploaded", alt="Your own style picture")] if picks.own else []
        return (
            {parts.picks: picks, parts.styles: picked_value(picks.keys, own), parts.put: usual}
            | self._shares(picks)
            | parts.panel.filled(changes)
            | self._easel(photo, picks, run_id)
        )

    def _shares(self, picks: Picks) -> Updates:
        titles = [file.name for file in picks.files()] if len(picks.keys) > 1 else []
        return {
            slider: gr.update(visible=place < len(titles), label=titles[place] if place < len(titles) else "")
            for place, slider in enumerate(self._parts.shares)
        }

    def _easel(self, photo: Upload | None, picks: Picks, run_id: str) -> Updates:
        """The easel shows what is chosen, unless a run is on it."""
        if run_id:
            return {}
        return {self._parts.stage: ready_stage(photo, picks), self._parts.status: READY}


def ready_stage(photo: Upload | None, picks: Picks) -> str:
    """The easel before a run."""
    if photo is None:
        return empty_stage(styled=bool(picks.keys))
    chip = "Ready: press Run" if picks.keys else "Now pick a style"
    return stage(photo.uri, photo, "ready", alt="Your photo", chips=[chip])


def refusal(error: Exception) -> str:
    """Why a file was refused, as HTML."""
    return f'<p class="refusal" role="alert">{escape(str(error))}</p>'


def recipe_line(recipe: Recipe) -> str:
    """What a recipe is, and where it comes from, as HTML."""
    source = f' <a href="{escape(recipe.url)}" target="_blank" rel="noopener">Source</a>' if recipe.url else ""
    return f'<p class="remark">{escape(recipe.description)}{source}</p>'


def _suggested(picks: Picks, recipe: Recipe) -> dict[str, Any]:
    """What the first picked style of the gallery suggests to a recipe (see ``put_in``)."""
    keys = [key for key in picks.keys if key != OWN]
    return dict(find_style(keys[0]).suggested) if keys and recipe.own else {}


def _merged(told: Updates, filled: Updates) -> Updates:
    """Both; of a control that is in both, what is filled in goes on top."""
    return told | {control: {**told.get(control, {}), **update} for control, update in filled.items()}
