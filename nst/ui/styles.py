"""The styles: the gallery, a blend of several, and a style picture of the visitor's own."""

import logging
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from nst.errors import ImageError, NSTError
from nst.gallery.archive import NAME, write_style_zip
from nst.gallery.manifest import Style, available_styles
from nst.pictures.decode import read_picture
from nst.ui.data_uri import thumbnail
from nst.ui.easel import Easel
from nst.ui.events import Updates, answer
from nst.ui.photo import refusal
from nst.ui.picker import Card, card, picked_value, picker
from nst.ui.picks import MAX_STYLES, OWN, Picks
from nst.ui.settings_panel import SettingsPanel
from nst.ui.uploads import Upload, accept, picture_box
from nst.ui.widgets import share_sliders

logger = logging.getLogger(__name__)


class StylesArea:
    """The components of the styles; made inside the ``gr.Blocks`` that is open."""

    def __init__(self, easel: Easel, settings: SettingsPanel) -> None:
        self._easel, self._settings = easel, settings
        self.cards = picker("Styles", style_cards(), "styles")
        self.blend = gr.Checkbox(
            label="Blend several styles", info=f"Pick up to {MAX_STYLES} and weigh them.", elem_id="blend",
            container=False,
        )  # fmt: skip
        self.shares = share_sliders(MAX_STYLES)
        with gr.Accordion("A style picture of your own", open=False, elem_id="own-style"):
            self.own = picture_box(
                label="Style picture", show_label=False, sources=["upload", "clipboard"], elem_id="own", height=160,
                placeholder="Drop a painting, a pattern,\na texture", alt_text="Your style picture",
            )  # fmt: skip
            self.own_note = gr.HTML(elem_id="own-note", apply_default_css=False)
        zip_button()
        self.picks = gr.State(Picks())

    def connect(self, photo: gr.State) -> None:
        """Answer clicks on cards, the blend, and a style picture that is chosen or taken away."""
        easel, panel = self._easel, self._settings
        rest = [photo, easel.run_id, panel.recipe, *panel.components]
        outputs = [
            self.own, self.own_note, self.picks, self.cards, easel.stage, easel.status, *self.shares, *panel.components
        ]  # fmt: skip
        answer(self.cards.click, self.choose, [self.picks, self.blend, *rest], outputs)
        answer(self.blend.input, self.switch_blend, [self.blend, self.picks, *rest], outputs)
        answer(self.own.input, self.choose_own, [self.own, self.picks, self.blend, *rest], outputs)
        answer(self.own.clear, self.remove_own, [self.picks, *rest], outputs)

    def choose(self, event: gr.EventData, picks: Picks, blend: bool, *rest: Any) -> Updates:
        """The card of a style was clicked."""
        return self._pick(picks, picks.toggled(event.key, blend), *rest)

    def switch_blend(self, blend: bool, picks: Picks, *rest: Any) -> Updates:
        """Blending was switched; without it the first style stays."""
        keys = picks.keys if blend else picks.keys[:1]
        return self._pick(picks, replace(picks, keys=keys), *rest)

    def choose_own(self, path: str | None, picks: Picks, blend: bool, *rest: Any) -> Updates:
        """A style picture of the visitor's own came in."""
        if not path:
            return gr.skip()
        try:
            upload, preview = accept(path)
        except NSTError as error:
            return {self.own: None, self.own_note: refusal(error)}
        with_own = replace(picks.without_own(), own=upload, own_thumb=thumbnail(preview)).toggled(OWN, blend)
        return {self.own: preview, self.own_note: ""} | self._pick(picks, with_own, *rest)

    def remove_own(self, picks: Picks, *rest: Any) -> Updates:
        """The visitor's own style picture was taken away."""
        return {self.own_note: ""} | self._pick(picks, picks.without_own(), *rest)

    def _pick(
        self, before: Picks, picks: Picks, photo: Upload | None, run_id: str, recipe: str, *values: Any
    ) -> Updates:
        """The page after the picked styles have changed."""
        own = [card(OWN, "Your own", picks.own_thumb, by="uploaded", alt="Your own style picture")] if picks.own else []
        return (
            {self.picks: picks, self.cards: picked_value(picks.keys, own)}
            | self._name_shares(picks)
            | self._settings.suggest(recipe, before, picks, values)
            | self._easel.ready(photo, picks, run_id)
        )

    def _name_shares(self, picks: Picks) -> Updates:
        """A slider for each style of a blend."""
        names = [file.name for file in picks.files()] if len(picks.keys) > 1 else []
        padded = [*names, *[""] * (MAX_STYLES - len(names))]
        return {
            slider: gr.update(visible=bool(name), label=name) for slider, name in zip(self.shares, padded, strict=True)
        }


def style_cards() -> list[Card]:
    """A card for each bundled style, and for each photograph of an original that is on this machine."""
    cards = []
    for style in available_styles():
        try:
            cards.append(_card(style))
        except ImageError as error:
            if not style.photograph:
                raise
            logger.warning("%s is left out, %s: %s", style.title, style.path, error)
    return cards


def zip_button() -> gr.DownloadButton:
    """A small button that hands out all style pictures. Gradio keeps a copy of the file as long as the page runs."""
    with tempfile.TemporaryDirectory(prefix="impasto-") as folder:
        path = Path(folder) / f"{NAME}.zip"
        write_style_zip(path)
        return gr.DownloadButton("All style pictures (zip)", str(path), size="sm", elem_id="style-zip")


def _card(style: Style) -> Card:
    return card(
        style.key,
        style.title.removesuffix(" (original)"),
        _thumbnail(style.path),
        by=f"{style.artist}, {style.year}",
        mark="photograph of the original" if style.photograph else "",
        about=style.about,
        alt=style.alt,
    )


@cache
def _thumbnail(path: Path) -> str:
    return thumbnail(read_picture(path))
