"""Pictures as PNG files; results carry their settings as text, and nothing about the pictures they were made from."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from nst.errors import ImageError
from nst.files import atomic
from nst.pictures.containers import PNG_SIGNATURE, png_chunks
from nst.settings import Settings
from nst.steps import Picture
from nst.version import NAME, __version__

#: The keywords of the text chunks.
SOFTWARE, SETTINGS, NETWORK, DEVICE, RECIPE = "Software", "Settings", "Network", "Device", "Recipe"

#: How much of a file is searched for settings, which stand at its start.
_MAX_SETTINGS_BYTES = 65_536
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
    texts = {
        SOFTWARE: f"{NAME} {__version__}",
        SETTINGS: json.dumps(settings.to_dict()),
        NETWORK: network,
        DEVICE: device,
        RECIPE: recipe,
    }
    write_plain_png(path, picture, {keyword: words for keyword, words in texts.items() if words})


def write_plain_png(path: str | os.PathLike[str], picture: Picture, texts: Mapping[str, str] | None = None) -> None:
    """Write a picture, uint8 (H, W, 3), with text chunks by keyword and nothing else; the file appears whole.

    Raises:
        OutputError: the file cannot be written.
    """
    info = PngImagePlugin.PngInfo()
    for keyword, words in (texts or {}).items():
        info.add_text(keyword, words)
    with atomic(path) as temporary:
        Image.fromarray(picture).save(temporary, "PNG", pnginfo=info, compress_level=_COMPRESSION)


def read_png(path: str | os.PathLike[str]) -> Picture:
    """Read a picture that this module wrote; for the files of strangers there is ``decode.read_picture``.

    Returns:
        uint8, (height, width, 3).

    Raises:
        ImageError: the file is missing or damaged.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return np.array(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError("This PNG file is damaged or gone.") from error


def read_settings(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The settings in a PNG that ``write_png`` wrote.

    The file may come from anybody: only its first 64 KB are read.

    Returns:
        Plain values by name; ``Settings.from_mapping`` checks them.

    Raises:
        ImageError: not a PNG, no settings in it, or settings that cannot be read.
    """
    try:
        text = read_text(path, SETTINGS)
        values = json.loads(text) if text else None
    except (OSError, ValueError, RecursionError) as error:
        raise ImageError("The settings in this file cannot be read.") from error
    if not isinstance(values, dict):
        raise ImageError("This file carries no settings; only the PNG files that this program wrote do.")
    return values


def read_text(path: str | os.PathLike[str], keyword: str) -> bytes | None:
    """The first text chunk of a keyword in the first 64 KB of a PNG, or None.

    Raises:
        OSError: the file cannot be read.
        ValueError: a text is damaged or too long.
    """
    with Path(path).open("rb") as file:
        head = file.read(_MAX_SETTINGS_BYTES)
    return next((text for found, text in _texts(head) if found == keyword.encode()), None)


def _texts(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(keyword, text) of the text chunks at the start of a PNG."""
    if not head.startswith(PNG_SIGNATURE):
        return
    for kind, start, stop in png_chunks(head):
        if kind != b"tEXt":
            continue
        if stop > len(head) or zlib.crc32(head[start + 4 : stop - 4]) != int.from_bytes(head[stop - 4 : stop]):
            raise ValueError("the text is damaged or too long")
        keyword, _, text = head[start + 8 : stop - 4].partition(b"\0")
        yield keyword, text
