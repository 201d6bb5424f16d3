"""Each recipe with the trained network, to its end: what its log says, what it ends with, and its picture.

A recipe of thousands of steps takes hours on a CPU, so what was run once is kept in ``recipe_runs.json``; remove it
from there to run it again. VGG-19 stands in for VGG-16 where that is not at hand.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import machine
from nst.files import cache_folder
from nst.pictures.decode import read_picture
from nst.pictures.sheet import contact_sheet
from nst.recipes import find_recipe, recipes
from nst.transfer.loop import stylize_steps
from nst.transfer.options import StylizeOptions

HERE = Path(__file__).parent
KEPT = HERE / "recipe_runs.json"
PAINTING = HERE.parent / "assets" / "styles" / "starry_night.jpg"
#: Rows of a log.
ROWS = 40


def measure(size: int | None = None, device: str = "cpu", names: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """A row for each recipe that a source published, or of those named: name, size, steps, log, losses at the end.

    Args:
        size: long side in pixels; the source's own by default.
        device: where it runs.
        names: of the recipes to run; those that were run before are told as well.
    """
    kept: list[dict[str, Any]] = json.loads(KEPT.read_text()) if KEPT.exists() else []
    for recipe in recipes():
        side = size or recipe.settings.get("size", 512)
        there = any((row["name"], row["size"]) == (recipe.name, side) for row in kept)
        if not recipe.own and not there and (not names or recipe.name in names):
            kept.append(_run(recipe.name, side, device))
            KEPT.write_text(json.dumps(kept, separators=(",", ":")))
    return kept


def sheet() -> Path:
    """What each ended with, as far as it was run on this machine."""
    rows = [(row, _picture(row["name"], row["size"])) for row in json.loads(KEPT.read_text())]
    there = [(row, path) for row, path in rows if path.exists()]
    pictures = [np.array(Image.open(path)) for _, path in there]
    labels = [f"{row['name']}, {row['size']} px" for row, _ in there]
    path = HERE / "sheets" / "recipes.jpg"
    Image.fromarray(contact_sheet(pictures, labels)).save(path, quality=80, optimize=True)
    return path


def _run(name: str, size: int, device: str) -> dict[str, Any]:
    settings = find_recipe(name).to_settings({"size": size, "network": "vgg19"})
    photo, painting = machine.example("tower"), read_picture(PAINTING)
    log, every = [], max(1, settings.steps // ROWS)
    for step in stylize_steps(photo, painting, settings, StylizeOptions(device=device, preview_seconds=-1)):
        if step.index in (1, step.total) or step.index % every == 0:
            log.append((step.index, step.losses.total))
            print(name, *log[-1], flush=True)
    _picture(name, size).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(step.image).save(_picture(name, size))
    losses = {name: step.losses.terms[name] for name in ("content", "style")}
    return {"name": name, "size": size, "machine": machine.describe(), "seconds": step.seconds, "log": log, **losses}


def _picture(name: str, size: int) -> Path:
    return cache_folder("recipes") / f"{name} {size}.png"
