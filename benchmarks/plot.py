"""Plots of what was measured, in one look: lines on logarithmic axes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

#: Wide enough for a line in the README, in inches and dots per inch.
SIZE, DOTS = (8, 4.5), 110
INK, GRID = "#32302c", "#d9d4ca"
COLOURS = ("#d1462f", "#2f6690", "#81a35a", "#8e6c8a", "#c08a2d", "#5b8e8a")


def save(
    path: Path,
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    across: str,
    up: str,
    caption: str,
    rule: tuple[float, str] | None = None,
) -> Path:
    """Draw lines of (x, y), both above 0, and save them; the first line is the boldest.

    Args:
        path: the picture to write.
        lines: points by the line's name.
        across, up: what the axes measure, with units.
        caption: what, on which machine, when.
        rule: a height to mark from side to side, and its name.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=SIZE, dpi=DOTS, layout="constrained")
    for number, ((name, points), colour) in enumerate(zip(lines.items(), COLOURS, strict=False)):
        axes.plot(*zip(*points, strict=True), color=colour, linewidth=1.4 if number else 2.6, label=name)
    if rule:
        axes.axhline(rule[0], color=INK, linewidth=0.8, linestyle=":", label=rule[1])
    axes.set(xscale="log", yscale="log", xlabel=across, ylabel=up)
    axes.set_title(caption, fontsize=8, color=INK)
    axes.grid(which="both", color=GRID, linewidth=0.5)
    axes.legend(fontsize=8, frameon=False)
    figure.savefig(path)
    pyplot.close(figure)
    return path
