"""Time to a picture: how long the published descents need, how low they come, and when we are as low as the best.

All paint the same photo in the same painting with the same trained VGG-19, and ``benchmarks.judge`` judges them all
alike, outside the clock. Which loss is reached at which step does not depend on the machine, so those curves are kept
in ``race.json`` and the long ones are not run again; the seconds of a step are measured anew, in turns.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks import contenders, machine, peers
from benchmarks.judge import Loss, PlainVGG, balanced_loss, enlarged, judge
from nst.pictures.decode import read_picture
from nst.recipes import find_recipe
from nst.settings import Settings
from nst.transfer.images import to_tensor
from nst.transfer.loop import stylize_steps

HERE = Path(__file__).parent
PAINTING = HERE.parent / "assets" / "styles" / "starry_night.jpg"
CURVES = HERE / "race.json"
#: The last pictures of the long descents, for the sheet; not kept in the repository.
OUT = HERE / "out"
#: Long sides of the results in pixels.
SIDES = (256, 512)
#: Ours: a recipe on the judge's own terms, which knows neither smoothness nor brushwork.
OURS = "fine"
JUDGED: dict[str, Any] = {"patch_weight": 0, "tv_weight": 0, "content_weight": 0.1, "style_weight": 1}
PASTICHE = "pastiche 1.6.0"
#: Steps of pastiche's own program, its default, and between the pictures that it saves.
PASTICHE_STEPS, PASTICHE_EVERY = 1000, 50

Scales = contenders.Scales
#: (steps taken, the judge's loss).
Curve = list[tuple[int, float]]


@dataclass(frozen=True)
class Contender:
    """One way to the picture: what it does at given scales, and which they are."""

    run: Callable[[Scales], Iterator[Tensor]]
    scales: Scales

    @property
    def steps(self) -> int:
        """Steps over all scales."""
        return sum(steps for _, steps in self.scales)


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
        self.loss: Loss = balanced_loss(self._vgg(), *self._pictures(side))

    def judge(self, picture: Tensor) -> float:
        """The judge's loss of a picture of any size."""
        return judge(self.loss, picture, (self.side, self.side))

    def published(self) -> dict[str, Contender]:
        """The descents that are run here step by step, by name."""
        scales, one = contenders.crowsonkb_scales(self.side), [(self.side, 300)]
        usual, unrectified, bare = self._vgg(), self._vgg(rectified=False, edge=False), self._vgg(edge=False)
        ways: dict[str, tuple[Any, contenders.LossAt, Scales]] = {
            "crowsonkb": (
                contenders.crowsonkb, lambda side: contenders.crowsonkb_loss(usual, *self._pictures(side)), scales,
            ),
            "PyTorch tutorial": (
                contenders.tutorial, lambda side: contenders.tutorial_loss(unrectified, *self._pictures(side)), one,
            ),
            "Keras, 4000 SGD steps": (
                contenders.keras, lambda side: contenders.keras_loss(bare, *self._stretched(side)), [(self.side, 4000)],
            ),
        }  # fmt: skip
        return {
            name: Contender(lambda those, way=way, at=at: way(at, self.photo, those), given)
            for name, (way, at, given) in ways.items()
        }

    def _pictures(self, side: int) -> tuple[Tensor, Tensor]:
        """The photo and the painting, both with that long side."""
        rows, columns = self.style.shape[-2:]
        return enlarged(self.photo, (side, side)), enlarged(self.style, (side, round(side * rows / columns)))

    def _stretched(self, side: int) -> tuple[Tensor, Tensor]:
        """The same, the painting in the photo's shape."""
        return enlarged(self.photo, (side, side)), enlarged(self.style, (side, side))

    def _vgg(self, **options: bool) -> PlainVGG:
        return PlainVGG(machine.tensors(), **options).to(self.device)


def race(side: int, device: str = "cpu") -> list[dict[str, Any]]:
    """One row for each contender, ours first. Long curves come from ``race.json`` where they are there."""
    stage = Stage(side, device)
    theirs = stage.published()
    curves = {name: _kept_or(side, name, lambda c=contender: _curve(stage, c)) for name, contender in theirs.items()}
    curves[PASTICHE] = _kept_or(side, PASTICHE, lambda: _pastiche_curve(stage))
    before = our_curve(stage)
    clocks = _clocks(stage, theirs)
    ours = min(before, our_curve(stage), key=lambda rows: rows[-1][1])  # Noise only ever adds.
    lines = {name: [(clocks[name](step), loss) for step, loss in rows] for name, rows in curves.items()}
    rows = [_row(name, curves[name][-1][0], line, ours) for name, line in lines.items()]
    return [_row(f"ours, {OURS}", ours[-1][0], [(at, loss) for _, at, loss in ours], ours), *rows]


def our_curve(stage: Stage) -> list[tuple[int, float, float]]:
    """(step, seconds since the start, the judge's loss) of the program itself."""
    settings = find_recipe(OURS).to_settings({"size": stage.side, **JUDGED})
    steps = stylize_steps(stage.picture, stage.painting, settings, device=str(stage.device))
    pictures = [(step.index, step.seconds, step.image) for step in steps]
    return [(index, seconds, stage.judge(to_tensor(picture))) for index, seconds, picture in pictures]


def _curve(stage: Stage, contender: Contender, name: str) -> Curve:
    """The judge's loss along the way: after the first five steps, at every tenth, and at the last."""
    rows = [(0, stage.judge(stage.photo))]
    for count, found in enumerate(contender.run(contender.scales), start=1):
        if count <= 5 or count % 10 == 0 or count == contender.steps:
            rows.append((count, stage.judge(found)))
    return rows
