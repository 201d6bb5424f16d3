"""From what a person chose to a checked Job: the one way for the page, the API and the command line."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from nst.errors import ImageError, StyleError
from nst.gallery.manifest import find_style
from nst.limits import Limits
from nst.pictures.cache import decode_cached
from nst.pictures.clips import make_film, open_clip, read_frames
from nst.pictures.decode import Decoded
from nst.pictures.masks import check_mask, mask_by_rule, read_mask, soften
from nst.pictures.resize import shrink
from nst.pictures.size_limits import MAX_CLIP_SECONDS, check_clip_length
from nst.pyramid import check_work, result_size
from nst.recipes import DEFAULT_RECIPE, Recipe, find_recipe
from nst.settings import ORIGINAL, FilmSettings, Settings
from nst.steps import Clip, Film, Job, Picture, Pictures, Start

#: Pictures with a longer side are made smaller for a run that paints a smaller one: as many pixels as phones take.
KEPT_SIDE = 4096

NO_PHOTO = "There is no photo yet: choose one of your own, or click an example."

#: Of a photo with alpha.
TRANSPARENT = "The photo's transparent parts are painted as white; in the result's PNG they are transparent again."


@dataclass(frozen=True, kw_only=True)
class PictureFile:
    """A picture that was chosen and is not decoded yet.

    ``name`` is what people call it. A sentence about the file begins with ``label``, where there are several.
    ``suggested`` are the settings that suit it as a style.
    """

    path: Path
    name: str
    label: str = ""
    suggested: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_style(cls, name_or_key: str) -> "PictureFile":
        """A style of the gallery, by its key or title.

        Raises:
            StyleError: there is no such style.
        """
        style = find_style(name_or_key)
        return cls(path=style.path, name=style.title, suggested=style.suggested)

    def decode(self) -> Decoded:
        """The picture, its alpha, and notes that begin with what people call it.

        Raises:
            ImageError: the file cannot be used.
        """
        with self._labelled():
            decoded = self._decode()
        return replace(decoded, notes=tuple(f"{self.label or self.name}: {note}" for note in decoded.notes))

    def open_clip(self) -> Clip:
        """The file as a clip.

        Raises:
            ImageError: the file cannot be used as one.
        """
        with self._labelled():
            return open_clip(self.path)

    def digest(self) -> str:
        """The SHA-256 of the file's bytes.

        Raises:
            ImageError: the file is gone.
        """
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            raise ImageError(f"{self.label or self.name} was deleted meanwhile.") from None

    def read(self) -> Picture:
        """The pixels of ``decode``: uint8 (H, W, 3), sRGB."""
        return self.decode().pixels

    def _decode(self) -> Decoded:
        return decode_cached(self.path)

    @contextmanager
    def _labelled(self) -> Iterator[None]:
        try:
            yield
        except ImageError as error:
            raise ImageError(f"{self.label}: {error}" if self.label else str(error)) from error


@dataclass(frozen=True, kw_only=True)
class ClipFile(PictureFile):
    """A clip that was chosen; its picture is the first frame of the ``film``."""

    film: Film

    def _decode(self) -> Decoded:
        clip = self.film.clip
        first = next(read_frames(clip, self.film.rate, max(clip.width, clip.height)))
        return Decoded(first, notes=clip.notes)


#: A picture, or the name of a rule (see ``nst.pictures.masks``).
Mask = PictureFile | str


def make_job(
    photo: PictureFile | None,
    styles: Sequence[PictureFile],
    changes: Mapping[str, Any],
    *,
    recipe: str = DEFAULT_RECIPE,
    limits: Limits | None = None,
    start: PictureFile | None = None,
    mask: Mask | None = None,
) -> Job:
    """The Job, with a note for everything that had to be reduced.

    Settings are checked first (see ``combine_settings``), and the pictures last. The Job holds none of them: they are
    read once more when it is its turn, most likely from the cache.

    Args:
        photo: the photo to repaint.
        styles: one or more.
        changes: settings by name, as ``Settings.from_mapping`` takes them.
        recipe: the name of a recipe.
        limits: of the studio; its ``size`` and ``work`` are read.
        start: a picture to begin from; what the settings name when None.
        mask: where the photo is painted; everywhere when None.

    Raises:
        ImageError: there is no photo, a file cannot be used, or the mask does not fit.
        StyleError: there is no style.
        SettingsError: there is no such recipe, a setting is unknown or not valid, or it is too much work.
    """
    if photo is None:
        raise ImageError(NO_PHOTO)
    if not styles:
        raise StyleError("No style is picked yet: click one of the paintings.")
    limits, chosen = limits or Limits(), find_recipe(recipe)
    settings = combine_settings(chosen, styles, changes)
    content, *style_pictures = (picture.decode() for picture in (photo, *styles))
    height, width = content.pixels.shape[:2]
    settings, limited = fit_limits(settings, max(width, height), limits.size)
    transparent = () if content.alpha is None else (TRANSPARENT,)
    masked = () if mask is None else load_mask(mask, content, len(styles))[1]
    notes = (*content.notes, *transparent, *(note for style in style_pictures for note in style.notes), *masked)
    job = Job(
        content_size=(width, height),
        load=partial(_load, photo, styles, settings, mask),
        settings=settings,
        content_name=photo.name,
        style_names=tuple(style.name for style in styles),
        recipe=chosen.name,
        picture_every=chosen.picture_every,
        notes=(*notes, *limited),
        start=None if start is None else Start(start.read()),
        sources=_digests(photo, styles, start, mask),
        mask_name=mask.name if isinstance(mask, PictureFile) else mask or "",
    )
    check_work(job.scales, limits.work)
    return job


def make_film_job(
    clip: PictureFile,
    styles: Sequence[PictureFile],
    changes: Mapping[str, Any],
    film: FilmSettings,
    *,
    recipe: str = DEFAULT_RECIPE,
    limits: Limits | None = None,
    start: PictureFile | None = None,
    mask: Mask | None = None,
) -> Job:
    """The Job of a film; its content is the first frame that is painted, and so is what a mask or a start belongs to.

    A film is as large as it is painted: ``enlarge`` is not read.

    Args:
        clip: the file of the clip.
        film: the settings of the film.
        styles, changes, recipe, limits, start, mask: as for ``make_job``; of the limits, ``clip_seconds`` and the
            ``work`` of all frames are read, too.

    Raises:
        ImageError: the clip cannot be used, or is too long.
        StyleError, SettingsError: as from ``make_job``.
    """
    limits, opened = limits or Limits(), clip.open_clip()
    check_clip_length(opened.seconds, opened.frames, limits.clip_seconds or MAX_CLIP_SECONDS)
    made = make_film(opened, film)
    first = ClipFile(path=clip.path, name=clip.name, label=clip.label, film=made)
    job = make_job(
        first, styles, {**changes, "enlarge": "off"}, recipe=recipe, limits=limits, start=start, mask=mask
    )  # fmt: skip
    job = replace(job, film=made)
    check_work(job.all_scales, limits.work)
    return job


def _digests(
    photo: PictureFile, styles: Sequence[PictureFile], start: PictureFile | None, mask: Mask | None
) -> dict[str, str]:
    """The digest of each file by its role in the job; of a mask by a rule, its name."""
    paintings = {f"style {number}": style for number, style in enumerate(styles, start=1)}
    files = {"content": photo, **paintings, "start": start, "mask": mask}
    return {role: file if isinstance(file, str) else file.digest() for role, file in files.items() if file}


def load_mask(mask: Mask, photo: Decoded, styles: int) -> tuple[Picture, tuple[str, ...]]:
    """The mask of a photo for so many styles, uint8 (H, W, 3), with soft edges; and notes about its file.

    Raises:
        ImageError: the file cannot be used, there is no such rule, or it does not suit the photo or the styles.
    """
    if isinstance(mask, str):
        return mask_by_rule(mask, photo), ()
    decoded = mask.decode()
    size, photo_size = decoded.pixels.shape[1::-1], photo.pixels.shape[1::-1]
    return soften(check_mask(read_mask(decoded), size, photo_size, styles)), decoded.notes


def _load(photo: PictureFile, styles: Sequence[PictureFile], settings: Settings, mask: Mask | None) -> Pictures:
    """The pictures of a run; very large ones are made smaller, to what is still more than it needs."""
    decoded = photo.decode()
    content = decoded.pixels
    side = max(result_size(content.shape[1], content.shape[0], settings.size))
    paintings = tuple(shrink(style.read(), max(KEPT_SIDE, round(side * settings.style_scale))) for style in styles)
    masked = None if mask is None else load_mask(mask, decoded, len(styles))[0]
    return Pictures(shrink(content, max(KEPT_SIDE, side)), paintings, decoded.alpha, masked)


def combine_settings(recipe: Recipe, styles: Sequence[PictureFile], changes: Mapping[str, Any]) -> Settings:
    """The recipe's settings; where it is one of our own, what suits the first style goes on top; then the changes.

    A published recipe is a whole setup, to which a style suggests nothing.

    Raises:
        SettingsError: a setting is unknown or not valid.
    """
    suggested = next((style.suggested for style in styles if style.suggested), {}) if recipe.own else {}
    return recipe.to_settings({**suggested, **changes})


def fit_limits(settings: Settings, long_side: int, most: int | None) -> tuple[Settings, tuple[str, ...]]:
    """The settings within the largest size that a studio paints, and a sentence for each that was changed.

    Args:
        settings: size and enlarge are read.
        long_side: of the photo, in pixels.
        most: the largest long side of a result in pixels, or None for no bound.
    """
    size = long_side if settings.size == ORIGINAL else int(settings.size)
    notes = []
    if most is not None and size > most:
        settings = settings.replace(size=most)
        notes.append(f"The size was reduced from {size} to {most} px, the largest that this studio paints.")
    if most is not None and settings.enlarge == ORIGINAL and long_side > most:
        settings = settings.replace(enlarge="off")
        notes.append(f"The result was not enlarged to {long_side} px: this studio makes at most {most} px.")
    return settings, tuple(notes)
