"""The decoder for files of strangers: an upright sRGB picture, or an ImageError that says in one sentence why not."""

import io
import logging
import os
import stat
import threading
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageOps

from nst import process
from nst.errors import ImageError
from nst.pictures import size_limits
from nst.pictures.containers import CLEANERS, identify
from nst.pictures.srgb import to_srgb
from nst.pictures.tiff import orientation
from nst.settings import specs
from nst.steps import Picture

_log = logging.getLogger(__name__)

#: At most two pictures are decoded at once, since one may take some hundred megabytes; the others wait.
_DECODERS = threading.BoundedSemaphore(2)

FORMATS = tuple(CLEANERS)

# For other code in this process that opens pictures with Pillow, such as the web framework: warn above the largest
# result that this program paints, refuse above its double. The decoder here checks sizes before Pillow does.
Image.MAX_IMAGE_PIXELS = int(specs()["size"].maximum) ** 2


def open_picture(path: str | os.PathLike[str]) -> Image.Image:
    """Open a picture as a browser shows it: upright, in sRGB, the first frame, transparent parts white.

    Args:
        path: a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file; its content decides, not its name.

    Returns:
        A loaded picture in mode RGB, at its own size, without metadata.

    Raises:
        ImageError: no such file, another format, damaged, or beyond a limit of ``nst.pictures.size_limits``.
    """
    data = _read(path)
    name = identify(data)
    if name is None:
        raise ImageError(f"This file is not a picture of a kind that can be read: {', '.join(FORMATS)}.")
    with _DECODERS:
        try:
            return _decode(name, data)
        except ImageError:
            raise
        except MemoryError:
            raise ImageError(f"This {name} picture needs more memory than there is.") from None
        except Exception as error:  # decoders raise SyntaxError, struct.error, RuntimeError, ... on broken files
            _log.info("a %s file was refused: %s: %s", name, type(error).__name__, error)
            raise ImageError(f"This {name} file is damaged or incomplete and cannot be opened.") from None


def read_picture(path: str | os.PathLike[str]) -> Picture:
    """``open_picture`` as an array.

    Args:
        path: as for ``open_picture``.

    Returns:
        uint8, (height, width, 3), contiguous and writable.

    Raises:
        ImageError: as for ``open_picture``.
    """
    return np.array(open_picture(path))


def _read(path: str | os.PathLike[str]) -> bytes:
    """The whole file, so that what is checked is what is decoded."""
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        raise ImageError("There is no such file.") from None
    except (OSError, ValueError) as error:
        raise ImageError("This file cannot be read.") from error
    if not stat.S_ISREG(status.st_mode):
        raise ImageError("This is not a file but a folder or a device; a picture is needed.")
    size_limits.check_bytes(status.st_size)
    try:
        with Path(path).open("rb") as file:
            data = file.read(size_limits.MAX_BYTES + 1)
    except OSError as error:
        raise ImageError("This file cannot be read.") from error
    size_limits.check_bytes(len(data))
    if not data:
        raise ImageError("This file is empty.")
    return data


def _decode(name: str, data: bytes) -> Image.Image:
    clean = CLEANERS[name](data)
    image = _open(name, clean.data)
    turn = orientation(clean.exif or image.info.get("exif") or b"")
    image = to_srgb(image)
    if turn != 1:
        image.getexif()[ExifTags.Base.Orientation] = turn
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _open(name: str, data: bytes) -> Image.Image:
    """The first picture of a cleaned file, decoded only after its size is found to be within the limits."""
    if name == "HEIC":
        file = pillow_heif.open_heif(io.BytesIO(data))
        size_limits.check_size(*file.size)
        return file.to_pillow()
    image: Image.Image = Image.open(io.BytesIO(data), formats=[name])
    size_limits.check_size(*image.size)
    # libtiff's fax decoders stop at a damaged row without an error, and Pillow shows what was in memory before.
    with process.zeroed_memory() if name == "TIFF" else nullcontext():
        image.load()
    if name == "PNG" and data[24] == 16 and isinstance(key := image.info.get("transparency"), tuple):
        image.info["transparency"] = tuple(value >> 8 for value in key)  # Pillow keeps the upper byte of the pixels
    return image
