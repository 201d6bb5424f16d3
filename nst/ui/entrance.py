"""The entrance: what the browser remembers for the next time, and the page as its visitor left it."""

import json
from dataclasses import replace
from typing import Any

import gradio as gr

from nst.saved_settings import SavedSettings, from_document, from_query
from nst.ui.easel import Easel
from nst.ui.events import Updates, answer
from nst.ui.listeners import network_address
from nst.ui.past_pictures import PastPictures
from nst.ui.photo import PhotoArea
from nst.ui.picks import MAX_STYLES
from nst.ui.settings_files import SettingsFiles
from nst.ui.studio import Studio
from nst.ui.visits import Session


class Entrance:
    """Opens a Session for every tab; made inside the ``gr.Blocks`` that is open, after the other areas."""

    def __init__(
        self, studio: Studio, easel: Easel, photo: PhotoArea, files: SettingsFiles, history: PastPictures
    ) -> None:
        self._studio, self._easel, self._photo, self._files, self._history = studio, easel, photo, files, history
        self.session = gr.State(None)
        # Not a secret: without one, Gradio would make another with every start, and what was stored would be lost.
        self.remembered = gr.BrowserState({}, storage_key="impasto", secret="impasto")

    @property
    def components(self) -> list[Any]:
        """What is put back."""
        areas = self._photo, self._files, self._history
        parts = [part for area in areas for part in area.components]
        return list(dict.fromkeys([self.session, self.remembered, self._easel.run, *parts]))

    def connect(self, page: gr.Blocks) -> Any:
        """Answer the page's load, and remember whatever is changed from then on; returns the event of the answer."""
        # Nothing can be clicked before the Session is there; a browser takes this listener first.
        answer(page.load, None, js="() => { document.getElementById('studio').inert = true; }")
        entered = page.load(
            self.enter, self.remembered, self.components, show_progress="hidden", api_visibility="private"
        )
        answer(entered.then, None, js=_OPEN)
        holders, names = self._files.holders
        gr.on(
            [holder.change for holder in holders], None, [self.remembered, *holders], self.remembered,
            js=_REMEMBER % (MAX_STYLES, json.dumps(names)), queue=False, show_progress="hidden",
            api_visibility="private",
        )  # fmt: skip
        return entered

    def enter(self, remembered: Any, request: gr.Request) -> Updates:
        """A tab was opened or loaded anew: everything as its visitor left it, or as a link has it."""
        remembered = remembered if isinstance(remembered, dict) else {}
        visit = self._studio.visits.enter(remembered.get("token"), network_address(request.client))
        session = Session(visit)
        if visit.is_new:
            self._history.bring_back_photo(session)
            visit.is_new = False
        return {
            self.session: session,
            self.remembered: {**remembered, "token": visit.token},
            **self._photo.restore(session),
            **self._files.apply(session, _saved(session, remembered, request)),
            **(self._easel.look() if session.shown else self._easel.ready(session)),
            **self._history.refresh(session),
        }


def _saved(session: Session, remembered: dict[str, Any], request: gr.Request) -> SavedSettings:
    """The settings of the link that the tab was opened with, or else those that the browser remembers."""
    linked = from_query(request.query_params)
    if linked is not None:
        return linked
    if "settings" not in remembered:
        return SavedSettings()
    # The visit knows its own style picture, too. What a new version does not know any more is dropped silently.
    styles = [] if session.picks.keys else remembered.get("styles")
    return replace(from_document({**remembered, "styles": styles}), notes=())


#: The settings of a link are in the controls now; the next reload is to find what was changed since. Gradio opens its
#: page of the API at a click only: one of its own address, /?view=api, it takes for open, and shows nothing.
_OPEN = """() => {
  document.getElementById('studio').inert = false;
  document.body.classList.add('open');
  if (new URLSearchParams(location.search).get('view') === 'api') {
    const link = document.querySelector('.show-api');
    link?.click();
    setTimeout(() => link?.click());
  }
  history.replaceState(null, '', location.pathname);
}"""

_REMEMBER = """(kept, cards, recipe, ...values) => {
  if (document.getElementById('studio').inert) return kept;
  const settings = {}, shares = values.splice(0, %d);
  if (cards.picked.length > 1) settings.style_weights = shares.slice(0, cards.picked.length);
  %s.forEach((name) => settings[name] = values.shift());
  settings.style_layer_weights = values;
  return {...kept, styles: cards.picked, recipe, settings};
}"""
