"""Time to a picture: how long the contenders need, how low they come, and when we are as low as the best of them.

All paint the same photo in the same painting with the same network: VGG-19 with scaled random weights of seed 0, or the
built-in one. ``benchmarks.judge`` judges them all alike, outside the clock. Which loss is reached at which step does
not depend on the machine, so those curves are kept in ``race.json`` and the long ones are not run again; the seconds
of a step are measured anew, in turns.
"""

import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks import contenders, machine
from benchmarks.judge import Built, Loss, PlainVGG, balanced_loss, enlarged, judge
from benchmarks.machine import photo
from benchmarks.step import scaled_random_tensors
from nst.features.gabor import GaborNetwork
from nst.features.vgg import VGGFeatures
from nst.pictures.decode import read_picture
from nst.settings import Settings
from nst.transfer.images import to_tensor
from nst.transfer.loop import stylize_steps

HERE = Path(__file__).parent
PAINTING = HERE.parent / "assets" / "styles" / "starry_night.jpg"
CURVES = HERE / "race.json"
#: Long side of the result in pixels.
SIDE = 64
#: Ours: the program's L-BFGS at one scale from the photo in the painting's colours, on the judge's own terms.
OURS = {"patch_weight": 0, "tv_weight": 0}
OUR_STEPS = 300
#: The goal: the best of their losses in this share of the fastest one's time.
GOAL = 0.1
OURS_NAME, OWN = "ours", ", on the judge's loss"

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
    """Photo, painting, network and judge of one race.

    Args:
        network: "vgg19" or "gabor".
        side: of the square result, in pixels.
        device: where it runs.
    """

    def __init__(self, network: str, side: int, device: str) -> None:
        self.network, self.side, self.device = network, side, torch.device(device)
        self.picture, self.painting = photo(side, side), read_picture(PAINTING)
        self.photo, self.style = to_tensor(self.picture, self.device), to_tensor(self.painting, self.device)
        self.tensors = scaled_random_tensors() if network == "vgg19" else {}

    def entries(self) -> dict[str, Contender]:
        """By name; the published forms are for VGG-19 only."""
        scales, one = contenders.crowsonkb_scales(self.side), [(self.side, 300)]
        own = self.judge_at
        found = {
            OURS_NAME: Contender(self._ours, [(self.side, OUR_STEPS)]),
            f"crowsonkb{OWN}": self._contender(contenders.crowsonkb, own, scales),
            f"PyTorch tutorial{OWN}": self._contender(contenders.tutorial, _times(own, 1e6), one),
            "4000 SGD steps" + OWN: self._contender(contenders.descent, own, [(self.side, 4000)]),
        }
        if self.network == "gabor":
            return found
        plain, before = self._plain(), self._plain(rectified=False, edge=False)
        return found | {
            "crowsonkb, as published": self._contender(
                contenders.crowsonkb, lambda side: contenders.crowsonkb_loss(plain, *self._pictures(side)), scales
            ),
            "PyTorch tutorial, as published": self._contender(
                contenders.tutorial, lambda side: contenders.tutorial_loss(before, *self._pictures(side)), one
            ),
        }

    def judge_at(self, side: int) -> Loss:
        """The judge's loss at a size."""
        content, style = self._pictures(side)
        if self.network == "vgg19":
            return balanced_loss(self._plain(), content, style)
        network = Built(style)
        return balanced_loss(network, content, style, (network.style, network.content), one_sided=True)

    def _pictures(self, side: int) -> tuple[Tensor, Tensor]:
        """The photo and the painting, both with that long side."""
        rows, columns = self.style.shape[-2:]
        return enlarged(self.photo, (side, side)), enlarged(self.style, (side, round(side * rows / columns)))

    def _plain(self, **options: bool) -> PlainVGG:
        return PlainVGG(self.tensors, **options).to(self.device)

    def _contender(self, algorithm: Any, loss_at: contenders.LossAt, scales: Scales) -> Contender:
        return Contender(lambda those: algorithm(loss_at, self.photo, those), scales)

    def _ours(self, scales: Scales) -> Iterator[Tensor]:
        ((side, steps),) = scales
        network = VGGFeatures("vgg19", self.tensors) if self.network == "vgg19" else GaborNetwork()
        settings = Settings(size=side, coarsest=side, steps=steps, **OURS)
        run = stylize_steps(self.picture, self.painting, settings, device=str(self.device), network=network)
        # The first Step is the initial picture.
        for step in itertools.islice(run, 1, None):
            yield to_tensor(step.image, self.device)


def curve(stage: Stage, contender: Contender) -> Curve:
    """The judge's loss along the way: after the first five steps, at every tenth, and at the last."""
    loss, size = stage.judge_at(stage.side), (stage.side, stage.side)
    rows = [(0, judge(loss, stage.photo, size))]
    for count, found in enumerate(contender.run(contender.scales), start=1):
        if count <= 5 or count % 10 == 0 or count == contender.steps:
            rows.append((count, judge(loss, found, size)))
    return rows


def curves_of(stage: Stage) -> dict[str, Curve]:
    """Every contender's curve; theirs from ``race.json`` where they are there, else kept in it as soon as one ends."""
    key, found = f"{stage.network} {stage.side}", {}
    for name, contender in stage.entries().items():
        rows = None if name == OURS_NAME else _kept().get(key, {}).get(name)
        if rows is None:
            rows = curve(stage, contender)
        if name != OURS_NAME:
            _keep(key, name, rows)
        found[name] = rows
    return found


def seconds(stage: Stage, names: Iterable[str], turns: int = 9) -> dict[str, list[list[float]]]:
    """For each contender and each of its scales the seconds of a step: quartile, median, quartile. All take turns."""
    every = stage.entries()
    runs = {
        (name, level): every[name].run([(side, turns + 2)])
        for name in names
        for level, (side, _) in enumerate(every[name].scales)
    }
    times: dict[tuple[str, int], list[float]] = {key: [] for key in runs}
    for _, (key, run) in itertools.product(range(turns + 2), runs.items()):
        times[key].append(_seconds(run))
    found: dict[str, list[list[float]]] = {}
    for (name, _), values in times.items():
        found.setdefault(name, []).append(statistics.quantiles(values[2:], n=4))
    return found


def clock(contender: Contender, times: list[list[float]], step: int) -> float:
    """Seconds that the first ``step`` steps take, at the median of each scale's."""
    total = 0.0
    for (_, steps), (_, median, _) in zip(contender.scales, times, strict=True):
        total, step = total + min(step, steps) * median, max(0, step - steps)
    return total


def reached(rows: Curve, loss: float) -> int | None:
    """The first recorded step at which the judge's loss was as low."""
    return next((step for step, value in rows if value <= loss), None)


def race(network: str, device: str = "cpu", side: int = SIDE) -> list[dict[str, Any]]:
    """One row for each contender, ours first. Long curves come from ``race.json`` where they are there."""
    stage = Stage(network, side, device)
    every, curves = stage.entries(), curves_of(stage)
    times = seconds(stage, every)
    return [_row(name, every[name], curves, times, every) for name in every]


def _row(
    name: str,
    contender: Contender,
    curves: dict[str, Curve],
    times: dict[str, list[list[float]]],
    every: dict[str, Contender],
) -> dict[str, Any]:
    step, lowest = min(curves[name], key=lambda row: row[1])
    ours = reached(curves[OURS_NAME], lowest)
    return {
        "name": name,
        "steps": contender.steps,
        "step_s": times[name],
        "seconds": clock(contender, times[name], contender.steps),
        "last": curves[name][-1][1],
        "lowest": lowest,
        "lowest_at": step,
        "our_step": ours,
        "our_seconds": None if ours is None else clock(every[OURS_NAME], times[OURS_NAME], ours),
        "line": [(clock(contender, times[name], step), loss) for step, loss in curves[name]],
    }


def _kept() -> dict[str, dict[str, Curve]]:
    return json.loads(CURVES.read_text()) if CURVES.exists() else {}


def _keep(key: str, name: str, rows: Curve) -> None:
    everything = _kept()
    everything.setdefault(key, {})[name] = [(step, float(f"{loss:.4g}")) for step, loss in rows]
    CURVES.write_text(json.dumps(everything) + "\n")


def _times(loss_at: contenders.LossAt, factor: float) -> contenders.LossAt:
    def scaled(side: int) -> Loss:
        loss = loss_at(side)
        return lambda image: factor * loss(image)

    return scaled


def _seconds(run: Iterator[Tensor]) -> float:
    start = time.perf_counter()
    next(run)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def caption(network: str) -> str:
    """What the plot shows, on which machine, when."""
    return f"{network}, {SIDE} px: {machine.describe()}"
