"""The entrance: what the browser remembers for the next time, and the page as its visitor left it."""

import json
from typing import Any

import gradio as gr

from nst.saved_settings import from_document, from_query
from nst.ui.events import Updates, answer
from nst.ui.history import History
from nst.ui.photo import PhotoArea
from nst.ui.settings_files import SettingsFiles
from nst.ui.studio import Studio
from nst.ui.styles import StylesArea
from nst.ui.visits import Session


class Entrance:
    """Opens a Session for every tab; made inside the ``gr.Blocks`` that is open, after the other areas."""

    def __init__(
        self, studio: Studio, photo: PhotoArea, styles: StylesArea, files: SettingsFiles, history: History
    ) -> None:
        self._studio, self._photo, self._styles, self._files, self._history = studio, photo, styles, files, history
        self.session = gr.State(None)
        # Not a secret: without one, Gradio would make another with every start, and what was stored would be lost.
        self.remembered = gr.BrowserState({}, storage_key="impasto", secret="impasto")

    @property
    def components(self) -> list[Any]:
        """What is put back."""
        areas = self._photo, self._files, self._history
        parts = [part for area in areas for part in area.components]
        return list(dict.fromkeys([self.session, self.remembered, *parts]))

    def connect(self, page: gr.Blocks) -> Any:
        """Answer the page's load, and remember whatever is changed from then on; returns the event of the answer."""
        # Nothing can be clicked before the Session is there; a browser takes this listener first.
        answer(page.load, None, js="() => { document.getElementById('studio').inert = true; }")
        entered = answer(page.load, self.enter, self.remembered, self.components)
        answer(entered.then, None, js=_OPEN)
        panel, shares = self._files.panel, self._styles.shares
        holders: list[Any] = [panel.recipe, self._styles.cards, *shares, *panel.components]
        gr.on(
            [holder.change for holder in holders], None, [self.remembered, *holders], self.remembered,
            js=_REMEMBER % (len(shares), json.dumps(list(panel.controls))),
            queue=False, show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        return entered

    def enter(self, remembered: Any, request: gr.Request) -> Updates:
        """A tab was opened or loaded anew: everything as its visitor left it, or as a link has it."""
        remembered = remembered if isinstance(remembered, dict) else {}
        visit = self._studio.visits.enter(remembered.get("token"))
        session = Session(visit)
        saved = from_query(request.query_params) or from_document(remembered, lenient=True)
        return {
            self.session: session,
            self.remembered: {**remembered, "token": visit.token},
            **self._photo.restore(session),
            **self._files.apply(session, saved),
            **self._history.refresh(session),
        }


#: The settings of a link are in the controls now; the next reload is to find what was changed since.
_OPEN = """() => {
  document.getElementById('studio').inert = false;
  history.replaceState(null, '', location.pathname);
}"""

_REMEMBER % (len(shares), json.dumps(list(panel.controls))),
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
  return {...kept, recipe, styles: cards.picked, settings: {...settings, style_weights: shares.slice(0, cards.picked.length)}};
}"""
