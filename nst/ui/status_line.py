"""The status line: what a run is doing and has done, in words and as HTML."""

from collections.abc import Iterable, Sequence
from html import escape

from nst.engines.estimates import Estimate

_HEADLINES = {
    "waiting": "Waiting in line", "running": "Painting", "saving": "Saving the pictures",
    "finished": "Finished", "stopped": "Stopped; everything is kept", "failed": "This run could not be finished",
    "interrupted": "Interrupted: press Go on",
}  # fmt: skip
#: Those of a film that differ.
_FILM_HEADLINES = {
    "saving": "Saving the film", "stopped": "Stopped: {painted} of {frames} frames are kept",
    "interrupted": "Interrupted at frame {current} of {frames}: press Go on",
}  # fmt: skip


def headline(state: str, painted: int = 0, frames: int = 0) -> str:
    """What the status says of a state; of a film, so many of whose ``frames`` are ``painted``."""
    words = (_HEADLINES | _FILM_HEADLINES if frames else _HEADLINES)[state]
    return words.format(painted=painted, frames=frames, current=min(painted + 1, frames))


def status(
    state: str, head: str, facts: Iterable[tuple[str, str]] = (), notes: Iterable[str] = (), title: str = ""
) -> str:
    """The status box, as HTML; every text is escaped here.

    Args:
        state: an engine state, "idle" or "failed"; the theme colours by it.
        head: the headline, read out by screen readers when it changes.
        facts: (name, value) pairs.
        notes: sentences for the user; empty ones are left out.
        title: what the browser's tab says before the page's name.
    """
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    words = "".join(f"<p>{escape(note)}</p>" for note in dict.fromkeys(notes) if note)
    alert = ' role="alert"' if state == "failed" else ""
    return (
        f'<section class="status {escape(state, quote=True)}" data-title="{escape(title, quote=True)}">'
        f'<div role="status"><h2>{escape(head)}</h2></div>'
        f'<dl class="facts">{cells}</dl><div class="notes"{alert}>{words}</div></section>'
    )


def subject(title: str, styles: Sequence[str], frames: int = 0) -> list[tuple[str, str]]:
    """The facts that name what is painted: a photo, or a clip that becomes a film of so many ``frames``, and styles."""
    return [("Clip" if frames else "Photo", title), ("Style", " and ".join(styles))]


def estimate_line(estimate: Estimate, frames: int = 0) -> str:
    """What a run would take, as HTML; of a film, which has so many ``frames``."""
    head = f"{frames} frames" if frames else "A run"
    megabytes = round(estimate.disk / 10**6) if frames else 0
    disk = f", {megabytes}\N{NO-BREAK SPACE}MB on disk" if megabytes else ""
    memory = f"{estimate.bytes / 10**9:.1f}\N{NO-BREAK SPACE}GB of memory"
    words = f"{head}: about {clock(estimate.seconds)}, {memory}{disk}"
    repeats = "; frames that repeat the one before take no time" if frames else ""
    return f'<p class="remark" title="Learned from earlier runs on this machine{repeats}">{words}</p>'


def clock(seconds: float) -> str:
    """A duration to the second: "8 s", "2 min 5 s", "1 h 0 min 5 s"."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours} h " if hours else "") + (f"{minutes} min " if hours or minutes else "") + f"{seconds} s"
