"""Results as PNG that say how they were made, and nothing about the pictures they were made from."""

import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, PngImagePlugin

from nst.errors import ImageError
from nst.files import atomic
from nst.pictures.containers import PNG_SIGNATURE
from nst.settings import Settings
from nst.steps import Picture
from nst.version import NAME, __version__

#: The keywords of the text chunks.
SOFTWARE, SETTINGS, NETWORK, DEVICE, RECIPE = "Software", "Settings", "Network", "Device", "Recipe"

_MAX_SETTINGS_BYTES = 65_536
_MAX_CHUNKS = 64
#: Higher levels make a painting a tenth smaller and take three to ten times as long.
_COMPRESSION = 2


def write_png(
    path: str | os.PathLike[str],
    picture: Picture,
    *,
    settings: Settings,
    network: str,
    device: str = "",
    recipe: str = "",
) -> None:
    """Write a result with its settings, network, device, recipe and the version of the program as text chunks.

    Args:
        path: where to; the file appears whole.
        picture: uint8, (height, width, 3).
        settings: stored as JSON; ``read_settings`` reads them back.
        network: the network that painted the picture.
        device: what it ran on, or "".
        recipe: the name of the recipe that the settings came from, or "".

    Raises:
        OutputError: the file cannot be written.
    """
    text = PngImagePlugin.PngInfo()
    text.add_text(SOFTWARE, f"{NAME} {__version__}")
    text.add_text(SETTINGS, json.dumps(settings.to_dict()))
    text.add_text(NETWORK, network)
    for keyword, words in ((DEVICE, device), (RECIPE, recipe)):
        if words:
            text.add_text(keyword, words)
    with atomic(path) as temporary:
        Image.fromarray(picture).save(temporary, "PNG", pnginfo=text, compress_level=_COMPRESSION)


def read_png(path: str | os.PathLike[str]) -> Picture:
    """Read back a picture that ``write_png`` wrote. For pictures of strangers there is ``decode.read_picture``.

    Returns:
        uint8, (height, width, 3).

    Raises:
        ImageError: the file is gone or damaged.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return np.array(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError("This PNG file is damaged or gone.") from error


def read_settings(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The settings that a PNG of this program carries.

    The file may come from anybody: only the first chunks are looked at, and a longer text is refused unread.

    Returns:
        Plain values by name; ``Settings.from_mapping`` checks them.

    Raises:
        ImageError: not a PNG, no settings in it, or settings that cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            found = next((body for body in _texts(file) if body.startswith(SETTINGS.encode() + b"\0")), None)
        values = json.loads(found.partition(b"\0")[2]) if found else None
    except (OSError, ValueError, RecursionError) as error:
        raise ImageError("The settings in this file cannot be read.") from error
    if not isinstance(values, dict):
        raise ImageError("This file carries no settings; only the PNG files that this program wrote do.")
    return values


def _texts(file: BinaryIO) -> Iterator[bytes]:
    """The bodies of the text chunks that stand before the pixels."""
    if file.read(len(PNG_SIGNATURE)) != PNG_SIGNATURE:
        return
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] in (b"IDAT", b"IEND"):
            return
        (length,) = struct.unpack(">I", head[:4])
        if head[4:] != b"tEXt":
            file.seek(length + 4, os.SEEK_CUR)
            continue
        if length > _MAX_SETTINGS_BYTES:
            raise ValueError("the text is too long")
        body = file.read(length)
        if file.read(4) != struct.pack(">I", zlib.crc32(head[4:] + body)):
            raise ValueError("the text is damaged")
        yield body
