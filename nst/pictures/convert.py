"""Results in the formats that people send each other: PNG, JPEG and WebP, by the ending of a file's name."""

import shutil
from pathlib import Path

from PIL import Image

from nst.errors import OutputError
from nst.files import atomic

#: By the ending: Pillow's name of the format and its longest side in pixels; a PNG is not converted.
FORMATS = {".png": ("PNG", 2**31 - 1), ".jpg": ("JPEG", 65_500), ".jpeg": ("JPEG", 65_500), ".webp": ("WEBP", 16_383)}
_QUALITY = 95


def is_picture_name(path: Path) -> bool:
    """Whether the name ends as those of the formats do, in upper or lower case."""
    return path.suffix.lower() in FORMATS


def check_format(path: Path, size: tuple[int, int]) -> None:
    """Refuse a picture that the format of its file cannot hold.

    Args:
        path: a name for which ``is_picture_name`` holds.
        size: width and height in pixels.

    Raises:
        OutputError: a side is too long.
    """
    _, most = FORMATS[path.suffix.lower()]
    if max(size) > most:
        raise OutputError(f"{path} cannot hold a picture of {size[0]} x {size[1]} px, only up to {most}; use .png.")


def convert_picture(png: Path, path: Path) -> None:
    """Write a PNG in the format that a name says; the file appears whole. JPEG gets white for what is transparent.

    Raises:
        OutputError: the file cannot be written.
    """
    kind, _ = FORMATS[path.suffix.lower()]
    with atomic(path) as temporary:
        if kind == "PNG":
            shutil.copyfile(png, temporary)
            return
        with Image.open(png, formats=["PNG"]) as image:
            opaque = _on_white(image) if kind == "JPEG" else image
            opaque.save(temporary, kind, quality=_QUALITY)


def _on_white(image: Image.Image) -> Image.Image:
    """The picture in RGB, on white where it is transparent."""
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
