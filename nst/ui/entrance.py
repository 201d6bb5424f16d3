"""The entrance: what the browser remembers for the next time, and the page as its visitor left it."""

import json
from typing import Any

import gradio as gr

from nst.ui.easel import Easel
from nst.ui.events import Updates, answer
from nst.ui.photo import PhotoArea
from nst.ui.settings_panel import SettingsPanel
from nst.ui.studio import Studio
from nst.ui.styles import StylesArea
from nst.ui.visits import Session


class Entrance:
    """Opens a Session for every tab; made inside the ``gr.Blocks`` that is open, after the other areas."""

    def __init__(
        self, studio: Studio, photo: PhotoArea, styles: StylesArea, settings: SettingsPanel, easel: Easel
    ) -> None:
        self._studio, self._photo, self._styles, self._settings, self._easel = studio, photo, styles, settings, easel
        self.session = gr.State(None)
        # Not a secret: without one, Gradio would make another with every start, and what was stored would be lost.
        self.remembered = gr.BrowserState({}, storage_key="impasto", secret="impasto")

    @property
    def components(self) -> list[Any]:
        """What is put back."""
        areas = self._photo, self._styles, self._settings
        return list(
            dict.fromkeys([self.session, self.remembered, *(part for area in areas for part in area.components)])
        )

    def connect(self, page: gr.Blocks) -> Any:
        """Answer the page's load, and remember whatever is changed from then on; returns the event of the answer."""
        # Nothing can be clicked before the Session is there; a browser takes this listener first.
        answer(page.load, None, js="() => { document.getElementById('studio').inert = true; }")
        entered = answer(page.load, self.enter, self.remembered, self.components)
        answer(entered.then, None, js="() => { document.getElementById('studio').inert = false; }")
        panel, shares = self._settings, self._styles.shares
        holders: list[Any] = [panel.recipe, self._styles.cards, *shares, *panel.components]
        gr.on(
            [holder.change for holder in holders], None, [self.remembered, *holders], self.remembered,
            js=_REMEMBER % (len(shares), json.dumps(list(panel.controls))),
            queue=False, show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        return entered

    def enter(self, remembered: Any) -> Updates:
        """A tab was opened or loaded anew: everything as its visitor left it."""
        remembered = remembered if isinstance(remembered, dict) else {}
        visit = self._studio.visits.enter(remembered.get("token"))
        session = Session(visit)
        return {
            self.session: session,
            self.remembered: {**remembered, "token": visit.token},
            **self._photo.restore(session),
            **self._styles.show(session.picks),
            **(self._easel.ready(session) if session.shown is None else {}),
        }


_REMEMBER = """(kept, recipe, cards, ...values) => {
  if (document.getElementById('studio').inert) return kept;
  const shares = values.splice(0, %d), names = %s, settings = {};
  names.forEach((name) => settings[name] = values.shift());
  settings.style_layer_weights = values;
  return {...kept, recipe, styles: cards.picked, shares, settings};
}"""
