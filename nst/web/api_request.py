"""Reads a request of the API: anything may be sent, and a Job or one sentence comes of it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import gradio as gr

from nst.errors import ImageError, NSTError, SettingsError, StyleError
from nst.grid import Grid, Head, cell_jobs, make_grid, setting_axis, variation_axis
from nst.jobs import Mask, PictureFile, make_film_job, make_job
from nst.limits import Limits
from nst.recipes import DEFAULT_RECIPE, find_recipe, recipes
from nst.settings import FilmSettings, specs
from nst.steps import Job
from nst.validation import quoted
from nst.web.upload_folder import is_uploaded

logger = logging.getLogger(__name__)

BROKEN = "Something went wrong; the log of the studio has the details."

#: In place of settings to vary: the variations of the recipe.
VARIATIONS = "variations"
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


def read_film_job(clip: Any, style: Any, settings: Any, limits: Limits | None = None, mask: Any = "") -> Job:
    """The Job of a film that a request describes.

    Args:
        clip: an uploaded clip, as Gradio describes files.
        settings: as for ``read_job``; those of the film stand among them.
        style, limits, mask: as for ``read_job``.

    Raises:
        SettingsError, StyleError, ImageError: whatever else was sent, in one sentence.
    """
    chosen, changes = _style(style), _object(settings)
    recipe = changes.pop(RECIPE, DEFAULT_RECIPE)
    film = FilmSettings(**{name: changes.pop(name) for name in specs(FilmSettings) if name in changes})
    content, masked = _upload("clip", clip), _mask(mask)
    return make_film_job(content, [chosen], changes, film, recipe=recipe, limits=limits, mask=masked)


def read_grid(
    photo: Any, style: Any, vary: Any, settings: Any, limits: Limits | None = None
) -> tuple[Grid, dict[str, Job]]:
    """The grid that a request describes, and the Job of each cell by its name.

    Args:
        photo, style, settings, limits: as for ``read_job``.
        vary: a JSON object, as text or parsed, of one or two settings with their values, or "variations" for the
            recipe and those that vary it.

    Raises:
        SettingsError, StyleError, ImageError: whatever else was sent, in one sentence.
    """
    chosen, changes = _style(style), _object(settings)
    recipe, limits = changes.pop(RECIPE, DEFAULT_RECIPE), limits or Limits()
    grid = make_grid(_axes(vary, recipe), limits)
    return grid, cell_jobs(grid, _upload("photo", photo), [chosen], changes, recipe=recipe, limits=limits)


@contextmanager
def said_in_words() -> Iterator[None]:
    """Turns what is raised inside into the one sentence that a caller gets.

    Raises:
        gr.Error: for any exception.
    """
    try:
        yield
    except NSTError as error:
        raise gr.Error(error.sentence(str), print_exception=False) from None
    except Exception:
        logger.exception("a run failed in the API")
        raise gr.Error(BROKEN, print_exception=False) from None


def _axes(vary: Any, recipe: Any) -> list[tuple[Head, ...]]:
    if vary == VARIATIONS:
        return [variation_axis(find_recipe(recipe))]
    parsed = vary
    if isinstance(vary, str):
        with suppress(ValueError, RecursionError):
            parsed = json.loads(vary)
    if not isinstance(parsed, dict):
        raise SettingsError(f'vary is {quoted(vary)}; it must be as in {{"steps": [20, 40]}}, or "{VARIATIONS}".')
    return [setting_axis(name, values) for name, values in islice(parsed.items(), 3)]


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
