"""The gallery: the bundled style pictures, what their manifest says, and the photographs of their originals."""

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

#: What the key of an original has after that of its study.
SUFFIX = "-original"


@dataclass(frozen=True)
class Original:
    """A photograph of the work that a study stands after: its file on Wikimedia Commons, where it can be had,
    and its licence."""

    file: str
    address: str
    licence: str


@dataclass(frozen=True)
class Style:
    """A style picture: a study of the gallery, or the photograph of its original.

    ``year`` is the year of the original, ``about`` says what the picture is, ``alt`` describes it for those
    who cannot see it, ``palette`` are five colours of the study as "#rrggbb" from dark to light, and ``suggested``
    holds settings (by their names in ``nst.settings``) that suit it. ``original`` says where a photograph of the
    original can be had, if there is one original; ``photograph`` is true for that photograph itself.
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
def gallery() -> tuple[Style, ...]:
    """The bundled styles, in the order of the manifest."""
    entries = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    return tuple(_style(key, entry) for key, entry in entries.items())


def collection() -> tuple[Style, ...]:
    """The gallery, and after each study the photograph of its original where that has been fetched."""
    return tuple(shown for style in gallery() for shown in (style, *_kept(style)))


def original_path(style: Style) -> Path:
    """Where the photograph of a study's original is kept once it has been fetched."""
    return cache_folder("originals") / f"{style.key}.jpg"


def find_style(name_or_key: str) -> Style:
    """The style with this key ("starry_night") or title ("The Starry Night"), in capitals or not.

    The photograph of an original, once it is here, has the key of its study and "-original".

    Raises:
        StyleError: no style is called so; the sentence names those there are and the closest one.
    """
    names = {name.casefold(): style for style in collection() for name in (style.key, style.title)}
    wanted = name_or_key.strip().casefold()
    if wanted in names:
        return names[wanted]
    if wanted in {style.key + SUFFIX for style in gallery() if style.original}:
        raise StyleError(f"The original {wanted} is not on this machine; python -m nst styles --originals fetches it.")
    near = difflib.get_close_matches(wanted, names, n=1)
    hint = f" Did you mean {names[near[0]].key}?" if near else ""
    known = ", ".join(style.key for style in collection())
    raise StyleError(f"There is no style called {name_or_key.strip()[:60]!r}; the gallery has {known}.{hint}")


def _style(key: str, entry: Mapping[str, Any]) -> Style:
    """A Style from its table in the manifest."""
    told = {name: value for name, value in entry.items() if name not in ("file", "suggested", "palette", "original")}
    return Style(
        key=key,
        path=FOLDER / entry["file"],
        palette=tuple(entry["palette"]),
        suggested=MappingProxyType(entry["suggested"]),
        original=Original(**entry["original"]) if "original" in entry else None,
        **told,
    )


def _kept(style: Style) -> Iterator[Style]:
    """The photograph of a study's original, if it is here. What was found to suit the study is suggested for it."""
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
