"""``python -m benchmarks [PART ...]``: measure, and print the tables; PARTS below are the parts, in order.

``sheet`` paints pictures to look at; with NST_PUBLISHED naming a folder of photos, paintings and published results (see
``benchmarks.sheet``), it also sets ours beside those.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nst.engines import process

process.prepare()  # Before torch is loaded, as the studio does, for ours and theirs alike.

import torch  # noqa: E402

from benchmarks import machine  # noqa: E402


def step() -> None:
    """A step of the loop beside a bare pass."""
    from benchmarks.step import gradients, layers_after_standard, measure, networks

    print("\n| VGG-19 to conv5_1, a step | loop | bare pass | ratio | from, to |\n|---|---|---|---|---|")
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        for side in (128, 256, 512):
            row = measure(side, device=device)
            cells = f"{row['loop_s']:.4f} s | {row['bare_s']:.4f} s | {row['ratio']:.2f} | {row['spread']}"
            print(f"| {side} px, {device} | {cells} |", flush=True)
    told = ", ".join(f"{name} {value:.1e}" for name, value in gradients().items())
    print(f"\nGradient of VGG-19 at 256 px, relative differences: {told}", flush=True)
    print("\n| losses and gradient | VGG-19 | built-in | ratio |\n|---|---|---|---|")
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        row = networks(device=device)
        print(f"| 512 x 384, {device} | {row['vgg19']:.3f} s | {row['gabor']:.3f} s | {row['ratio']:.2f} |", flush=True)
    told = ", ".join(f"{name} {loss:.4f}" for name, loss in layers_after_standard().items())
    print(f"\nRelative style losses after standard at 256 px, VGG-19 with random weights: {told}", flush=True)


def picture() -> None:
    """Whole pictures."""
    from benchmarks.picture import measure
    from benchmarks.precision import precisions

    print("\n| built-in network | picture | to step 2 | steps | peak memory | style loss |\n|---|---|---|---|---|---|")
    sizes = (("draft", 256), ("standard", 256), ("standard", 512))
    runs = [(*chosen, "cpu", "float32") for chosen in sizes]
    if torch.cuda.is_available():
        larger = (*sizes, ("standard", 1024))
        runs += [(*chosen, "cuda", precision) for chosen in larger for precision in precisions("cuda")]
    for quality, size, device, precision in runs:
        row = measure(quality, size, device, precision)
        print(
            f"| {quality}, {size} px, {device}, {precision} | {row['seconds']:.1f} s | {row['first_s']:.2f} s "
            f"| {row['steps']} | {row['peak_gb']:.2f} GB | {row['style']:.4f} |",
            flush=True,
        )


def precision() -> None:
    """Steps and losses at each precision, and what a GPU makes of it."""
    from benchmarks.precision import KINDS, after_standard, flops, matrix_rate, steps

    gpu = torch.cuda.is_available()
    rate = matrix_rate("cuda") if gpu else 0.0
    if gpu:
        print(f"\nProducts of bfloat16 matrices: {rate / 1e12:.0f} TFLOP/s", flush=True)
    print("\n| a step | precision | seconds | float32 / it | of the bfloat16 rate |\n|---|---|---|---|---|")
    for device, side in (("cpu", 512), *((("cuda", 512), ("cuda", 1024)) if gpu else ())):
        for kind in KINDS:
            row = steps(kind, side, device)
            for name, seconds in row.items():
                share = f"{flops(side) / seconds / rate:.0%}" if device == "cuda" and kind == "vgg19" else ""
                cells = f"{name} | {seconds:.4f} s | {row['float32'] / seconds:.2f} | {share}"
                print(f"| {kind}, {side} px, {device} | {cells} |", flush=True)
    for kind in KINDS:
        told = ", ".join(f"{n} {v:.4f}" for n, v in after_standard(kind, 256, "cuda" if gpu else "cpu").items())
        print(f"\n{kind}, the total after standard at 256 px, float32's as 1: {told}", flush=True)


def size() -> None:
    """Large pictures in tiles."""
    from benchmarks.size import large_gradient, measure, overhead

    row = measure()
    print("\n| standard, built-in network, cpu, 4 GB | steps | picture | peak memory |\n|---|---|---|---|")
    print(f"| 4096 x 4096 px | {row['steps']} | {row['seconds']:.0f} s | {row['peak_gb']:.2f} GB |")
    print(f"\n{row['note']}", flush=True)
    for kind in ("gabor", "vgg19"):
        told = ", ".join(f"{name}: {value:.2f}" for name, value in overhead(kind).items())
        print(f"{kind}, a gradient at 1024 px whole in seconds, then tiles as multiples of it: {told}", flush=True)
    print(f"VGG-19, a gradient at 2048 px in tiles of 512: {large_gradient():.1f} s", flush=True)


def growth() -> None:
    """Time and memory against pixels and styles."""
    from benchmarks.growth import HERE, SIDES, STYLES, exponent, measure
    from benchmarks.plot import save

    print("\n| growth | a step's gradient | its targets | peak memory | tiles |\n|---|---|---|---|---|")
    lines: dict[str, list[tuple[float, float]]] = {}
    for kind, sides in SIDES.items():
        for side in sides:
            row = measure(kind, side)
            print(f"| {kind}, {side} px | {_growth_cells(row)}", flush=True)
            lines.setdefault(f"{kind}, seconds of a step", []).append((side**2 / 1e6, row["seconds"]))
            lines.setdefault(f"{kind}, GB at the peak", []).append((side**2 / 1e6, row["peak_gb"]))
    for name, points in lines.items():
        print(f"\n{name}: grows like pixels to the power {exponent(points):.2f}")
    print("\n| styles, gabor, 512 px | a step's gradient | its targets | peak memory | tiles |\n|---|---|---|---|---|")
    for styles in STYLES:
        print(f"| {styles} | {_growth_cells(measure('gabor', 512, styles))}", flush=True)
    words = {"across": "megapixels", "up": "seconds, and gigabytes", "caption": machine.describe()}
    print(save(HERE / "growth.png", lines, **words))


def _growth_cells(row: dict[str, Any]) -> str:
    tile = f"of {row['tile']} px" if row["tile"] else "none"
    return f"{row['seconds']:.2f} s | {row['targets_s']:.2f} s | {row['peak_gb']:.2f} GB | {tile} |"


def page() -> None:
    """The page in a browser."""
    from benchmarks.page import measure

    print("\n| the page | |\n|---|---|")
    row = measure()
    print(f"| answers after the command | {row['answer_s']:.1f} s |")
    print(f"| second frame (first stylised) after Run | {row['first_frame_s']:.2f} s |")
    print(f"| third frame after Run | {row['stylised_s']:.2f} s |")
    print(f"| distinct frames a second at 256 px | {row['frames_per_s']:.1f} |", flush=True)


def recipes() -> None:
    """How far each recipe's loss falls."""
    from benchmarks.recipes import measure

    print("\n| recipe | steps | VGG with random weights | built-in network |\n|---|---|---|---|")
    for name, steps, losses in measure("cuda" if torch.cuda.is_available() else "cpu"):
        cells = [f"{first:.4g} to {last:.4g}, {first / last:.1f} times" for first, last in losses.values()]
        print(f"| {name} | {steps} | {cells[0]} | {cells[1]} |", flush=True)


def race() -> None:
    """Time to a picture, ours and theirs."""
    from benchmarks.plot import save
    from benchmarks.race import HERE, OURS_NAME, caption, race

    device = "cuda" if torch.cuda.is_available() else "cpu"
    for network in ("vgg19", "gabor"):
        rows = race(network, device)
        head = f"| {network} | steps | a step | in all | last loss | lowest | ours as low |"
        print(f"\n{head}\n|---|---|---|---|---|---|---|")
        for row in rows:
            step_s = " + ".join(f"{median:.3f} ({low:.3f} to {high:.3f})" for low, median, high in row["step_s"])
            print(
                f"| {row['name']} | {row['steps']} | {step_s} s | {row['seconds']:.1f} s | {row['last']:.4f} "
                f"| {row['lowest']:.4f} at {row['lowest_at']} | {_as_low(row)} |",
                flush=True,
            )
        best = min(row["lowest"] for row in rows if row["name"] != OURS_NAME)
        lines = {row["name"]: row["line"][1:] for row in rows}
        words = {"across": "seconds", "up": "the judge's loss", "caption": caption(network)}
        print(save(HERE / f"race_{network}.png", lines, **words, rule=(best, "the best of theirs")))


def _as_low(row: dict[str, Any]) -> str:
    if row["our_step"] is None:
        return "never"
    return f"step {row['our_step']}, {row['our_seconds']:.1f} s, {row['our_seconds'] / row['seconds']:.3f} of its time"


def sheet() -> None:
    """Pictures to look at."""
    from benchmarks.sheet import made

    published = os.environ.get("NST_PUBLISHED")
    for path in made(Path(published) if published else None):
        print(path, flush=True)


PARTS: dict[str, Callable[[], None]] = {
    "step": step,
    "picture": picture,
    "precision": precision,
    "size": size,
    "growth": growth,
    "page": page,
    "recipes": recipes,
    "race": race,
    "sheet": sheet,
}

if __name__ == "__main__":
    print(machine.describe())
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
