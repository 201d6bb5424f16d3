"""A film: every frame begins with the one before, moved along, and keeps to it where that can be relied on.

Source: Ruder, Dosovitskiy and Brox 2016, "Artistic style transfer for videos": the temporal loss of section 3.2 and the
long-term consistency of section 3.3. Deviations: what comes into view begins as the first frame did, recoloured, and
not with the warped picture; only the finest scale of a frame is painted, as coarse shapes come with the frame before.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from nst.pyramid import result_size
from nst.settings import FilmSettings, Settings
from nst.steps import BACK, Controls, DownloadStopped, PaintedFrame, Picture, Start, Step
from nst.transfer.flow import compare, is_cut, warp
from nst.transfer.images import resize, to_picture, to_tensor
from nst.transfer.loop import run_steps
from nst.transfer.options import StylizeOptions
from nst.transfer.state import TransferState


def film_steps(
    frames: Iterable[Picture],
    styles: Picture | Sequence[Picture],
    settings: Settings | None = None,
    film: FilmSettings | None = None,
    options: StylizeOptions | None = None,
    *,
    earlier: Iterable[PaintedFrame] = (),
    first: int = 1,
) -> Iterator[Step]:
    """Paint the frames of a clip one after the other, so that strokes move with things.

    The first frame, and the first of each shot, is painted like a picture. Memory does not grow with the clip.

    Args:
        frames: the contents, uint8 (H, W, 3), of one size; the first of them is frame number ``first``.
        styles: one painting, or several, uint8 (h, w, 3).
        settings: of the first frame; the others take ``film.frame_steps`` steps at the finest scale. ``enlarge`` is not
            read: a film is as large as it is painted.
        film: the defaults when None.
        options: as for a picture; a mask stays where it is. ``content_size`` and ``start`` are those of the first
            frame.
        earlier: the last frames that are done, oldest first, to go on from; ``max(BACK)`` of them are enough.
        first: the number of the first frame, from 1.

    Yields:
        The Steps of one frame after the other, with its number in ``frame``. The last of each has ``end`` set and an
        image. It is "stopped" where that frame was not painted to its end, because the film was stopped.

    Raises:
        NSTError: as ``stylize_steps``.
    """
    settings, film = (settings or Settings()).replace(enlarge="off"), film or FilmSettings()
    options, began = options or StylizeOptions(), time.monotonic()
    controls = options.controls or Controls()
    options = replace(options, controls=controls, metrics=False)
    paintings = [styles] if isinstance(styles, np.ndarray) else list(styles)
    done, state = deque(earlier, maxlen=max(BACK)), None
    for number, content in enumerate(frames, start=first):
        if controls.stopped:
            return
        current = controls.apply(settings)
        start = predict(done, content, current, film.temporal_weight)
        following = current if start is None else current.replace(steps=film.frame_steps)
        if state is not None and start is not None:
            state.begin_frame(content, following, start)
        else:
            try:
                state = TransferState(content, paintings, following, replace(options, start=start or options.start))
            except DownloadStopped:
                return
            options = replace(options, start=None)
        for step in run_steps(state):
            # A frame whose loss was not finite is kept as far as it came, with a note.
            end = "finished" if step.end and not controls.stopped else step.end
            yield replace(step, frame=number, seconds=time.monotonic() - began, end=end)
            if step.end and step.image is not None:
                done.append(PaintedFrame(content, step.image))
            if step.end and step.scale < step.scales:
                state = None  # Its styles are those of a coarser scale.


def predict(done: Sequence[PaintedFrame], content: Picture, settings: Settings, weight: float) -> Start | None:
    """What is known of a frame from those before it; None where there is none, or where a new shot begins.

    Args:
        done: the frames before, oldest first.
        content: of the frame, uint8 (H, W, 3).
        settings: size is read.
        weight: of the temporal loss.

    Source: Ruder et al. 2016, equations 8 and 9. Deviation: one warped picture, in which each pixel is that of the
    nearest frame that is trusted most, takes the place of a loss for each frame; with trust of 0 and 1 they are the
    same.
    """
    if not done or done[-1].content.shape != content.shape:
        return None
    size = result_size(content.shape[1], content.shape[0], settings.size)
    now = _scaled(content, size)
    image, known = torch.zeros(1, 3, *now.shape[:2]), torch.zeros(1, 1, *now.shape[:2])
    for frame in [done[-back] for back in BACK if back <= len(done)]:
        before = _scaled(frame.content, size)
        backward, trust = compare(before, now)
        if frame is done[-1] and is_cut(before, now, trust):
            return None
        warped = warp(to_tensor(_scaled(frame.result, size)), backward).clamp_(0, 1)
        image = torch.where(trust > known, warped, image)
        known = torch.maximum(known, trust)
    levels = known.mul(255).round().byte()[0, 0].numpy()
    return Start(to_picture(image), trust=levels, temporal_weight=weight)


def _scaled(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture at (width, height)."""
    return picture if picture.shape[1::-1] == size else to_picture(resize(to_tensor(picture), *size))
