"""The API for experiments: ``/grid`` paints a photo with every combination of some settings."""

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
from gradio import FileData

from nst.engines.series import Item, Series, SeriesProgress, plan_jobs
from nst.grid import Grid
from nst.recipes import DEFAULT_RECIPE
from nst.runs.destination import ResultsFolder
from nst.runs.grid_files import table_rows, write_grid
from nst.steps import Job
from nst.ui.downloads import secret_folder
from nst.ui.listeners import leaving, visitor
from nst.ui.studio import Studio
from nst.web.api_request import read_grid, said_in_words


class GridApi:
    """The endpoint, as a function whose types Gradio shows to callers."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        #: Pictures are decoded before there is a place in the line: those of one caller at a time.
        self._decoding = threading.Lock()

    def grid(
        self,
        photo: FileData,
        style: str | FileData,
        vary: str | dict[str, Any],
        settings: str | dict[str, Any] = DEFAULT_RECIPE,
        request: gr.Request | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Paint a photo with every combination of the values of one or two settings, one picture after the other.

        Args:
            photo: an uploaded picture.
            style: the name of a style of the gallery, or an uploaded picture.
            vary: a JSON object, as text or as it is, of one or two settings with a list of values for each, or the word
                "variations" for the recipe and those that vary it.
            settings: the name of a recipe, or a JSON object, as text or as it is: the other settings by name, and the
                name of a recipe to put them on top of.
            request: filled in by Gradio; tells visitors apart.

        Returns:
            cells (name, title, state, share and error of each), seconds_left, and at the end table (settings, losses
            and metrics of each picture) and files: the sheet, the csv and a zip of them and all pictures.
        """
        with said_in_words():
            studio = self._studio
            with self._decoding:
                grid, jobs = read_grid(photo, style, vary, settings, studio.limits)
            yield from self._paint(grid, jobs, request, studio.listeners.of(request))

    def _paint(
        self, grid: Grid, jobs: dict[str, Job], request: gr.Request | None, listening: Callable[[], bool]
    ) -> Iterator[dict[str, Any]]:
        engine, told, left = self._studio.engine, None, leaving(listening)
        items: Sequence[Item] = ()
        series = Series(
            lambda: engine, plan_jobs(jobs, lambda _: ResultsFolder(engine.results)), skip=False, last=left,
            listening=listening, visitor=visitor(request),
        )  # fmt: skip
        try:
            for progress in series.paint():
                items, record = progress.items, _record(grid, progress)
                if record != told:
                    told = record
                    yield record
        finally:
            # Closing this ends the picture at work.
            for item in items:
                if run := engine.find(item.run_id):
                    run.stop()
        yield {**_record(grid, progress), **_results(grid, items, next(iter(jobs.values())))}


def _record(grid: Grid, progress: SeriesProgress) -> dict[str, Any]:
    """How far the grid is."""
    left = progress.seconds_left
    cells = [
        {
            "name": cell.name, "title": cell.title, "state": item.state, "share": round(item.share, 3),
            "error": str(item.error) if item.error else None,
        }
        for cell, item in zip(grid.cells, progress.items, strict=True)
    ]  # fmt: skip
    return {"cells": cells, "seconds_left": None if left is None else round(left), "table": None, "files": None}


def _results(grid: Grid, items: Sequence[Item], job: Job) -> dict[str, Any]:
    """The table and the files of what is painted."""
    painted = {item.name: item.files for item in items if "png" in item.files}
    folder = secret_folder(secrets.token_hex())
    rows = table_rows(grid, painted)
    files = write_grid(folder, grid, painted, rows, ", ".join([job.content_name, *job.style_names]))
    described = {kind: FileData(path=str(path), orig_name=path.name).model_dump() for kind, path in files.items()}
    return {"table": rows, "files": described}
