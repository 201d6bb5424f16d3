"""Large pictures in little memory: the peak of a whole run in tiles, and what tiles cost in time (Linux)."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

from benchmarks.machine import photo, vgg19
from nst.settings import Settings
from nst.transfer.images import to_tensor
from nst.transfer.memory import Tiling
from nst.transfer.objective import Objective

ROOT = Path(__file__).parents[1]

_CHILD = """
import json, sys, time
from benchmarks.machine import photo
from nst import StylizeOptions, find_recipe, read_picture, stylize_steps
size, memory = int(sys.argv[1]), float(sys.argv[2])
painting = read_picture("assets/styles/starry_night.jpg")
content = photo(min(size, 2048), min(size, 2048))
options = StylizeOptions(device="cpu", memory=int(memory * 1e9), preview_seconds=0.1)
start, note = time.perf_counter(), ""
settings = find_recipe("standard").to_settings({"size": size})
for step in stylize_steps(content, painting, settings, options):
    note = note or step.note
    print(step.index, step.width, round(step.seconds, 1), step.losses.total, file=sys.stderr, flush=True)
# Not ru_maxrss: after a fork it begins with the parent's.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024 / 1e9
print(json.dumps({"seconds": step.seconds, "steps": step.total, "peak_gb": peak, "note": note}))
"""


def measure(size: int = 4096, memory: float = 4.0) -> dict[str, float]:
    """Seconds, steps, peak GB of the process and the note of ``standard`` on the CPU."""
    command = [sys.executable, "-c", _CHILD, str(size), str(memory)]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout)


def overhead(side: int = 1024, turns: int = 3) -> dict[str, float]:
    """Median seconds of a gradient in tiles as a multiple of the whole picture's, by side of the tiles."""
    network = vgg19()
    content, style = (to_tensor(photo(side, side, seed=seed)) for seed in (0, 1))
    ways = {"whole": Tiling(), "512": Tiling(512), "512, targets anew": Tiling(512, False), "256": Tiling(256)}
    settings = Settings()
    objectives = {name: Objective(network, content, [style], settings, way) for name, way in ways.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, objective in objectives.items():
            start = time.perf_counter()
            objective.gradient(content, settings)
            times[name].append(time.perf_counter() - start)
    whole = times.pop("whole")
    ratios = {
        name: statistics.median(a / b for a, b in zip(taken, whole, strict=True)) for name, taken in times.items()
    }
    return {"seconds": statistics.median(whole), **ratios}


def large_gradient(side: int = 2048, tile: int = 512) -> float:
    """Seconds of one gradient in tiles."""
    content, style = (to_tensor(photo(size, size, seed=seed)) for seed, size in ((0, side), (1, 256)))
    objective = Objective(vgg19(), content, [style], Settings(patch_weight=0), Tiling(tile))
    start = time.perf_counter()
    gradient, _ = objective.gradient(content, Settings())
    if not torch.isfinite(gradient).all():
        raise RuntimeError("the gradient is not finite")
    return time.perf_counter() - start
