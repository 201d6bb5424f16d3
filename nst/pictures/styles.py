"""The gallery: the bundled style pictures and what their manifest says about them."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nst.errors import StyleError

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "styles"


@dataclass(frozen=True)
class Style:
    """A style picture of the gallery.

    ``year`` is the year of the original, ``about`` says what the picture is, ``alt`` describes it for those
    who cannot see it, ``palette`` are five of its colours as "#rrggbb" from dark to light, and ``suggested`` holds
    settings (by their names in ``nst.settings``) that suit it.
    """

    key: str
    title: str
    artist: str
    year: int
    about: str
    licence: str
    path: Path
    alt: str
    palette: tuple[str, ...]
    suggested: Mapping[str, Any]


@cache
def gallery() -> tuple[Style, ...]:
    """The bundled styles, in the order of the manifest."""
    entries = tomllib.loads((FOLDER / "manifest.toml").read_text(encoding="utf-8"))
    return tuple(_style(key, entry) for key, entry in entries.items())


def find_style(name_or_key: str) -> Style:
    """The style with this key ("starry_night") or title ("The Starry Night"), in capitals or not.

    Raises:
        StyleError: no style is called so; the sentence names those there are and the closest one.
    """
    names = {name.casefold(): style for style in gallery() for name in (style.key, style.title)}
    wanted = name_or_key.strip().casefold()
    if wanted in names:
        return names[wanted]
    near = difflib.get_close_matches(wanted, names, n=1)
    hint = f" Did you mean {names[near[0]].key}?" if near else ""
    known = ", ".join(style.key for style in gallery())
    raise StyleError(f"There is no style called {name_or_key.strip()[:60]!r}; the gallery has {known}.{hint}")


def _style(key: str, entry: Mapping[str, Any]) -> Style:
    """A Style from its table in the manifest."""
    told = {name: value for name, value in entry.items() if name not in ("file", "suggested", "palette")}
    return Style(
        key=key,
        path=FOLDER / entry["file"],
        palette=tuple(entry["palette"]),
        suggested=MappingProxyType(entry["suggested"]),
        **told,
    )
