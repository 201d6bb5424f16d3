"""Paints the style gallery: ``python -m tools.painter [NAME ...] [--size N] [--out DIR] [--sheet FILE]``."""

import argparse
import io
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image

from nst.gallery.manifest import bundled_styles, find_style
from nst.pictures.sheet import contact_sheet
from tools.painter import (
    composition,
    great_wave,
    ink_wash,
    mosaic,
    scream,
    shipwreck,
    stained_glass,
    starry_night,
    sunday_afternoon,
    the_kiss,
    water_lilies,
    wheat_field,
)
from tools.painter.canvas import Canvas

PAINTINGS: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        scream,
        starry_night,
        great_wave,
        water_lilies,
        sunday_afternoon,
        composition,
        wheat_field,
        the_kiss,
        shipwreck,
        mosaic,
        stained_glass,
        ink_wash,
    )
}
SIZE = 1280
LARGEST_FILE = 500_000
_QUALITIES = (90, 87, 84, 81, 78, 74, 70, 65, 60)
_LARGEST_SHEET = 290_000
_SMALLEST, _LARGEST = 32, 4096
STYLES = Path(__file__).resolve().parents[2] / "assets" / "styles"


def painted(name: str, size: int = SIZE) -> Image.Image:
    """The painting ``name`` with ``size`` pixels on its long side; the same bits every time."""
    work = PAINTINGS[name]
    rng = np.random.default_rng(work.SEED)
    canvas = Canvas(work.WIDTH, work.HEIGHT, size, work.GROUND)
    work.paint(canvas, rng)
    return canvas.finish(rng)


def jpeg(picture: Image.Image, limit: int = LARGEST_FILE, comment: str = "") -> bytes:
    """The picture as a JPEG file that holds nothing else but the comment, as good as ``limit`` bytes allow."""
    for quality in _QUALITIES:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True, comment=comment.encode())
        if file.tell() <= limit:
            break
    return file.getvalue()


def sheet() -> Image.Image:
    """All paintings of the gallery as they are in its folder, side by side, with title and artist."""
    styles = bundled_styles()
    pictures = []
    for style in styles:
        with Image.open(style.path) as picture:
            pictures.append(np.asarray(picture.convert("RGB")))
    return Image.fromarray(contact_sheet(pictures, [f"{style.title} - {style.artist}" for style in styles]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Paints what the command line names, everything if it names nothing; or lays the gallery out on a sheet."""
    parser = argparse.ArgumentParser(prog="python -m tools.painter", description="Paint the style gallery.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to paint: {', '.join(PAINTINGS)} (default: all)"
    )
    parser.add_argument("--size", type=int, default=SIZE, help="long side in pixels (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=STYLES, help="folder for the JPEG files (default: assets/styles)")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="paint nothing; write a contact sheet of the gallery"
    )
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in PAINTINGS:
            parser.error(f"there is no painting called {name!r}; there are {', '.join(PAINTINGS)}")
    if not _SMALLEST <= options.size <= _LARGEST:
        parser.error(f"--size is {options.size}; it must be between {_SMALLEST} and {_LARGEST} pixels")
    if options.sheet:
        options.sheet.write_bytes(jpeg(sheet(), _LARGEST_SHEET))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or PAINTINGS:
        title = find_style(name).title
        (options.out / f"{name}.jpg").write_bytes(jpeg(painted(name, options.size), comment=title))


if __name__ == "__main__":
    main()
