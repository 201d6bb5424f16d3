"""Recipes: settings with a name, for the setups that people know and for our own levels of quality."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nst.errors import SettingsError
from nst.settings import Settings
from nst.validation import quoted

FILE = Path(__file__).resolve().parents[1] / "assets" / "recipes.toml"

#: What is followed when nobody asks for anything else.
DEFAULT_RECIPE = "standard"

#: Changes to the default recipe for a small sample of a style, one of many: a second or two on most processors.
SAMPLE: Mapping[str, Any] = MappingProxyType({"size": 128, "coarsest": 64, "steps": 6, "step_decay": 0.12})


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings with a name, and where they come from.

    ``picture_every`` is the number of steps between the pictures that the source saves, or 0.
    ``published`` gives the source's own numbers, ``converted`` how they became ours, ``differs`` what is not the same.
    A recipe of our own has no ``source``. One that ``varies`` another, by name, differs from it in a few settings.
    """

    name: str
    title: str
    description: str
    settings: Mapping[str, Any]
    picture_every: int = 0
    source: str = ""
    url: str = ""
    published: str = ""
    converted: str = ""
    differs: str = ""
    varies: str = ""

    @property
    def own(self) -> bool:
        """Whether it is one of our own levels of quality."""
        return not self.source

    def to_settings(self, changes: Mapping[str, Any] | None = None) -> Settings:
        """Its settings, with some changed; SettingsError where one of those is unknown or not valid."""
        return Settings.from_mapping({**self.settings, **(changes or {})})

    def to_dict(self) -> dict[str, Any]:
        """Everything about it as plain values that JSON can hold."""
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in vars(self).items()}


@cache
def recipes() -> tuple[Recipe, ...]:
    """All recipes, our own first, in the order of the file."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(_recipe(name, entry, entries.get(entry.get("varies"), {})) for name, entry in entries.items())


def variations(recipe: Recipe) -> tuple[Recipe, ...]:
    """The recipe and those that vary it, in the order of the file; only itself where there are none."""
    return (recipe, *(other for other in recipes() if other.varies == recipe.name))


def qualities() -> tuple[str, ...]:
    """The names of our own recipes, which are levels of quality, from quick to slow."""
    return tuple(recipe.name for recipe in recipes() if recipe.own)


def find_recipe(name: Any) -> Recipe:
    """The recipe of that name, in capitals or not; a name may come from anybody.

    Raises:
        SettingsError: no recipe is called so; the sentence names those there are and the closest one.
    """
    known = {recipe.name: recipe for recipe in recipes()}
    key = name.strip().casefold() if isinstance(name, str) else ""
    if key in known:
        return known[key]
    near = difflib.get_close_matches(key, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise SettingsError(f"There is no recipe called {quoted(name)}; there are {', '.join(known)}.{hint}")


def _recipe(name: str, entry: Mapping[str, Any], varied: Mapping[str, Any]) -> Recipe:
    """A Recipe from its table in the file and the table of the one that it varies."""
    settings = MappingProxyType({**varied.get("settings", {}), **entry["settings"]})
    return Recipe(name=name, **{**varied, **entry, "settings": settings})
