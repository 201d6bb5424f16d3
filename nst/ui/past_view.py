"""What the page tells of an earlier run, from the files in its folder."""

import csv
from collections.abc import Mapping

import pandas as pd  # type: ignore[import-untyped]

from nst.errors import FieldName
from nst.recipes import find_recipe
from nst.runs.history import PastRun
from nst.saved_settings import changed_settings, from_document
from nst.settings import FilmSettings, Settings, by_label
from nst.ui.run_view import LOG_LINES, curve_rows, log_box, losses_line
from nst.ui.status_line import clock, headline, status, subject
from nst.validation import write_text


def past_status(past: PastRun) -> str:
    """The status line, as HTML: what was painted and how."""
    document, saved = past.document, from_document(past.document)
    facts = [
        *subject(past.content_title, past.style_titles, past.frames),
        *([("Mask", past.mask_name)] if past.mask_name else []),
        ("Size", f"{past.width} × {past.height}"),
        ("Frames", f"{past.folder.painted} of {past.frames}")
        if past.frames
        else ("Step", f"{document.get('step')} of {document.get('steps')}"),
        ("Time", clock(document.get("seconds", 0))),
    ]
    settings, film = Settings.from_mapping(saved.settings), FilmSettings(**saved.film)
    changed = changed_settings(saved.recipe, saved.styles, settings, film)
    words = ", ".join(f"{by_label(FieldName(name))} {write_text(value)}" for name, value in changed.items())
    recipe = f"Recipe: {find_recipe(saved.recipe).title}" + (f", with {words}." if words else ".")
    return status(past.end, headline(past.end, past.folder.painted, past.frames), facts, [recipe])


def past_log(past: PastRun) -> tuple[str, pd.DataFrame]:
    """The log, as HTML, and the losses by step, or by frame, as ``RunView.curve`` has them."""
    text = past.folder.file("log").read_text(encoding="utf-8") if "log" in past.files else ""
    unit = "frame" if past.frames else "step"
    # Of a frame, the losses of its last step stay.
    steps = list({int(row[unit]): _losses(row) for row in csv.DictReader(text.splitlines())}.items())
    lines = [losses_line(f"{unit} {number}", losses) for number, losses in steps[-LOG_LINES:]]
    return log_box("\n".join(lines)), pd.DataFrame(curve_rows(steps), columns=[unit, "loss", "term"])


def _losses(row: Mapping[str, str]) -> dict[str, float]:
    """The terms of the loss that the page shows."""
    return {term: float(row.get(term) or 0) for term in ("total", "content", "style")}
