"""A grid of experiments as the page shows it: its cells to click, and the table of settings, losses and metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from nst.engines.series import SeriesProgress
from nst.grid import Cell, Grid, Head
from nst.pictures.png import read_png
from nst.runs.grid_files import all_columns
from nst.settings import by_label
from nst.steps import Job
from nst.ui.data_uri import data_uri
from nst.ui.status_line import clock, status, subject

#: Long side and JPEG quality of the picture of a cell.
SIDE, QUALITY = 240, 80

# Everything is escaped before it gets here.
_TEMPLATE = """
<div class="experiments${value.headed ? " headed" : ""}" role="group" aria-label="Pictures of the grid" tabindex="0"
  style="--columns: ${value.columns.length}; --ratio: ${value.ratio}">
  ${value.headed ? "<span></span>" : ""}${value.columns.map((head) => `<b>${head}</b>`).join("")}
  ${value.rows.map((head, row) => (value.headed ? `<b>${head}</b>` : "") +
    value.cells.filter((cell) => cell.row === row).map((cell) =>
      `<button type="button" class="experiment" data-key="${cell.key}" aria-label="${cell.title}, ${cell.state}"
        title="Take these settings to the studio">${cell.src ? `<img src="${cell.src}" alt="">` : ""}
        <span class="mark">${cell.state === "finished" ? "" : cell.state}</span></button>`).join("")).join("")}
</div>
"""
_ON_LOAD = """
element.addEventListener('click', (event) => {
  const cell = event.target.closest('[data-key]');
  if (cell) trigger('click', {key: cell.dataset.key});
});
"""
_EMPTY: dict[str, Any] = {"columns": [], "rows": [], "cells": [], "headed": False, "ratio": 1}


@dataclass(kw_only=True, eq=False)
class Experiment:
    """A grid that a tab paints.

    ``jobs`` are those of its cells, by name, and ``styles`` the keys of the gallery styles among theirs. ``states``,
    ``pictures`` (data URIs) and ``painted`` (the files of its run) have what is known of each cell so far. ``stopped``
    says that no more is wanted.
    """

    grid: Grid
    jobs: Mapping[str, Job]
    styles: Sequence[str]
    states: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict, repr=False)
    painted: dict[str, Mapping[str, Path]] = field(default_factory=dict)
    begun: bool = False
    over: bool = False
    stopped: bool = False

    @property
    def title(self) -> str:
        """The names of the photo and the styles."""
        job = next(iter(self.jobs.values()))
        return ", ".join([job.content_name, *job.style_names])

    def document(self, name: str) -> dict[str, Any]:
        """What ``from_document`` reads of a cell."""
        job = self.jobs[name]
        return {"settings": job.settings.to_dict(), "recipe": job.recipe, "styles": list(self.styles)}

    def take(self, progress: SeriesProgress) -> bool:
        """Note what has become of the cells; whether anything has."""
        before = dict(self.states)
        for cell, item in zip(self.grid.cells, progress.items, strict=True):
            if item.state == "waiting":
                continue
            self.states[cell.name] = "finished" if item.state == "skipped" else item.state
            if item.error is not None:
                self.states[cell.name] = f"failed: {item.error.sentence(by_label)}"
            if "zip" in item.files and cell.name not in self.painted:
                self.painted[cell.name] = item.files
                self.pictures[cell.name] = data_uri(read_png(item.files["png"]), SIDE, QUALITY)
        return self.states != before

    def value(self) -> dict[str, Any]:
        """What ``grid_cells`` shows of it."""
        columns, rows = ([_head(head) for head in axis] for axis in (self.grid.columns, self.grid.rows))
        width, height = next(iter(self.jobs.values())).content_size
        return {
            "columns": columns, "rows": rows, "headed": any(rows),
            "cells": [self._cell(cell) for cell in self.grid.cells], "ratio": width / height,
        }  # fmt: skip

    def _cell(self, cell: Cell) -> dict[str, Any]:
        texts = {"key": cell.name, "title": cell.title, "state": self.states.get(cell.name, "waiting")}
        escaped = {name: escape(text, quote=True) for name, text in texts.items()}
        return {**escaped, "row": cell.row, "src": self.pictures.get(cell.name, "")}


def _head(head: Head) -> str:
    about = f"<small>{escape(head.about)}</small>" if head.about else ""
    return escape(head.title) + about


def grid_cells() -> gr.HTML:
    """The cells of a grid; ``.click`` brings the name of the cell in its event data."""
    return gr.HTML(
        _EMPTY, html_template=_TEMPLATE, js_on_load=_ON_LOAD, apply_default_css=False, elem_id="experiment-cells"
    )


def progress_line(experiment: Experiment, progress: SeriesProgress) -> str:
    """How far the grid is, as HTML."""
    job = next(iter(experiment.jobs.values()))
    item, run = progress.items[progress.at], progress.run
    waiting = run is not None and run.state == "waiting"
    facts = [
        *subject(job.content_name, job.style_names),
        ("Picture", f"{progress.at + 1} of {len(progress.items)}"),
        ("Painted", f"{item.share:.0%}"),
    ]
    if progress.seconds_left is not None:
        facts.append(("Time left", f"about {clock(progress.seconds_left)}"))
    head = "Waiting in line" if waiting else "Painting"
    return status("waiting" if waiting else "running", head, facts, run.notes if run else ())


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of ``nst.runs.grid_files.table_rows`` as HTML; "" where there is none."""
    names = all_columns(rows)
    head = "".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_text(row.get(name))}</td>" for name in names) + "</tr>" for row in rows)
    if not rows:
        return ""
    return (
        '<div class="wide-table" tabindex="0" role="region" aria-label="Settings, losses and metrics">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _text(value: Any) -> str:
    return "" if value is None else escape(f"{value:.4g}" if isinstance(value, float) else str(value))
