"""``python -m nst styles``: what the gallery holds."""

import argparse
import json

from nst.pictures.styles import Style, gallery


def add_styles(parser: argparse.ArgumentParser) -> None:
    """Make a parser that of this command."""
    parser.add_argument("--json", action="store_true", help="print them as a JSON array")
    parser.set_defaults(command=_styles)


def _styles(arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps([_entry(style) for style in gallery()], indent=2, ensure_ascii=False))
        return 0
    width = max(len(style.key) for style in gallery())
    for style in gallery():
        print(f"{style.key:{width}}  {style.title}, {style.artist}, {style.year}")
    return 0


def _entry(style: Style) -> dict[str, object]:
    """A style as JSON can hold it."""
    return {**vars(style), "path": str(style.path), "suggested": dict(style.suggested)}
