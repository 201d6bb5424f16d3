"""The engine of a ZeroGPU Space: each run borrows a GPU, in a process that moved weights and pauses do not reach."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from nst.controls import Controls
from nst.download_progress import refuse_download
from nst.engines.lazy import stylize_steps
from nst.engines.local import LocalEngine
from nst.errors import DeviceError, NSTError
from nst.limits import Limits
from nst.pyramid import work
from nst.settings import Settings
from nst.steps import Picture, Step, run_scales
from nst.transfer.options import StylizeOptions

#: Seconds that a run needs besides its steps, and the longest loan of a GPU to ask for.
AROUND_SECONDS = 15
MAX_SECONDS = 120
#: Steps times pixels in a second: a guess on the safe side, not measured.
PACE = 4_000_000

OUT_OF_TIME = "The run was stopped after {:.0f} s, when its GPU time was used up; the picture so far is kept."

Steps = Generator[Step | NSTError]


def on_zero_gpu(environment: Mapping[str, str]) -> bool:
    """Whether this is a Space with ZeroGPU hardware."""
    hardware = environment.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
    return hardware and find_spec("spaces") is not None


def estimate(content: Picture, _styles: Sequence[Picture], settings: Settings, options: StylizeOptions) -> int:
    """For how many seconds a run asks to be lent a GPU."""
    scales = run_scales(options.content_size or content.shape[1::-1], settings, options.start)
    return min(MAX_SECONDS, AROUND_SECONDS + round(work(scales) / PACE))


class ZeroEngine(LocalEngine):
    """See ``nst.engines.base.Engine``. To be made before the page is launched, and before torch is loaded."""

    def __init__(self, results: Path, *, limits: Limits | None = None, weights: str | Path | None = None) -> None:
        import spaces  # Installed on a Space only.

        there = spaces.GPU(duration=estimate)(_paint_there)
        super().__init__(results=results, limits=limits, weights=weights,
                         paint=partial(_paint_from_here, there), paint_frames=None)  # fmt: skip

    @property
    def device(self) -> str:
        """What paints, in words; which GPU it is turns out with each run."""
        return "ZeroGPU"


def _paint_there(content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions) -> Steps:
    """In the process with the GPU. An exception would lose its words on the way, so it goes as a value."""
    try:
        yield from stylize_steps(content, styles, settings, options)
    except NSTError as error:
        yield type(error)(*error.args)


def _paint_from_here(
    there: Callable[..., Steps],
    content: Picture,
    styles: Sequence[Picture],
    settings: Settings,
    options: StylizeOptions,
) -> Iterator[Step]:
    """Pass on the Steps from there; after a stop, or out of time, the next one with a picture is the last."""
    allowed = estimate(content, styles, settings, options) - AROUND_SECONDS / 3
    note, ends = "", float("inf")
    controls = options.controls or Controls()
    # Controls stay on this side of the process; a lent GPU does not wait for a download.
    options = replace(options, controls=None, report=refuse_download)
    with closing(there(content, styles, settings, options)) as steps:
        for step in _in_words(steps):
            ends = min(ends, time.monotonic() + allowed)
            if time.monotonic() > ends and not controls.stopped:
                note = OUT_OF_TIME.format(allowed)
                controls.stop()
            if step.end is None and controls.stopped and step.image is not None:
                yield replace(step, end="stopped", note=f"{step.note} {note}".strip())
                return
            yield step


def _in_words(steps: Steps) -> Iterator[Step]:
    """The Steps; what went wrong there, or what ZeroGPU has to say of a used-up quota, is raised as one sentence."""
    try:
        for step in steps:
            if isinstance(step, NSTError):
                raise step
            yield step
    except Exception as error:
        message = getattr(error, "message", None)
        if not isinstance(message, str):
            raise
        raise DeviceError(f"{getattr(error, 'title', 'ZeroGPU')}: {message}") from error
