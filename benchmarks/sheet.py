"""Pictures to look at: a sheet for each question about the look, its verdict beside it in ``LOOK.md``.

Rows are a photo and a style, columns are what is tried. A picture that was painted once is kept, so that a sheet can go
on where it was left and another that needs it has it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import machine
from nst.cache import cache_folder
from nst.pictures.decode import read_picture
from nst.pictures.sheet import contact_sheet
from nst.pictures.styles import Style, find_style, gallery
from nst.recipes import find_recipe
from nst.settings import Settings
from nst.steps import Picture
from nst.transfer.loop import stylize

HERE = Path(__file__).parent
ASSETS = HERE.parent / "assets"
#: The styles beside the photo in the picture at the top of the README.
HEADLINE = ("great_wave", "starry_night", "scream", "stained_glass", "the_kiss")
PAIRS = (("tower", "starry_night"), ("lion", "scream"), ("face", "great_wave"), ("cheetah", "wheat_field"))


@dataclass(frozen=True)
class Question:
    """What is to be seen: columns of settings for pairs of a photo and a style.

    ``recipe`` is what the settings of a column go on top of, unless they name another.
    """

    columns: Mapping[str, Mapping[str, Any]]
    pairs: tuple[tuple[str, str], ...] = PAIRS
    size: int = 384
    recipe: str = "standard"
    crop: bool = False


QUESTIONS: dict[str, Question] = {
    "brushwork": Question({str(w): {"patch_weight": w} for w in (0, 0.02, 0.05, 0.15)}),
    "content": Question({str(w): {"content_weight": w} for w in (0.05, 0.1, 0.15, 0.2, 0.4)}),
    "smoothness": Question({str(w): {"tv_weight": w} for w in (0, 0.02, 0.1, 0.3)}, crop=True),
    "pooling": Question({"max": {}, "average": {"pooling": "average"}}),
    "layers": Question(
        {
            "equal": {},
            "fine": {"style_layer_weights": (2, 1.5, 1, 0.75, 0.5)},
            "coarse": {"style_layer_weights": (0.5, 0.75, 1, 1.5, 2)},
            "coarsest alone": {"style_layer_weights": (0, 0, 0, 0, 1)},
            "finest alone": {"style_layer_weights": (1, 0, 0, 0, 0)},
        }
    ),
    "start": Question({init: {"init": init} for init in ("recoloured", "content", "noise", "blend")}),
    "steps": Question({name: {"recipe": name} for name in ("draft", "standard", "fine")}),
    "optimiser": Question({"L-BFGS": {}, "Adam": {"optimizer": "adam"}, "SGD": {"optimizer": "sgd"}}),
    "size": Question({f"{size} px": {"size": size} for size in (256, 512, 1024, 2048)}, PAIRS[:2]),
    "portrait": Question(
        {
            "the default": {},
            "strength 3": {"style_weight": 3},
            "strength 5, content 0": {"style_weight": 5, "content_weight": 0},
        },
        tuple(("face", style) for style in ("scream", "starry_night", "wheat_field", "mosaic")),
    ),
}


def sheet(name: str) -> Path:
    """The sheet of a question."""
    question = QUESTIONS[name]
    cells, labels = [], []
    for photo, style in question.pairs:
        for label, changes in question.columns.items():
            picture = painted(photo, find_style(style), {"recipe": question.recipe, "size": question.size, **changes})
            cells.append(_middle(picture) if question.crop else picture)
            labels.append(label)
    return _save(contact_sheet(cells, labels, columns=len(question.columns)), HERE / "sheets" / f"{name}.jpg")


def styles_sheet(photo: str, size: int = 512) -> Path:
    """A photo in every style of the gallery, as the defaults paint it with the style's suggestions."""
    cells = {"the photo": machine.example(photo)}
    for style in gallery():
        cells[style.title] = painted(photo, style, {"recipe": "standard", "size": size})
        print(f"{photo}, {style.key}", flush=True)
    return _save(contact_sheet(list(cells.values()), list(cells), columns=5), HERE / f"{photo}.jpg")


def readme_sheet(photo: str = "lion", size: int = 512) -> Path:
    """The picture at the top of the README."""
    cells = {"the photo": machine.example(photo)}
    for style in map(find_style, HEADLINE):
        cells[style.title] = painted(photo, style, {"recipe": "standard", "size": size})
    return _save(contact_sheet(list(cells.values()), list(cells), columns=3), ASSETS / "readme.jpg")


def painted(photo: str, style: Style, changes: Mapping[str, Any]) -> Picture:
    """A photo painted in a style with its suggestions and some changes on top of a recipe; kept for the next time."""
    recipe = find_recipe(changes["recipe"])
    rest = {name: value for name, value in changes.items() if name != "recipe"}
    settings = recipe.to_settings({**style.suggested, **rest})
    path = _kept(photo, style, settings)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(stylize(machine.example(photo), read_picture(style.path), settings)).save(path)
    return np.asarray(Image.open(path))
