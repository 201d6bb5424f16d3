"""How the loop runs: device, weights, previews, memory, where it begins. torch is not loaded here."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nst.controls import Controls
from nst.download_progress import Report, ignore_progress
from nst.steps import Picture, Start

if TYPE_CHECKING:
    import torch

    from nst.features.base import FeatureNetwork


@dataclass(frozen=True, kw_only=True)
class StylizeOptions:
    """Everything about a run but its pictures and settings; ``dataclasses.replace`` makes a variant.

    Attributes:
        device: "cuda", "mps", "cpu", ...; the best on this machine when None.
        weights: a file of trained weights; those that come with the installation when None.
        network: a feature network of your own, in place of the one that the settings name.
        controls: steer the run from another thread: live weights, pause, stop.
        preview_seconds: a Step carries its image when this much time has passed since the last one that did;
            0 for every Step, negative for none by time.
        frame_every: a Step also carries its image when its index is a multiple of this; 0 for never.
        memory: bytes that the program may take on the device, as a whole; what is free when None. A picture that
            needs more is painted in tiles, to the same result up to rounding.
        report: called with the progress of a download, for a network whose trained weights are not on this machine.
        content_size: the photo's own width and height, where the content is a smaller copy of it.
        start: the picture to begin from, or a checkpoint to go on from; what the settings name when None.
        mask: which part of the content gets which style, and how much of it: uint8 (H, W, 3) of any size, see
            ``nst.transfer.regions``, or the name of a rule, see ``nst.pictures.masks``; all of it gets all styles when
            None.
        metrics: whether the last Step carries the metrics of its picture, which take one pass of the network.
    """

    device: "str | torch.device | None" = None
    weights: str | Path | None = None
    network: "FeatureNetwork | None" = None
    controls: Controls | None = None
    preview_seconds: float = 0.0
    frame_every: int = 0
    memory: int | None = None
    report: Report = ignore_progress
    content_size: tuple[int, int] | None = None
    start: Start | None = None
    mask: Picture | str | None = None
    metrics: bool = False


@dataclass
class Previews:
    """Decides which Steps carry a picture: by time, by count, or both (see ``StylizeOptions``)."""

    seconds: float
    every: int
    _last: float = float("-inf")

    def due(self, index: int) -> bool:
        """Whether the Step of that index carries a picture; if so, the clock starts anew."""
        now = time.monotonic()
        by_time = self.seconds >= 0 and now - self._last >= self.seconds
        if not by_time and not (self.every > 0 and index % self.every == 0):
            return False
        self._last = now
        return True
