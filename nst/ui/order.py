"""From what stands on the page to a Job: the photo, the styles with their shares, the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nst.errors import ImageError, StyleError
from nst.gallery.manifest import find_style
from nst.pictures.decode import read_picture
from nst.recipes import DEFAULT_RECIPE, find_recipe
from nst.settings import ORIGINAL, Settings
from nst.steps import Job, Picture
from nst.ui.doors import Upload

#: The key of the visitor's own style picture among the picked styles.
OWN = "own"
#: So many styles can be blended at once.
MOST_STYLES = 4


@dataclass(frozen=True, kw_only=True)
class Picks:
    """The styles that are picked, by key and in order, and the visitor's own style picture."""

    keys: tuple[str, ...] = ()
    own: Upload | None = None
    own_thumb: str = field(default="", repr=False)

    def toggled(self, key: str, blend: bool) -> "Picks":
        """After a click on a card: alone, or in a blend added and taken away."""
        if not blend:
            return replace(self, keys=(key,))
        if key in self.keys:
            return replace(self, keys=tuple(k for k in self.keys if k != key))
        return replace(self, keys=(*self.keys, key)[-MOST_STYLES:])

    def titles(self) -> tuple[str, ...]:
        """The titles of the picked styles, in order."""
        return tuple("Own style" if key == OWN else find_style(key).title for key in self.keys)


def make_job(
    photo: Upload | None,
    picks: Picks,
    shares: Sequence[float],
    settings: Mapping[str, Any],
    *,
    recipe: str = DEFAULT_RECIPE,
    max_size: int | None = None,
) -> tuple[Job, str]:
    """The Job, and what had to be reduced of it in a sentence or two ("" otherwise).

    Args:
        photo: the photo to repaint.
        picks: the styles.
        shares: at least one weight for each picked style, in the same order.
        settings: values as ``Settings`` takes them.
        recipe: the name of the recipe that the settings came from.
        max_size: the largest long side that this studio paints, in pixels.

    Raises:
        ImageError: no photo, or a file that cannot be used any more.
        StyleError: no style is picked.
        SettingsError: a setting is not valid, or there is no such recipe.
    """
    if photo is None:
        raise ImageError("There is no photo yet: choose one of your own, or click an example.")
    if not picks.keys:
        raise StyleError("No style is picked yet: click one of the paintings.")
    original = max(photo.width, photo.height)
    size, reduced = allowed_size(settings["size"], original, max_size)
    enlarge, kept = allowed_enlarging(settings["enlarge"], original, max_size)
    several = tuple(shares[: len(picks.keys)]) if len(picks.keys) > 1 else ()
    job = Job(
        content=read_picture(photo.path),
        styles=tuple(_style_picture(key, picks) for key in picks.keys),
        settings=Settings.from_mapping({**settings, "size": size, "enlarge": enlarge, "style_weights": several}),
        content_name=photo.name,
        style_names=picks.titles(),
        recipe=find_recipe(recipe).name,
        picture_every=find_recipe(recipe).picture_every,
    )
    return job, f"{reduced} {kept}".strip()


def allowed_size(size: int | str, original: int, max_size: int | None) -> tuple[int | str, str]:
    """The size, reduced to ``max_size`` where it is larger, and the sentence that says so.

    Args:
        size: what is asked for.
        original: the photo's own long side in pixels.
        max_size: the largest that is painted, or None.
    """
    asked = original if size == ORIGINAL else size
    if max_size is None or not isinstance(asked, int) or asked <= max_size:
        return size, ""
    return max_size, f"The size was reduced from {asked} to {max_size} px, the largest that this studio paints."


def allowed_enlarging(enlarge: str, original: int, max_size: int | None) -> tuple[str, str]:
    """Whether to enlarge, which is "off" for a photo beyond ``max_size``, and the sentence that says so."""
    if max_size is None or enlarge != ORIGINAL or original <= max_size:
        return enlarge, ""
    return "off", f"The result was not enlarged to {original} px: this studio makes at most {max_size} px."


def _style_picture(key: str, picks: Picks) -> Picture:
    if key != OWN:
        return read_picture(find_style(key).path)
    if picks.own is None:
        raise StyleError("Your own style picture is gone: choose it again.")
    return read_picture(picks.own.path)
