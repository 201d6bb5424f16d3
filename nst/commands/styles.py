"""``python -m nst styles``: what the gallery holds, all of it as a zip, and photographs of the originals."""

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nst.errors import DownloadError, UnreachableError
from nst.gallery.archive import write_style_zip
from nst.gallery.manifest import Style, available_styles, bundled_styles
from nst.gallery.originals import fetch_original


def add_styles(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--json", action="store_true", help="print them as a JSON array")
    one.add_argument("--zip", metavar="FILE", type=Path, help="write all style pictures and their manifest as a zip")
    one.add_argument(
        "--originals", action="store_true",
        help="fetch photographs of the originals from Wikimedia Commons, as styles of their own",
    )  # fmt: skip
    parser.set_defaults(command=_styles)


def _styles(arguments: argparse.Namespace) -> int:
    if arguments.originals:
        return _fetch()
    if arguments.zip:
        write_style_zip(arguments.zip)
        print(f"{len(bundled_styles())} style pictures and their manifest are in {arguments.zip}")
    elif arguments.json:
        print(json.dumps([_entry(style) for style in available_styles()], indent=2, ensure_ascii=False))
    else:
        _list()
    return 0


def _list() -> None:
    width = max(len(style.key) for style in available_styles())
    for style in available_styles():
        mark = ", photograph of the original" if style.photograph else ""
        print(f"{style.key:{width}}  {style.title}, {style.artist}, {style.year}{mark}")


def _entry(style: Style) -> dict[str, Any]:
    """A style as JSON can hold it."""
    original = vars(style.original) if style.original else None
    return {**vars(style), "path": str(style.path), "suggested": dict(style.suggested), "original": original}


def _fetch() -> int:
    """Download the photographs of the originals; those that arrive are kept, whatever becomes of the others."""
    studies = [style for style in bundled_styles() if style.original]
    fetched = sum(_fetch_one(style) for style in studies)
    print(f"{fetched} of {len(studies)} originals are here; the page shows them from its next start.")
    return 0 if fetched == len(studies) else 2


def _fetch_one(style: Style) -> bool:
    """Bring one, with a bar on stderr where that is a terminal. Without a server there is no use in going on."""
    try:
        with tqdm(unit="B", unit_scale=True, desc=style.key, disable=None, file=sys.stderr) as bar:
            path = fetch_original(style, partial(_move, bar))
    except UnreachableError:
        raise
    except DownloadError as error:
        print(f"nst: {error}", file=sys.stderr)
        return False
    print(f"{style.title}: {path}")
    return True


def _move(bar: "tqdm[Any]", done: int, total: int) -> None:
    bar.total = total or None
    bar.update(done - bar.n)
