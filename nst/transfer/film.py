"""A film: every frame begins with the one before, moved along, and keeps to it where that can be relied on.

Source: Ruder, Dosovitskiy and Brox 2016, "Artistic style transfer for videos": the temporal loss of section 3.2 and the
long-term consistency of section 3.3. Deviations: what comes into view begins with pieces of the painting, and not with
the warped picture; only the finest scale of a frame is painted, as coarse shapes come with the frame before.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from nst.controls import Controls
from nst.download_progress import DownloadStopped
from nst.pyramid import result_size
from nst.settings import FilmSettings, Settings
from nst.steps import PaintedFrame, Picture, Start, Step
from nst.transfer.flow import Motion, compare, is_cut
from nst.transfer.frame_masks import FrameMasks
from nst.transfer.loop import run_steps
from nst.transfer.options import StylizeOptions
from nst.transfer.paths import BACK, Paths
from nst.transfer.prediction import predict, scaled
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

    The first frame, and the first of each shot, is painted like a picture. One that is the same as the frame before is
    not painted again. Memory does not grow with the clip.

    Args:
        frames: the contents, uint8 (H, W, 3), of one size; the first of them is frame number ``first``.
        styles: one painting, or several, uint8 (h, w, 3).
        settings: of the first frame; the others take ``film.frame_steps`` steps at the finest scale. ``enlarge`` is not
            read: a film is as large as it is painted.
        film: the defaults when None.
        options: as for a picture. ``content_size`` and ``start`` are those of the first frame, and so is a mask that is
            a picture; a rule is applied to each frame.
        earlier: the frames that are done, oldest first, to go on from, read before ``frames``. It takes all of them, as
            each motion is searched for from those before.
        first: the number of the first frame, from 1.

    Yields:
        The Steps of one frame after the other, with its number in ``frame``. The last of each has ``end`` set and an
        image. It is "stopped" where that frame was not painted to its end, because the film was stopped. A frame that
        is the same as the one before has only that one's last Step.

    Raises:
        NSTError: as ``stylize_steps``.
    """
    options, began = options or StylizeOptions(), time.monotonic()
    controls = options.controls or Controls()
    painter = _FilmPainter(styles, settings or Settings(), film or FilmSettings(), options, controls)
    for frame in earlier:
        if controls.stopped:
            return
        painter.take(frame)
    with suppress(DownloadStopped):
        for number, content in enumerate(frames, start=first):
            controls.wait()
            if controls.stopped:
                return
            for step in painter.paint(number, content):
                yield replace(step, frame=number, seconds=time.monotonic() - began)


class _FilmPainter:
    """How far a film has come: its last frames, and what paints the next one."""

    def __init__(
        self,
        styles: Picture | Sequence[Picture],
        settings: Settings,
        film: FilmSettings,
        options: StylizeOptions,
        controls: Controls,
    ) -> None:
        self._styles = [styles] if isinstance(styles, np.ndarray) else list(styles)
        self._settings, self._film, self._controls = settings.replace(enlarge="off"), film, controls
        self._masks = FrameMasks(options.mask, follow=film.mask_follows)
        self._options = replace(options, controls=controls, metrics=False, mask=self._masks.first)
        #: The last frames of the shot, without repeats, and how things came from there to the last of them.
        self._done: deque[PaintedFrame] = deque(maxlen=max(BACK))
        self._paths = Paths()
        self._state: TransferState | None = None
        self._last_step: Step | None = None
        self._shots = 0

    def take(self, frame: PaintedFrame) -> None:
        """Go on from a frame of an earlier run, with the mask that it had."""
        if not self._repeats(frame.content):
            mask = self._masks.next(*self._motion(frame.content))
            self._done.append(replace(frame, mask=mask))

    def paint(self, number: int, content: Picture) -> Iterator[Step]:
        """The Steps of the next frame.

        Raises:
            DownloadStopped: the film was stopped while weights were fetched.
        """
        if self._repeats(content):
            yield self._repeat()
            return
        now, motion = self._motion(content)
        mask = self._masks.next(now, motion)
        start = None
        if motion is not None:
            start = predict(self._done, now, motion, self._paths, mask, self._film.temporal_weight)
        note = ANOTHER_SHOT.format(number) if start is None and self._masks.follows and self._shots == 2 else ""
        for step in run_steps(self._begin(content, start, mask)):
            # A frame whose loss was not finite is kept as far as it came, with a note.
            end = "finished" if step.end and not self._controls.stopped else step.end
            # Of one that is stopped nothing is kept.
            step = replace(step, end=end, note="" if end == "stopped" else f"{step.note} {note}".strip())
            note = ""
            if step.end and step.image is not None:
                self._keep(step, PaintedFrame(content, step.image, mask))
            yield step

    def _repeats(self, content: Picture) -> bool:
        """Whether the next frame is the last one again."""
        return bool(self._done) and np.array_equal(content, self._done[-1].content)

    def _repeat(self) -> Step:
        """The last Step of the last frame, for the next one."""
        frame = self._done[-1]
        if self._last_step is None:  # Where a film goes on, the losses of what is there are those of a first Step.
            trust = np.full(frame.result.shape[:2], 255, np.uint8)
            start = Start(frame.result, trust=trust, temporal_weight=self._film.temporal_weight)
            step = next(run_steps(self._begin(frame.content, start, frame.mask)))
            self._last_step = replace(step, index=step.total, end="finished")
        return replace(self._last_step, image=frame.result, note="")

    def _motion(self, content: Picture) -> tuple[Picture, Motion | None]:
        """The content at the size of the film, and its motion since the last frame.

        None where a shot begins; the frames before are forgotten then.
        """
        now = scaled(content, size := result_size(content.shape[1], content.shape[0], self._settings.size))
        if self._done and self._done[-1].content.shape == content.shape:
            before = scaled(self._done[-1].content, size)
            motion = compare(before, now, [None, *self._paths.last])
            if not is_cut(before, now, motion.trust):
                self._paths.add(motion)
                return now, motion
        self._done.clear()
        self._paths = Paths()
        self._shots += 1
        return now, None

    def _begin(self, content: Picture, start: Start | None, mask: Picture | None) -> TransferState:
        """The state at the beginning of a frame: a new one where a shot begins, or the film goes on."""
        settings = self._controls.apply(self._settings)
        if start is not None:
            settings = settings.replace(steps=self._film.frame_steps)
        if self._state is not None and start is not None:
            self._state.begin_frame(content, settings, start, mask)
        else:
            options = replace(self._options, start=start or self._options.start)
            self._state = TransferState(content, self._styles, settings, options, mask)
            self._options = replace(self._options, start=None)
        return self._state

    def _keep(self, step: Step, frame: PaintedFrame) -> None:
        """Remember a frame that is done, with its last Step."""
        self._last_step = step
        self._done.append(frame)
        if step.scale < step.scales:
            self._state = None  # Its styles are those of a coarser scale.
