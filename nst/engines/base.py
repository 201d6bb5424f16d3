"""The protocol between those who ask for a picture (page, CLI, API) and those who paint it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nst.download_progress import Download
from nst.engines.estimates import Estimate
from nst.engines.line import Visitor
from nst.errors import NSTError
from nst.pyramid import Scale
from nst.runs.folder import RunFolder
from nst.settings import Settings
from nst.steps import Film, Job, Step

State = Literal["waiting", "running", "saving", "finished", "stopped", "failed"]

#: States after which nothing changes any more.
FINAL_STATES: frozenset[str] = frozenset({"finished", "stopped", "failed"})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What happened to a run since the listener last looked. No Step is dropped, only their images.

    Of a film, ``steps`` has only the last Step of each frame: memory does not grow with the steps of all frames.

    ``steps`` are the new Steps in order, without images except the newest one that has one;
    ``preview`` is the newest Step with an image so far (also from before this record), or None.
    ``position`` counts the runs ahead (0: none). ``notes`` are all sentences for the user so far.
    ``files`` (kind -> path: png, gif, mp4, sheet, zip, log, settings) grow while they are saved.
    ``download`` is how far one of trained weights is, while a running run waits for it, else None.
    ``error`` is why a failed run failed.
    """

    state: State
    position: int = 0
    steps: tuple[Step, ...] = ()
    preview: Step | None = None
    notes: tuple[str, ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    download: Download | None = None
    error: NSTError | None = None
    paused: bool = False


@dataclass(frozen=True)
class PainterState:
    """What a painter of a cluster does.

    ``device`` is what it paints with, ``host`` its machine and ``process`` the id of its process there; "" and 0 while
    that is not known. It was lost ``losses`` times during a run. ``step`` of ``steps`` is how far its run is.
    """

    device: str
    state: Literal["idle", "painting", "away"]
    host: str = ""
    process: int = 0
    losses: int = 0
    step: int = 0
    steps: int = 0


@dataclass(frozen=True)
class RunSummary:
    """A run for the operator's eyes: nothing of what it shows or whose it is.

    ``waited`` and ``painted`` are its seconds in line and since then, ``error`` is why it failed, or "".
    """

    state: State
    waited: float
    painted: float
    error: str


class Run(Protocol):
    """A submitted job. Every method except the two iterators returns at once; all may be called from any thread."""

    @property
    def id(self) -> str:
        """A name made by the engine, safe in a path."""
        ...

    @property
    def folder(self) -> Path:
        """The folder that the run writes if it is saved."""
        ...

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The sizes that the run passes through; of a film, see ``Job.all_scales``."""
        ...

    @property
    def frames(self) -> int:
        """How many frames a film has; 0 for a picture."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its result in pixels."""
        ...

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of the content and of the styles."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing changes any more."""
        ...

    def progress(self, interval: float = 0.1, listening: Callable[[], bool] = ...) -> Iterator[Progress]:
        """Yields at most every ``interval`` seconds and, while nothing happens, about twice a second.

        The state of the last record is one of FINAL_STATES. Closing this iterator early does not stop the run, but one
        that nobody has listened to for the engine's grace ends as if stopped; ``listening`` says whether anybody
        receives the records, where that can end before the iterator is closed.
        """
        ...

    def steps(self) -> Iterator[Step]:
        """Every Step in order, waiting for each; raises the NSTError of a failed run at its end."""
        ...

    def update(self, **weights: Any) -> None:
        """Change live settings from the next step on (see ``nst.controls.Controls.update``)."""
        ...

    def pause(self) -> None:
        """Hold before the next step."""
        ...

    def resume(self) -> None:
        """Go on after a pause."""
        ...

    def stop(self) -> None:
        """End after the current step and keep everything; a waiting run leaves the line."""
        ...


class Engine(Protocol):
    """Accepts jobs and paints them."""

    @property
    def device(self) -> str:
        """The device that paints, in words for the user, such as "CPU (2 cores)" or "NVIDIA RTX 4090"."""
        ...

    @property
    def ready(self) -> bool:
        """Whether everything is loaded, so that a run begins at once."""
        ...

    @property
    def painters(self) -> Sequence[PainterState]:
        """The painters, where an engine has several."""
        ...

    @property
    def waiting(self) -> int:
        """How many runs wait in the line."""
        ...

    @property
    def summaries(self) -> Sequence[RunSummary]:
        """The runs that are remembered, the newest first."""
        ...

    @property
    def results(self) -> Path:
        """The folder that gets one folder for each run."""
        ...

    @property
    def live(self) -> frozenset[str]:
        """The ids of the runs that are not over yet."""
        ...

    def submit(
        self,
        make_job: Callable[[], Job],
        where: RunFolder | None = None,
        *,
        visitor: Visitor | None = None,
        owner: str = "",
        saved: bool = True,
        caller: Callable[[], bool] | None = None,
    ) -> Run:
        """Take a job into the line, on behalf of a visitor; nothing is written where it is not ``saved``.

        Args:
            make_job: called when there is a place in the line, because to read pictures takes time and memory; what it
                raises is raised, and the place is free again.
            where: the folder to write instead of a fresh one, such as that of a run that goes on.
            visitor: who asks for it; visitors take turns.
            owner: whose the fresh folder is, see ``RunFolder.new``.
            caller: whether the one client that the run is for still listens, where nobody else can: without it, the
                run ends soon.

        Raises:
            BusyError: the line is full, this visitor has as many runs waiting as are allowed, or the run of that
                folder is not over.
            OutputError: the folder cannot be written, or its disk is full.
        """
        ...

    def estimate(self, width: int, height: int, settings: Settings, film: Film | None = None) -> Estimate | None:
        """What a run will roughly take, at once; None while the engine cannot tell.

        Args:
            width, height: the photo's own size in pixels.
            settings: those of the run.
            film: where it paints one.
        """
        ...

    def find(self, run_id: str) -> Run | None:
        """The run of that id while it is kept, else None."""
        ...

    def close(self) -> None:
        """Stop every run and end the workers."""
        ...
