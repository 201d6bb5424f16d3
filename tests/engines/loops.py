"""Loops that paint nothing but follow the rules of the real one, so that an engine can be led step by step."""

import queue
import shutil
import tempfile
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nst.controls import Controls
from nst.jobs import Mask, PictureFile, make_film_job
from nst.limits import Limits
from nst.pyramid import plan_scales
from nst.settings import FilmSettings, Settings
from nst.steps import Job, Losses, Picture, Pictures, Step
from nst.transfer.options import StylizeOptions

#: No test waits so long unless something is broken.
SAFETY = 120.0
FILM = FilmSettings(frame_rate=10, frame_steps=2)


def job(colour: int = 100, **settings: Any) -> Job:
    """A small job whose result has one colour throughout, so that it is known whose picture it is."""
    picture = np.full((64, 64, 3), colour, np.uint8)
    return job_of(picture, picture, **{"size": 64, "steps": 5, **settings})


def job_of(content: Picture, *styles: Picture, **settings: Any) -> Job:
    """A job of pictures that are in memory."""
    pictures = Pictures(content, styles)
    return Job(content_size=content.shape[1::-1], load=lambda: pictures, settings=Settings.from_mapping(settings))


def film_job(clip: Path, limits: Limits | None = None, mask: Mask | None = None, **settings: Any) -> Job:
    """The job of a film whose frames take two steps each."""
    file, scream = PictureFile(path=clip, name="clip"), PictureFile.of_style("scream")
    return make_film_job(file, [scream], {"size": 64, "steps": 2, **settings}, FILM, limits=limits, mask=mask)


def a_step(index: int, total: int, settings: Settings, image: Picture | None, **more: Any) -> Step:
    """The record of a step whose total loss is its index."""
    terms = {"content": 1.0, "style": 2.0, "tv": 5.0, "patch": 0.0}
    losses = Losses(terms=terms, style_layers={"one": 3.0, "two": 4.0}, total=float(index))
    return Step(
        index=index, total=total, scale=1, scales=1, width=64, height=64, losses=losses, seconds=index / 10,
        settings=settings, network="plain", device="CPU", image=image, **more,
    )  # fmt: skip


def paint(content: Picture, _styles: Any, settings: Settings, options: StylizeOptions) -> Iterator[Step]:
    """Yields the content picture at every step, in next to no time."""
    controls = options.controls or Controls()
    total = sum(scale.steps for scale in plan_scales(content.shape[1], content.shape[0], settings))
    for index in range(options.start.index if options.start else 0, total):
        controls.wait()
        if controls.stopped:
            yield a_step(index, total, settings, content, end="stopped")
            return
        settings = controls.apply(settings)
        time.sleep(0.001)  # A real step leaves the other threads as much.
        yield a_step(index, total, settings, content)
    yield a_step(total, total, settings, content, end="finished")


def paint_frames(
    frames: Iterable[Picture], styles: Any, settings: Settings, film: FilmSettings, options: StylizeOptions, *,
    earlier: Iterable[Any], first: int,
) -> Iterator[Step]:  # fmt: skip
    """The same for a film: each frame after the first takes its few steps."""
    deque(earlier, maxlen=0)
    following = settings.replace(steps=film.frame_steps, coarsest=settings.size)
    for number, content in enumerate(frames, start=first):
        if options.controls.stopped:
            return
        for step in paint(content, styles, settings if number == 1 else following, options):
            yield replace(step, frame=number)


class Held:
    """The same loop in hundredths of a second, which takes only half its steps before it is released.

    Also in another process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def release(self, *colours: int) -> None:
        """Let the runs whose pictures have these colours go on to their end."""
        for colour in colours:
            (self._folder / f"{colour}.released").touch()

    def __call__(self, content: Picture, *others: Any) -> Iterator[Step]:
        released = self._folder / f"{content[0, 0, 0]}.released"
        for step in paint(content, *others):
            time.sleep(0.01)
            while 2 * step.index == step.total and not released.exists():
                time.sleep(0.01)
            yield step


class _Tokens:
    """Numbers that one process puts into a file and another takes out."""

    def __init__(self, path: Path) -> None:
        self._path, self._taken = path, path.with_suffix(".taken")
        path.touch()
        self._taken.touch()

    def put(self, *numbers: int) -> None:
        with self._path.open("ab") as file:
            file.write(bytes(numbers))

    def get_nowait(self) -> int:
        """The next one; queue.Empty if there is none."""
        with self._taken.open("ab") as taken:
            numbers = self._path.read_bytes()[taken.tell() :]
            if not numbers:
                raise queue.Empty
            taken.write(b".")
            return numbers[0]

    def get(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with suppress(queue.Empty):
                return self.get_nowait()
            time.sleep(0.005)
        raise queue.Empty


class Gate:
    """The same loop, but it takes a step only when told to, or when it is to stop; also in another process."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp())
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._steps, self.begun = _Tokens(folder / "steps"), _Tokens(folder / "begun")

    def open(self, steps: int = 1) -> None:
        """Let some steps pass."""
        self._steps.put(*[0] * steps)

    def __call__(self, content: Picture, styles: Any, settings: Settings, options: StylizeOptions) -> Iterator[Step]:
        self.begun.put(int(content[0, 0, 0]))
        yield from self._let_pass(paint(content, styles, settings, options), options)

    def paint_frames(
        self, frames: Any, styles: Any, settings: Any, film: Any, options: StylizeOptions, **more: Any
    ) -> Iterator[Step]:
        """The same for a film."""
        return self._let_pass(paint_frames(frames, styles, settings, film, options, **more), options)

    def _let_pass(self, steps: Iterator[Step], options: StylizeOptions) -> Iterator[Step]:
        for step in steps:
            while not self._passes():
                if options.controls.stopped or step.end:
                    break
            yield step

    def _passes(self) -> bool:
        try:
            self._steps.get(timeout=0.02)
        except queue.Empty:
            return False
        return True
