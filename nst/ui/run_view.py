"""What the page tells of a run: status, log and loss curve, gathered from its Progress records."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import pandas as pd  # type: ignore[import-untyped]

from nst.download_progress import Download
from nst.engines.base import Progress, Run
from nst.pyramid import total_steps, work, work_left
from nst.settings import Settings, by_label, live_names, specs
from nst.steps import Step
from nst.ui.status_line import clock, headline, status, subject

#: The log on the page holds so many lines; the whole of it is in log.csv among the downloads.
LOG_LINES = 600
#: The curve is thinned to about so many steps.
CURVE_STEPS = 400
#: The curve marks this many moves of a weight, the newest; those of one slider within DRAG_STEPS steps are one move.
MAX_MARKS = 8
DRAG_STEPS = 5
#: Points of a mark, from the lowest loss to the highest: the chart shows its words when the pointer is near one.
MARK_POINTS = 9
#: Terms of the loss that neither the curve nor the log line shows.
HIDDEN_TERMS = {"tv", "patch"}


class _Move(NamedTuple):
    """A weight that was moved: at which step, which setting, and the words for it."""

    step: int
    setting: str
    words: str


class RunView:
    """Gathers the Steps of one run; the methods say it in words, HTML and numbers.

    Args:
        run: the run; its scales give the time that is left.
        device: what paints, in words.
    """

    def __init__(self, run: Run, device: str) -> None:
        self.step: Step | None = None
        self.lines: list[str] = []
        self._points: list[tuple[int, dict[str, float]]] = []
        self._moves: list[_Move] = []
        self._scales, self._frames, self._device = run.scales, run.frames, device
        self._subject = subject(run.titles[0], run.titles[1:], run.frames)
        self._scale_began = (0, 0.0)
        self._notes: tuple[str, ...] = ()

    def take(self, progress: Progress) -> None:
        """Add what is new in a Progress."""
        for step in progress.steps:
            self._add(step)
        if self._frames and progress.preview is not None:
            self._see(progress.preview)
        for note in progress.notes[len(self._notes) :]:
            self.lines.append(f"note: {note}")
        self._notes = progress.notes

    def status(self, progress: Progress) -> str:
        """The status line, as HTML."""
        head = headline(progress.state, self.painted, self._frames)
        if progress.state == "running" and progress.paused:
            head = "Paused"
        elif progress.download is not None:
            head = f"Fetching {progress.download.title}'s trained weights"
        elif progress.state == "running" and self.step is None:
            head = "Preparing the first step"
        elif progress.state == "stopped" and self.step is None:
            head = "Stopped before the painting began"
        if progress.state == "waiting":
            head = f"Waiting in line: {_ahead(progress.position)}"
        error = progress.error.sentence(by_label) if progress.error else ""
        notes = [error, *progress.notes]
        return status(progress.state, head, self._facts(progress), notes, title=self._title(progress))

    def log(self) -> str:
        """The newest lines of the log, as HTML."""
        return log_box("\n".join(self.lines[-LOG_LINES:]))

    def curve(self) -> pd.DataFrame:
        """The losses by step, or by frame of a film: columns step or frame, loss (its decimal logarithm), term.

        Where a weight was moved there is a vertical line, whose term is "12: Style strength is now 2.5".
        """
        rows = curve_rows(self._points)
        if rows:
            rows += self._marks(min(loss for _, loss, _ in rows), max(loss for _, loss, _ in rows))
        return pd.DataFrame(rows, columns=["frame" if self._frames else "step", "loss", "term"])

    @property
    def painted(self) -> int:
        """How many frames of the film are finished."""
        return 0 if self.step is None else max(0, self.step.frame - (self.step.end != "finished"))

    def share(self) -> float:
        """How much of the work is done, 0 to 1, counting a step by its pixels."""
        if self.step is None:
            return 0.0
        if self.step.end == "finished" and self.step.frame == self._frames:
            return 1.0
        return 1 - work_left(self._scales, *self._place(self.step)) / work(self._scales)

    def seconds_left(self) -> float | None:
        """An estimate from the pace at this scale, or None before there is one."""
        if self.step is None or self.step.scale > len(self._scales):
            return None
        began, since = self._scale_began
        scale, index = self._place(self.step)
        steps, seconds = index - began, self.step.seconds - since
        if steps < 2:
            return None
        pixels = self.step.width * self.step.height
        return seconds / (steps * pixels) * work_left(self._scales, scale, index)

    def _place(self, step: Step) -> tuple[int, int]:
        """The scale and the index of a Step, counted over the whole run: a film has one more scale for each frame."""
        if step.frame <= 1:
            return step.scale, step.index
        scale = len(self._scales) - self._frames + step.frame
        # The first frame of a shot takes more steps than are planned.
        return scale, total_steps(self._scales[: scale - 1]) + min(step.index, self._scales[scale - 1].steps)

    def _see(self, step: Step) -> None:
        """Take a Step as the newest."""
        before = self.step
        if before is None or before.scale != step.scale or (before.frame <= 1 < step.frame):
            self._scale_began = (self._place(step)[1], step.seconds)
            if step.frame == 0:
                self.lines.append(f"scale {step.scale} of {step.scales}: {step.width} x {step.height} px")
        self.step = step

    def _add(self, step: Step) -> None:
        before = self.step
        self._see(step)
        if before is not None:
            for setting, words in moved(before.settings, step.settings).items():
                self.lines.append(f"{_named(step)}: {words}")
                self._add_move(_Move(step.frame or step.index, setting, words))
        self.lines.append(log_line(step))
        place = step.frame or step.index
        self._points.append((place, {"total": step.losses.total, **dict(reversed(_shown_terms(step)))}))

    def _add_move(self, move: _Move) -> None:
        """Remember a move in place of those of the same drag."""
        others = [old for old in self._moves if old.setting != move.setting or move.step - old.step > DRAG_STEPS]
        self._moves = [*others, move][-MAX_MARKS:]

    def _marks(self, low: float, high: float) -> list[tuple[int, float, str]]:
        """The rows of the moves in the curve, newest first: the legend is cut off at its end, and long terms in it."""
        heights = [low + (high - low) * point / (MARK_POINTS - 1) for point in range(MARK_POINTS)]
        return [(move.step, height, f"{move.step}: {move.words}") for move in self._moves[::-1] for height in heights]

    def _title(self, progress: Progress) -> str:
        """What the browser's tab says before the page's name."""
        if progress.state != "running" or self.step is None:
            return "Waiting" if progress.state == "waiting" else ""
        left = self.seconds_left()
        return f"{self.share():.0%}" + (f", {clock(left)} left" if left is not None else "")

    def _facts(self, progress: Progress) -> list[tuple[str, str]]:
        step = self.step
        if step is None:
            return [*self._subject, *_download_facts(progress.download), ("Device", self._device)]
        size = f"{step.width} × {step.height}"
        facts = [
            *self._subject,
            *([("Frame", f"{step.frame} of {self._frames}")] if self._frames else []),
            ("Step", f"{step.index} of {step.total}"),
            ("Size", size) if self._frames else ("Scale", f"{step.scale} of {step.scales}, {size}"),
            ("Loss", f"{step.losses.total:.4g}"),
            ("Time", clock(step.seconds)),
        ]
        left = self.seconds_left()
        if progress.state == "running" and left is not None:
            facts.append(("Time left", f"about {clock(left)}"))
        return [*facts, ("Network", step.network), ("Device", step.device)]


def log_box(text: str) -> str:
    """The log, as HTML; the style sheet keeps its last line in sight."""
    return f'<div class="log" tabindex="0" role="region" aria-label="Log"><pre>{escape(text)}</pre></div>'


def log_line(step: Step) -> str:
    """One step in one line, or the last one of a film's frame."""
    return losses_line(_named(step), {"total": step.losses.total, **dict(_shown_terms(step))})


def losses_line(head: str, losses: Mapping[str, float]) -> str:
    """The losses of a step, by name, in one line that begins with a ``head`` such as "step 3"."""
    return f"{head}: " + "  ".join(f"{name} {loss:.5g}" for name, loss in losses.items())


def _named(step: Step) -> str:
    return f"frame {step.frame}" if step.frame else f"step {step.index}"


def curve_rows(points: Sequence[tuple[int, Mapping[str, float]]]) -> list[tuple[int, float, str]]:
    """(step, decimal logarithm of the loss, term) of the losses by step, thinned to about CURVE_STEPS."""
    return [
        (index, math.log10(loss), term)
        for index, losses in points[:: max(1, len(points) // CURVE_STEPS)]
        for term, loss in losses.items()
        if loss > 0
    ]


def _shown_terms(step: Step) -> list[tuple[str, float]]:
    """The terms of the loss that people look at, by name."""
    return [(name, loss) for name, loss in step.losses.terms.items() if name not in HIDDEN_TERMS]


def moved(before: Settings, after: Settings) -> dict[str, str]:
    """What was moved between two steps, by setting, in words: "Style strength is now 2.5"."""
    return {
        name: f"{specs()[name].label} is now {_plain(getattr(after, name))}"
        for name in sorted(live_names())
        if getattr(before, name) != getattr(after, name)
    }


def _download_facts(download: Download | None) -> list[tuple[str, str]]:
    """How far a download is."""
    return [] if download is None else [("Fetched", download.amount)]


def _ahead(position: int) -> str:
    return {0: "you are next", 1: "1 run ahead of yours"}.get(position, f"{position} runs ahead of yours")


def _plain(value: Any) -> str:
    return " ".join(f"{part:g}" for part in (value if isinstance(value, tuple) else (value,)))
