"""What the arguments of ``transfer`` choose for every photo: styles, settings, recipe, mask, picture to start from."""

import argparse
import os.path
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nst.commands.flags import settings_given
from nst.errors import FieldName, ImageError, SettingsError, StyleError
from nst.gallery.surprise import draw_surprise
from nst.jobs import Mask, PictureFile, combine_settings, make_film_job, make_job
from nst.pictures.clips import is_video
from nst.pictures.masks import find_rule, is_rule
from nst.recipes import find_recipe, qualities
from nst.saved_settings import SavedSettings, read_settings_file
from nst.settings import FilmSettings, specs
from nst.steps import Job
from nst.validation import either, quoted


@dataclass(frozen=True, kw_only=True)
class Choices:
    """All that decides a picture but the photo; ``every`` is the interval of its frames, None for the recipe's.

    Each photo is painted in the blend of ``styles``, if there are any, and once in each of ``each``.
    """

    styles: Sequence[PictureFile]
    each: Sequence[PictureFile] = ()
    settings: Mapping[str, Any]
    film: Mapping[str, Any]
    recipe: str
    start: PictureFile | None
    mask: Mask | None
    every: int | None

    def check(self) -> None:
        """Find the mistakes that every photo would share.

        Raises:
            SettingsError, ImageError: a setting is not valid, or a picture other than the photos cannot be used.
        """
        for choices in self.variants().values():
            combine_settings(find_recipe(self.recipe), choices.styles, choices.settings)
        for picture in (*self.styles, *self.each, self.start, self.mask):
            if isinstance(picture, PictureFile):
                picture.read()

    def variants(self) -> dict[str, "Choices"]:
        """The choices for each picture of a photo: the blend as "", and each style by the name of its file."""
        blend = {"": replace(self, each=())} if self.styles else {}
        settings = _without_shares(self.settings, ["another"])
        return blend | {
            style.path.stem: replace(self, styles=[style], each=(), settings=settings) for style in self.each
        }

    def job(self, photo: Path) -> Job:
        """The job of one photo; errors as from ``make_job``."""
        content = PictureFile(path=photo, name=photo.name, label=str(photo))
        if is_video(photo):
            content.open_clip()  # What is called a clip may be none.
            raise ImageError(f"{photo}: This file is a clip, not a photo: python -m nst film paints clips.")
        job = make_job(content, self.styles, self.settings, recipe=self.recipe, start=self.start, mask=self.mask)
        return job if self.every is None else replace(job, picture_every=self.every)

    def film_job(self, clip: Path, film: FilmSettings) -> Job:
        """The job of a film; errors as from ``make_film_job``."""
        content = PictureFile(path=clip, name=clip.name, label=str(clip))
        return make_film_job(
            content, self.styles, self.settings, film, recipe=self.recipe, start=self.start, mask=self.mask
        )


def read_choices(arguments: argparse.Namespace) -> Choices:
    """What the arguments say; settings and picture files are not checked yet.

    Raises:
        NSTError: a name is unknown, there is no style, or --settings names no file with settings.
    """
    saved = read_settings_file(arguments.settings) if arguments.settings else SavedSettings()
    for note in saved.notes:
        print(note, file=sys.stderr)
    each = [_style(name) for name in arguments.style_each or ()]
    surprise = None if arguments.surprise is None else draw_surprise(arguments.surprise)
    if surprise is not None:
        print(f"{surprise} Repeat it with --surprise {surprise.seed}.", file=sys.stderr)
    named = arguments.style or ([surprise.style.key] if surprise else None)
    styles = [_style(name) for name in named or (() if each else saved.styles)]
    if not styles and not each:
        raise StyleError("There is no style yet: name one with --style.")
    recipe, flags = _recipe(arguments), settings_given(arguments)
    start = _start(flags.get("init"))
    if start is not None:
        del flags["init"]
    changes = {**_without_shares(saved.settings, named), **(find_recipe(recipe).settings if recipe else {})}
    return Choices(
        styles=styles,
        each=each,
        settings={**changes, **(surprise.settings if surprise else {}), **flags},
        film=saved.film,
        recipe=recipe or saved.recipe,
        start=start,
        mask=_mask(saved.mask if arguments.mask is None else arguments.mask),
        every=_every(arguments.every),
    )


def _every(steps: int | None) -> int | None:
    if steps is not None and steps < 1:
        raise SettingsError(FieldName("every"), f" is {steps}; it must be at least 1.")
    return steps


def _start(init: str | None) -> PictureFile | None:
    """The picture to start from, where --init is none of its words but a file."""
    if init is None or init in specs()["init"].choices or not os.path.isfile(init):
        return None
    return PictureFile(path=Path(init), name=Path(init).name, label=init)


def _mask(name: str) -> Mask | None:
    """The rule of that name, or else the file; None for ""."""
    if not name:
        return None
    if not is_rule(name) and os.path.isfile(name):
        return PictureFile(path=Path(name), name=Path(name).name, label=name)
    find_rule(name)
    return name


def _without_shares(settings: Mapping[str, Any], styles: list[str] | None) -> dict[str, Any]:
    """Saved settings; the shares of the saved styles are not those of other ``styles``."""
    return {name: value for name, value in settings.items() if name != "style_weights" or not styles}


def _recipe(arguments: argparse.Namespace) -> str | None:
    """The name of the recipe that one of the two flags names, or None."""
    quality = arguments.quality
    if quality is not None and quality not in qualities():
        raise SettingsError(FieldName("quality"), f" is {quoted(quality)}; it must be {either(qualities())}.")
    return quality or arguments.recipe


def _style(name: str) -> PictureFile:
    """The style of the gallery of that name, or else the file."""
    try:
        return PictureFile.of_style(name)
    except StyleError:
        if not os.path.isfile(name):
            raise
        return PictureFile(path=Path(name), name=Path(name).name, label=name)
