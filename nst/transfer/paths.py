"""Where the pixels of a frame were in those before it, step by step: where the search for its flow into those begins.

A search from two frames alone loses what moves far between them, and what has been hidden in the meantime.
"""

from collections.abc import Sequence

from torch import Tensor

from nst.transfer.flow import Motion, ground_flow, warp

#: How many frames back a frame of a film is compared: each pixel goes with the nearest of them that shows it, and is
#: still being painted while the oldest does not. In a shot that is shorter, its first frame takes their place.
BACK = (1, 2, 4, 8)


class Paths:
    """The paths back from the last frame of a shot: of each pixel, and of the ground, where that has been hidden."""

    def __init__(self) -> None:
        self._pixels: list[Tensor] = []
        self._ground: list[Tensor] = []

    def add(self, motion: Motion) -> None:
        """Go on to the next frame, by its motion since the last."""
        self._pixels = _extended(self._pixels, motion.backward)
        self._ground = _extended(self._ground, ground_flow(motion))

    @property
    def last(self) -> list[Tensor]:
        """The last motion of each pixel, a guess of the next one, (1, 2, H, W); none at the beginning of a shot."""
        return self._pixels[:1]

    def guesses(self, back: int) -> list[Tensor]:
        """The flow from the last frame into one so many before it: of each pixel, and of the ground, (1, 2, H, W)."""
        return [paths[back - 1] for paths in (self._pixels, self._ground)]


def compose(near: Tensor, far: Tensor) -> Tensor:
    """The flow into a picture by way of another: ``near`` leads there, and ``far`` on from there; (1, 2, H, W) all."""
    return near + warp(far, near, "bilinear")


def _extended(paths: Sequence[Tensor], flow: Tensor) -> list[Tensor]:
    """The paths from the next frame, with the flow into the last one first."""
    return [flow, *(compose(flow, path) for path in paths)][: max(BACK)]
