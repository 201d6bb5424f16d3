"""Settings that travel: in settings.json, in the PNG of a result, in the page's address and in the browser's storage.

What is not understood, as in files of other versions, is left out with a note.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from nst.errors import NSTError, SettingsError
from nst.gallery.manifest import find_style
from nst.jobs import PictureFile, combine_settings
from nst.pictures.containers import PNG_SIGNATURE
from nst.pictures.masks import is_rule
from nst.pictures.png import MAX_TEXT_BYTES, read_document
from nst.recipes import DEFAULT_RECIPE, find_recipe
from nst.settings import FilmSettings, Settings, by_label, find_setting, specs
from nst.validation import MAX_ENTRIES, check, quoted, read_text, write_text

#: Most notes about one document.
MAX_NOTES = 10
#: Most values that are looked at: three times as many as there are settings.
MAX_VALUES = 100
#: Parameters of the address that belong to Gradio, Spaces and campaigns.
_FOREIGN = ("__", "utm_", "fbclid", "gclid", "view")


@dataclass(frozen=True, kw_only=True)
class SavedSettings:
    """What was read: a recipe by name, gallery styles by key, and valid settings by name, as JSON values.

    ``film`` has the settings of a film by name, which need not be all of them. ``mask`` is the name of a rule, or "".
    ``notes`` has one sentence for each thing that was left out.
    """

    recipe: str = DEFAULT_RECIPE
    styles: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    film: Mapping[str, Any] = field(default_factory=dict)
    mask: str = ""
    notes: tuple[str, ...] = ()


def from_document(document: Any) -> SavedSettings:
    """Read an object such as settings.json holds: "settings" by name, "recipe", "styles" by key or title, and "mask".

    The settings of a film may stand among the others or in "film".

    Raises:
        SettingsError: it is not an object with an object "settings".
    """
    settings = document.get("settings") if isinstance(document, dict) else None
    if not isinstance(settings, dict):
        raise SettingsError("This carries no settings; only a PNG or settings.json that this program wrote does.")
    recipe, styles = document.get("recipe") or DEFAULT_RECIPE, document.get("styles") or []
    film = document.get("film")
    values = {**settings, **(film if isinstance(film, dict) else {})}
    return _checked(recipe, styles, values, document.get("mask") or "")


def read_settings_file(path: str | os.PathLike[str]) -> SavedSettings:
    """Read a result's PNG or a settings.json, told apart by their content; at most 64 KB are read.

    Raises:
        SettingsError: neither of the two, damaged, or without settings; the sentence begins with the file's name.
    """
    try:
        return from_document(_document(Path(path)))
    except SettingsError as error:
        raise SettingsError(f"{Path(path).name}: {error}") from error


def from_query(parameters: Mapping[str, str]) -> SavedSettings | None:
    """Read the address of the page: recipe=, style= (keys with commas), mask= (a rule), and settings by name as text.

    Parameters of Gradio and of campaigns are ignored.

    Returns:
        None if there is nothing else.
    """
    texts = {name: text for name, text in parameters.items() if not name.startswith(_FOREIGN)}
    if not texts:
        return None
    recipe, styles, mask = texts.pop("recipe", DEFAULT_RECIPE), texts.pop("style", ""), texts.pop("mask", "")
    known = specs(Settings, FilmSettings)
    values = {name: read_text(text, known[name]) if name in known else text for name, text in texts.items()}
    return _checked(recipe, [key for key in styles.split(",") if key.strip()], values, mask)


def to_query(
    recipe: str, styles: Sequence[str], settings: Settings, film: FilmSettings | None = None, mask: str = ""
) -> str:
    """The query of an address that ``from_query`` reads back, without a question mark.

    Args:
        recipe: its name.
        styles: the keys of gallery styles.
        settings: only those are included that differ from what the recipe and the styles suggest.
        film: only those are included that differ from the defaults.
        mask: the name of a rule, or "".
    """
    changed = {name: write_text(value) for name, value in changed_settings(recipe, styles, settings, film).items()}
    chosen = {"recipe": recipe, "style": ",".join(styles), "mask": mask}
    return urlencode({**{name: text for name, text in chosen.items() if text}, **changed}, safe=",")


def changed_settings(
    recipe: str, styles: Sequence[str], settings: Settings, film: FilmSettings | None = None
) -> dict[str, Any]:
    """The settings, by name, that differ from what the recipe and the gallery styles of these keys suggest, and those
    of a film that differ from the defaults."""
    usual = combine_settings(find_recipe(recipe), [PictureFile.of_style(key) for key in styles], {})
    before = {**usual.to_dict(), **FilmSettings().to_dict()}
    after = {**settings.to_dict(), **(film or FilmSettings()).to_dict()}
    return {name: value for name, value in after.items() if value != before[name]}


def _checked(recipe: Any, names: Any, values: Mapping[str, Any], mask: Any) -> SavedSettings:
    """What is valid, and a note for everything else."""
    notes: list[str] = []
    known, settings = DEFAULT_RECIPE, {}
    with _noting(notes):
        known = find_recipe(recipe).name
    for name, value in islice(values.items(), MAX_VALUES):
        with _noting(notes):
            settings[name] = _check_setting(name, value)
    keys = [_style_key(notes, name) for name in (names[:MAX_ENTRIES] if isinstance(names, list) else [names])]
    film = {name: settings.pop(name) for name in specs(FilmSettings) if name in settings}
    shares = settings.get("style_weights", [])
    if None in keys and len(shares) == len(keys):
        settings["style_weights"] = [share for share, key in zip(shares, keys, strict=True) if key]
    rule = mask if isinstance(mask, str) and is_rule(mask) else ""
    if mask and not rule:
        notes.append(f"Left out: the mask {quoted(mask)}, a picture of its own.")
    more = len(notes) + max(0, len(values) - MAX_VALUES) - MAX_NOTES
    if more > 0:
        notes[MAX_NOTES:] = [f"Left out: {more} more entries."]
    styles = tuple(filter(None, keys))
    return SavedSettings(recipe=known, styles=styles, settings=settings, film=film, mask=rule, notes=tuple(notes))


@contextmanager
def _noting(notes: list[str]) -> Iterator[None]:
    """Turn a refusal inside into a note."""
    try:
        yield
    except NSTError as error:
        notes.append(f"Left out: {error.sentence(by_label)}")


def _check_setting(name: str, value: Any) -> Any:
    """A valid value as JSON has it."""
    spec = find_setting(name, Settings, FilmSettings)
    valid = check(name, read_text(value, spec) if isinstance(value, str) else value, spec)
    return list(valid) if isinstance(valid, tuple) else valid


def _style_key(notes: list[str], name: Any) -> str | None:
    """The key of a style of the gallery by its key or title, or None and a note."""
    try:
        return find_style(name if isinstance(name, str) else "").key
    except NSTError:
        notes.append(f"Left out: the style {quoted(name)} is not in the gallery.")
        return None


def _document(path: Path) -> Any:
    """What the file holds, not checked yet."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT_BYTES + 1)
        if data.startswith(PNG_SIGNATURE):
            return read_document(data[:MAX_TEXT_BYTES])
        if len(data) > MAX_TEXT_BYTES:
            raise SettingsError(
                f"This is no PNG, and larger than the {MAX_TEXT_BYTES // 1024} KB of any settings.json."
            )
        return json.loads(data)
    except OSError as error:
        raise SettingsError(f"The file cannot be read: {(error.strerror or str(error)).lower()}.") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, SettingsError):
            raise
        raise SettingsError("This is neither a PNG nor JSON, or it is damaged.") from error
