"""What a run will need at its peak, and what is free: a picture that does not fit is painted in tiles.

Only a run that does not fit even then is refused, before it starts.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import torch

from nst.errors import DeviceError
from nst.features.base import FeatureNetwork
from nst.features.tiling import Reach, tiles
from nst.pyramid import Scale
from nst.settings import Settings
from nst.transfer.optimizers import copies

#: Copies of the picture that a step holds beside the optimiser's and the network's: content, pixels, gradient, last
#: good picture, the one made of pieces of the painting, and what comes and goes.
PICTURE_COPIES = 7
#: Copies while a scale is prepared, beside the styles: the content, the coarser result enlarged, work in progress.
STARTING_COPIES = 5
#: Of a network's bytes for each pixel, what each region but the first adds in guided Gram matrices, measured.
REGION_SHARE = 0.1
#: Bytes of a float32 picture for each of its pixels.
PICTURE_BYTES = 3 * 4
#: Share of the free memory that a run may take.
USABLE = 0.9
#: Bytes for each pixel of an enlarged picture: Pillow's own form of it and of one half done, and ours.
ENLARGED_BYTES = 16
#: Further bytes with a mask: the photo and the strength at that size, and what they are made from.
MASKED_BYTES = 28
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Tiling:
    """How the pictures of one scale are cut.

    Attributes:
        side: of a tile's core in pixels, at most; None for the whole picture at once.
        keeps_targets: whether the content's activations are kept, or computed anew at each step.
        needed: estimated bytes at the peak.
        note: "" or the sentence for the user that says that there are tiles, and why.
    """

    side: int | None = None
    keeps_targets: bool = True
    needed: int = 0
    note: str = ""


WHOLE = Tiling()
#: In the order in which they are tried, quick to slow: a halo costs least around large tiles, a kept target nothing.
CANDIDATES = tuple(Tiling(side, keeps) for keeps, side in (
    (True, None), (True, 2048), (True, 1024), (False, 1024), (True, 512), (False, 512), (True, 256), (False, 256),
))  # fmt: skip


#: Tiles this many times as wide as the context around them lose little to it; larger ones only take more memory at a
#: time, which the system clears again for each: twice the time at 2048. Tiles of SMALL pixels are always tried.
ENOUGH, SMALL = 24, 512


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a run puts on a device.

    Attributes:
        settings: the optimiser, its history, the layers and style_scale are read.
        network: the feature network, on the device; its ``bytes_per_pixel`` was measured.
        device: the one that computes.
        styles: how many style pictures there are.
        input_pixels: of all pictures as they came in; they are in memory beside those of the scale.
        regions: of the mask, 0 without one; each has its guide for the picture and for every style layer.
    """

    settings: Settings
    network: FeatureNetwork
    device: torch.device
    styles: int = 1
    input_pixels: int = 0
    regions: int = 0

    def needed(self, scale: Scale, tiling: Tiling = WHOLE) -> int:
        """Estimated bytes at the peak of a scale, beyond what the program takes before it."""
        settings, pixels = self.settings, scale.width * scale.height
        optimizer = copies(settings.replace(history=min(settings.history, scale.steps)))
        pictures = max(PICTURE_COPIES + optimizer, STARTING_COPIES + self.styles * settings.style_scale**2)
        pictures += self.regions + (self.regions > 0)
        targets = self._target_bytes() if tiling.side is not None and tiling.keeps_targets else 0
        fixed = self.input_pixels * PICTURE_BYTES + self._network_bytes(scale, tiling)
        return round(pixels * (pictures * PICTURE_BYTES + targets) + fixed)

    @property
    def reach(self) -> Reach:
        """Of the layers that are used."""
        return self.network.reach(self._layers("style") | self._layers("content"))

    def _network_bytes(self, scale: Scale, tiling: Tiling) -> float:
        """Of a tile with its context. The styles' pass keeps nothing for a gradient and needs about half."""
        per_pixel = self.network.bytes_per_pixel * (1 + REGION_SHARE * max(0, self.regions - 1))
        own = self.network.bytes_to_come
        if tiling.side is None:
            return own + scale.width * scale.height * per_pixel * max(1, self.settings.style_scale**2 / 2)
        rows, columns = (min(side, tiling.side + 2 * self.reach.context) for side in (scale.height, scale.width))
        return own + rows * columns * per_pixel

    def _target_bytes(self) -> float:
        """Of the content's activations, for each pixel."""
        side = 256
        with torch.no_grad():
            features = self.network(torch.zeros(1, 3, side, side, device=self.device), self._layers("content"))
        return sum(x.numel() * x.element_size() for x in features.values()) / side**2

    def _layers(self, kind: str) -> set[str]:
        return set(getattr(self.settings, f"{kind}_layers") or getattr(self.network, f"{kind}_layers"))


def free(device: torch.device) -> int | None:
    """Bytes that are free on a device, or None where it does not say.

    On the CPU that is what the machine has available, or what is left of the limit of its container.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "cpu":
        return int(min(psutil.virtual_memory().available, _left_in_container()))
    return None


def choose_tiling(scale: Scale, load: Load, memory: int | None = None) -> Tiling:
    """How to cut the pictures of a scale so that it fits: not at all, or into the largest tiles that do.

    Args:
        scale: its size and steps.
        load: the run.
        memory: bytes that the whole program may take there, or None for what is free.

    Raises:
        DeviceError: it does not fit even in the smallest tiles; with the estimate, what is free, and the largest size
            that would fit.
    """
    budget, words = _budget(load.device, memory)
    for tiling in CANDIDATES:
        if tiling.side is not None and tiling.side > max(SMALL, ENOUGH * load.reach.context):
            continue
        estimate = load.needed(scale, tiling)
        if budget is None or estimate <= budget:
            note = "" if tiling.side is None else _tiles_note(scale, load, tiling.side, estimate, words)
            return replace(tiling, needed=estimate, note=note)
    largest = _largest_side(scale, load, budget or 0)
    fits = f"the largest size that fits is {largest} px"
    if not largest:
        fits = f"nothing fits beside photo and styles, which take {_gigabytes(load.input_pixels * PICTURE_BYTES)}"
    raise DeviceError(
        f"A result of {scale.width} x {scale.height} px needs about {_gigabytes(estimate)} of memory, and "
        f"{words}; {fits}."
    )


def _budget(device: torch.device, memory: int | None) -> tuple[int | None, str]:
    """Bytes that a run may take, and their words in a sentence; None where nobody knows."""
    available = free(device)
    if memory is not None:
        allowed = max(0, memory - _taken(device))
        if available is None or allowed < available * USABLE:
            return allowed, f"{_gigabytes(memory)} may be used"
    if available is None:
        return None, ""
    return int(available * USABLE), f"{_gigabytes(available)} are free"


def _taken(device: torch.device) -> int:
    """Bytes that the program itself takes on a device."""
    if device.type == "cuda":
        return torch.cuda.memory_reserved(device)
    return int(psutil.Process().memory_info().rss) if device.type == "cpu" else 0


def _tiles_note(scale: Scale, load: Load, side: int, estimate: int, budget: str) -> str:
    """The sentence that says that there are tiles."""
    cut = tiles(scale.height, scale.width, side, load.reach)
    if len(cut) == 1:
        return ""  # Only a style is so large.
    core = cut[0].core
    return (
        f"Painted in {len(cut)} tiles of {core.right - core.left} x {core.bottom - core.top} px: whole it would need "
        f"{_gigabytes(load.needed(scale))} of memory, and {budget}; in tiles it needs {_gigabytes(estimate)}."
    )


def _largest_side(scale: Scale, load: Load, budget: int) -> int:
    """The largest long side that fits, a multiple of 16; 0 where none does."""
    longest = max(scale.width, scale.height)
    for side in range(longest // 16 * 16, 0, -16):
        smaller = Scale(
            width=max(1, scale.width * side // longest),
            height=max(1, scale.height * side // longest),
            steps=scale.steps,
        )
        if load.needed(smaller, CANDIDATES[-1]) <= budget:
            return side
    return 0


def check_enlarging(width: int, height: int, *, masked: bool = False) -> None:
    """Refuse to enlarge to a size that will not fit; a picture is enlarged in the machine's own memory.

    Raises:
        DeviceError: with the estimate, and what is free.
    """
    per_pixel = ENLARGED_BYTES + (MASKED_BYTES if masked else 0)
    estimate, available = width * height * per_pixel, free(torch.device("cpu")) or 0
    if estimate > available * USABLE:
        raise DeviceError(
            f"Enlarging to {width} x {height} px needs about {_gigabytes(estimate)} of memory, and "
            f"{_gigabytes(available)} are free; choose enlarge off, or a smaller photo."
        )


def _left_in_container() -> float:
    """Bytes left of a cgroup's limit; infinite where there is none."""
    try:
        limit, used = ((_CGROUP / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        return float("inf") if limit == "max" else max(0, int(limit) - int(used))
    except (OSError, ValueError):
        return float("inf")


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
