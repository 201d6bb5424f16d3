"""Runs that begin from a picture, or go on from a checkpoint."""

import functools

import numpy as np
import pytest

from nst.controls import Controls
from nst.pictures.resize import enlarge
from nst.steps import Picture, Start, Step
from tests.transfer.runs import TINY, paint, picture, run

LONG = TINY.replace(steps=24)
painted = functools.cache(paint)


def checkpoint(step: Step) -> Start:
    return Start(
        step.image, step.index, skipped=step.skipped, seconds=step.seconds, settings=step.settings,
        one_scale=step.scales == 1,
    )  # fmt: skip


def distance(one: Picture, other: Picture) -> float:
    """The mean difference of two pictures, from 0 to 255."""
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("index", [1, 12, 20, 24, 30])
@pytest.mark.parametrize(
    ("changes", "difference"),
    # Adam's first step, here and after a checkpoint, moves every pixel by 5.
    [({}, 4), ({"patch_weight": 0.05}, 4), ({"optimizer": "adam"}, 6)],
    ids=["lbfgs", "patches", "adam"],
)
def test_a_run_goes_on_from_any_step_to_the_same_picture(
    index: int, changes: dict[str, object], difference: float
) -> None:
    settings = LONG.replace(**changes)
    whole = painted(settings)
    rest = paint(settings, start=checkpoint(whole[index]))
    assert [(step.index, step.scale, step.total, step.width) for step in rest] == [
        (step.index, step.scale, step.total, step.width) for step in whole[index:]
    ]
    assert rest[-1].end == "finished"
    assert rest[-1].losses.total == pytest.approx(whole[-1].losses.total, rel=0.05)
    assert distance(rest[-1].image, whole[-1].image) < difference


def test_pieces_of_the_painting_pull_from_the_first_step_on_where_they_did_before() -> None:
    settings = TINY.replace(patch_weight=1.0)
    whole = paint(settings)
    for index in range(1, 9):
        first = next(run(settings, start=checkpoint(whole[index])))
        assert (first.losses.terms["patch"] > 0) == (index >= 3)


def test_the_clock_goes_on() -> None:
    start = Start(picture(48, 64), 7, seconds=100.0)
    assert [100 <= step.seconds < 160 for step in paint(start=start)] == [True] * 3


def test_weights_that_were_moved_stay_moved_and_can_be_moved_again() -> None:
    controls = Controls()
    moved = TINY.replace(style_weight=3.0)
    steps = []
    for step in run(TINY, start=Start(picture(), 2, settings=moved), controls=controls):
        steps.append(step)
        controls.update(tv_weight=0.5)
    assert [(step.settings.style_weight, step.settings.tv_weight) for step in steps[:2]] == [(3.0, 0.02), (3.0, 0.5)]


def test_steps_that_a_plateau_skipped_are_not_taken_after_all() -> None:
    settings = TINY.replace(steps=60, step_decay=1, plateau=0.2)
    whole = paint(settings)
    last = next(step for step in whole if step.scale == 2)
    assert (last.skipped, last.index) == (60 - last.index, last.index)
    rest = paint(settings, start=checkpoint(last))
    assert {step.scale for step in rest} == {2}
    assert rest[-1].end == "finished"


def test_after_its_last_step_a_run_only_ends() -> None:
    whole = paint()
    (last,) = paint(start=checkpoint(whole[-1]))
    assert (last.index, last.end) == (9, "finished")
    assert last.losses.total == pytest.approx(whole[-1].losses.total, rel=0.01)


def test_from_a_picture_only_the_finest_scale_is_painted() -> None:
    steps = paint(LONG, start=Start(picture(seed=3)))
    assert [step.index for step in steps] == list(range(25))
    assert {(step.scale, step.scales, step.total, step.width, step.height) for step in steps} == {(1, 1, 24, 64, 48)}
    assert distance(steps[0].image, enlarge(picture(seed=3), 64, 48)) < 3


def test_a_run_from_a_picture_goes_on_as_such() -> None:
    whole = paint(LONG, start=Start(picture(seed=3)))
    rest = paint(LONG, start=checkpoint(whole[15]))
    assert [(step.index, step.scales, step.total) for step in rest] == [(index, 1, 24) for index in range(15, 25)]
    assert rest[-1].losses.total == pytest.approx(whole[-1].losses.total, rel=0.05)


def test_from_a_finished_picture_there_is_nothing_left_to_do() -> None:
    done = paint(LONG.replace(steps=100, coarsest=64))[-1]
    again = paint(LONG.replace(steps=5), start=Start(done.image))[-1]
    assert distance(again.image, done.image) < 2
    assert again.losses.total == pytest.approx(done.losses.total, rel=0.05)


def test_where_nothing_pulls_the_picture_stays_as_it_is() -> None:
    still = TINY.replace(style_weight=0, content_weight=0, tv_weight=0)
    start = picture(48, 64, seed=5)
    assert distance(paint(still, start=Start(start))[-1].image, start) < 1


def test_a_picture_of_another_shape_is_cut_and_not_squashed() -> None:
    halves = np.zeros((64, 200, 3), np.uint8)
    halves[:, 100:] = 255
    first = next(run(TINY, start=Start(halves)))
    assert first.image.shape == (48, 64, 3)
    assert first.image[:, :30].mean() < 10
    assert first.image[:, 34:].mean() > 245


@pytest.mark.parametrize("index", [3, 20, 30])
def test_the_photos_colours_are_kept_after_a_checkpoint(index: int) -> None:
    whole = painted(LONG.replace(colours="keep"))
    rest = paint(LONG.replace(colours="keep"), start=checkpoint(whole[index]))
    assert distance(rest[0].image, whole[index].image) < 0.2
    assert distance(rest[-1].image, whole[-1].image) < 1
