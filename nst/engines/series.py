"""A series of pictures, painted one after the other: what is there already is skipped, what fails is passed over."""

import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from statistics import mean
from typing import Any, Literal

from nst.engines.base import Engine, Progress, Run
from nst.engines.line import Visitor
from nst.errors import BusyError, NSTError
from nst.files import atomic
from nst.pyramid import Scale, work, work_left
from nst.runs.destination import Destination, ResultsFolder
from nst.runs.folder import FILES, writing
from nst.steps import Job

#: The name of the zip of a whole series.
ZIP = "impasto-pictures.zip"
#: The files of each picture that go into it.
ZIPPED = ("png", "settings")
#: Seconds between two attempts while the line is full.
RETRY = 0.5
#: When so much of a picture is painted, its pace tells how long the others take.
TELLING = 0.1


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A picture that is to be painted.

    ``name`` is different from all others of the series, and safe in a path. ``weight`` is its share of the work beside
    the others', for the time that is left.
    """

    name: str
    make_job: Callable[[], Job]
    place: Destination | ResultsFolder
    weight: float = 1.0


def plan_jobs(jobs: Mapping[str, Job], place: Callable[[str], Destination | ResultsFolder]) -> list[Planned]:
    """Pictures whose jobs are made already, by name, each in the place of its name."""

    def plan(name: str, job: Job) -> Planned:
        return Planned(name=name, make_job=lambda: job, place=place(name), weight=work(job.scales))

    return [plan(name, job) for name, job in jobs.items()]


@dataclass(frozen=True, kw_only=True)
class Item:
    """What became of a planned picture so far.

    ``share`` of it is painted, 0 to 1. One that is "skipped" was there already, finished. ``files`` (kind -> path) are
    where they stay; ``error`` is why one failed; ``run_id`` is that of its run, or "".
    """

    name: str
    state: Literal["waiting", "painting", "finished", "skipped", "stopped", "failed"] = "waiting"
    share: float = 0.0
    files: Mapping[str, Path] = field(default_factory=dict)
    seconds: float = 0.0
    error: NSTError | None = None
    run_id: str = ""


@dataclass(frozen=True, kw_only=True)
class SeriesProgress:
    """The pictures in order, the index of the one at work, and what has happened to its run since the last record.

    ``seconds_left`` is for all of them; None while nothing is known.
    """

    items: tuple[Item, ...]
    at: int
    run: Progress | None = None
    seconds_left: float | None = None


class Series:
    """Paints pictures one after the other, so that other visitors have their turn between two of them.

    Args:
        engine: gives what paints, when the first picture needs it.
        planned: the pictures, in order.
        stopped: whether to end now; the picture at work is kept as it is.
        last: whether to end after the picture at work.
        listening: whether anybody receives the records, see ``nst.engines.base.Run.progress``.
        skip: whether pictures that are there already, finished, are skipped.
        visitor: who asks for them.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        planned: Sequence[Planned],
        *,
        stopped: Callable[[], bool] = lambda: False,
        last: Callable[[], bool] = lambda: False,
        listening: Callable[[], bool] = lambda: True,
        skip: bool = True,
        visitor: Visitor | None = None,
    ) -> None:
        self._engine, self._planned = engine, planned
        self._stopped, self._last, self._listening = stopped, last, listening
        self._skip, self._visitor = skip, visitor
        self._items = [Item(name=picture.name) for picture in planned]
        self._paces: list[float] = []
        self._expected: float | None = None

    def paint(self) -> Iterator[SeriesProgress]:
        """Yield after everything that happens, and about twice a second while nothing does, until all are painted.

        An NSTError of one picture is in its Item; any other exception ends the series.
        """
        for at, picture in enumerate(self._planned):
            if self._stopped() or self._last():
                return
            try:
                yield from self._paint(at, picture)
            except NSTError as error:
                yield self._note(at, state="failed", error=error)

    def _paint(self, at: int, picture: Planned) -> Iterator[SeriesProgress]:
        job, place = picture.make_job(), picture.place
        files = place.finished(job) if self._skip else {}
        if files:
            yield self._note(at, state="skipped", share=1.0, files=files)
            return
        with place.reserve(job.size):
            began, run = time.monotonic(), self._submit(place.resumed(job), picture)
            if run is None:
                return
            for progress in run.progress(listening=self._listening):
                if self._stopped():
                    run.stop()
                self._look(at, job, run.scales, progress, time.monotonic() - began)
                yield self._note(at, progress, state="painting", run_id=run.id)
            files = place.deliver(progress.files)
            if progress.error is not None:
                raise progress.error
            seconds = time.monotonic() - began
            if progress.state == "finished":
                self._paces.append(seconds / picture.weight)
            yield self._note(at, state=progress.state, files=files, seconds=seconds)

    def _submit(self, job: Job, picture: Planned) -> Run | None:
        """The run of a job, as soon as there is room for it in the line; None where the end comes first."""
        while not (self._stopped() or self._last()):
            try:
                return self._engine().submit(lambda: job, picture.place.run_folder, visitor=self._visitor)
            except BusyError:
                time.sleep(RETRY)
        return None

    def _look(self, at: int, job: Job, scales: Sequence[Scale], progress: Progress, seconds: float) -> None:
        """Take in how far a run is after these seconds, and how long it is expected to take."""
        share = self._items[at].share
        if progress.steps:
            step = progress.steps[-1]
            share = 1 - work_left(scales, step.scale, step.index) / work(scales)
            self._items[at] = replace(self._items[at], share=share)
        estimate = self._engine().estimate(*job.content_size, job.settings)
        whole = estimate.seconds if estimate else seconds / share if share > TELLING else None
        self._expected = whole and whole / self._planned[at].weight

    def _note(self, at: int, run: Progress | None = None, **changes: Any) -> SeriesProgress:
        """Change an Item; the record of it."""
        self._items[at] = replace(self._items[at], **changes)
        return SeriesProgress(items=tuple(self._items), at=at, run=run, seconds_left=self._seconds_left())

    def _seconds_left(self) -> float | None:
        """From the pace of the finished pictures, or before the first from what it is expected to take."""
        pace = mean(self._paces) if self._paces else self._expected
        pairs = zip(self._items, self._planned, strict=True)
        left = sum(plan.weight * (1 - item.share) for item, plan in pairs if item.state in ("waiting", "painting"))
        return None if pace is None else pace * left


def unique_names(names: Iterable[str]) -> list[str]:
    """The names, with "-2", "-3" and so on after those that are not the first of their kind."""
    taken: list[str] = []
    for name in names:
        candidates = chain([name], (f"{name}-{number}" for number in count(2)))
        taken.append(next(candidate for candidate in candidates if candidate not in taken))
    return taken


def zip_pictures(path: Path, items: Iterable[Item]) -> bool:
    """Write the pictures that are there and their settings.json as a zip, under the names of the Items.

    Returns:
        Whether there was any.

    Raises:
        OutputError: the file cannot be written.
    """
    painted = [item for item in items if "png" in item.files and item.files["png"].exists()]
    if painted:
        with writing(path.parent), atomic(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for item in painted:
                for kind in ZIPPED:
                    archive.write(item.files[kind], item.name + FILES[kind].ending)
    return bool(painted)
