"""Masks: which parts of a photo are painted, and in which style; from a picture, or by a rule from the photo itself.

A mask is a picture, uint8 (H, W, 3), that is stretched over the photo. Grey is strength: white is painted, black stays
the photo. With several styles, red belongs to the first, green to the second and blue to the third.
"""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from nst.errors import ImageError
from nst.pictures.decode import Decoded
from nst.steps import Picture

Array = npt.NDArray[Any]

#: Long side of a mask in pixels: its edges are soft, so that more would not show.
MAX_SIDE = 1024
#: Colours up to this saturation are grey, and what is as close to black or white is black or white: noise of JPEGs.
NOISE = 24
#: How much the proportions of mask and photo may differ.
TOLERANCE = 0.02
#: Colours of styles that are not there may have this share of the pixels: the fringes of JPEGs.
FRINGE = 0.001
#: How far an edge is softened, relative to the long side.
SOFTNESS = 0.015
#: Before the name of a rule: what it paints and what it keeps are swapped.
SWAP = "not-"
COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A way to mask any photo. ``make`` takes a photo of at most MAX_SIDE and gives the strength, uint8 (H, W)."""

    name: str
    label: str
    about: str
    make: Callable[[Decoded], Array]


def read_mask(decoded: Decoded) -> Picture:
    """The mask that a picture shows, without the noise of its file; its transparent parts are black.

    Returns:
        uint8 (H, W, 3), at most MAX_SIDE long, not softened.
    """
    picture = _small(decoded.pixels)
    if decoded.alpha is not None:  # The pixels are over white.
        white = 255 - _small(decoded.alpha)[..., None].astype(np.int16)
        picture = np.clip(picture - white, 0, 255).astype(np.uint8)
    return _without_noise(picture)


def check_mask(mask: Picture, size: tuple[int, int], photo_size: tuple[int, int], styles: int) -> Picture:
    """The mask without colours that are only the fringes of others.

    Args:
        mask: from ``read_mask``.
        size: width and height of the file that it is from.
        photo_size: width and height of the photo.
        styles: how many there are.

    Raises:
        ImageError: its proportions are not the photo's, a colour belongs to no style, or all of it is black.
    """
    if abs(size[0] * photo_size[1] / (size[1] * photo_size[0]) - 1) > TOLERANCE:
        raise ImageError(
            f"The mask is {size[0]} x {size[1]} pixels and the photo {photo_size[0]} x {photo_size[1]}; a mask may be "
            f"larger or smaller than its photo, but needs the same proportions to within {TOLERANCE:.0%}."
        )
    mask = _without_foreign_colours(mask, styles)
    check_painted(mask)
    return mask


def check_painted(mask: Picture) -> None:
    """Refuse a mask that is black.

    Raises:
        ImageError: it is black all over.
    """
    if not mask.any():
        raise ImageError(
            "The mask is black all over, so nothing would be painted: white is painted, black stays the photo."
        )


def soften(mask: Picture, softness: float = SOFTNESS) -> Picture:
    """The mask with soft edges that lie on their brighter side: what is black stays black.

    Smooth transitions stay as they are. Where two colours meet, they blend at full strength. If nothing would be left,
    because all lines are finer than that, the mask stays as it is.

    Args:
        mask: uint8 (H, W, 3).
        softness: the width of an edge, relative to the long side.
    """
    radius, strength = softness * max(mask.shape[:2]) / 2, mask.max(axis=2)
    blurred, around = _blur(mask, radius).astype(np.float32), _blur(strength, radius).astype(np.int16)
    # At an edge, ``around`` is half of the bright side; in a smooth transition it is the strength itself.
    soft = np.clip(2 * around - strength, 0, strength)
    if not soft.any():
        return mask
    brightest = np.maximum(blurred.max(axis=2), 1)
    return np.rint(np.minimum(blurred * (soft / brightest)[..., None], 255)).astype(np.uint8)


def rules() -> Sequence[Rule]:
    """All rules, in the order in which they are offered."""
    return _RULES


def is_rule(name: str) -> bool:
    """Whether this is the name of a rule, with or without SWAP before it."""
    return name.removeprefix(SWAP) in _BY_NAME


def find_rule(name: str) -> Rule:
    """The rule of that name, with or without SWAP before it.

    Raises:
        ImageError: there is no such rule; the sentence names all of them.
    """
    plain = name.removeprefix(SWAP)
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    near = difflib.get_close_matches(plain, _BY_NAME, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ImageError(
        f"There is no mask called {name[:60]!r}.{hint} It must be a picture, or one of the rules "
        f"{', '.join(_BY_NAME)}, with {SWAP!r} before it to swap what is painted and what is kept."
    )


def mask_by_rule(name: str, photo: Decoded) -> Picture:
    """The mask of a photo by the rule of that name, uint8 (H, W, 3), at most MAX_SIDE long; it needs no softening.

    Raises:
        ImageError: there is no such rule, the photo lacks what it goes by, or it finds nothing to paint.
    """
    mask = apply_rule(name, photo)
    check_painted(mask)
    return mask


def apply_rule(name: str, photo: Decoded) -> Picture:
    """As ``mask_by_rule``, but black where the rule finds nothing to paint, as in a frame that fades to black."""
    rule = find_rule(name)
    strength = rule.make(Decoded(_small(photo.pixels), None if photo.alpha is None else _small(photo.alpha)))
    if name.startswith(SWAP):
        strength = 255 - strength
    return np.repeat(strength[..., None], 3, axis=2)


def _small(picture: Array) -> Array:
    """At most MAX_SIDE long; a sharper filter would brighten what is black beside white."""
    image = Image.fromarray(picture)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    return np.array(image)


def _without_noise(picture: Picture) -> Picture:
    """What is nearly grey, black or white is exactly so."""
    stretched = (picture.astype(np.float32) - NOISE / 2) * (255 / (255 - NOISE))
    clean = np.clip(np.rint(stretched), 0, 255).astype(np.uint8)
    grey = np.ptp(picture, axis=2) <= NOISE
    clean[grey] = np.rint(clean[grey].mean(axis=1, keepdims=True))
    return clean


def _without_foreign_colours(mask: Picture, styles: int) -> Picture:
    """The mask with grey in place of the fringes; an ImageError for real colours that belong to no style."""
    grey, count = mask.min(axis=2), 0 if styles == 1 else min(styles, 3)
    foreign = (mask[..., count:] > grey[..., None]).mean(axis=(0, 1))
    if (foreign > FRINGE).any():
        if styles == 1:
            raise ImageError(
                "The mask has colours, which choose among several styles; for one style it must be grey: white is "
                "painted, black stays the photo."
            )
        colour = COLOURS[count + int(foreign.argmax())]
        own = ", ".join(f"{COLOURS[place]} for style {place + 1}" for place in range(count))
        raise ImageError(f"The mask has {colour} in it, which belongs to none of the {styles} styles: it takes {own}.")
    return np.dstack([mask[..., :count], *[grey] * (3 - count)])


def _blur(picture: Array, radius: float) -> Array:
    return np.array(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def _ramp(values: Array, low: float, high: float) -> Array:
    """0 below ``low``, 255 above ``high`` and a smooth step between them, as uint8."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.rint(255 * share * share * (3 - 2 * share)).astype(np.uint8)


def _around_oval(photo: Decoded) -> Array:
    """Black in an upright oval of 3:4, as large as fits a head and shoulders, above the middle of the photo."""
    height, width = photo.pixels.shape[:2]
    tall = min(0.4 * height, 0.4 * width / 0.75)
    y, x = np.ogrid[:height, :width]
    distance = np.hypot((y + 0.5 - 0.47 * height) / tall, (x + 0.5 - 0.5 * width) / (0.75 * tall))
    return _ramp(distance, 1.0, 1.25)


def _lower(photo: Decoded) -> Array:
    height, width = photo.pixels.shape[:2]
    rows = _ramp((np.arange(height) + 0.5) / height, 0.4, 0.6)
    return np.repeat(rows[:, None], width, axis=1)


def _light(photo: Decoded) -> Array:
    """White above the luminance that divides the photo best, without specks."""
    grey = Image.fromarray(photo.pixels).convert("L")
    smooth = np.array(grey.filter(ImageFilter.GaussianBlur(SOFTNESS / 2 * max(grey.size))))
    threshold = _otsu(smooth)
    return _ramp(smooth.astype(np.float32), threshold - NOISE, threshold + NOISE)


def _otsu(grey: Array) -> float:
    """The threshold with the largest variance between the classes on its sides (Otsu 1979, eq. 18)."""
    histogram = np.bincount(grey.ravel(), minlength=256) / grey.size
    share, mean = np.cumsum(histogram), np.cumsum(histogram * np.arange(256))
    between = (mean[-1] * share - mean) ** 2 / np.maximum(share * (1 - share), 1e-12)
    return float(np.flatnonzero(between == between.max()).mean()) + 0.5


def _visible(photo: Decoded) -> Array:
    if photo.alpha is None:
        raise ImageError("The rule 'cutout' paints what is not transparent, and no part of this photo is transparent.")
    return photo.alpha


def _inverse(make: Callable[[Decoded], Array]) -> Callable[[Decoded], Array]:
    return lambda photo: 255 - make(photo)


_RULES = (
    Rule(
        name="portrait", label="Around an oval",
        about="Keeps an upright oval in the middle, such as a face, and paints around it.", make=_around_oval,
    ),
    Rule(name="upper", label="The upper half", about="Paints the upper half, such as the sky.", make=_inverse(_lower)),
    Rule(name="lower", label="The lower half", about="Paints the lower half, such as the ground.", make=_lower),
    Rule(name="light", label="The light parts", about="Paints what is lighter than the rest.", make=_light),
    Rule(name="dark", label="The dark parts", about="Paints what is darker than the rest.", make=_inverse(_light)),
    Rule(
        name="cutout", label="What is not transparent",
        about="Paints the subject of a photo with transparent parts, and no strokes in the white around it.",
        make=_visible,
    ),
)  # fmt: skip
_BY_NAME = {rule.name: rule for rule in _RULES}
