"""Neural style transfer: a photo and a painting in, the photo as a painting out.

The public names are loaded when they are first used, so that ``import nst`` costs nothing.
"""

import importlib
from typing import Any

_HOMES = {
    "Controls": "nst.controls",
    "FilmSettings": "nst.settings",
    "Job": "nst.steps",
    "Losses": "nst.steps",
    "NSTError": "nst.errors",
    "Painting": "nst.notebook",
    "Settings": "nst.settings",
    "Step": "nst.steps",
    "StylizeOptions": "nst.transfer.options",
    "bundled_styles": "nst.gallery.manifest",
    "film_steps": "nst.transfer.film",
    "find_recipe": "nst.recipes",
    "find_style": "nst.gallery.manifest",
    "read_picture": "nst.pictures.decode",
    "stylize": "nst.notebook",
    "stylize_steps": "nst.transfer.loop",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """The public name from its home module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'nst' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
