"""Pictures as PNG files; results carry their settings as text, and nothing about the pictures they were made from."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from nst.errors import ImageError
from nst.files import atomic
from nst.pictures.containers import png_chunks
from nst.settings import FilmSettings, Settings
from nst.steps import Alpha, Picture
from nst.version import NAME, __version__

#: The keywords of the text chunks.
SOFTWARE, SETTINGS, STYLES, NETWORK, DEVICE, RECIPE = "Software", "Settings", "Styles", "Network", "Device", "Recipe"
MASK = "Mask"

#: How much of a file is searched for texts, which stand at its start.
MAX_TEXT_BYTES = 65_536
#: Higher levels make a painting a tenth smaller and take three to ten times as long.
_COMPRESSION = 2


def write_png(
    path: str | os.PathLike[str],
    picture: Picture,
    *,
    settings: Settings,
    film: FilmSettings | None = None,
    network: str,
    device: str = "",
    recipe: str = "",
    styles: Sequence[str] = (),
    mask: str = "",
    alpha: Alpha | None = None,
) -> None:
    """Write a result with its settings, network, device, recipe, styles, mask and the program's version as text chunks.

    Args:
        path: where to; the file appears whole.
        picture: uint8, (height, width, 3).
        settings: stored as JSON; ``read_document`` reads them back.
        film: the settings of the film that it is a frame of, stored among the others.
        network: the network that painted the picture.
        device: what it ran on, or "".
        recipe: the name of the recipe that the settings came from, or "".
        styles: the titles of the style pictures, stored as JSON.
        mask: the name of the mask's file or rule, stored as JSON, or "".
        alpha: uint8, (height, width), or None for an opaque picture.

    Raises:
        OutputError: the file cannot be written.
    """
    texts = {
        SOFTWARE: f"{NAME} {__version__}",
        SETTINGS: json.dumps({**settings.to_dict(), **(film.to_dict() if film else {})}),
        NETWORK: network,
        DEVICE: device,
        RECIPE: recipe,
        STYLES: json.dumps(list(styles)) if styles else "",
        MASK: json.dumps(mask) if mask else "",
    }
    write_plain_png(path, picture, {keyword: words for keyword, words in texts.items() if words}, alpha)


def write_plain_png(
    path: str | os.PathLike[str],
    picture: Picture,
    texts: Mapping[str, str] | None = None,
    alpha: Alpha | None = None,
) -> None:
    """Write a picture, uint8 (H, W, 3), its alpha, and text chunks by keyword; the file appears whole.

    Raises:
        OutputError: the file cannot be written.
    """
    info = PngImagePlugin.PngInfo()
    for keyword, words in (texts or {}).items():
        info.add_text(keyword, words)
    with atomic(path) as temporary:
        pixels = picture if alpha is None else np.dstack([picture, alpha])
        Image.fromarray(pixels).save(temporary, "PNG", pnginfo=info, compress_level=_COMPRESSION)


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


def read_alpha(path: str | os.PathLike[str]) -> Alpha | None:
    """The alpha of a picture that this module wrote: uint8, (height, width), or None if it has none.

    Raises:
        ImageError: the file is missing or damaged.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return np.array(image.getchannel("A")) if image.mode == "RGBA" else None
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError("This PNG file is damaged or gone.") from error


def read_document(head: bytes) -> dict[str, Any]:
    """Recipe, styles, mask and settings in a PNG that ``write_png`` wrote, by the names that settings.json gives them.

    The file may come from anybody; what is in it is not checked.

    Args:
        head: its first ``MAX_TEXT_BYTES``, where the texts are.

    Returns:
        "settings", "styles" and "mask" as parsed JSON, "recipe" as text; whatever is not there is left out.

    Raises:
        ValueError: a text is damaged, cut off or not the JSON that it should be.
        RecursionError: lists within lists without end.
    """
    texts = read_texts(head)
    document: dict[str, Any] = {
        keyword.lower(): json.loads(texts[keyword]) for keyword in (SETTINGS, STYLES, MASK) if keyword in texts
    }
    return {**document, "recipe": texts.get(RECIPE, "")}


def read_texts(head: bytes) -> dict[str, str]:
    """The text chunks by keyword, of the first ``MAX_TEXT_BYTES`` of a PNG.

    Raises:
        ValueError: one is damaged or cut off.
    """
    return dict(_texts(head))


def _texts(head: bytes) -> Iterator[tuple[str, str]]:
    """(keyword, text) of the text chunks at the start of a PNG."""
    for kind, start, stop in png_chunks(head):
        if kind != b"tEXt":
            continue
        if stop > len(head) or zlib.crc32(head[start + 4 : stop - 4]) != int.from_bytes(head[stop - 4 : stop]):
            raise ValueError("the text is damaged or too long")
        keyword, _, text = head[start + 8 : stop - 4].partition(b"\0")
        yield keyword.decode("latin-1"), text.decode("latin-1")
