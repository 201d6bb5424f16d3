"""Cleaned files loaded with Pillow, as far as they are there: of a file that is cut off, browsers show what came."""

import io
from contextlib import nullcontext, suppress

import numpy as np
import pillow_heif
from PIL import Image, ImageChops, ImageFile, JpegImagePlugin

from nst import process
from nst.pictures import size_limits
from nst.pictures.containers import Clean

#: The formats whose decoders write what they have, row by row; of others nothing can be shown, in browsers either.
_ROW_BY_ROW = ("JPEG", "PNG", "GIF", "BMP")
_EOI, _SCAN = b"\xff\xd9", b"\xff\xda"
#: The tallest row of blocks of a JPEG, in pixels.
_BLOCK_ROW = 16


def load_frames(name: str, clean: Clean) -> tuple[Image.Image, bool]:
    """The first picture of a cleaned file, decoded only after its size is found to be within the limits.

    Args:
        name: a key of CLEANERS.
        clean: what its function made of the file.

    Returns:
        The picture, which may have further frames, with the profile of its colours; and whether a part of it is
        missing, which is white.

    Raises:
        ImageError: it is beyond a limit.
        Exception: of any kind, as decoders raise them.
    """
    if name == "JPEG" and clean.cut:
        image, damaged = _load_cut_jpeg(clean), True
    else:
        image, damaged = _load(name, clean)
    if clean.profile:
        image.info.setdefault("icc_profile", clean.profile)
    return image, damaged


def rows_there(picture: Image.Image) -> int:
    """How many rows of a picture are not white."""
    return sum(bool((row != 255).any()) for row in np.asarray(picture))


def _load(name: str, clean: Clean) -> tuple[Image.Image, bool]:
    if name == "HEIC":
        heif = pillow_heif.open_heif(io.BytesIO(clean.data))
        size_limits.check_size(*heif.size)
        return heif.to_pillow(), False
    image = _open(name, clean)
    try:
        # libtiff's fax decoders stop at a damaged row without an error, and Pillow shows what was in memory before.
        with process.zeroed_memory() if name == "TIFF" else nullcontext():
            image.load()
    except Exception:
        if name not in _ROW_BY_ROW:
            raise
        return _load_rows(name, clean), True
    if name == "PNG" and clean.data[24] == 16 and isinstance(key := image.info.get("transparency"), tuple):
        image.info["transparency"] = tuple(value >> 8 for value in key)  # Pillow keeps the upper byte of the pixels
    return image, False


def _open(name: str, clean: Clean) -> ImageFile.ImageFile:
    file = io.BytesIO(clean.data)
    if name == "JPEG":
        # Not by Image.open, which refuses the sizes that are reduced here.
        image: ImageFile.ImageFile = JpegImagePlugin.JpegImageFile(file)
        if clean.reduction > 1:
            image.draft(None, (image.width // clean.reduction, image.height // clean.reduction))
    else:
        image = Image.open(file, formats=[name])
    size_limits.check_size(*image.size)
    return image


def _load_rows(name: str, clean: Clean) -> Image.Image:
    """The rows that can be decoded, on white."""
    image = _open(name, clean)
    if image.mode in ("1", "L", "RGB"):
        image.im = Image.new(image.mode, image.size, "white").im
    with suppress(Exception):
        image.load()
    image.tile = []
    return _white_below(image.convert("RGB")) if image.mode == "P" else image


def _white_below(image: Image.Image) -> Image.Image:
    """White in place of the last rows of one colour."""
    pixels = np.asarray(image)
    top = next((y + 1 for y in range(len(pixels) - 1, -1, -1) if (pixels[y] != pixels[-1, 0]).any()), 0)
    image.paste("white", (0, top, *image.size))
    return image


def _load_cut_jpeg(clean: Clean) -> Image.Image:
    """What is there of a JPEG without an end.

    Its decoder keeps back the last row of blocks until it sees an end; with one, it makes up all the rest in grey. The
    first scan of a progressive one covers the whole picture, and the others add details.
    """
    whole, _ = _load("JPEG", clean._replace(data=clean.data + _EOI))
    if "progressive" in whole.info:
        return _white_below(whole) if clean.data.count(_SCAN) == 1 else whole
    rows = _load_rows("JPEG", clean)
    different = ImageChops.difference(whole, rows).getbbox()
    if different is None:
        return whole
    bottom = different[1] + _BLOCK_ROW
    rows.paste(whole.crop((0, 0, whole.width, bottom)), (0, 0))
    return rows
