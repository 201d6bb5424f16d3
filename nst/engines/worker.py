"""The protocol between an engine and what paints for it, one run at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from nst.engines.estimates import memory_in_use
from nst.settings import Settings
from nst.steps import Picture, Step
from nst.transfer.options import StylizeOptions

#: Called like ``nst.transfer.loop.stylize_steps``.
Paint = Callable[[Picture, Sequence[Picture], Settings, StylizeOptions], Iterator[Step]]
#: Called like ``nst.transfer.film.film_steps``.
PaintFilm = Callable[..., Iterator[Step]]


class Worker(Protocol):
    """What paints one run at a time."""

    def paint(
        self, content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions
    ) -> Iterator[Step]:
        """See ``nst.transfer.loop.stylize_steps``."""
        ...

    @property
    def paint_frames(self) -> PaintFilm | None:
        """The same for films; None where they are refused."""
        ...

    def memory(self, *, restart: bool = False) -> int:
        """See ``nst.engines.estimates.memory_in_use``."""
        ...


@dataclass(frozen=True, eq=False)
class OwnThread:
    """The worker that is the engine's own thread."""

    paint: Paint
    paint_frames: PaintFilm | None
    memory: Callable[..., int] = memory_in_use
