"""The styles: the bundled pictures with their manifest, and the photographs of their originals once fetched."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nst.errors import StyleError
from nst.files import cache_folder

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "styles"
MANIFEST = FOLDER / "manifest.toml"

#: Added to the key of a style for that of its original.
SUFFIX = "-original"


@dataclass(frozen=True)
class Original:
    """A photograph of the work that a bundled style is modelled on.

    ``file`` is its name on Wikimedia Commons, ``address`` where it is downloaded from.
    """

    file: str
    address: str
    licence: str


@dataclass(frozen=True)
class Style:
    """A style picture: a bundled study after a work, or the photograph of that work, its original.

    ``year`` is the year of the original, ``about`` says what the picture is, ``alt`` describes it to people who
    cannot see it, ``palette`` is five colours of the study as "#rrggbb" from dark to light, and ``suggested`` has
    settings (by their names in ``nst.settings``) that suit it. ``original`` is None for a study after no single
    work; ``photograph`` is true for the photograph of an original.
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
    original: Original | None = None
    photograph: bool = False


@cache
def bundled_styles() -> tuple[Style, ...]:
    """The bundled styles, in the order of the manifest."""
    entries = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    return tuple(_style(key, entry) for key, entry in entries.items())


def available_styles() -> tuple[Style, ...]:
    """The bundled styles, each followed by the photograph of its original if that has been fetched."""
    return tuple(each for style in bundled_styles() for each in (style, *_photograph(style)))


def original_path(style: Style) -> Path:
    """Where the photograph of a style's original is, or would be, in the cache."""
    return cache_folder("originals") / f"{style.key}.jpg"


def find_style(name_or_key: str) -> Style:
    """The available style with this key ("starry_night") or title ("The Starry Night"), in any case.

    The photograph of an original has the key of its study and "-original".

    Raises:
        StyleError: there is no such style; the sentence lists the available ones and suggests the closest.
    """
    names = {name.casefold(): style for style in available_styles() for name in (style.key, style.title)}
    name = name_or_key.strip().casefold()
    if name in names:
        return names[name]
    if name in {style.key + SUFFIX for style in bundled_styles() if style.original}:
        raise StyleError(f"The original {name} is not on this machine; python -m nst styles --originals fetches it.")
    closest = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {names[closest[0]].key}?" if closest else ""
    known = ", ".join(style.key for style in available_styles())
    raise StyleError(f"There is no style called {name_or_key.strip()[:60]!r}; the gallery has {known}.{hint}")


def _style(key: str, entry: Mapping[str, Any]) -> Style:
    """A Style from its table in the manifest."""
    texts = {name: value for name, value in entry.items() if name not in ("file", "suggested", "palette", "original")}
    return Style(
        key=key,
        path=FOLDER / entry["file"],
        palette=tuple(entry["palette"]),
        suggested=MappingProxyType(entry["suggested"]),
        original=Original(**entry["original"]) if "original" in entry else None,
        **texts,
    )


def _photograph(style: Style) -> Iterator[Style]:
    """The photograph of a study's original, if it has been fetched; it suggests the settings of the study."""
    path = original_path(style)
    if style.original is not None and path.is_file():
        yield replace(
            style,
            key=style.key + SUFFIX,
            title=f"{style.title} (original)",
            about=f"Photograph of the original, from Wikimedia Commons ({style.original.licence}).",
            licence=style.original.licence,
            path=path,
            alt=f"Photograph of the original: {style.title} by {style.artist}.",
            original=None,
            photograph=True,
        )
