"""The painter of a Ray cluster: one process with a device of its own, which runs the loop and streams its Steps."""

import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import ray

from nst.controls import Controls, Requests
from nst.download_progress import Download, ignore_progress
from nst.engines.estimates import memory_in_use
from nst.engines.failures import release_memory
from nst.engines.lazy import device_name, warm_up
from nst.errors import NSTError
from nst.process import trim_heap, tune_heap_and_openmp
from nst.steps import PaintedFrame, Picture, Step
from nst.transfer.options import StylizeOptions

logger = logging.getLogger(__name__)

#: What is sent for a film: its earlier frames, then those to paint; None after either, or why one cannot be read.
Frame = PaintedFrame | Picture | NSTError | None


@dataclass(frozen=True)
class FrameTaken:
    """The loop has taken a Frame, so that there is room for another one."""


#: What happens in a run.
Item = Step | Download | FrameTaken
#: What is streamed: what happened since the last one, and the bytes of memory in use.
Batch = tuple[list[Item], int]


@dataclass(frozen=True)
class PainterFacts:
    """What a painter says about itself: its device in words, the bytes of memory in use, its machine and process id."""

    device: str = ""
    memory: int = 0
    host: str = ""
    process: int = 0


class Painter:
    """An actor. ``paint`` has a thread of its own; the other methods answer while it is at work.

    Args:
        device: None or "auto" for the best one of this process; else as for ``LocalEngine``.
        weights: a file of trained weights on the painter's machine; the network's own place when None.
        warm: whether to load torch and the usual network now.
    """

    def __init__(self, device: str | None, weights: str | Path | None, *, warm: bool = True) -> None:
        tune_heap_and_openmp()
        self._device, self._weights, self._warm = device, weights, warm
        self._number, self._run, self._lock = -1, _Run(), threading.Lock()
        # One thread for every run: each thread that computes gets OpenMP threads of its own.
        self._loop = ThreadPoolExecutor(1, "nst-painter")
        if warm:
            self._loop.submit(self._warm_up).result()

    @ray.method(concurrency_group="control")
    def describe(self) -> PainterFacts:
        """What it says about itself."""
        device = device_name(self._device) if self._warm else "CPU"
        return PainterFacts(device, memory_in_use(), socket.gethostname(), os.getpid())

    @ray.method(concurrency_group="control")
    def steer(self, number: int, requests: Requests) -> None:
        """Pass requests to the run of that number, which may not have begun; earlier runs are over."""
        run = self._run_of(number)
        run.controls.replace(requests)
        if requests.stopped:
            run.inbox.close()

    @ray.method(concurrency_group="control")
    def feed(self, number: int, frame: Frame) -> None:
        """Take in the next Frame of the film of that number."""
        self._run_of(number).inbox.put(frame)

    def paint(
        self, number: int, loop: Callable[..., Iterator[Step]], options: StylizeOptions, *, film: bool
    ) -> Iterator[Batch]:
        """Stream a run, beginning with an empty Batch.

        Args:
            number: of the run; higher than that of any run before.
            loop: ``nst.transfer.loop.stylize_steps`` with all arguments but the options; or, for a film,
                ``nst.transfer.film.film_steps`` with all arguments but the options and the frames, also the earlier.
            options: how to paint, but for what this painter itself decides.
            film: whether it paints the frames that are fed.
        """
        run = self._run_of(number)
        outbox = _Outbox(options.frame_every)
        options = replace(
            options, device=self._device, weights=self._weights, controls=run.controls,
            report=outbox.put if options.report is ignore_progress else options.report,
        )  # fmt: skip
        yield [], memory_in_use(restart=True)
        frames = partial(run.inbox.frames, outbox.put)
        steps = loop(frames(), earlier=frames(), options=options) if film else loop(options)
        self._loop.submit(outbox.fill, steps)
        for items in outbox.batches():
            yield items, memory_in_use()
        trim_heap()

    def _run_of(self, number: int) -> "_Run":
        with self._lock:
            if number > self._number:
                self._number, self._run = number, _Run()
            return self._run if number == self._number else _Run()

    def _warm_up(self) -> None:
        try:
            warm_up(self._device, self._weights)
        except NSTError as error:  # A run reports it.
            logger.warning("%s", error)


class _Inbox:
    """The frames of a film on their way to the loop."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, frame: Frame) -> None:
        """Take in a Frame, unless none is needed any more."""
        with self._changed:
            if not self._closed:
                self._frames.append(frame)
            self._changed.notify_all()

    def close(self) -> None:
        """Drop what is there: the run is over or stopped."""
        with self._changed:
            self._closed = True
            self._frames.clear()
            self._changed.notify_all()

    def frames(self, report: Callable[[FrameTaken], None]) -> Iterator[Any]:
        """The frames up to the next None, waiting for each; reports every Frame that it takes."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._frames or self._closed)
                frame = self._frames.popleft() if self._frames else None
            report(FrameTaken())
            if frame is None:
                return
            if isinstance(frame, NSTError):
                raise frame
            yield frame


@dataclass(frozen=True, eq=False)
class _Run:
    """What the page sends to a run while it is painted."""

    controls: Controls = field(default_factory=Controls)
    inbox: _Inbox = field(default_factory=_Inbox)


class _Outbox:
    """Steps on their way to the page. Only the newest preview waits; frames and the losses of all Steps are kept."""

    def __init__(self, frame_every: int) -> None:
        self._frame_every = frame_every
        self._items: list[Item] = []
        self._over = False
        self._failure: BaseException | None = None
        self._changed = threading.Condition()

    def fill(self, steps: Iterator[Step]) -> None:
        """Take in every Step, and what ended them."""
        try:
            for step in steps:
                self.put(step)
        except BaseException as error:
            if not isinstance(error, NSTError):
                logger.exception("a run failed")
            # Ray would end the process for a SystemExit.
            self._failure = error.with_traceback(None) if isinstance(error, Exception) else RuntimeError(repr(error))
        if self._failure is not None:
            release_memory()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def put(self, item: Item) -> None:
        """Take in what has happened."""
        with self._changed:
            if isinstance(item, Step) and item.image is not None:
                self._items = [self._without_preview(other) for other in self._items]
            self._items.append(item)
            self._changed.notify_all()

    def batches(self) -> Iterator[list[Item]]:
        """What has come in since the last batch, waiting for it; raises at its end what ended the Steps."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._over)
                items, self._items = self._items, []
            if items:
                yield items
            elif self._failure is not None:
                raise self._failure
            else:
                return

    def _without_preview(self, item: Item) -> Item:
        if not isinstance(item, Step) or item.image is None or item.end is not None:
            return item
        is_frame = self._frame_every > 0 and item.index % self._frame_every == 0
        return item if is_frame else replace(item, image=None)
