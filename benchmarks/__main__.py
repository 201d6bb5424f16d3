"""``python -m benchmarks [PART ...]``: measure, and print the tables; PARTS below are the parts, in order.

``sheets`` paints pictures to look at; with IMPASTO_PUBLISHED naming a folder of photos, paintings and published results
(see ``benchmarks.look_sheets``), it also sets ours beside those.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nst.process import tune_heap_and_openmp

tune_heap_and_openmp()  # Before torch is loaded, as the studio does, for ours and theirs alike.

import torch  # noqa: E402

from benchmarks import machine  # noqa: E402

DEVICES = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def step() -> None:
    """A step of the loop beside a bare pass."""
    from benchmarks.step import gradients, measure

    print("\n| a step | loop | bare pass | ratio | middle half of the turns |\n|---|---|---|---|---|")
    for device in DEVICES:
        for side in (128, 256, 512):
            row = measure(side, device=device)
            cells = f"{row['loop_s']:.4f} s | {row['bare_s']:.4f} s | {row['ratio']:.2f} | {row['spread']}"
            print(f"| {side} px, {device} | {cells} |", flush=True)
    told = ", ".join(f"{name} {value:.1e}" for name, value in gradients().items())
    print(f"\nGradient at 256 px, relative differences: {told}", flush=True)


def busy() -> None:
    """A step beside as many busy loops as there are cores."""
    from benchmarks.busy import measure

    print("\n| a step at 256 px | quiet | busy | ratio |\n|---|---|---|---|")
    ways = {"as the studio sets it": {}, "PyTorch's own": {"GOMP_SPINCOUNT": "300000"}}
    ways |= {f"GOMP_SPINCOUNT={count}": {"GOMP_SPINCOUNT": str(count)} for count in (10_000, 50_000)}
    for name, environment in {**ways, "OMP_WAIT_POLICY=PASSIVE": {"OMP_WAIT_POLICY": "PASSIVE"}}.items():
        row = measure(**environment)
        print(f"| {name} | {row['quiet']:.3f} s | {row['busy']:.3f} s | {row['ratio']:.2f} |", flush=True)


def descent() -> None:
    """Whether the loss ever jumps."""
    from benchmarks.loss_rises import measure

    photos = {name: machine.example(name) for name in ("lion", "tower", "cheetah")}
    print("\n| 256 px | style | photo | largest rise of the total | last total |\n|---|---|---|---|---|")
    for quality in ("draft", "standard"):
        for row in measure(photos, quality):
            cells = f"{row['style']} | {row['photo']} | {row['rise']:.2f} | {row['total']:.4f}"
            print(f"| {quality} | {cells} |", flush=True)


def picture() -> None:
    """Whole pictures."""
    from benchmarks.picture import measure
    from benchmarks.precision_speed import precisions

    print("\n| picture | seconds | to step 2 | steps | peak memory | style loss |\n|---|---|---|---|---|---|")
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
    from benchmarks.precision_speed import after_standard, flops, matrix_rate, steps

    rate = matrix_rate("cuda") if "cuda" in DEVICES else 0.0
    if rate:
        print(f"\nProducts of bfloat16 matrices: {rate / 1e12:.0f} TFLOP/s", flush=True)
    print("\n| a step | precision | seconds | float32 / it | of the bfloat16 rate |\n|---|---|---|---|---|")
    for device, side in (("cpu", 512), *((("cuda", 512), ("cuda", 1024)) if rate else ())):
        row = steps(side, device)
        for name, seconds in row.items():
            share = f"{flops(side) / seconds / rate:.0%}" if device == "cuda" else ""
            cells = f"{name} | {seconds:.4f} s | {row['float32'] / seconds:.2f} | {share}"
            print(f"| {side} px, {device} | {cells} |", flush=True)
    told = ", ".join(f"{name} {value:.4f}" for name, value in after_standard(256, DEVICES[-1]).items())
    print(f"\nThe total after standard at 256 px, float32's as 1: {told}", flush=True)


def size() -> None:
    """Large pictures in tiles."""
    from benchmarks.size import large_gradient, measure, overhead

    row = measure()
    print("\n| standard, cpu, 4 GB | steps | picture | peak memory |\n|---|---|---|---|")
    print(f"| 4096 x 4096 px | {row['steps']} | {row['seconds']:.0f} s | {row['peak_gb']:.2f} GB |")
    print(f"\n{row['note']}", flush=True)
    told = ", ".join(f"{name}: {value:.2f}" for name, value in overhead().items())
    print(f"A gradient at 1024 px whole in seconds, then tiles as multiples of it: {told}", flush=True)
    print(f"A gradient at 2048 px in tiles of 512: {large_gradient():.1f} s", flush=True)


def growth() -> None:
    """Time and memory against pixels and styles."""
    from benchmarks.growth import HERE, SIDES, STYLES, exponent, measure
    from benchmarks.plot import save

    print("\n| growth | a step's gradient | its targets | peak memory | tiles |\n|---|---|---|---|---|")
    rows = {side: measure(side) for side in SIDES}
    for side, row in rows.items():
        print(f"| {side} px | {_growth_cells(row)}", flush=True)
    lines = {
        "seconds of a step": [(side**2 / 1e6, row["seconds"]) for side, row in rows.items()],
        "GB at the peak": [(side**2 / 1e6, row["peak_gb"]) for side, row in rows.items()],
    }
    for name, points in lines.items():
        print(f"\n{name}: grows like pixels to the power {exponent(points):.2f}")
    print("\n| styles, 512 px | a step's gradient | its targets | peak memory | tiles |\n|---|---|---|---|---|")
    for styles in STYLES:
        print(f"| {styles} | {_growth_cells(measure(512, styles))}", flush=True)
    words = {"across": "megapixels", "up": "seconds, and gigabytes", "caption": machine.describe()}
    print(save(HERE / "growth.png", lines, **words))


def _growth_cells(row: dict[str, Any]) -> str:
    tile = f"of {row['tile']} px" if row["tile"] else "none"
    return f"{row['seconds']:.2f} s | {row['targets_s']:.2f} s | {row['peak_gb']:.2f} GB | {tile} |"


def page() -> None:
    """The page in a browser."""
    from benchmarks.page_speed import measure

    print("\n| the page | |\n|---|---|")
    row = measure()
    print(f"| answers after the command | {row['answer_s']:.1f} s |")
    print(f"| second frame (first stylised) after Run | {row['first_frame_s']:.2f} s |")
    print(f"| third frame after Run | {row['stylised_s']:.2f} s |")
    print(f"| distinct frames a second at 256 px | {row['frames_per_s']:.1f} |", flush=True)


def recipes() -> None:
    """Published recipes, to their end."""
    from benchmarks.recipe_runs import measure, sheet

    print(
        "\n| recipe | size | steps | seconds | total, first to last | content | style |\n|---|---|---|---|---|---|---|"
    )
    for row in measure(device=DEVICES[-1]):
        (_, first), (steps, last) = row["log"][0], row["log"][-1]
        cells = (
            f"{steps} | {row['seconds']:.0f} s | {first:.4g} to {last:.4g} | {row['content']:.4g} | {row['style']:.4g}"
        )
        print(f"| {row['name']} | {row['size']} px | {cells} |", flush=True)
    print(sheet())


def race() -> None:
    """Time to a picture, ours and theirs."""
    from benchmarks import race
    from benchmarks.plot import save

    for side in (256, 512):
        lines = race.race(side, DEVICES[-1])
        print(f"\n| {side} px | steps | seconds | last loss | ours as low after |\n|---|---|---|---|---|")
        for name, rows in lines.items():
            steps, seconds, loss = rows[-1]
            low = race.as_low(lines[race.OURS], loss)
            reached = f"step {low[0]}, {low[1]:.1f} s, {low[1] / seconds:.3f} of its time" if low else "never"
            print(f"| {name} | {steps} | {seconds:.1f} s | {loss:.4f} | {reached} |", flush=True)
        words = {"across": "seconds", "up": "the judge's loss", "caption": f"{side} px, {machine.describe()}"}
        points = {name: [(seconds, loss) for _, seconds, loss in rows] for name, rows in lines.items()}
        print(save(race.HERE / f"race_{side}.png", points, **words))
        print(race.last_pictures(side))


def regions() -> None:
    """Masks: halves beside runs on the halves alone, and what regions cost."""
    from benchmarks import regions

    photo = machine.square(machine.example("tower"), regions.SIZE)
    both, alone = regions.halves(photo)
    for name, row in zip(("left", "right"), regions.compare(both, alone), strict=True):
        print(f"{name}: {', '.join(f'{what} {value:.3f}' for what, value in row.items())}", flush=True)
    print(", ".join(f"{name}: {seconds:.2f} s" for name, seconds in regions.pace().items()), flush=True)
    print(regions.sheet(photo, both), flush=True)


def flicker() -> None:
    """A clip painted as a film beside its frames painted alone."""
    from benchmarks import flicker

    row, pictures = flicker.measure()
    print("\n| | warping error |\n|---|---|")
    for name in pictures:
        print(f"| {name} | {row[name]:.5f} |")
    print(
        f"\nThe film's is {row['ratio']:.2f} of alone's; a frame takes {row['seconds']:.1f} s of processor time.",
        flush=True,
    )
    print(flicker.sheet(pictures), flush=True)


def sheets() -> None:
    """Pictures to look at."""
    from benchmarks import look_sheets

    for name in look_sheets.QUESTIONS:
        print(look_sheets.sheet(name), flush=True)
    print(look_sheets.styles_sheet("lion"), flush=True)
    print(look_sheets.readme_sheet(), flush=True)
    print(look_sheets.readme_film(), flush=True)
    if published := os.environ.get("IMPASTO_PUBLISHED"):
        print(look_sheets.published_sheet(Path(published)), flush=True)


PARTS: dict[str, Callable[[], None]] = {
    part.__name__: part
    for part in (step, busy, descent, picture, precision, size, growth, page, regions, flicker, recipes, race, sheets)
}

if __name__ == "__main__":
    print(machine.describe())
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
