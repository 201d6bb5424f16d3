"""What happens when a visitor chooses: photo, styles, quality and network."""

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from nst.errors import NSTError
from nst.pictures.styles import Style, find_style
from nst.ui.doors import Upload, accept, thumbnail
from nst.ui.examples import example
from nst.ui.order import OWN, Picks
from nst.ui.panel import put_by_quality, put_by_style
from nst.ui.parts import Parts
from nst.ui.picker import card, picked_value
from nst.ui.run_view import status
from nst.ui.stage import empty_stage, stage
from nst.ui.studio import Studio

Updates = dict[Any, Any]

#: The status box before a run.
READY = status("idle", "Ready when you are")


class Choosing:
    """The handlers of the left column. Each returns what changes on the page, and nothing else."""

    def __init__(self, studio: Studio, parts: Parts) -> None:
        self._studio = studio
        self._parts = parts

    def photo(self, path: str | None, picks: Picks, run_id: str) -> Updates:
        """A photo came in, by upload, paste or webcam."""
        return self._photo(path, "", picks, run_id) if path else {}

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
            return {}
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

    def quality(self, quality: str) -> Updates:
        """A quality level was picked: it sets its own controls."""
        return self._parts.panel.filled(put_by_quality(quality))

    def reset(self, quality: str, picks: Picks, defaults: Sequence[str]) -> Updates:
        """Everything back to what the quality level and the style suggest."""
        panel = self._parts.panel
        values, labels = panel.usual(quality, _suggested(picks)), self.layers((), defaults)
        return {control: {**update, **labels.get(control, {})} for control, update in values.items()}

    def network(self, network: str, chosen: Sequence[str]) -> Updates:
        """A network was picked, or the page has loaded: its sentence and its layers."""
        parts, panel = self._parts, self._parts.panel
        name, sentence = self._studio.network(network)
        every, style_layers = self._studio.layers(name)
        kept = [layer for layer in chosen if layer in every]
        told = {
            parts.network: network_line(sentence),
            parts.defaults: style_layers,
            panel.controls["style_layers"]: gr.update(choices=list(every), value=kept),
            panel.controls["content_layers"]: gr.update(choices=list(every), value=[]),
            panel.controls["pooling"]: gr.update(visible=name != "gabor"),
        }
        return told | self.layers(kept, style_layers)

    def layers(self, chosen: Sequence[str], defaults: Sequence[str]) -> Updates:
        """The layer sliders take the names of the layers they weigh."""
        names = list(chosen or defaults)
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
        self, picks: Picks, photo: Upload | None, run_id: str, quality: str, put: dict[str, Any], *held: Any
    ) -> Updates:
        """The page after the picked styles have changed."""
        parts = self._parts
        values = dict(zip(parts.panel.controls, held, strict=False))
        changes = put_by_style(_suggested(picks), quality, values, put)
        own = [card(OWN, "Your own", picks.own_thumb, by="uploaded", alt="Your own style picture")] if picks.own else []
        return (
            {parts.picks: picks, parts.styles: picked_value(picks.keys, own), parts.put: dict(_suggested(picks))}
            | self._shares(picks)
            | self._filled(changes)
            | self._easel(photo, picks, run_id)
        )

    def _filled(self, changes: dict[str, Any]) -> Updates:
        return self._parts.panel.filled(changes)

    def _shares(self, picks: Picks) -> Updates:
        titles = picks.titles() if len(picks.keys) > 1 else ()
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


def network_line(sentence: str) -> str:
    """Which network paints and why, as HTML."""
    return f'<p class="network">{escape(sentence)}</p>'


def style_card(style: Style, thumb: str) -> dict[str, str]:
    """The card of a style in the gallery."""
    return card(style.key, style.title, thumb, by=f"{style.artist}, {style.year}", about=style.about, alt=style.alt)


def _suggested(picks: Picks) -> dict[str, Any]:
    """The suggestions of the first picked style of the gallery."""
    keys = [key for key in picks.keys if key != OWN]
    return dict(find_style(keys[0]).suggested) if keys else {}
