"""Pictures to look at: a sheet for each question about the look, its verdict beside it in ``LOOK.md``.

Rows are a photo and a style, columns are what is tried. A picture that was painted once is kept, so that a sheet can go
on where it was left and another that needs it has it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import machine
from nst.files import cache_folder
from nst.gallery.manifest import Style, bundled_styles, find_style
from nst.notebook import stylize
from nst.pictures.clip_writer import write_clip
from nst.pictures.decode import read_picture
from nst.pictures.sheet import contact_sheet
from nst.recipes import find_recipe
from nst.settings import FilmSettings, Settings
from nst.steps import Picture
from nst.transfer.film import film_steps

HERE = Path(__file__).parent
ASSETS = HERE.parent / "assets"
#: The styles beside the photo in the picture at the top of the README.
HEADLINE = ("great_wave", "starry_night", "scream", "stained_glass", "the_kiss")
#: What published transfers are called in a folder that holds some, by painting.
PUBLISHED = {"scream": "the_scream", "starry": "starry_night"}
PAIRS = (("tower", "starry_night"), ("face", "scream"))
WITH_LION = (*PAIRS, ("lion", "wheat_field"))


@dataclass(frozen=True)
class Question:
    """What is to be seen: columns of settings, on top of a recipe's, for pairs of a photo and a style."""

    columns: Mapping[str, Mapping[str, Any]]
    pairs: tuple[tuple[str, str], ...] = PAIRS
    size: int = 320
    crop: bool = False


QUESTIONS: dict[str, Question] = {
    "brushwork": Question({str(weight): {"patch_weight": weight} for weight in (0, 0.05, 0.15)}),
    "content": Question({str(weight): {"content_weight": weight} for weight in (0.05, 0.1, 0.2, 0.4)}, WITH_LION),
    "smoothness": Question({str(weight): {"tv_weight": weight} for weight in (0.02, 0.3, 1, 3)}, crop=True),
    "pooling": Question({kind: {"pooling": kind} for kind in ("max", "average")}),
    "layers": Question(
        {
            "equal": {},
            "fine ones": {"style_layer_weights": (2, 1.5, 1, 0.75, 0.5)},
            "coarse ones": {"style_layer_weights": (0.5, 0.75, 1, 1.5, 2)},
        }
    ),
    "start": Question({init: {"init": init} for init in ("recoloured", "content", "noise")}),
    "steps": Question({name: {"recipe": name} for name in ("draft", "standard", "fine")}),
    "optimiser": Question({name: {"optimizer": name} for name in ("lbfgs", "adam", "sgd")}),
    "size": Question({f"{size} px": {"size": size} for size in (256, 512, 1024, 2048)}, PAIRS[:1]),
    "portrait": Question(
        {
            "the default": {},
            "strength 3": {"style_weight": 3},
            "strength 5, content 0.05": {"style_weight": 5, "content_weight": 0.05},
        },
        tuple(("face", style) for style in ("scream", "mosaic")),
    ),
}


def sheet(name: str) -> Path:
    """The sheet of a question."""
    question = QUESTIONS[name]
    cells, labels = [], []
    for photo, style in question.pairs:
        for label, changes in question.columns.items():
            picture = painted(photo, find_style(style), {"recipe": "standard", "size": question.size, **changes})
            cells.append(_middle(picture) if question.crop else picture)
            labels.append(label)
    return _save(contact_sheet(cells, labels, columns=len(question.columns)), HERE / "sheets" / f"{name}.jpg")


def published_sheet(folder: Path, size: int = 512) -> Path:
    """Ours beside published transfers of the same photos and paintings, which are not kept in this repository.

    Args:
        folder: with ``photos/``, ``paintings/`` and ``published/PHOTO_PAINTING.png``.
        size: long side in pixels.
    """
    cells, labels = [], []
    for published in sorted((folder / "published").glob("*.png")):
        photo, painting = published.stem.rsplit("_", 1)
        pictures = (folder / "photos" / f"{photo}.jpg", folder / "paintings" / f"{PUBLISHED[painting]}.jpg")
        settings = find_recipe("standard").to_settings({"size": size})
        cells += [stylize(*map(read_picture, pictures), settings), read_picture(published)]
        labels += ["ours", "published"]
    return _save(contact_sheet(cells, labels, columns=4), HERE / "out" / "published.jpg")


def styles_sheet(photo: str, size: int = 384) -> Path:
    """A photo in every style of the gallery, as the defaults paint it with the style's suggestions."""
    cells = {"the photo": machine.example(photo)}
    for style in bundled_styles():
        cells[style.title] = painted(photo, style, {"recipe": "standard", "size": size})
        print(f"{photo}, {style.key}", flush=True)
    return _save(contact_sheet(list(cells.values()), list(cells), columns=5), HERE / f"{photo}.jpg")


def readme_sheet(photo: str = "lion", size: int = 384) -> Path:
    """The picture at the top of the README."""
    cells = {"the photo": machine.example(photo)}
    for style in map(find_style, HEADLINE):
        cells[style.title] = painted(photo, style, {"recipe": "standard", "size": size})
    return _save(contact_sheet(list(cells.values()), list(cells), columns=3), ASSETS / "readme.jpg")


def readme_film(photo: str = "lion", style: str = "starry_night", size: int = 224, frames: int = 18) -> Path:
    """The film in the README: the camera comes close to a photo and goes back again, beside the same painted."""
    contents = [_zoomed(machine.example(photo), size, number / (frames - 1)) for number in range(frames)]
    steps = film_steps(contents, read_picture(find_style(style).path), Settings(size=size))
    film = [step.image for step in steps if step.end and step.image is not None]
    pairs = [np.hstack(pair) for pair in zip(contents, film, strict=True)]
    write_clip(ASSETS / "film.webp", [*pairs, *pairs[-2:0:-1]], FilmSettings().frame_rate)
    return ASSETS / "film.webp"


def _zoomed(photo: Picture, size: int, way: float) -> Picture:
    """What a camera of 4:3 sees of a photo on its way, from 0 to 1, to a bit above the middle."""
    eased = way * way * (3 - 2 * way)
    width, across = photo.shape[1] * 0.6**eased, 0.5 * photo.shape[1]
    height, down = 0.75 * width, (0.5 - 0.12 * eased) * photo.shape[0]
    box = (across - width / 2, down - height / 2, across + width / 2, down + height / 2)
    return np.asarray(Image.fromarray(photo).resize((size, size * 3 // 4), Image.Resampling.BICUBIC, box))


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


def _kept(photo: str, style: Style, settings: Settings) -> Path:
    """Where a picture is kept, by everything that decides its pixels but the code."""
    what = json.dumps([photo, style.key, settings.to_dict()], sort_keys=True)
    return cache_folder("sheets") / f"{photo}-{style.key}-{hashlib.sha256(what.encode()).hexdigest()[:16]}.png"


def _middle(picture: Picture, side: int = 160) -> Picture:
    """A square out of its middle, to be looked at closely."""
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


def _save(sheet: Picture, path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(sheet).save(path, quality=80, optimize=True)
    return path
