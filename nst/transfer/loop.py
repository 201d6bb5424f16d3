"""The loop: a generator of Steps, from the initial picture to the last one, coarse to fine."""

import logging
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nst.errors import StyleError
from nst.features.base import FeatureNetwork, check_layers
from nst.features.weights import load_network
from nst.pyramid import check_work, enlarged_size, plan, total_steps
from nst.settings import Settings
from nst.steps import Controls, Download, DownloadStopped, Losses, Picture, Report, Step, untold
from nst.transfer.colours import prepare
from nst.transfer.descent import Descent, Diverged
from nst.transfer.device import choose_device, describe_device
from nst.transfer.images import to_tensor
from nst.transfer.memory import Load, check_enlarging, fit
from nst.transfer.objective import style_shares
from nst.transfer.optimizers import rate_factor
from nst.transfer.painting import Painting, Previews

logger = logging.getLogger(__name__)

RESTARTED = "The loss was not finite: the picture went back one step and the optimiser started afresh."
STOPPED_EARLY = "It ended at {} x {} px, before the finer scales; let it run on for {} x {} px."
ENLARGED = "It was painted at {} x {} px and enlarged to {} x {} px."
GAVE_UP = "The loss was not finite a second time: the run ended early, with its last good picture."


def warm_up(device: str | torch.device | None = None, weights: str | Path | None = None) -> None:
    """Paint two steps of a small grey picture: what torch and the usual network load on first use is loaded then.

    Raises:
        DeviceError: there is no such device.
        WeightsError: the network has no weights.
    """
    grey = np.full((128, 128, 3), 128, np.uint8)
    for _ in stylize_steps(grey, grey, Settings(size=128, steps=2), device=device, weights=weights):
        pass


def stylize(
    content: Picture, styles: Picture | Sequence[Picture], settings: Settings | None = None, **options: Any
) -> Picture:
    """Paint a photo in the style of one or more paintings, and wait for the result.

    Example:
        >>> from nst import Settings, read_picture, stylize
        >>> photo, painting = read_picture("photo.jpg"), read_picture("assets/styles/scream.jpg")
        >>> result = stylize(photo, painting, Settings(size=256))

    Args, Raises: as for ``stylize_steps``.

    Returns:
        The result, uint8 (H, W, 3), at the size that the settings ask for, enlarged if they say so.
    """
    for step in stylize_steps(content, styles, settings, **{"preview_seconds": -1.0, **options}):
        last = step
    if last.image is None:
        raise RuntimeError("the last Step has no image")
    return last.image


def stylize_steps(
    content: Picture,
    styles: Picture | Sequence[Picture],
    settings: Settings | None = None,
    *,
    device: str | torch.device | None = None,
    weights: str | Path | None = None,
    network: FeatureNetwork | None = None,
    controls: Controls | None = None,
    preview_seconds: float = 0.0,
    frame_every: int = 0,
    memory: int | None = None,
    report: Report = untold,
) -> Iterator[Step]:
    """Paint a photo in the style of one or more paintings, step by step.

    Example:
        >>> for step in stylize_steps(photo, painting, Settings(size=256)):
        ...     print(step.index, step.losses.total, step.image.shape)

    Args:
        content: the photo, uint8 (H, W, 3), sRGB; ``nst.read_picture`` makes one from a file.
        styles: one painting, or several, of any size and shape; ``settings.style_weights`` blends them.
        settings: everything that decides the pixels; the defaults when None.
        device: "cuda", "mps", "cpu", ...; the best on this machine when None.
        weights: a file of trained weights; those that come with the installation when None.
        network: a feature network of your own, in place of the one that the settings name.
        controls: to steer the run from another thread: live weights, pause, stop.
        preview_seconds: a Step carries its image when this much time has passed since the last one that did;
            0 for every Step, negative for none by time.
        frame_every: a Step carries its image also when its index is a multiple of this; 0 for never.
        memory: bytes that the program may take on the device, as a whole; what is free when None. A picture that
            needs more is painted in tiles, to the same result but for rounding.
        report: told how far a download of trained weights is, for a network whose own are not on this machine.

    Yields:
        A Step for the initial picture and one after each optimiser step; the last has ``end`` set and always
        an image. The losses belong to the Step's image (with Adam to the iterate; the image is their average).
        Nothing when it is stopped while weights are fetched.

    Raises:
        NSTError: a StyleError, SettingsError, WeightsError or DeviceError, before the first Step.
    """
    chosen = device if isinstance(device, torch.device) else choose_device(device)
    pictures = [styles] if isinstance(styles, np.ndarray) else list(styles)
    settings = settings or Settings()
    controls = controls or Controls()
    _check(settings, pictures)
    try:
        network = network or load_network(settings, weights, _until_stopped(report, controls))
    except DownloadStopped:
        return
    check_layers(network.name, network.layers, network.style_layers, settings)
    scales = plan(content.shape[1], content.shape[0], settings)
    check_work(scales)
    network = network.to(chosen)
    given = sum(picture.size // 3 for picture in (content, *pictures))
    load = Load(settings=settings, network=network, device=chosen, styles=len(pictures), given=given)
    tilings = tuple(fit(scale, load, memory) for scale in scales)
    enlarged = enlarged_size(content.shape[1], content.shape[0], settings)
    if enlarged:
        check_enlarging(*enlarged)
    logger.info("network %s on %s", network.name, describe_device(chosen))
    # What is only read tile by tile need not be in a GPU's memory.
    home = chosen if tilings[-1].side is None else torch.device("cpu")
    photo, *paintings = (to_tensor(picture, home) for picture in (content, *pictures))
    prepared, paintings = prepare(photo, paintings, settings.colours)
    painting = Painting(
        photo=photo,
        content=prepared,
        styles=paintings,
        settings=settings,
        network=network,
        scales=scales,
        tilings=tilings,
        device=chosen,
        controls=controls,
        previews=Previews(preview_seconds, frame_every),
        enlarged=enlarged,
    )
    yield from _paint(painting)


def _check(settings: Settings, styles: Sequence[Picture]) -> None:
    """Refuse what can be refused before a network is loaded."""
    if not styles:
        raise StyleError("No style picture was given; at least one is needed.")
    style_shares(settings.style_weights, len(styles))


def _until_stopped(report: Report, controls: Controls) -> Report:
    """A report that ends the download once the run is stopped."""

    def told(download: Download) -> None:
        if controls.stopped:
            raise DownloadStopped
        report(download)

    return told


def _paint(painting: Painting) -> Iterator[Step]:
    """All scales, then the last Step. Nothing is yielded inside a torch mode, which would leak to the consumer."""
    for sentence in filter(None, (painting.tilings[-1].note, painting.shortfall)):
        painting.tell(sentence, level=logging.INFO)
    scale = yield from _paint_scale(painting, None, None)
    while not (painting.over or painting.last):
        painting.level += 1
        scale = yield from _paint_scale(painting, *scale)


def _paint_scale(
    painting: Painting, coarser: Tensor | None, curvature: Tensor | None
) -> Generator[Step, None, tuple[Tensor, Tensor | None]]:
    """The Steps of one scale, with the last one where the run ends; returns the picture and the curvature's scale."""
    objective = painting.objective()
    start = painting.start(objective, coarser)
    descent = Descent(start, objective, painting.settings, painting.replays, curvature)
    yield from _descend(painting, descent)
    losses = descent.finish()
    if painting.over or painting.last:
        yield _last_step(painting, losses, descent.picture())
    return descent.picture(), descent.scale


def _last_step(painting: Painting, losses: Losses, image: Tensor) -> Step:
    """The record that ends the run, with the finished picture."""
    scale = painting.scale
    if not painting.last:
        last = painting.scales[-1]
        painting.tell(STOPPED_EARLY.format(scale.width, scale.height, last.width, last.height))
    if painting.enlarged:
        painting.tell(ENLARGED.format(scale.width, scale.height, *painting.enlarged), level=logging.INFO)
    return painting.step(losses, painting.show(image)(), end="finished" if _complete(painting) else "stopped")


def _descend(painting: Painting, descent: Descent) -> Iterator[Step]:
    """The Steps of one scale: controls, optimiser step, preview, record."""
    settings, steps = painting.settings, painting.scale.steps
    for count in range(steps):
        painting.controls.wait()
        if painting.over:
            return
        _apply_changes(painting, descent)
        # A finer scale of a single step has just begun with such a picture.
        due = count == steps // 2 and (count > 0 or painting.level == 0)
        if due and painting.settings.patch_weight > 0:
            descent.repaint()
        rate = rate_factor(settings.lr_schedule, settings.lr_final, count, steps)
        try:
            losses = descent.step(rate)
        except Diverged:
            _note_divergence(painting)
            continue
        yield painting.step(losses, painting.preview(descent.picture))
        painting.index += 1
        if descent.settled() and (count >= steps // 2 or painting.settings.patch_weight == 0):
            painting.skipped += steps - count - 1
            return


def _apply_changes(painting: Painting, descent: Descent) -> None:
    """Weights moved by the user act from this step on."""
    changed = painting.controls.apply(painting.settings)
    if changed != painting.settings:
        check_layers(painting.network.name, painting.network.layers, painting.network.style_layers, changed)
        painting.settings = changed
        descent.reweigh(changed)


def _note_divergence(painting: Painting) -> None:
    """The first time the run goes on with a fresh optimiser, the second time it ends. The step counts as taken."""
    painting.restarts += 1
    painting.index += 1
    painting.given_up = painting.restarts > 1
    painting.tell(GAVE_UP if painting.given_up else RESTARTED)


def _complete(painting: Painting) -> bool:
    """Whether every scale took its steps, or as many as it needed."""
    return not painting.given_up and painting.index + painting.skipped == total_steps(painting.scales)
