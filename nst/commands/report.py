"""What the command line tells about a run: a progress bar with the loss, or one JSON object per step."""

import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nst.commands.flags import by_flag
from nst.engines.base import FINAL_STATES, Progress
from nst.engines.series import Item
from nst.pictures.metrics import shown_metrics
from nst.steps import Step

#: What the table calls the states of a picture that are not clear by themselves.
_WORDS = {"skipped": "there already", "failed": "left out", "waiting": "not begun"}


class _Report:
    """What both kinds tell beside the output: the sentences for the user."""

    def __init__(self, photo: str) -> None:
        self._photo = photo
        self._noted = 0
        self._last: Step | None = None

    def _note(self, progress: Progress) -> None:
        """Say once what is new."""
        for note in progress.notes[self._noted :]:
            tqdm.write(note, sys.stderr)
        self._noted = len(progress.notes)


class BarReport(_Report):
    """A progress bar on stderr, where that is a terminal, and a few lines on stdout at the end."""

    def __init__(self, photo: str) -> None:
        super().__init__(photo)
        self._bar: tqdm[Any] = tqdm(unit="step", disable=None, file=sys.stderr, dynamic_ncols=True)

    def show(self, progress: Progress, heading: str = "") -> None:
        """Move the bar to the newest step, with a heading before it; end it with the run."""
        self._note(progress)
        self._bar.set_description(heading, refresh=False)
        if progress.download is not None:
            self._bar.set_postfix_str(f"fetching {progress.download.title}'s weights, {progress.download.amount}")
        for step in progress.steps:
            self._last = step
        if self._last is not None:
            self._move(self._last, progress.state)
        if progress.state in FINAL_STATES:
            self._bar.close()

    def close(self, item: Item) -> None:
        """Say what was painted, by what, and where the files are."""
        if self._last is not None:
            step = self._last
            steps = f"{step.index} of {step.total} steps in {step.seconds:.1f} s"
            print(f"{self._photo} {item.state}: {steps}, run {item.run_id}")
            print(f"painted by the network {step.network} on {step.device}")
            for metric, value in shown_metrics(step.metrics):
                print(f"{metric.label}: {value}. {metric.remark}")
        for path in item.files.values():
            print(path)

    def _move(self, step: Step, state: str) -> None:
        self._bar.total, self._bar.n = step.total, step.index
        doing = "saving the files, " if state == "saving" else ""
        self._bar.set_postfix_str(f"{doing}loss {step.losses.total:.4g}, {step.width}x{step.height}")


class JsonReport(_Report):
    """One JSON object per line on stdout: every step, then the end with the paths of the files."""

    def show(self, progress: Progress, _heading: str = "") -> None:
        """Print the new steps."""
        self._note(progress)
        for step in progress.steps:
            print_json(step_entry(step))
            self._last = step

    def close(self, item: Item) -> None:
        """Print what was painted, by what, and where the files are, or why it was not."""
        last = self._last
        print_json(
            {
                "end": item.state,
                "photo": self._photo,
                "id": item.run_id,
                "network": last.network if last else None,
                "device": last.device if last else None,
                "metrics": last.metrics if last else {},
                "files": {kind: str(path) for kind, path in item.files.items()},
                **({"error": item.error.sentence(by_flag, whole_paths=True)} if item.error else {}),
            }
        )


def print_table(photos: Sequence[Path], items: Sequence[Item], archive: Path | None) -> None:
    """One line for each picture of a series, and where the zip is."""
    width = max((len(str(photo)) for photo in photos), default=0)
    for photo, item in zip(photos, items, strict=False):
        words = f"finished, {item.seconds:.1f} s" if item.state == "finished" else _WORDS.get(item.state, item.state)
        print(f"{photo!s:{width}}  {words:16}  {item.files.get('png', '')}".rstrip())
    if archive is not None:
        print(f"all pictures: {archive}")


def json_summary(_photos: Sequence[Path], items: Sequence[Item], archive: Path | None) -> None:
    """One JSON object with the number of pictures of a series by state, and where the zip is."""
    print_json({"pictures": Counter(item.state for item in items), "zip": archive and str(archive)})


def step_entry(step: Step) -> dict[str, Any]:
    """A Step as JSON can hold it."""
    return {
        "step": step.index,
        "steps": step.total,
        "scale": step.scale,
        "scales": step.scales,
        "width": step.width,
        "height": step.height,
        **step.losses.to_dict(),
        "seconds": round(step.seconds, 3),
    }


def print_json(entry: Mapping[str, Any]) -> None:
    """Print one line of JSON, with null for a number that is not finite: JSON has no word for infinity."""
    text = json.dumps(_finite(entry), ensure_ascii=False, allow_nan=False)
    # A file name that is not UTF-8 has surrogates in it, which JSON can escape in the same way as Python.
    print(text.encode("utf-8", "backslashreplace").decode(), flush=True)


def _finite(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _finite(value) if isinstance(value, Mapping)
        else None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in entry.items()
    }  # fmt: skip
