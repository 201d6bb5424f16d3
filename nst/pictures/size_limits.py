"""Limits on the size of pictures that are read, and the sentences for those beyond them."""

import math

from nst.errors import ImageError

MAX_BYTES = 40_000_000
MAX_PIXELS = 50_000_000
#: Of a JPEG that is reduced while it is decoded: the largest sensors of phones have 200 megapixels.
MAX_REDUCED_PIXELS = 201_000_000
MAX_RATIO = 20
MAX_SCANS = 256
MAX_SCANNED_PIXELS = 2_560_000_000
MIN_SIDE = 16

#: Of a clip, of which a decoder holds up to 16 frames at once: 4K, five minutes, 60 frames per second.
MAX_CLIP_BYTES = 500_000_000
MAX_CLIP_PIXELS = 9_500_000
MAX_CLIP_SECONDS = 300
MAX_CLIP_FRAMES = 18_000


def check_bytes(count: int, limit: int = MAX_BYTES) -> None:
    """Refuse a file of more bytes than the limit.

    Raises:
        ImageError: the file is larger; the sentence names its size and the limit.
    """
    if count > limit:
        raise ImageError(f"This file is {_in_millions(count)} MB; the limit is {limit // 10**6}.")


def check_pixels(width: int, height: int) -> None:
    """Refuse more than MAX_PIXELS.

    Raises:
        ImageError: there are more; the sentence names the megapixels, both sides and the limit.
    """
    if width * height > MAX_PIXELS:
        raise ImageError(f"{_too_large(width, height)}; the limit is {MAX_PIXELS // 10**6}.")


def reduction(width: int, height: int, scans: int) -> int:
    """By how much a JPEG must be reduced while it is decoded, to have at most MAX_PIXELS: 1, 2, 4 or 8.

    One of several scans cannot be: its decoder holds all of it in memory first.

    Raises:
        ImageError: it has too many pixels for that; the sentence names them and the limit.
    """
    reducible = scans == 1 and width * height <= MAX_REDUCED_PIXELS
    for factor in (1, 2, 4, 8) if reducible else (1,):
        if math.ceil(width / factor) * math.ceil(height / factor) <= MAX_PIXELS:
            return factor
    limit = MAX_PIXELS if scans > 1 else MAX_REDUCED_PIXELS
    raise ImageError(f"{_too_large(width, height)}; the limit is {limit // 10**6}.")


def _too_large(width: int, height: int) -> str:
    return f"This picture has {megapixels(width, height)}"


def megapixels(width: int, height: int) -> str:
    """The size for people: "108 megapixels (12 000 x 9 000)"."""
    return f"{_in_millions(width * height)} megapixels ({_grouped(width)} x {_grouped(height)})"


def check_size(width: int, height: int, what: str = "picture") -> None:
    """Refuse ``what`` has too many pixels or too short a side, or is too long and thin.

    Raises:
        ImageError: the first limit that is broken, with the value.
    """
    check_pixels(width, height)
    sides = f"{_grouped(width)} x {_grouped(height)}"
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"This {what} is {sides} pixels; each side needs at least {MIN_SIDE}.")
    ratio = max(width, height) / min(width, height)
    if ratio > MAX_RATIO:
        raise ImageError(
            f"One side of this {what} is {_rounded_up(ratio)} times the other ({sides}); the limit is {MAX_RATIO}."
        )


def check_clip_size(width: int, height: int) -> None:
    """Refuse a clip of more than MAX_CLIP_PIXELS, with too short a side or too long and thin.

    Raises:
        ImageError: the first limit that is broken, with the value.
    """
    if width * height > MAX_CLIP_PIXELS:
        raise ImageError(f"This clip has {megapixels(width, height)}; the limit is {MAX_CLIP_PIXELS / 10**6:g}.")
    check_size(width, height, "clip")


def check_clip_length(seconds: float, frames: int, most_seconds: int = MAX_CLIP_SECONDS) -> None:
    """Refuse a clip of more than ``most_seconds`` or MAX_CLIP_FRAMES.

    Raises:
        ImageError: it is longer; the sentence names the value and the limit.
    """
    if seconds > most_seconds:
        raise ImageError(f"This clip lasts {_grouped(math.ceil(seconds))} seconds; the limit is {most_seconds}.")
    if frames > MAX_CLIP_FRAMES:
        raise ImageError(f"This clip has {_grouped(frames)} frames; the limit is {_grouped(MAX_CLIP_FRAMES)}.")


def check_scans(count: int, pixels: int) -> None:
    """Refuse a JPEG of more than MAX_SCANS scans, or of fewer where each covers very many pixels.

    A decoder goes over the whole picture once for every scan, however short the scan is in the file.

    Raises:
        ImageError: there are more; the sentence names the number and the limit.
    """
    limit = min(MAX_SCANS, MAX_SCANNED_PIXELS // max(1, pixels))
    if count > limit:
        raise ImageError(
            f"This JPEG has {_grouped(count)} progressive scans; the limit is {limit}"
            f"{'' if limit == MAX_SCANS else f' at {_in_millions(pixels)} megapixels'}."
        )


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _in_millions(number: int) -> str:
    return _rounded_up(number / 10**6)


def _rounded_up(value: float) -> str:
    """Never rounded down to the limit that was broken."""
    return f"{math.ceil(value * 100) / 100:g}" if value < 100 else _grouped(math.ceil(value))
