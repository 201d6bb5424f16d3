"""Settings that come and go: a link, a settings.json, a picture that was painted here, and whatever is dropped."""

from dataclasses import replace
from typing import Any

import gradio as gr

from nst.errors import SettingsError
from nst.saved_settings import SavedSettings, read_settings_file, to_query
from nst.settings import Settings
from nst.ui.easel import Easel
from nst.ui.events import DECODING, Updates, answer, respond
from nst.ui.photo import PhotoArea
from nst.ui.picks import MAX_STYLES, OWN
from nst.ui.region_panel import RegionPanel
from nst.ui.settings_panel import SettingsPanel
from nst.ui.styles import StylesArea
from nst.ui.visits import Session


class SettingsFiles:
    """The components of settings that travel; made inside the ``gr.Blocks`` that is open."""

    def __init__(
        self, easel: Easel, photo: PhotoArea, styles: StylesArea, settings: SettingsPanel, regions: RegionPanel
    ) -> None:
        self._easel, self._photo, self._styles, self._panel, self.regions = easel, photo, styles, settings, regions
        with gr.Row(elem_id="settings-files"):
            self.link = gr.Button("Copy link", size="sm", elem_id="copy-link")
            self.load = gr.UploadButton(
                "Load settings", size="sm", elem_id="load-settings", file_types=[".json", ".png"]
            )
        # The page's script hands over here what is dropped or pasted anywhere.
        self.dropped = gr.UploadButton("Dropped file", elem_id="dropped")
        self._query = gr.Textbox(visible=False)

    @property
    def components(self) -> list[Any]:
        """What saved settings change."""
        areas = [*self._styles.components, *self._panel.everything, *self.regions.components]
        return list(dict.fromkeys([*areas, self._styles.blend]))

    @property
    def holders(self) -> tuple[list[Any], list[str]]:
        """What holds the present choices: cards, recipe, shares, the settings with these names, the layers' weights."""
        film, panel = self._panel.film, self._panel
        holders = [self._styles.cards, panel.recipe, *self._styles.shares, *film.boxes, *panel.components]
        return holders, [*film.controls, *panel.controls]

    def connect(self, session: gr.State) -> None:
        """Answer a link that is wanted, and files that come in."""
        choices = [session, *self._panel.film.boxes, *self._styles.choices]
        written = respond(self.link.click, self.write_link, choices, self._query)
        answer(written.then, None, self._query, js=_COPY)
        both = [*self.components, *self._photo.components]
        respond(self.load.upload, self.read, [session, self.load], self.components)
        respond(self.dropped.upload, self.take, [session, self.dropped], both, **DECODING)

    def write_link(self, session: Session, *values: Any) -> str:
        """The address that brings these settings back, without the studio's own part."""
        count, without = len(self._panel.film.boxes), ""
        film, recipe = self._panel.film.settings(values[:count]), values[count]
        settings = self._styles.changes(session.picks, values[count + 1 :])
        if OWN in session.picks.keys:
            settings.pop("style_weights", None)
            without = " Your own style picture is not in it."
        mask = session.mask if isinstance(session.mask, str) else ""
        if session.mask and not mask:
            without += " Your drawing is not in it."
        gr.Info(f"The link with these settings is copied.{without}")
        keys = [key for key in session.picks.keys if key != OWN]
        return to_query(recipe, keys, Settings.from_mapping(settings), film, mask)

    def read(self, session: Session, path: str) -> Updates:
        """A file with settings was chosen."""
        saved = read_settings_file(path)
        gr.Info("The settings are back. The photo that they were used on is not in the file.")
        return self.apply(session, saved) | self._easel.ready(session)

    def take(self, session: Session, path: str) -> Updates:
        """A file was dropped or pasted: settings, if it carries some, else a photo; a refused one changes nothing."""
        try:
            return self.read(session, path)
        except SettingsError:
            if path.endswith(".json"):
                raise
        return self._photo.take(session, path)

    def apply(self, session: Session, saved: SavedSettings) -> Updates:
        """Put saved settings into the controls and onto the gallery, and say what was not understood."""
        for note in saved.notes:
            gr.Warning(note)
        if saved.styles:
            session.pick(replace(session.picks, keys=saved.styles[:MAX_STYLES]))
        if saved.mask:
            session.choose_mask(saved.mask)
        picks = session.picks
        shares = dict(zip(self._styles.shares, saved.settings.get("style_weights", ()), strict=False))
        shown = self._styles.show(session)
        for slider, share in shares.items():
            shown[slider]["value"] = share
        blend = {self._styles.blend: len(picks.keys) > 1}
        return shown | blend | self._panel.show(saved, picks) | self.regions.show(session)


_COPY = """(query) => {
  const address = location.origin + location.pathname + '?' + query;
  const copyOldWay = () => {
    const text = Object.assign(document.createElement('textarea'), {value: address});
    document.body.append(text); text.select(); document.execCommand('copy'); text.remove();
  };
  navigator.clipboard ? navigator.clipboard.writeText(address).catch(copyOldWay) : copyOldWay();
  return query;
}"""
