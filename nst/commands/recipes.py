"""``python -m nst recipes``: settings with a name, listed, or one of them in full."""

import argparse
import json
import textwrap
from collections.abc import Mapping
from typing import Any

from nst.commands.flags import flag
from nst.recipes import Recipe, find_recipe, recipes
from nst.validation import write_text

#: The parts of a recipe that are words, with what stands before them.
_WORDS = {
    "source": "source", "url": "page", "picture_every": "a picture every so many steps",
    "published": "published as", "converted": "converted", "differs": "differs",
}  # fmt: skip
_WIDTH = 100


def add_recipes(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("recipe", metavar="NAME", nargs="?", help="tell everything about this one")
    parser.add_argument("--json", action="store_true", help="print JSON: an array of all, or the object of one")
    parser.set_defaults(command=_recipes)


def _recipes(arguments: argparse.Namespace) -> int:
    if arguments.recipe is not None:
        recipe = find_recipe(arguments.recipe)
        print(_json(recipe.to_dict()) if arguments.json else "\n".join(_in_full(recipe)))
    elif arguments.json:
        print(_json([recipe.to_dict() for recipe in recipes()]))
    else:
        width = max(len(recipe.name) for recipe in recipes())
        for recipe in recipes():
            print(f"{recipe.name:{width}}  {recipe.title}: {recipe.description}")
    return 0


def _json(plain: Any) -> str:
    return json.dumps(plain, indent=2, ensure_ascii=False)


def _in_full(recipe: Recipe) -> list[str]:
    """Everything about a recipe, as lines of text."""
    lines = [f"{recipe.name}: {recipe.title}", recipe.description]
    fields = recipe.to_dict()
    for name, label in _WORDS.items():
        if fields[name]:
            lines += textwrap.wrap(f"{label}: {fields[name]}", _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return [*lines, "settings:", *_listed(fields["settings"])]


def _listed(settings: Mapping[str, Any]) -> list[str]:
    """Settings as the flags that set them."""
    return [f"  {flag(name)} {write_text(value)}" for name, value in settings.items()]
