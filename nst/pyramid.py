"""Coarse to fine: the sizes that a run passes through and the steps it takes at each."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from nst.errors import SettingsError
from nst.settings import MAX_WORK, ORIGINAL, Settings

#: The short side of the coarsest scale is at least this, where the result's own is.
MIN_SHORT_SIDE = 32
#: Style pictures are never made smaller than this on the short side.
MIN_STYLE_SIDE = 32


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One level of the pyramid: its size in pixels and how many optimiser steps it takes."""

    width: int
    height: int
    steps: int


def plan_scales(width: int, height: int, settings: Settings, *, finest_only: bool = False) -> tuple[Scale, ...]:
    """The scales of a run, coarse to fine.

    Args:
        width, height: the content picture's own size in pixels.
        settings: size, coarsest, pyramid_factor, steps and step_decay are read.
        finest_only: plan the last scale alone, with as many steps as the coarsest would take.

    Returns:
        At least one Scale; the last is the result's size. Long sides grow by equal ratios, as near to
        ``pyramid_factor`` as a whole number of scales allows.
    """
    last = result_size(width, height, settings.size)
    first = max(last) if finest_only else _coarsest(last, settings.coarsest)
    sides = scale_sides(max(last), first, settings.pyramid_factor)
    sizes = [scaled_size(width, height, side) for side in sides[:-1]] + [last]
    return tuple(
        Scale(width=w, height=h, steps=max(1, round(settings.steps * settings.step_decay**level)))
        for level, (w, h) in enumerate(sizes)
    )


def film_scales(scales: Sequence[Scale], frames: int, frame_steps: int) -> tuple[Scale, ...]:
    """The scales of the first frame of a film, and one more for each other frame, which is painted at the finest."""
    return (*scales, *[replace(scales[-1], steps=frame_steps)] * (frames - 1))


def find_step(scales: Iterable[Scale], taken: int) -> tuple[int, int]:
    """Where a run is after a number of steps: (level of the scale, steps taken there); the end of the last at most."""
    level = count = 0
    for level, scale in enumerate(scales):
        if taken < scale.steps:
            return level, taken
        taken, count = taken - scale.steps, scale.steps
    return level, count


def total_steps(scales: Iterable[Scale]) -> int:
    """Optimiser steps over all scales."""
    return sum(scale.steps for scale in scales)


def work(scales: Iterable[Scale]) -> int:
    """Optimiser steps times pixels, over all scales: what the time of a run grows with."""
    return sum(scale.steps * scale.width * scale.height for scale in scales)


def work_left(scales: Sequence[Scale], scale: int, index: int) -> int:
    """What is left of ``work`` after a step.

    Args:
        scales: of the whole run.
        scale, index: those of the Step; its scale counts from 1.
    """
    level = min(scale, len(scales)) - 1
    here = scales[level]
    left_here = max(total_steps(scales[: level + 1]) - index, 0)
    return left_here * here.width * here.height + work(scales[level + 1 :])


def check_work(scales: Sequence[Scale], most: int = MAX_WORK) -> None:
    """Refuse a run that would take far too long, however each of its settings is within bounds.

    Args:
        scales: from ``plan_scales``.
        most: the largest ``work`` that is allowed.

    Raises:
        SettingsError: with the work, the steps, the size and the limit.
    """
    needed = work(scales)
    if needed > most:
        raise SettingsError(
            f"Steps x pixels is {_millions(needed)} million ({total_steps(scales)} steps, up to {scales[-1].width} x "
            f"{scales[-1].height} px); the limit is {_millions(most)} million: take fewer steps or a smaller size."
        )


def result_size(width: int, height: int, size: int | str) -> tuple[int, int]:
    """(width, height) of the result: the content's own for "original", else its shape with that long side."""
    return (width, height) if size == ORIGINAL else scaled_size(width, height, int(size))


def enlarged_size(width: int, height: int, settings: Settings) -> tuple[int, int] | None:
    """(width, height) that the finished picture is enlarged to, or None where it stays as it was painted.

    Args:
        width, height: the content picture's own size in pixels.
        settings: enlarge and size are read.
    """
    larger = max(width, height) > max(result_size(width, height, settings.size))
    return (width, height) if settings.enlarge == ORIGINAL and larger else None


def scaled_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """(width, height) with the given long side and the same shape, to the nearest pixel, at least 1."""
    ratio = Fraction(long_side, max(width, height))
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def scale_sides(last: int, first: int, factor: float) -> list[int]:
    """Long sides from ``first`` to ``last`` in equal ratios near ``factor``; only ``last`` if not above ``first``.

    Source: the coarse-to-fine scheme of Gatys et al. 2017, with more than two scales.
    """
    if first >= last:
        return [last]
    count = max(1, round(math.log(last / first) / math.log(factor)))
    return [round(first * (last / first) ** (level / count)) for level in range(count + 1)]


def style_size(width: int, height: int, scale: Scale, style_scale: float) -> tuple[int, int]:
    """(width, height) of a style picture at a scale: its own shape, its long side ``style_scale`` times the scale's."""
    side = max(scale.width, scale.height) * style_scale
    shortest = MIN_STYLE_SIDE * max(width, height) / min(width, height)
    return scaled_size(width, height, round(max(side, shortest)))


def _coarsest(last: tuple[int, int], long_side: int) -> int:
    """The long side of the first scale: the one in the settings, or more where the short side would be too short."""
    return max(long_side, math.ceil(MIN_SHORT_SIDE * max(last) / min(last)))


def _millions(number: int) -> str:
    """In millions with one decimal at most, never rounded down to the limit that was broken."""
    return f"{math.ceil(number / 10**5) / 10:,.9g}".replace(",", " ")
