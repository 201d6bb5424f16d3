"""Conversion of any Pillow mode to RGB in sRGB: eight bits, over white, and the alpha apart."""

import io
import logging

import numpy as np
from PIL import Image, ImageCms

from nst.pictures.icc import is_usable, srgb_profile

_log = logging.getLogger(__name__)

#: Pixels converted at a time, so that a large picture never has a second copy in another mode.
_STRIP_PIXELS = 2**20

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


def to_srgb(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """A new picture in sRGB, without profile or metadata, and its alpha channel.

    An ICC profile is applied if it fits the picture's channels; a broken one is ignored, as browsers do.
    Transparent parts become white. 16-bit integers are scaled, not clipped. For 32-bit integers and floating-point
    numbers, whose white no file states, white is the smallest of 1, 255, 65535 and 2^31 - 1 that is not below the
    brightest pixel.

    Args:
        image: any mode that Pillow has, loaded or not.

    Returns:
        The same size, mode RGB, with empty ``info``; and the alpha in mode L, or None if nothing is transparent.

    Raises:
        ValueError: a mode with no way to RGB.
    """
    out, mask = Image.new("RGB", image.size, "white"), None
    width, height = image.size
    white = _white(image)
    transforms: dict[str, ImageCms.ImageCmsTransform | None] = {}
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        strip, alpha = _colour_and_alpha(image.crop((0, top, width, min(top + rows, height))), white)
        if strip.mode not in transforms:
            transforms[strip.mode] = _transform(image.info.get("icc_profile"), strip.mode)
        out.paste(_rgb(strip, transforms[strip.mode]), (0, top), alpha)
        if alpha is not None:
            mask = mask or Image.new("L", image.size, 255)
            mask.paste(alpha, (0, top))
    return out, mask if mask and mask.getextrema() != (255, 255) else None


def _white(image: Image.Image) -> float:
    """The value of white: 255, but for pictures of more than eight bits."""
    if image.mode.startswith("I;16"):
        return 65535
    if image.mode not in _DEEP:
        return 255
    values = np.asarray(image)
    peak = values[np.isfinite(values)].max(initial=0)
    whites = (1.0, 255.0, 65535.0, 2.0**31 - 1) if image.mode == "F" else (255.0, 65535.0, 2.0**31 - 1)
    return next((white for white in whites if peak <= white), whites[-1])


def _colour_and_alpha(strip: Image.Image, white: float) -> tuple[Image.Image, Image.Image | None]:
    """The strip in one of the modes L, RGB, CMYK and LAB, and its alpha channel if it has one."""
    if strip.mode in _DEEP:
        return _eight_bit(strip, white), _keyed_alpha(strip)
    if strip.mode == "La":
        strip = strip.convert("LA")
    if strip.mode == "LA":
        return strip.getchannel("L"), strip.getchannel("A")
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        return strip.convert("RGB"), strip.getchannel("A")
    if strip.mode == "1":
        return strip.convert("L"), None
    return (strip if strip.mode in ("L", "CMYK", "LAB") else strip.convert("RGB")), None


def _eight_bit(strip: Image.Image, white: float) -> Image.Image:
    values = np.nan_to_num(np.asarray(strip).astype(np.float32), posinf=white) * (255 / white)
    return Image.fromarray(np.rint(values.clip(0, 255)).astype(np.uint8))


def _keyed_alpha(strip: Image.Image) -> Image.Image | None:
    """The alpha channel of a deep grey picture in which one value is transparent."""
    key = strip.info.get("transparency")
    return (
        Image.fromarray(np.where(np.asarray(strip) == key, 0, 255).astype(np.uint8)) if isinstance(key, int) else None
    )


def _rgb(strip: Image.Image, transform: ImageCms.ImageCmsTransform | None) -> Image.Image:
    if transform is None:
        return strip.convert("RGB")
    return transform.apply(strip.convert(transform.input_mode))


def _transform(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform from ``mode`` to sRGB by the profile; None if there is no profile, or none that can be used."""
    try:
        if mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        elif profile and is_usable(profile):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        else:
            return None
        channels = _channels(source, mode)
        srgb = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
        return ImageCms.ImageCmsTransform(source, srgb, channels, "RGB") if channels else None
    except (OSError, ValueError, ImageCms.PyCMSError) as error:
        _log.info("colour profile ignored: %s", error)
        return None


def _channels(profile: ImageCms.ImageCmsProfile, mode: str) -> str | None:
    """The mode that the profile describes, or None if the picture cannot be converted to it."""
    accepted = {
        "GRAY": ("L", ("L",)),
        "RGB ": ("RGB", ("RGB", "L")),
        "CMYK": ("CMYK", ("CMYK",)),
        "Lab ": ("LAB", ("LAB",)),
    }
    channels, modes = accepted.get(profile.profile.xcolor_space, ("", ()))
    return channels if mode in modes else None
