"""Folders of runs, as the program leaves them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nst.runs.finish import finish
from nst.runs.folder import RunFolder
from nst.runs.record import record
from nst.steps import Job, Step
from tests.engines.loops import a_step, job


def a_job(**settings: Any) -> Job:
    return replace(job(**settings), content_name="cat", style_names=("The Scream",))


def steps(count: int, end: str | None = None, first: int = 0) -> list[Step]:
    """Steps ``first`` to ``count``, whose pictures are as grey as their index; the last has ``end``."""
    return [
        a_step(index, 40, a_job().settings, np.full((64, 64, 3), index, np.uint8), end=end if index == count else None)
        for index in range(first, count + 1)
    ]


def recorded(results: Path, count: int = 2, end: str | None = "finished", owner: str = "ann") -> RunFolder:
    """The folder of a run that came to step ``count``; with ``end`` it has all its files."""
    folder = RunFolder.new(results, owner)
    *_, last = record(steps(count, end), folder, a_job())
    if end:
        list(finish(folder, a_job(), last))
    return folder
