"""The loop: a generator of Steps, from the initial picture to the last one, coarse to fine."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nst.download_progress import DownloadStopped
from nst.pictures.metrics import picture_metrics
from nst.settings import Settings
from nst.steps import Picture, Step
from nst.transfer.descent import Diverged
from nst.transfer.objective import style_shares
from nst.transfer.options import StylizeOptions
from nst.transfer.state import TransferState


def warm_up(device: str | None = None, weights: str | Path | None = None) -> None:
    """Paint two steps of a small grey picture, so that torch and the usual network load what they load on first use.

    Raises:
        DeviceError: there is no such device.
        WeightsError: the network has no weights.
    """
    grey = np.full((128, 128, 3), 128, np.uint8)
    for _ in stylize_steps(grey, grey, Settings(size=128, steps=2), StylizeOptions(device=device, weights=weights)):
        pass


def stylize_steps(
    content: Picture,
    styles: Picture | Sequence[Picture],
    settings: Settings | None = None,
    options: StylizeOptions | None = None,
) -> Iterator[Step]:
    """Paint a photo in the style of one or more paintings, step by step.

    Example:
        >>> for step in stylize_steps(photo, painting, Settings(size=256)):
        ...     print(step.index, step.losses.total, step.image.shape)

    Args:
        content: the photo, uint8 (H, W, 3), sRGB; ``nst.read_picture`` makes one from a file.
        styles: one painting, or several, of any size and shape; ``settings.style_weights`` blends them.
        settings: everything that decides the pixels; the defaults when None.
        options: device, previews, memory, a picture to begin from and the like; the defaults when None.

    Yields:
        A Step for the initial picture and one after each optimiser step; the last has ``end`` set and always
        an image. After a checkpoint, the first has its index. The losses belong to the Step's image (with Adam to the
        iterate; the image is their average). Nothing when the run is stopped while weights are fetched.

    Raises:
        NSTError: a StyleError, SettingsError, WeightsError or DeviceError, before the first Step.
    """
    paintings = [styles] if isinstance(styles, np.ndarray) else list(styles)
    try:
        state = TransferState(content, paintings, settings or Settings(), options or StylizeOptions())
    except DownloadStopped:
        return
    for step in run_steps(state):
        yield _measured(step, content, paintings) if step.metrics else step


def run_steps(state: TransferState) -> Iterator[Step]:
    """The Steps of a run, or of one frame of a film, from its first scale to the finished picture."""
    # Nothing is yielded inside a torch mode, which would leak to the consumer.
    while state.begin_scale():
        for count in range(state.first_count, state.scale.steps):
            if not state.obey_controls():
                break
            state.repaint_if_due(count)
            try:
                losses = state.descent.step(state.rate(count))
            except Diverged:
                state.note_divergence()
                continue
            yield state.step(losses)
            if state.settled(count):
                break
    yield state.last_step()


def _measured(last: Step, content: Picture, styles: Sequence[Picture]) -> Step:
    """The last Step with the metrics that need no network added."""
    if last.image is None:
        raise ValueError("the last Step has no image")
    shares, scale = style_shares(last.settings.style_weights, len(styles)), last.settings.style_scale
    return replace(last, metrics={**last.metrics, **picture_metrics(last.image, content, styles, shares, scale)})
