"""The decoder for files of strangers: an upright sRGB picture, or an ImageError that says in one sentence why not."""

import logging
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from nst import process
from nst.errors import ImageError
from nst.pictures import size_limits
from nst.pictures.containers import CLEANERS, MAX_FRAMES, identify
from nst.pictures.loading import load_frames, rows_there
from nst.pictures.srgb import to_srgb
from nst.pictures.tiff import orientation
from nst.pictures.video_guard import begins_like_video
from nst.settings import specs
from nst.steps import Alpha, Picture

_log = logging.getLogger(__name__)

FORMATS = tuple(CLEANERS)

#: Decoding a picture of more bytes leaves so much free in the heap that it is given back to the system.
_TRIMMED_BYTES = 30_000_000

DAMAGED = "This file is cut off or damaged: some of the picture may be missing."
_UNKNOWN_TIFF = (
    "This TIFF file is damaged, or of a kind that is not read, such as colours in floating-point numbers: "
    "export it with 8 or 16 bits."
)

# For other code in this process that opens pictures with Pillow, such as the web framework: warn above the largest
# result that this program paints, refuse above its double. The decoder here checks sizes before Pillow does.
Image.MAX_IMAGE_PIXELS = int(specs()["size"].maximum) ** 2


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture as a browser shows it: upright, in sRGB.

    ``pixels`` are uint8 (H, W, 3), over white where they are transparent. ``alpha`` is uint8 (H, W), or None if nothing
    is transparent. ``notes`` are sentences for the user about what is missing or was left out.
    """

    pixels: Picture
    alpha: Alpha | None = None
    notes: tuple[str, ...] = ()

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return self.pixels.nbytes + (0 if self.alpha is None else self.alpha.nbytes)


def decode(path: str | os.PathLike[str]) -> Decoded:
    """Open a picture; of a moving one, the first frame that shows anything.

    Args:
        path: a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file; its content decides, not its name.

    Returns:
        The picture at its own size, or reduced if it is a JPEG of too many pixels; writable.

    Raises:
        ImageError: no such file, another format, damaged, or beyond a limit of ``nst.pictures.size_limits``.
    """
    data = read_file(path)
    name = identify(data)
    if name is None and begins_like_video(data):
        raise ImageError("This file is a clip, and a picture is needed.")
    if name is None:
        raise ImageError(f"This file is not a picture of a kind that can be read: {', '.join(FORMATS)}.")
    try:
        decoded = _decode(name, data)
    except ImageError:
        raise
    except MemoryError:
        raise ImageError(f"This {name} picture needs more memory than there is.") from None
    except Exception as error:  # decoders raise SyntaxError, struct.error, RuntimeError, ... on broken files
        _log.info("a %s file was refused: %s: %s", name, type(error).__name__, error)
        unknown = name == "TIFF" and isinstance(error, UnidentifiedImageError)
        sentence = f"This {name} file is damaged or incomplete and cannot be opened."
        raise ImageError(_UNKNOWN_TIFF if unknown else sentence) from None
    if decoded.pixels.size > _TRIMMED_BYTES:
        process.trim_heap()
    return decoded


def read_picture(path: str | os.PathLike[str]) -> Picture:
    """The pixels of ``decode``.

    Args:
        path: as for ``decode``.

    Returns:
        uint8, (height, width, 3), contiguous and writable.

    Raises:
        ImageError: as for ``decode``.
    """
    return decode(path).pixels


def read_file(path: str | os.PathLike[str]) -> bytes:
    """The whole file, so that what is checked is what is decoded.

    Raises:
        ImageError: as for ``check_file``, or it cannot be read.
    """
    check_file(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(size_limits.MAX_BYTES + 1)
    except OSError as error:
        raise ImageError("This file cannot be read.") from error
    size_limits.check_bytes(len(data))
    if not data:
        raise ImageError("This file is empty.")
    return data


def check_file(path: str | os.PathLike[str], limit: int = size_limits.MAX_BYTES, needed: str = "picture") -> None:
    """Refuse what is not a file of at most ``limit`` bytes.

    Raises:
        ImageError: no such file, a folder or a device, or too large.
    """
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        raise ImageError("There is no such file.") from None
    except (OSError, ValueError) as error:
        raise ImageError("This file cannot be read.") from error
    if not stat.S_ISREG(status.st_mode):
        raise ImageError(f"This is not a file but a folder or a device; a {needed} is needed.")
    size_limits.check_bytes(status.st_size, limit)


def _decode(name: str, data: bytes) -> Decoded:
    clean = CLEANERS[name](data)
    image, damaged = load_frames(name, clean)
    frames = len(clean.delays) or getattr(image, "n_frames", 1)
    turn = orientation(clean.exif or image.info.get("exif") or b"")
    size = image.size
    number, picture, alpha = _first_shown(image, min(frames, MAX_FRAMES))
    image.close()  # Its pixels would stay in memory while the new ones are copied.
    if damaged and rows_there(picture) < picture.height / 10:
        raise ValueError("hardly anything is there")
    notes = [
        DAMAGED if damaged else "",
        _reduced_note(*size, clean.reduction) if clean.reduction > 1 else "",
        _frame_note(number, frames) if frames > 1 else "",
    ]
    mask = None if alpha is None else _turned(alpha, turn)
    return Decoded(_turned(picture, turn), mask, tuple(note for note in notes if note))


def _first_shown(image: Image.Image, frames: int) -> tuple[int, Image.Image, Image.Image | None]:
    """The number of the first frame that is not of one colour, or else of the first, and the frame in sRGB."""
    first = to_srgb(image)
    if frames == 1 or not _is_blank(first[0]):
        return 1, *first
    with suppress(Exception):  # a frame that cannot be read ends them
        for number in range(1, frames):
            image.seek(number)
            frame = to_srgb(image)
            if not _is_blank(frame[0]):
                return number + 1, *frame
    return 1, *first


def _is_blank(picture: Image.Image) -> bool:
    """Whether all pixels are the same, but for what compression does to them."""
    return bool(np.ptp(np.asarray(picture), axis=(0, 1)).max() <= 16)


def _turned(picture: Image.Image, turn: int) -> npt.NDArray[np.uint8]:
    if turn != 1:
        picture.getexif()[ExifTags.Base.Orientation] = turn
        ImageOps.exif_transpose(picture, in_place=True)
    return np.array(picture)


def _frame_note(number: int, frames: int) -> str:
    passed = "" if number == 1 else ", as what comes before shows nothing"
    return f"Of this moving picture's {frames} frames, number {number} is used{passed}."


def _reduced_note(width: int, height: int, factor: int) -> str:
    return (
        f"This picture has {size_limits.megapixels(width * factor, height * factor)} and was read "
        f"at 1/{factor} of its size; up to {size_limits.MAX_PIXELS // 10**6} megapixels are read whole."
    )
