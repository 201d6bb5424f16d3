"""The large picture on the page, in every state it can be in, as HTML."""

from collections.abc import Sequence
from html import escape

from nst.ui.uploads import Upload

_BRUSH = (
    '<svg viewBox="0 0 48 48" aria-hidden="true"><path d="M41 5c2 2 1 5-1 8L26 29l-6-6L35 7c2-2 4-3 6-2Z"/>'
    '<path d="M17 26l6 6c0 6-5 11-17 10 4-3 3-6 4-10 1-3 4-6 7-6Z"/></svg>'
)


def empty_stage(styled: bool = False) -> str:
    """What stands on the easel before there is a photo: the three things to do, with those done ticked."""
    steps = (
        (False, "Choose a photo", "your own, or one of the examples"),
        (styled, "Pick a style", "one painting, or several blended"),
        (False, "Press Run", "and watch; every slider marked live acts at once"),
    )
    items = "".join(
        f'<li class="{"done" if done else ""}"><b>{"✓" if done else place}</b>'
        f"<span>{head}<small>{more}</small></span></li>"
        for place, (done, head, more) in enumerate(steps, 1)
    )
    return f'<figure class="stage empty"><div class="mat">{_BRUSH}<ol>{items}</ol></div></figure>'


def stage(
    uri: str,
    photo: Upload,
    kind: str,
    *,
    alt: str,
    chips: Sequence[str] = (),
    share: float | None = None,
    frame: int = 0,
) -> str:
    """The easel with a picture on it.

    Args:
        uri: the picture, as a data URI. It fills the frame whatever its own size is.
        photo: the frame takes the photo's shape, so it never jumps while the scales change.
        kind: "ready", "waiting", "running", "paused" or "done"; the theme dims and tints by it.
        alt: what the picture shows, for those who cannot see it.
        chips: short words on the frame, such as "Paused".
        share: how much of the work is done, 0 to 1, or None for no bar.
        frame: the number of a live picture.
    """
    ratio = f"{photo.width / photo.height:.4f}"
    words = "".join(f'<span class="chip">{escape(chip)}</span>' for chip in chips)
    bar = "" if share is None else f'<div class="bar"><i style="width:{min(max(share, 0), 1):.1%}"></i></div>'
    return (
        f'<figure class="stage {kind}" data-frame="{frame}" style="--ratio:{ratio}">'
        '<div class="mat"><div class="frame">'
        f'<img src="{uri}" alt="{escape(alt, quote=True)}" draggable="false">{bar}</div>'
        f'<figcaption class="chips">{words}</figcaption></div></figure>'
    )
