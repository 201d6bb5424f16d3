"""The large picture on the page, in every state it can be in, as HTML."""

from collections.abc import Sequence
from html import escape

_BRUSH = (
    '<svg viewBox="0 0 48 48" aria-hidden="true"><path d="M41 5c2 2 1 5-1 8L26 29l-6-6L35 7c2-2 4-3 6-2Z"/>'
    '<path d="M17 26l6 6c0 6-5 11-17 10 4-3 3-6 4-10 1-3 4-6 7-6Z"/></svg>'
)


def empty_stage(styled: bool = False) -> str:
    """What stands on the easel before there is a photo: the three things to do, with those done ticked."""
    steps = (
        (False, "Choose a photo or a clip", "your own, or one of the examples"),
        (styled, "Pick a style", "one painting, or several blended"),
        (False, "Press Run", "and watch; sliders marked live act at once"),
    )
    items = "".join(
        f'<li class="{"done" if done else ""}"><b>{"✓" if done else place}</b>'
        f"<span>{head}<small>{more}</small></span></li>"
        for place, (done, head, more) in enumerate(steps, 1)
    )
    return f'<figure class="stage empty"><div class="mat">{_BRUSH}<ol>{items}</ol></div></figure>'


def looking_stage() -> str:
    """The easel until the run that was on it is found again."""
    return '<figure class="stage empty looking"><div class="mat"></div></figure>'


def stage(
    uri: str, size: tuple[int, int], kind: str, *, alt: str, chips: Sequence[str] = (), share: float | None = None,
    frame: int = 0,
) -> str:  # fmt: skip
    """The easel with a picture on it.

    Args:
        uri: the picture, as a data URI. It fills the frame whatever its own size is.
        size: width and height in pixels that the frame takes from the start, so that it never jumps while the scales
            change. It is no larger than that, so that a result is sharp; only a "ready" photo fills the room.
        kind: "ready", "waiting", "running", "paused" or "done"; the theme dims and tints by it.
        alt: what the picture shows, for those who cannot see it.
        chips: short words on the frame, such as "Paused".
        share: how much of the work is done, 0 to 1, or None for no bar.
        frame: the number of a live picture.
    """
    width, height = size
    shape = f"--ratio:{width / height:.4f}" + ("" if kind == "ready" else f";--width:{width}px")
    words = "".join(f'<span class="chip">{escape(chip)}</span>' for chip in chips)
    return (
        f'<figure class="stage {kind}" data-frame="{frame}" style="{shape}"><div class="mat"><div class="frame">'
        f'<button type="button" class="view" title="Show it in the whole window">'
        f'<img src="{uri}" alt="{escape(alt, quote=True)}" draggable="false"></button>{_bar(share)}</div>'
        f'<figcaption class="chips">{words}</figcaption></div></figure>'
    )


def _bar(share: float | None) -> str:
    """The progress bar, or "" where nothing is under way."""
    if share is None:
        return ""
    percent = 100 * min(max(share, 0), 1)
    return (
        f'<div class="bar" role="progressbar" aria-label="Progress" aria-valuenow="{percent:.0f}">'
        f'<i style="width:{percent:.1f}%"></i></div>'
    )
