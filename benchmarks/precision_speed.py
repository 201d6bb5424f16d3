"""What the precision of the convolutions costs and gains: a step at each, the loss at the end, what a GPU could do.

A step is all of it, the optimiser and the reading of the losses as well. On a GPU, steps in tf32 and bfloat16 are
replayed as a CUDA graph, and measured without as well. The achieved rate counts the convolutions of VGG-19 alone, so it
is a little less than what the GPU does.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks.machine import photo, vgg19
from benchmarks.step import _seconds
from nst.features.precision import supported_precision
from nst.features.vgg import CHANNELS
from nst.pictures.decode import read_picture
from nst.settings import Settings, specs
from nst.transfer.descent import Descent
from nst.transfer.images import to_tensor
from nst.transfer.loop import stylize_steps
from nst.transfer.objective import Objective
from nst.transfer.options import StylizeOptions
from nst.transfer.replay import PLAIN_STEPS, make_replay

#: Convolutions of VGG-19 up to conv5_1, by block.
CONVOLUTIONS = (2, 2, 4, 4, 1)


def precisions(device: str) -> list[str]:
    """Those that a device has, float32 first."""
    return [name for name in specs()["precision"].choices if supported_precision(name, torch.device(device)) == name]


def steps(side: int, device: str, turns: int = 5) -> dict[str, float]:
    """Median seconds of a step at each precision, by turns; those replayed on a GPU also as "..., not replayed"."""
    made = dict(_descents(side, device))
    times: dict[str, list[float]] = {name: [] for name in made}
    for turn in range(PLAIN_STEPS + 1 + turns):
        for name, descent in made.items():
            seconds = _seconds(lambda descent=descent: descent.step(1.0))
            if turn > PLAIN_STEPS:
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def after_standard(side: int, device: str) -> dict[str, float]:
    """The total that ``standard`` ends with at each precision, relative to that of float32."""
    painting = read_picture(Path(__file__).parents[1] / "assets" / "styles" / "starry_night.jpg")
    totals = {}
    for precision in precisions(device):
        settings = Settings(size=side, precision=precision)
        run = stylize_steps(photo(side, side), painting, settings, StylizeOptions(device=device, preview_seconds=-1))
        *_, last = run
        totals[precision] = last.losses.total
    return {name: total / totals["float32"] for name, total in totals.items()}


def flops(side: int) -> float:
    """Floating-point operations of VGG-19's convolutions up to conv5_1, forwards and back to the pixels.

    Args:
        side: of a square picture, in pixels; a multiple of 16.
    """
    total, inner = 0.0, 3
    for block, (count, outer) in enumerate(zip(CONVOLUTIONS, CHANNELS, strict=True)):
        for _ in range(count):
            # A product and a sum for each of the 3 x 3 x inner factors; back to the input costs the same.
            total += 2 * 2 * 9 * inner * outer * (side // 2**block) ** 2
            inner = outer
    return total


def matrix_rate(device: str, side: int = 8192, turns: int = 10) -> float:
    """Floating-point operations a second in products of bfloat16 matrices."""
    one, other = (torch.randn(side, side, device=device).bfloat16() for _ in range(2))
    times = [_seconds(lambda: one @ other) for _ in range(turns)]
    return 2 * side**3 / statistics.median(times[2:])


def _descents(side: int, device: str) -> Iterator[tuple[str, Descent]]:
    where = torch.device(device)
    content, style = (to_tensor(photo(side, side, seed=seed), where) for seed in (0, 1))
    network = vgg19().to(where)
    for precision in precisions(device):
        settings = Settings(precision=precision)
        objective = Objective(network, content, [style], settings)
        replay = make_replay(precision, where)
        yield precision, Descent(content, objective, settings, replay)
        if replay:
            yield f"{precision}, not replayed", Descent(content, objective, settings)
