"""Estimates of time and memory before a run, from the runs that this machine has painted."""

import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from statistics import median

import psutil

from nst.engines.lazy import cuda_in_use
from nst.errors import OutputError
from nst.files import atomic, cache_folder
from nst.pyramid import film_scales, plan_scales
from nst.settings import Settings
from nst.steps import Film, Step

logger = logging.getLogger(__name__)

#: So many observations are kept of each kind of run, and so many kinds, the newest.
KEPT_OBSERVATIONS = 8
KEPT_KINDS = 32

#: Bytes for each pixel of a film's frames in the folder of its run, as PNGs, beside which its MP4 is small.
FRAME_BYTES = 2.2

Point = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """What a run will roughly take: ``seconds`` from its first step to its last file, ``bytes`` at its peak.

    The bytes are those of the process, or on a GPU those that PyTorch allocates there. ``disk`` are the bytes that the
    frames of a film take in the folder of the run.
    """

    seconds: float
    bytes: int
    disk: int = 0


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What one run took.

    Attributes:
        paces: (pixels, seconds per step) of its scales.
        rest: the remaining seconds, for each pixel of all its scales together: targets, first steps, files.
        pixels: of the largest scale.
        base: bytes that were taken before the run.
        growth: further bytes at its peak.

    Raises:
        TypeError, ValueError: there is no pace, or a number is missing, negative or not finite.
    """

    paces: tuple[Point, ...]
    rest: float
    pixels: int
    base: int
    growth: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "paces", tuple((float(pixels), float(seconds)) for pixels, seconds in self.paces))
        sizes = [self.pixels, *(pixels for pixels, _ in self.paces)]
        amounts = [self.rest, self.base, self.growth, *(seconds for _, seconds in self.paces)]
        possible = all(0 < size < math.inf for size in sizes) and all(0 <= amount < math.inf for amount in amounts)
        if not self.paces or not possible:
            raise ValueError("an observation has numbers that are not possible")


def memory_in_use(*, restart: bool = False) -> int:
    """Bytes that the process takes; with GPUs, the most that PyTorch has allocated there since the last restart."""
    cuda = cuda_in_use()
    if cuda is None:
        return int(psutil.Process().memory_info().rss)
    devices = range(cuda.device_count())
    if restart:
        for device in devices:
            cuda.reset_peak_memory_stats(device)
    return sum(cuda.max_memory_allocated(device) for device in devices)


class Observer:
    """Watches the Steps of one run, whole from its start; ``memory`` says what is in use where it is painted."""

    def __init__(self, memory: Callable[..., int] = memory_in_use) -> None:
        self._memory = memory
        self._base = self._peak = memory(restart=True)
        self._first: Step | None = None
        self._last: Step | None = None
        self._seen = 0.0
        self._intervals: dict[int, list[float]] = {}
        self._sizes: list[int] = []

    def see(self, step: Step) -> None:
        """Take in the next Step; the first of a scale or a frame has its preparation in its time and sets no pace.

        A frame of a film that repeats the one before has only a last Step, and takes no time.
        """
        pixels, last = step.width * step.height, self._last
        intervals = self._intervals.setdefault(pixels, [])
        self._first = self._first or step
        # A run that lost its worker takes some steps once more.
        if last is None or (last.frame, last.scale) != (step.frame, step.scale) or step.index <= last.index:
            if step.end is None:
                self._sizes.append(pixels)
        elif step.end is None:
            intervals.append(step.seconds - last.seconds)
        self._last, self._seen = step, time.monotonic()
        self._peak = max(self._peak, self._memory())

    def observation(self) -> Observation | None:
        """What the run took, now that it is over; None if it was too short to tell, or went on with an earlier one."""
        paces = [(pixels, median(times)) for pixels, times in self._intervals.items() if times]
        if not paces or self._first is None or self._last is None or self._first.index > 0 or self._first.frame > 1:
            return None
        stepping = sum(pace * (len(self._intervals[pixels]) + self._sizes.count(pixels)) for pixels, pace in paces)
        rest = self._last.seconds + time.monotonic() - self._seen - stepping
        return Observation(
            paces=tuple(paces),
            rest=max(0.0, rest) / sum(self._sizes),
            pixels=max(self._intervals),
            base=self._base,
            growth=self._peak - self._base,
        )


class Estimates:
    """What has been observed on this machine, in a small file of the cache. One thread learns, any may predict.

    Args:
        device: the device in words, with the number of cores. A change of it or of PyTorch's version starts afresh.
    """

    def __init__(self, device: str) -> None:
        self._machine = f"{device}, PyTorch {version('torch')}"
        self._file = cache_folder("estimates") / "observations.json"
        self._observed = _read(self._file)

    def learn(self, settings: Settings, observation: Observation, *, film: bool = False) -> None:
        """Remember what a run with these settings took; where the file cannot be written, until the program ends."""
        observed, kind = dict(_read(self._file) or self._observed), self._kind(settings, film=film)
        newest = [*observed.pop(kind, []), observation][-KEPT_OBSERVATIONS:]
        self._observed = dict([*observed.items(), (kind, newest)][-KEPT_KINDS:])
        plain = {kind: [asdict(each) for each in kept] for kind, kept in self._observed.items()}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with atomic(self._file) as temporary:
                temporary.write_text(json.dumps(plain), encoding="utf-8")
        except (OSError, OutputError) as error:
            logger.debug("estimates are not kept: %s", error)

    def predict(self, width: int, height: int, settings: Settings, film: Film | None = None) -> Estimate | None:
        """What a run will take, or None while no such run has been observed; of a film, a picture's at least.

        A film's frames that repeat the one before take no time, but only those beyond the clip's own are known before.

        Args:
            width, height: the photo's own size in pixels.
            settings: those of the run.
            film: where it paints one.
        """
        pictures = self._observed.get(self._kind(settings))
        observed = self._observed.get(self._kind(settings, film=True), pictures) if film else pictures
        if not observed:
            return None
        scales = plan_scales(width, height, settings)
        if film is not None:
            painted = min(film.frames, film.clip.frames)
            scales = film_scales(scales, painted, film.settings.frame_steps)
        pixels = [scale.width * scale.height for scale in scales]
        start, slope = _line([pace for each in observed for pace in each.paces])
        stepping = sum(scale.steps * (start + slope * size) for scale, size in zip(scales, pixels, strict=True))
        fixed, growth = _line([(each.pixels, each.growth) for each in observed])
        return Estimate(
            seconds=stepping + median(each.rest for each in observed) * sum(pixels),
            bytes=round(median(each.base for each in observed) + fixed + growth * max(pixels)),
            disk=round(FRAME_BYTES * film.frames * max(pixels)) if film else 0,
        )

    def _kind(self, settings: Settings, *, film: bool = False) -> str:
        """What decides the pace beside the pixels."""
        brushwork = "brushwork" if settings.patch_weight > 0 else "no brushwork"
        parts = (self._machine, settings.network, settings.precision, settings.optimizer, brushwork)
        return ", ".join((*parts, "film") if film else parts)


def _line(points: Sequence[Point]) -> Point:
    """(start, slope) of the line through points (x, y) with x > 0 and y >= 0; neither is negative.

    The slope is the median of the slopes of all pairs (Theil and Sen), so a run on a busy machine does little harm. If
    all x are equal, or the line would start below 0, y is taken to be proportional to x.
    """
    slopes = list(_slopes(points))
    if slopes:
        slope = median(slopes)
        start = median(y - slope * x for x, y in points)
        if slope >= 0 and start >= 0:
            return start, slope
    return 0.0, median(y / x for x, y in points)


def _slopes(points: Sequence[Point]) -> Iterator[float]:
    for (x1, y1), (x2, y2) in combinations(points, 2):
        if x1 != x2:
            yield (y2 - y1) / (x2 - x1)


def _read(file: Path) -> dict[str, list[Observation]]:
    """What the file holds; nothing if it is not there, or not one of ours."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return {kind: [Observation(**each) for each in kept] for kind, kept in document.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
