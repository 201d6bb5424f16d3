"""Loops that paint nothing but follow the rules of the real one, so that an engine can be led step by step."""

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nst.pyramid import plan_scales
from nst.settings import FilmSettings, Settings
from nst.steps import Controls, Job, Losses, Picture, Pictures, Step
from nst.transfer.options import StylizeOptions

#: No test waits so long unless something is broken.
SAFETY = 60.0


def job(colour: int = 100, **settings: Any) -> Job:
    """A small job whose result has one colour throughout, so that it is known whose picture it is."""
    picture = np.full((64, 64, 3), colour, np.uint8)
    return job_of(picture, picture, **{"size": 64, "steps": 5, **settings})


def job_of(content: Picture, *styles: Picture, **settings: Any) -> Job:
    """A job of pictures that are in memory."""
    pictures = Pictures(content, styles)
    return Job(content_size=content.shape[1::-1], load=lambda: pictures, settings=Settings.from_mapping(settings))


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
    for index in range(total):
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
    earlier: Iterable[Any], first: int,  # noqa: ARG001  (the name is that of the real loop)
) -> Iterator[Step]:  # fmt: skip
    """The same for a film: each frame after the first takes its few steps."""
    following = settings.replace(steps=film.frame_steps, coarsest=settings.size)
    for number, content in enumerate(frames, start=first):
        if options.controls.stopped:
            return
        for step in paint(content, styles, settings if number == 1 else following, options):
            yield replace(step, frame=number)


class Gate:
    """The same loop, but it takes a step only when told to, or when it is to stop."""

    def __init__(self) -> None:
        self._steps = threading.Semaphore(0)
        self.begun: queue.Queue[int] = queue.Queue()

    def open(self, steps: int = 1) -> None:
        """Let some steps pass."""
        self._steps.release(steps)

    def __call__(self, content: Picture, styles: Any, settings: Settings, options: StylizeOptions) -> Iterator[Step]:
        self.begun.put(int(content[0, 0, 0]))
        for step in paint(content, styles, settings, options):
            while not self._steps.acquire(timeout=0.02):
                if options.controls.stopped or step.end:
                    break
            yield step
