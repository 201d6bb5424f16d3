"""The page's side of a painter: Steps come from its process, and requests of the run go there."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Any, cast

import ray
from ray.exceptions import RayError, RaySystemError, RayTaskError

from nst.controls import Controls, Requests
from nst.download_progress import Download, Report, ignore_progress, refuse_download
from nst.engines.base import PainterState
from nst.engines.cluster_painter import Frame, FrameTaken, Item, Painter, PainterFacts
from nst.engines.lazy import film_steps, stylize_steps
from nst.engines.run import LocalRun
from nst.engines.worker import Paint, PaintFilm
from nst.errors import NSTError
from nst.pyramid import total_steps
from nst.settings import FilmSettings, Settings
from nst.steps import PaintedFrame, Picture, Step
from nst.transfer.options import StylizeOptions

logger = logging.getLogger(__name__)

#: Seconds until a wait for the next Steps notices that the connection was abandoned.
POLL_SECONDS = 2.0
#: Seconds between two questions to a painter whose process is started again.
RETRY_SECONDS = 0.5
#: Frames of a film that wait at a painter.
FRAMES_AHEAD = 2


class PainterLost(Exception):  # noqa: N818  (the run goes on)
    """The process of a painter, its machine or the connection is gone; ``began``: it had started with the run."""

    def __init__(self, *, began: bool) -> None:
        super().__init__()
        self.began = began


class RemotePainter:
    """A painter as the engine's worker.

    Args:
        resources: what Ray reserves for it, as ``ray.remote`` takes them.
        device, weights, warm: see ``Painter``.

    Attributes:
        ready: whether it answered last time.
        facts: what it said about itself then.
        loop: what it runs, called like ``nst.transfer.loop.stylize_steps``.
        film_loop: what it runs for a film, called like ``nst.transfer.film.film_steps``.
        run: the run that it paints, or None.
        losses: how often it was lost during a run.
    """

    def __init__(
        self, resources: Mapping[str, float], device: str | None = None, weights: Any = None, *, warm: bool = True
    ) -> None:
        remote = cast(Any, ray.remote)(max_restarts=-1, concurrency_groups={"control": 1}, **resources)
        self._actor = remote(Painter).remote(device, weights, warm=warm)
        self._numbers = itertools.count()
        self._abandoned = threading.Event()
        self.facts = PainterFacts()
        self.ready = False
        self.loop: Paint = stylize_steps
        self.film_loop: PaintFilm = film_steps
        self.run: LocalRun | None = None
        self.losses = 0

    @property
    def device(self) -> str:
        """What it paints with, in words; "" until it was ready once."""
        return self.facts.device

    def memory(self, *, restart: bool = False) -> int:  # noqa: ARG002
        """Bytes in use in its process, as of its last message."""
        return self.facts.memory

    def state(self) -> PainterState:
        """What it does now."""
        run, facts = self.run, self.facts
        known = PainterState(facts.device, "idle" if self.ready else "away", facts.host, facts.process, self.losses)
        if not self.ready or run is None:
            return known
        return replace(known, state="painting", step=_steps_taken(run), steps=total_steps(run.scales))

    def when_ready(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once it answers, which may be after Ray has started its process again."""

        def answered(answer: "Future[PainterFacts]") -> None:
            if answer.exception() is None:
                self.facts, self.ready = answer.result(), True
                callback()
            else:
                # Ray's own retries come at intervals that grow to minutes.
                retry = threading.Timer(RETRY_SECONDS, self.when_ready, [callback])
                retry.daemon = True
                retry.start()

        if not self._abandoned.is_set():
            self._actor.describe.remote().future().add_done_callback(answered)

    def abandon(self, *, kill: bool = False) -> None:
        """Never use it again; a run on it loses its painter."""
        self.ready = False
        self._abandoned.set()
        if kill:
            ray.kill(self._actor)

    def paint(
        self, content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions
    ) -> Iterator[Step]:
        """Run the loop in its process; see ``nst.transfer.loop.stylize_steps``.

        Raises:
            PainterLost: it is gone.
        """
        return self._paint(partial(self.loop, content, tuple(styles), settings), options)

    def paint_frames(
        self,
        frames: Iterable[Picture],
        styles: Sequence[Picture],
        settings: Settings,
        film: FilmSettings,
        options: StylizeOptions,
        *,
        earlier: Iterable[PaintedFrame],
        first: int,
    ) -> Iterator[Step]:
        """Run the loop of films in its process; see ``nst.transfer.film.film_steps``.

        Raises:
            PainterLost: it is gone.
        """
        loop = partial(self.film_loop, styles=tuple(styles), settings=settings, film=film, first=first)
        return self._paint(loop, options, chain(_sent(earlier), _sent(frames)))

    def _paint(
        self, loop: Callable[..., Iterator[Step]], options: StylizeOptions, frames: Iterator[Frame] | None = None
    ) -> Iterator[Step]:
        """The Steps of a loop, see ``Painter.paint``; it gets the frames of a film as it needs them."""
        controls, number, began = options.controls or Controls(), next(self._numbers), False
        if self._abandoned.is_set():
            raise PainterLost(began=False)
        try:
            controls.watch(lambda: self._steer(number, controls.requests()))
            self._steer(number, controls.requests())
            for items in self._stream(number, loop, _picklable(options), film=frames is not None):
                if frames is not None:
                    taken = sum(isinstance(item, FrameTaken) for item in items)
                    self._feed(number, frames, taken if began else FRAMES_AHEAD)
                began = True
                yield from _steps(items, options.report)
        except RayTaskError as error:
            raise error.cause from None
        except RayError as error:
            self.ready = False
            self.losses += began
            logger.warning("a painter is lost: %s", str(error).partition("\n")[0])
            raise PainterLost(began=began) from None
        finally:
            controls.watch()
            self._steer(number, Requests({}, stopped=True, paused=False))

    def _steer(self, number: int, requests: Requests) -> None:
        """Send the requests of the run of that number, without waiting."""
        if self.ready:
            self._actor.steer.remote(number, requests)

    def _feed(self, number: int, frames: Iterator[Frame], count: int) -> None:
        """Send the next frames of a film, without waiting."""
        for frame in islice(frames, count):
            self._actor.feed.remote(number, frame)

    def _stream(
        self, number: int, loop: Callable[..., Iterator[Step]], options: StylizeOptions, *, film: bool
    ) -> Iterator[list[Item]]:
        """The batches of a run as they come; RayError when the painter is gone or was abandoned."""
        paint = self._actor.paint.options(num_returns="streaming", _generator_backpressure_num_objects=2)
        stream = paint.remote(number, loop, options, film=film)
        while not self._abandoned.is_set():
            # ``next`` alone would wait for ever after the head is lost.
            if ray.wait([stream], timeout=POLL_SECONDS)[0]:
                try:
                    items, memory = ray.get(next(stream))
                except StopIteration:
                    return
                self.facts = replace(self.facts, memory=memory)
                yield items
        raise RaySystemError("the connection was abandoned")


def _steps_taken(run: LocalRun) -> int:
    """How many of all its steps a run has taken; a film has one more scale for each frame after the first."""
    step = run.latest.preview
    if step is None:
        return 0
    if step.frame <= 1:
        return step.index
    scale = step.frame - 1 - run.frames
    # The first frame of a shot takes more steps than are planned.
    return total_steps(run.scales[:scale]) + min(step.index, run.scales[scale].steps)


def _picklable(options: StylizeOptions) -> StylizeOptions:
    """The options without what only this process can call."""
    report = refuse_download if options.report is refuse_download else ignore_progress
    return replace(options, controls=None, report=report)


def _sent(frames: Iterable[PaintedFrame | Picture]) -> Iterator[Frame]:
    """What a painter is sent of frames, up to what ended them."""
    try:
        yield from frames
    except NSTError as error:
        yield error
    yield None


def _steps(items: Sequence[Item], report: Report) -> Iterator[Step]:
    """The Steps of a batch; the progress of downloads is reported."""
    for item in items:
        if isinstance(item, Download):
            report(item)
        elif isinstance(item, Step):
            yield item
