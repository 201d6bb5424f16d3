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
from torch import Tensor

from nst.controls import Controls
from nst.download_progress import DownloadStopped
from nst.pyramid import result_size
from nst.settings import FilmSettings, Settings
from nst.steps import BACK, PaintedFrame, Picture, Start, Step
from nst.transfer.composite import separate
from nst.transfer.flow import Motion, compare, is_cut, warp
from nst.transfer.frame_masks import FrameMasks
from nst.transfer.images import resize, to_picture, to_tensor
from nst.transfer.loop import run_steps
from nst.transfer.options import StylizeOptions
from nst.transfer.regions import stretch
from nst.transfer.state import TransferState

#: Of a film whose mask was drawn on the first shot.
ANOTHER_SHOT = "Another shot begins with frame {}; the mask was drawn on the first, and goes on from where it was."


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
        options: as for a picture. ``content_size`` and ``start`` are those of the first frame, and so is a mask that is
            a picture; a rule is applied to each frame.
        earlier: the frames that are done, oldest first, to go on from, read before ``frames``. The last ``max(BACK)``
            are enough, unless a mask follows what it was drawn on: then it takes all.
        first: the number of the first frame, from 1.

    Yields:
        The Steps of one frame after the other, with its number in ``frame``. The last of each has ``end`` set and an
        image. It is "stopped" where that frame was not painted to its end, because the film was stopped.

    Raises:
        NSTError: as ``stylize_steps``.
    """
    settings, film = (settings or Settings()).replace(enlarge="off"), film or FilmSettings()
    options, began = options or StylizeOptions(), time.monotonic()
    controls, masks = options.controls or Controls(), FrameMasks(options.mask, follow=film.mask_motion == "follow")
    options = replace(options, controls=controls, metrics=False, mask=masks.first)
    paintings = [styles] if isinstance(styles, np.ndarray) else list(styles)
    done, state = _with_masks(earlier, masks, settings, controls), None
    shots = min(1, len(done))
    for number, content in enumerate(frames, start=first):
        if controls.stopped:
            return
        current = controls.apply(settings)
        now, motion = _motion(done, content, settings)
        mask = masks.next(now, motion)
        start = None if motion is None else predict(done, now, motion, mask, film.temporal_weight)
        following = current if start is None else current.replace(steps=film.frame_steps)
        if state is not None and start is not None:
            state.begin_frame(content, following, start, mask)
        else:
            begun = replace(options, start=start or options.start)
            try:
                state = TransferState(content, paintings, following, begun, mask)
            except DownloadStopped:
                return
            options = replace(options, start=None)
        shots += start is None
        note = ANOTHER_SHOT.format(number) if masks.follows and start is None and shots == 2 else ""
        for step in run_steps(state):
            # A frame whose loss was not finite is kept as far as it came, with a note.
            end = "finished" if step.end and not controls.stopped else step.end
            # Of one that is stopped nothing is kept.
            notes = "" if end == "stopped" else f"{step.note} {note}".strip()
            seconds = time.monotonic() - began
            yield replace(step, frame=number, seconds=seconds, end=end, note=notes)
            note = ""
            if step.end and step.image is not None:
                done.append(PaintedFrame(content, step.image, mask))
            if step.end and step.scale < step.scales:
                state = None  # Its styles are those of a coarser scale.


def predict(
    done: Sequence[PaintedFrame], content: Picture, motion: Motion, mask: Picture | None, weight: float
) -> Start:
    """What is known of a frame from those before it.

    Args:
        done: the frames before, oldest first.
        content: of the frame, uint8 (H, W, 3), at the size of the film.
        motion: since the last of them.
        mask: of the frame, uint8 (h, w, 3) of any size; None without one.
        weight: of the temporal loss.

    Source: Ruder et al. 2016, equations 8 and 9. Deviation: one warped picture, in which each pixel is that of the
    nearest frame that is trusted most, takes the place of a loss for each frame; with trust of 0 and 1 they are the
    same.
    """
    size = content.shape[1::-1]
    image, known = torch.zeros(1, 3, *content.shape[:2]), torch.zeros(1, 1, *content.shape[:2])
    for frame in [done[-back] for back in BACK if back <= len(done)]:
        if frame is not done[-1]:
            motion = compare(_scaled(frame.content, size), content)
        trust = motion.trust
        if mask is not None and frame.mask is not None:
            trust = trust * _same_region(warp(_channels(frame.mask, size), motion.backward, "bilinear"), mask)
        warped = warp(_painted(frame, size), motion.backward).clamp_(0, 1)
        image = torch.where(trust > known, warped, image)
        known = torch.maximum(known, trust)
    levels = known.mul(255).round().byte()[0, 0].numpy()
    return Start(to_picture(image), trust=levels, temporal_weight=weight)


def _with_masks(
    frames: Iterable[PaintedFrame], masks: FrameMasks, settings: Settings, controls: Controls
) -> deque[PaintedFrame]:
    """The last frames of an earlier run, with the masks that they had."""
    done: deque[PaintedFrame] = deque(maxlen=max(BACK))
    for frame in frames:
        if controls.stopped:
            break
        done.append(replace(frame, mask=masks.next(*_motion(done, frame.content, settings))))
    return done


def _motion(done: Sequence[PaintedFrame], content: Picture, settings: Settings) -> tuple[Picture, Motion | None]:
    """The content at the size of the film, and its motion since the last frame; None where a shot begins."""
    now = _scaled(content, size := result_size(content.shape[1], content.shape[0], settings.size))
    if not done or done[-1].content.shape != content.shape:
        return now, None
    before = _scaled(done[-1].content, size)
    motion = compare(before, now)
    return now, None if is_cut(before, now, motion.trust) else motion


def _painted(frame: PaintedFrame, size: tuple[int, int]) -> Tensor:
    """What was painted of a frame, (1, 3, H, W), without the photo that shows through a mask."""
    shown = to_tensor(_scaled(frame.result, size))
    if frame.mask is None:
        return shown
    return separate(shown, to_tensor(_scaled(frame.content, size)), stretch(frame.mask.max(axis=2), *size))


def _same_region(before: Tensor, mask: Picture) -> Tensor:
    """Where two masks say nearly the same, (1, 1, H, W); elsewhere there was another style, or none.

    Args:
        before: (1, 3, H, W) in [0, 1].
        mask: uint8 (h, w, 3) of any size.
    """
    now = _channels(mask, before.shape[:1:-1])
    return ((before - now).abs() <= torch.maximum(before, now) / 2).all(dim=1, keepdim=True)


def _channels(mask: Picture, size: tuple[int, ...]) -> Tensor:
    """A mask at (width, height) as a tensor, (1, 3, H, W) in [0, 1]."""
    return torch.cat([stretch(np.ascontiguousarray(mask[..., channel]), *size) for channel in range(3)], dim=1)


def _scaled(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture at (width, height)."""
    return picture if picture.shape[1::-1] == size else to_picture(resize(to_tensor(picture), *size))
