"""The engines' calls into ``nst.transfer``, which loads torch when one is first made: the page opens before that."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nst.settings import FilmSettings, Settings
from nst.steps import PaintedFrame, Picture, Step
from nst.transfer.options import StylizeOptions


def stylize_steps(
    content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions
) -> Iterator[Step]:
    """``nst.transfer.loop.stylize_steps``."""
    from nst.transfer.loop import stylize_steps

    return stylize_steps(content, styles, settings, options)


def film_steps(
    frames: Iterable[Picture],
    styles: Sequence[Picture],
    settings: Settings,
    film: FilmSettings,
    options: StylizeOptions,
    *,
    earlier: Iterable[PaintedFrame],
    first: int,
) -> Iterator[Step]:
    """``nst.transfer.film.film_steps``."""
    from nst.transfer.film import film_steps

    return film_steps(frames, styles, settings, film, options, earlier=earlier, first=first)


def warm_up(device: str | None, weights: str | Path | None) -> None:
    """``nst.transfer.loop.warm_up``."""
    from nst.transfer.loop import warm_up

    warm_up(device, weights)


def cuda_in_use() -> Any:
    """The module ``torch.cuda`` where a GPU has been used; None otherwise, and while torch is still being loaded."""
    cuda: Any = getattr(sys.modules.get("torch"), "cuda", None)
    return cuda if hasattr(cuda, "is_initialized") and cuda.is_initialized() else None


def device_name(device: str | None) -> str:
    """A device in words for the user, such as "CPU (2 cores)".

    Args:
        device: None or "auto" for the best; else "cpu", "cuda", "cuda:1", "mps".

    Raises:
        DeviceError: this machine has no such device.
    """
    from nst.transfer.device import choose_device, describe_device

    return describe_device(choose_device(device))
