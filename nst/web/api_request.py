"""What a caller of the API asked for: anything at all comes in, a Job or one sentence comes out."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from gradio.utils import get_upload_folder

from nst.errors import ImageError, SettingsError, StyleError
from nst.gallery.manifest import find_style
from nst.pictures.decode import read_picture
from nst.recipes import DEFAULT_RECIPE, Recipe, find_recipe, recipes
from nst.settings import Settings
from nst.steps import Job, Picture
from nst.ui.order import allowed_enlarging, allowed_size
from nst.validation import shown

#: The name of a recipe, beside the settings that go on top of it.
RECIPE = "recipe"

#: What is refused as a photo or a style, and how to do better.
NOT_UPLOADED = "it must be a file that was uploaded to this studio before, never an address or a path of your own"


def read_job(
    photo: Any,
    style: Any,
    settings: Any,
    *,
    max_size: int | None = None,
) -> tuple[Job, str]:
    """The Job, and what had to be reduced of it in a sentence or two ("" otherwise).

    Args:
        photo: an uploaded picture, as Gradio describes files.
        style: the name of a style of the gallery, or an uploaded picture.
        settings: the name of a recipe, or a JSON object, as text or as it is.
        max_size: the largest long side that this studio paints, in pixels.

    Raises:
        SettingsError, StyleError, ImageError: whatever else was sent, in one sentence; the pictures are decoded last.
    """
    load_style, title, suggested = _style(style)
    recipe, wanted = _settings(_object(settings), suggested)
    path, name = _file("photo", photo)
    content = _picture("photo", path)
    original = max(content.shape[:2])
    size, reduced = allowed_size(wanted.size, original, max_size)
    enlarge, kept = allowed_enlarging(wanted.enlarge, original, max_size)
    job = Job(
        content=content,
        styles=(load_style(),),
        settings=wanted.replace(size=size, enlarge=enlarge),
        content_name=name,
        style_names=(title,),
        recipe=recipe.name,
        picture_every=recipe.picture_every,
    )
    return job, f"{reduced} {kept}".strip()


def _settings(asked: dict[str, Any], suggested: Mapping[str, Any]) -> tuple[Recipe, Settings]:
    """The recipe, and what it means with the caller's settings on top.

    What suits the style goes between a recipe of our own and the caller's settings; a published recipe is whole.
    """
    given = {name: value for name, value in asked.items() if name != RECIPE}
    recipe = find_recipe(asked.get(RECIPE, DEFAULT_RECIPE))
    return recipe, recipe.to_settings({**(suggested if recipe.own else {}), **given})


def _object(value: Any) -> dict[str, Any]:
    """A JSON object, from text or as it is; the name of a recipe becomes one."""
    parsed = value
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            parsed = {RECIPE: value} if value.lstrip()[:1] not in ("{", "[") else None
    if not isinstance(parsed, dict):
        names = ", ".join(recipe.name for recipe in recipes())
        raise SettingsError(
            f"settings is {shown(value)}; it must be a JSON object of settings by name, or one of the recipes {names}."
        )
    return parsed


def _style(value: Any) -> tuple[Callable[[], Picture], str, Mapping[str, Any]]:
    """(how to load it, its title, the settings that suit it) of a style; a wrong name is refused at once."""
    if isinstance(value, str):
        style = find_style(value)
        return lambda: read_picture(style.path), style.title, style.suggested
    if not isinstance(value, dict):
        raise StyleError(f"style is {shown(value)}; it must be the name of a style, or an uploaded picture.")
    path, name = _file("style", value)
    return lambda: _picture("style", path), name, {}


def _picture(field: str, path: Path) -> Picture:
    try:
        return read_picture(path)
    except ImageError as error:
        raise ImageError(f"{field}: {error}") from None


def _file(field: str, value: Any) -> tuple[Path, str]:
    """Where an uploaded file lies, and what to call it; nothing but Gradio's own folder of uploads is reached."""
    given = value.get("path") if isinstance(value, dict) else value
    if not isinstance(value, dict) or not is_uploaded(given):
        raise ImageError(f"{field} is {shown(given)}; {NOT_UPLOADED}.")
    name = value.get("orig_name")
    return Path(given), Path(name if isinstance(name, str) else given).stem[:60]


def is_uploaded(path: Any) -> TypeGuard[str]:
    """Whether this is the path of something in Gradio's folder of uploads, whatever links and dots are in it."""
    try:
        return isinstance(path, str) and Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
    except (ValueError, OSError):  # a null character, a name that is too long
        return False
