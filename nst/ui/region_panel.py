"""Regions: which parts of the photo are painted, by a rule or drawn by hand, and in a blend by which style."""

from pathlib import Path
from typing import Any

import gradio as gr

from nst.errors import NSTError
from nst.jobs import NO_PHOTO, PictureFile, load_mask
from nst.pictures.masks import SWAP, find_rule, read_mask, rules
from nst.pictures.resize import shrink
from nst.settings import by_label
from nst.ui.data_uri import png_uri
from nst.ui.events import DECODING, Updates, respond
from nst.ui.film_panel import FilmPanel
from nst.ui.mask_board import DRAWN_SIDE, board_value, mask_board
from nst.ui.photo import PhotoArea, refusal, remarks
from nst.ui.picks import Picks
from nst.ui.styles import StylesArea
from nst.ui.visits import Session

EVERYTHING, DRAWN = "everything", "drawn"

_ABOUT = {
    EVERYTHING: "The whole photo is painted.",
    DRAWN: "Draw over what is to stay the photo.",
}
_BLEND = "Draw over what is to stay the photo, or to take only one of the styles."
DROPPED = "The drawing belonged to the other photo."

#: By the place of a style in a blend: its colour in a mask.
_COLOURS = ("#ff0000", "#00ff00", "#0000ff")


class RegionPanel:
    """The components of the regions; made inside the ``gr.Blocks`` that is open."""

    def __init__(self, film: FilmPanel) -> None:
        self._film_mask = film.mask_group
        by_rule = [(rule.label, rule.name) for rule in rules()]
        with gr.Accordion("Regions", open=False, elem_id="regions"):
            self.choice = gr.Dropdown(
                [("Everything", EVERYTHING), ("Drawn by hand", DRAWN), *by_rule], value=EVERYTHING,
                label="What is painted", elem_id="painted",
            )  # fmt: skip
            self.swap = gr.Checkbox(label="The other way round", visible=False, container=False)
            self.note = gr.HTML(remarks(_ABOUT[EVERYTHING]), elem_id="regions-note", apply_default_css=False)
            self.board = mask_board()

    @property
    def components(self) -> list[Any]:
        """What a choice of regions changes."""
        return [self.choice, self.swap, self.board, self.note, self._film_mask]

    def connect(self, session: gr.State, photo: PhotoArea, styles: StylesArea) -> None:
        """Answer a rule that is chosen and every stroke, and follow the photo and the styles."""
        for event in (self.choice.input, self.swap.input):
            respond(event, self.choose, [session, self.choice, self.swap], self.components, **DECODING)
        respond(self.board.input, self.draw, session, self.note, trigger_mode="always_last", **DECODING)
        for part in (photo.box, styles.cards):
            respond(part.change, self.follow, [session, self.choice], self.components, trigger_mode="always_last",
                    **DECODING)  # fmt: skip

    def choose(self, session: Session, choice: str, swap: bool) -> Updates:
        """Everything, a rule, or a drawing was chosen; a drawing that is there already stays."""
        if choice != DRAWN:
            session.choose_mask(None if choice == EVERYTHING else SWAP * swap + choice)
        elif not isinstance(session.mask, PictureFile):
            session.choose_mask(None)
        return self._show(session, choice)

    def draw(self, session: Session, event: gr.EventData) -> Updates:
        """A drawing came in, after each stroke."""
        session.take_drawing(PictureFile(path=Path(event.path), name="drawing", label="mask"))
        return {self.note: self._note(session, DRAWN)}

    def follow(self, session: Session, choice: str) -> Updates:
        """Another photo or other styles were chosen."""
        if session.mask is None and choice == EVERYTHING:
            return gr.skip()
        return self._show(session, DRAWN) if session.mask is None and choice == DRAWN else self.show(session)

    def show(self, session: Session) -> Updates:
        """The regions as the session has them."""
        mask = session.mask
        by_rule = mask.removeprefix(SWAP) if isinstance(mask, str) else ""
        return self._show(session, by_rule or (EVERYTHING if mask is None else DRAWN))

    def _show(self, session: Session, choice: str) -> Updates:
        mask = session.mask
        swapped = isinstance(mask, str) and mask.startswith(SWAP)
        return {
            self.choice: choice,
            self.swap: gr.update(visible=choice not in _ABOUT, value=swapped),
            self.board: self._board(session, choice),
            self.note: self._note(session, choice),
            self._film_mask: gr.update(visible=choice != EVERYTHING),
        }

    def _board(self, session: Session, choice: str) -> dict[str, Any] | str:
        """What the board shows: nothing for everything, without a photo, or where the mask cannot be used."""
        photo, mask = session.photo, session.mask
        if photo is None or choice == EVERYTHING:
            return ""
        uri, brushes = "", _brushes(session.picks) if choice == DRAWN else ()
        try:
            if isinstance(mask, str):
                uri = png_uri(shrink(load_mask(mask, photo.file.decode(), 1)[0], DRAWN_SIDE))
            elif mask is not None:
                uri = png_uri(shrink(read_mask(mask.decode()), DRAWN_SIDE))
        except NSTError:  # The note says why.
            if choice != DRAWN:
                return ""
        return board_value(photo.uri, photo.size, uri, f"{hash(photo.path)} {session.mask_version}", brushes)

    def _note(self, session: Session, choice: str) -> str:
        """What the choice does, and what is wrong with it, as HTML."""
        dropped, session.drawing_dropped = session.drawing_dropped and choice == DRAWN, False
        about = _ABOUT.get(choice) or find_rule(choice).about
        if choice == DRAWN and len(session.picks.keys) > 1:
            about = _BLEND
        said = remarks(DROPPED if dropped else "", about)
        photo, mask = session.photo, session.mask
        if photo is None:
            return said if choice == EVERYTHING else said + remarks(NO_PHOTO)
        if mask is None:
            return said
        try:
            load_mask(mask, photo.file.decode(), max(1, len(session.picks.keys)))
        except NSTError as error:
            return said + refusal(NSTError(error.sentence(by_label)))
        return said


def _brushes(picks: Picks) -> list[tuple[str, str]]:
    """Colour and label of each brush."""
    files = picks.files() if len(picks.keys) > 1 else ()
    only = [(colour, f"Only {file.name}") for colour, file in zip(_COLOURS, files, strict=False)]
    return [("#000000", "Keep the photo"), *only, ("#ffffff", "All styles" if only else "Paint")]
