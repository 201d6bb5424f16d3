"""How time and memory grow: with the pixels of the picture, and with the number of styles (Linux).

Each row is a process of its own, set up as the studio sets up its own: a thread that computes, a heap that keeps what
a step frees. Pictures that do not fit into the machine's free memory are gone through in tiles, as a run does.
"""

import json
import math
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
SIDES = (256, 512, 1024, 2048)
STYLES = (1, 2, 4, 8)
TURNS = 3


def measure(side: int, styles: int = 1) -> dict[str, float]:
    """Seconds of a step's gradient, of the targets, and peak GB beyond the program itself, of a square picture."""
    command = [sys.executable, "-m", "benchmarks.growth", str(side), str(styles)]
    result = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line through the logarithms of points (x, y)."""
    across, up = ([math.log(value) for value in column] for column in zip(*points, strict=True))
    middle, height = statistics.mean(across), statistics.mean(up)
    spread = sum((x - middle) ** 2 for x in across)
    return sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / spread


def _child(side: int, styles: int) -> None:
    """Print the row of ``measure``."""
    from nst.process import tune_heap_and_openmp

    tune_heap_and_openmp()
    thread = threading.Thread(target=_work, args=(side, styles))
    thread.start()
    thread.join()


def _work(side: int, styles: int) -> None:
    import torch

    from benchmarks.machine import photo, vgg19
    from nst.pyramid import Scale
    from nst.settings import Settings
    from nst.transfer.images import resize, to_tensor
    from nst.transfer.loop import warm_up
    from nst.transfer.memory import Load, choose_tiling
    from nst.transfer.objective import Objective

    warm_up("cpu")
    network = vgg19()
    cpu, settings = torch.device("cpu"), Settings()
    before = _held("VmRSS")
    # Large random pictures are slow to draw: they are enlarged from smaller ones.
    pictures = [resize(to_tensor(photo(512, 512, seed=seed)), side, side) for seed in range(styles + 1)]
    load = Load(settings=settings, network=network, device=cpu, styles=styles)
    tiling = choose_tiling(Scale(width=side, height=side, steps=5), load)
    start = time.perf_counter()
    objective = Objective(network, pictures[0], pictures[1:], settings.replace(patch_weight=0), tiling)
    targets = time.perf_counter() - start
    times = []
    for _ in range(TURNS):
        start = time.perf_counter()
        objective.gradient(pictures[0], settings)
        times.append(time.perf_counter() - start)
    peak = (_held("VmHWM") - before) / 1e9
    row = {"seconds": statistics.median(times), "targets_s": targets, "peak_gb": peak, "tile": tiling.side}
    print(json.dumps(row))


def _held(what: str) -> int:
    """Bytes of this process, by the name that Linux gives them."""
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(what)) * 1024


if __name__ == "__main__":
    _child(int(sys.argv[1]), int(sys.argv[2]))
