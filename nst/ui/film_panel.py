"""The settings of a film, which the page shows while a clip is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr

from nst.pictures.clips import make_film
from nst.settings import FilmSettings, specs
from nst.steps import Clip, Film
from nst.ui.events import Updates
from nst.ui.visits import Session
from nst.ui.widgets import make_control

#: How many values the panel has: whether it is a film, and its settings.
COUNT = 1 + len(fields(FilmSettings))

#: The setting that acts only where there is a mask.
_OF_MASK = "mask_motion"


class FilmPanel:
    """The components of a film's settings; made inside the ``gr.Blocks`` that is open."""

    def __init__(self) -> None:
        usual, settings = FilmSettings().to_dict(), specs(FilmSettings)
        of_mask = settings.pop(_OF_MASK)
        with gr.Column(visible=False, elem_id="film") as self.group:
            self.whole = gr.Checkbox(
                True, label="Paint the whole clip", info="Without this, the first frame is painted as a picture.",
                container=False, elem_id="whole-clip",
            )  # fmt: skip
            self.controls = {name: make_control(name, spec, usual[name]) for name, spec in settings.items()}
            with gr.Column(visible=False) as self.mask_group:
                self.controls[_OF_MASK] = make_control(_OF_MASK, of_mask, usual[_OF_MASK])

    @property
    def boxes(self) -> list[Any]:
        """What holds the settings, in the order that ``settings`` expects."""
        return [control.box for control in self.controls.values()]

    @property
    def components(self) -> list[Any]:
        """What holds the values, in the order that ``film`` expects."""
        return [self.whole, *self.boxes]

    def settings(self, values: Sequence[Any]) -> FilmSettings:
        """The settings, from the values of ``boxes``.

        Raises:
            SettingsError: one of them is not valid.
        """
        return FilmSettings(**dict(zip(self.controls, values, strict=True)))

    def film(self, clip: Clip | None, values: Sequence[Any]) -> Film | None:
        """What these values make of a clip; None where a picture is painted.

        Raises:
            SettingsError: one of them is not valid.
        """
        if clip is None or not values[0]:
            return None
        return make_film(clip, self.settings(values[1:]))

    def fill(self, values: Mapping[str, Any]) -> Updates:
        """Updates that put values into the controls of the settings named."""
        return {self.controls[name].box: gr.update(value=value) for name, value in values.items()}

    def show(self, session: Session) -> Updates:
        """Shown for a clip, and hidden for a photo."""
        return {self.group: gr.update(visible=session.photo is not None and session.photo.clip is not None)}
