"""Reads a request of the API: anything may be sent, and a Job or one sentence comes of it."""

import json
from pathlib import Path
from typing import Any

from nst.errors import ImageError, SettingsError, StyleError
from nst.jobs import Mask, PictureFile, make_job
from nst.limits import Limits
from nst.recipes import DEFAULT_RECIPE, recipes
from nst.steps import Job
from nst.validation import quoted
from nst.web.upload_folder import is_uploaded

#: The key of the recipe's name among the settings.
RECIPE = "recipe"

_NOT_UPLOADED = "it must be a file that was uploaded to this studio before, never an address or a path of your own"


def read_job(photo: Any, style: Any, settings: Any, limits: Limits | None = None, mask: Any = "") -> Job:
    """The Job that a request describes.

    Args:
        photo: an uploaded picture, as Gradio describes files.
        style: the name of a style of the gallery, or an uploaded picture.
        settings: the name of a recipe, or a JSON object, as text or parsed: settings by name, and "recipe" for the
            name of the recipe that they change.
        limits: of the studio.
        mask: the name of a rule or an uploaded picture; "" for none.

    Raises:
        SettingsError, StyleError, ImageError: whatever else was sent, in one sentence.
    """
    chosen, changes = _style(style), _object(settings)
    recipe = changes.pop(RECIPE, DEFAULT_RECIPE)
    content, masked = _upload("photo", photo), _mask(mask)
    return make_job(content, [chosen], changes, recipe=recipe, limits=limits, mask=masked)


def _object(value: Any) -> dict[str, Any]:
    """A JSON object, from text or parsed; the name of a recipe becomes one."""
    parsed = value
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            parsed = {RECIPE: value} if value.lstrip()[:1] not in ("{", "[") else None
    if not isinstance(parsed, dict):
        names = ", ".join(recipe.name for recipe in recipes())
        raise SettingsError(
            f"settings is {quoted(value)}; it must be a JSON object of settings by name, or one of the recipes {names}."
        )
    return dict(parsed)


def _style(value: Any) -> PictureFile:
    if isinstance(value, str):
        return PictureFile.of_style(value)
    if isinstance(value, dict):
        return _upload("style", value)
    raise StyleError(f"style is {quoted(value)}; it must be the name of a style, or an uploaded picture.")


def _mask(value: Any) -> Mask | None:
    if value in (None, ""):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _upload("mask", value)
    raise ImageError(f"mask is {quoted(value)}; it must be the name of a rule, or an uploaded picture.")


def _upload(field: str, value: Any) -> PictureFile:
    """An uploaded file; nothing outside Gradio's folder of uploads is reached."""
    path = value.get("path") if isinstance(value, dict) else value
    if not isinstance(value, dict) or not is_uploaded(path):
        raise ImageError(f"{field} is {quoted(path)}; {_NOT_UPLOADED}.")
    name = value.get("orig_name")
    return PictureFile(path=Path(path), name=Path(name if isinstance(name, str) else path).stem[:60], label=field)
