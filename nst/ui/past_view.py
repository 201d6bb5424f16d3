"""What the page tells of an earlier run, from the files in its folder."""

import csv
import math
from collections.abc import Iterator

import pandas as pd  # type: ignore[import-untyped]

from nst.recipes import find_recipe
from nst.runs.history import PastRun
from nst.saved_settings import changed_settings, from_document
from nst.settings import Settings, specs
from nst.ui.run_view import CURVE_STEPS, clock, log_box, status
from nst.validation import write_text

_HEADLINES = {
    "finished": "Finished", "stopped": "Stopped; everything is kept",
    "interrupted": "Interrupted before it was finished; Go on continues it",
}  # fmt: skip


def past_status(past: PastRun) -> str:
    """The status line, as HTML: what was painted and how."""
    document, saved = past.document, from_document(past.document)
    facts = [
        ("Photo", past.content_title),
        ("Style", " and ".join(past.style_titles)),
        ("Size", f"{past.width} × {past.height}"),
        ("Step", f"{document.get('step')} of {document.get('steps')}"),
        ("Time", clock(document.get("seconds", 0))),
        ("Recipe", find_recipe(saved.recipe).title),
    ]
    changed = changed_settings(saved.recipe, saved.styles, Settings.from_mapping(saved.settings))
    words = ", ".join(f"{specs()[name].label} {write_text(value)}" for name, value in changed.items())
    return status(past.end, _HEADLINES[past.end], facts, [f"Changed settings: {words}." if words else ""])


def past_log(past: PastRun) -> tuple[str, pd.DataFrame]:
    """The log, as HTML, and the losses by step as ``RunView.curve`` has them."""
    text = past.folder.file("log").read_text(encoding="utf-8") if "log" in past.files else ""
    rows = list(_losses(text))
    every = max(1, len(rows) // (3 * CURVE_STEPS))
    return log_box(text), pd.DataFrame(rows[::every], columns=["step", "loss", "term"])


def _losses(text: str) -> Iterator[tuple[int, float, str]]:
    """(step, logarithm of the loss, term) for the terms that the page shows."""
    for row in csv.DictReader(text.splitlines()):
        for term in ("total", "style", "content"):
            loss = float(row.get(term) or 0)
            if loss > 0:
                yield int(row["step"]), math.log10(loss), term
