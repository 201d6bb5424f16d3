"""The styles: the gallery, a blend of several, and a style picture of the visitor's own."""

import logging
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from nst.errors import ImageError, NSTError
from nst.gallery.archive import NAME, write_style_zip
from nst.gallery.manifest import Style, available_styles
from nst.gallery.surprise import SEEDS, draw_surprise
from nst.pictures.decode import read_picture
from nst.ui.data_uri import thumbnail
from nst.ui.easel import Easel
from nst.ui.events import DECODING, Updates, respond
from nst.ui.photo import refusal, remarks
from nst.ui.picker import Card, card, picked_value, picker
from nst.ui.picks import MAX_STYLES, OWN, Picks
from nst.ui.settings_panel import SettingsPanel
from nst.ui.status_line import status
from nst.ui.uploads import accept, picture_box
from nst.ui.visits import Session
from nst.ui.widgets import share_sliders

logger = logging.getLogger(__name__)

#: The label of the button for samples at first.
TRY = "Try every style on your photo"


class StylesArea:
    """The components of the styles; made inside the ``gr.Blocks`` that is open."""

    def __init__(self, easel: Easel, settings: SettingsPanel) -> None:
        self._easel, self._settings = easel, settings
        self.gallery = style_cards()
        self.cards = picker("Styles", self.gallery, "styles")
        self.try_all = gr.Button(TRY, size="sm", elem_id="samples")
        with gr.Row(elem_id="blend-row"):
            self.blend = gr.Checkbox(
                label="Blend several styles", info=f"Pick up to {MAX_STYLES} and weigh them.", elem_id="blend",
                container=False,
            )  # fmt: skip
            self.surprise = gr.Button("Surprise me", size="sm", elem_id="surprise")
        self.shares = share_sliders(MAX_STYLES)
        with gr.Accordion("A style picture of your own", open=False, elem_id="own-style"):
            self.own = picture_box(
                label="Style picture", show_label=False, sources=["upload", "clipboard"], elem_id="own", height=160,
                placeholder="Drop a painting, a pattern,\na texture", alt_text="Your style picture",
            )  # fmt: skip
            self.own_note = gr.HTML(elem_id="own-note", apply_default_css=False)
        zip_button()

    @property
    def components(self) -> list[Any]:
        """What a choice of styles changes."""
        return [self.own, self.own_note, self.cards, *self.shares, *self._settings.components, *self._easel.before_run]

    @property
    def choices(self) -> list[Any]:
        """What holds the recipe, the shares and the settings, as ``changes`` takes them."""
        return [self._settings.recipe, *self.shares, *self._settings.components]

    def changes(self, picks: Picks, values: Sequence[Any]) -> dict[str, Any]:
        """The settings by name, with the shares of a blend, from the values of ``choices`` after the recipe.

        Raises:
            SettingsError: one of them is not valid.
        """
        count, settings = len(picks.keys), self._settings.values(values[MAX_STYLES:])
        return {**settings, "style_weights": values[:count]} if count > 1 else settings

    def connect(self, session: gr.State) -> None:
        """Answer clicks on cards, the blend, and a style picture that is chosen or taken away."""
        rest = [self._settings.recipe, *self._settings.components]
        respond(self.cards.click, self.choose, [session, self.blend, *rest], self.components)
        respond(self.blend.input, self.switch_blend, [session, self.blend, *rest], self.components)
        surprised = [self.blend, *self.components]
        respond(self.surprise.click, self.draw, [session, *rest], surprised)
        respond(self.own.input, self.choose_own, [session, self.own, self.blend, *rest], self.components, **DECODING)
        respond(self.own.clear, self.remove_own, [session, *rest], self.components)

    def choose(self, session: Session, event: gr.EventData, blend: bool, *rest: Any) -> Updates:
        """The card of a style was clicked."""
        return self._pick(session, session.picks.toggled(event.key, blend), *rest)

    def switch_blend(self, session: Session, blend: bool, *rest: Any) -> Updates:
        """Blending was switched; without it the first style stays."""
        picks = session.picks
        return self._pick(session, picks if blend else replace(picks, keys=picks.keys[:1]), *rest)

    def draw(self, session: Session, *rest: Any) -> Updates:
        """A style, a brush size and a strength are drawn. Run stays the visitor's: a picture takes a while."""
        surprise = draw_surprise(secrets.randbelow(SEEDS))
        picked = self._pick(session, replace(session.picks, keys=(surprise.style.key,)), *rest)
        note = "Press Run, or draw again. Copy link keeps it; on the command line it is --surprise with this number."
        head = {} if session.painting else {self._easel.status: status("idle", str(surprise), notes=[note])}
        return picked | self._settings.fill(surprise.settings) | {self.blend: False} | head

    def choose_own(self, session: Session, path: str | None, blend: bool, *rest: Any) -> Updates:
        """A style picture of the visitor's own came in."""
        if not path:
            return gr.skip()
        try:
            upload, preview = accept(path)
        except NSTError as error:
            return {self.own: None, self.own_note: refusal(error)}
        with_own = replace(session.picks.without_own(), own=upload, own_thumb=thumbnail(preview)).toggled(OWN, blend)
        return {self.own: preview, self.own_note: remarks(*upload.notes)} | self._pick(session, with_own, *rest)

    def remove_own(self, session: Session, *rest: Any) -> Updates:
        """The visitor's own style picture was taken away."""
        return {self.own_note: ""} | self._pick(session, session.picks.without_own(), *rest)

    def show(self, session: Session) -> Updates:
        """The cards and the shares as of the styles that are picked."""
        return self.show_cards(session) | self._name_shares(session.picks)

    def show_cards(self, session: Session) -> Updates:
        """The cards as of the styles that are picked, with samples on the photo where they are wanted."""
        picks, samples = session.picks, session.samples() if session.showing_samples else {}
        own = [card(OWN, "Your own", picks.own_thumb, by="uploaded", alt="Your own style picture")] if picks.own else []
        return {self.cards: picked_value(picks.keys, own, samples)}

    def _pick(self, session: Session, picks: Picks, recipe: str, *values: Any) -> Updates:
        """The page after other styles were picked."""
        suggested = self._settings.suggest(recipe, session.picks, picks, values)
        session.pick(picks)
        return self.show(session) | suggested | self._easel.ready(session)

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
