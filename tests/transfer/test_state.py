"""The state of a run: how its scales begin and end, and the pictures that it shows."""

import numpy as np
import pytest

from nst.controls import Controls
from nst.pictures.resize import shrink
from tests.transfer.runs import TINY, paint, picture, run


def test_pieces_of_the_painting_pull_from_the_middle_of_the_first_scale() -> None:
    without, pulled = paint(), paint(TINY.replace(patch_weight=1.0))
    patch = [step.losses.terms["patch"] for step in pulled]
    assert patch[:3] == [0, 0, 0]
    assert min(patch[3:6]) > 0
    # The first picture of a finer scale is made of such pieces and nothing else.
    assert patch[6] == pytest.approx(0, abs=1e-9)
    assert min(patch[7:]) > 0
    assert {step.losses.terms["patch"] for step in without} == {0.0}
    assert not np.array_equal(pulled[-1].image, without[-1].image)


def test_a_finer_scale_begins_with_colours_that_are_in_the_painting() -> None:
    style = np.zeros((40, 40, 3), np.uint8)
    style[:, 20:] = (200, 100, 0)
    first = paint(TINY.replace(patch_weight=1.0), styles=style)[6].image.astype(int)
    assert first[..., 2].max() <= 1
    assert np.abs(first[..., 0] - 2 * first[..., 1]).max() <= 2


def test_a_scale_ends_on_a_plateau_and_the_run_is_finished() -> None:
    settings = TINY.replace(steps=60, step_decay=1, plateau=0.2)
    steps, every = paint(settings), paint(settings.replace(plateau=0))
    *_, first = [step for step in steps if step.scale == 1]
    # The rule itself, from the record: the last ten steps lowered the loss by a fifth at most, the ten before by more.
    totals = [step.losses.total for step in steps[: first.index + 1]]
    assert min(totals[-10:]) >= 0.8 * totals[-11]
    assert min(totals[-11:-1]) < 0.8 * totals[-12]
    assert [step.losses for step in every[: len(totals)]] == [step.losses for step in steps[: len(totals)]]
    assert len(steps) < len(every) == 121
    assert (steps[-1].scale, steps[-1].end, steps[-1].note) == (2, "finished", "")


def test_a_plateau_before_the_pieces_are_found_anew_ends_nothing() -> None:
    steps = paint(TINY.replace(steps=40, coarsest=64, patch_weight=0.1, plateau=0.5))
    assert 30 <= steps[-1].index < 40


@pytest.mark.parametrize("colours", ["style", "keep", "match"])
def test_every_colour_mode_ends_finite_on_grey_and_flat_pictures(colours: str) -> None:
    grey, flat = picture().mean(axis=-1, keepdims=True).repeat(3, axis=-1).astype(np.uint8), np.full_like(picture(), 90)
    for content, style in ((grey, picture(seed=1)), (flat, picture(seed=1)), (picture(), flat)):
        settings = TINY.replace(colours=colours, patch_weight=0.2)
        last = paint(settings, content, style)[-1]
        assert np.isfinite(last.losses.total)


def test_kept_colours_are_the_photos_own() -> None:
    photo = picture(48, 64)
    small = paint(TINY.replace(colours="keep"), photo)[-1].image
    inside = (small > 2).all(axis=-1) & (small < 253).all(axis=-1)
    difference = small.astype(float) - photo
    # Chroma is what is left without the grey: red minus green and blue minus green are the photo's own.
    assert np.abs(difference[..., 0] - difference[..., 1])[inside].max() <= 2
    assert np.abs(difference[..., 2] - difference[..., 1])[inside].max() <= 2
    assert inside.mean() > 0.5


def test_a_grey_photo_stays_grey_when_its_colours_are_kept() -> None:
    grey = np.repeat(picture()[..., :1], 3, axis=-1)
    result = paint(TINY.replace(colours="keep"), grey)[-1].image
    assert np.ptp(result.astype(int), axis=-1).max() == 0
    assert result.std() > 5


def test_previews_by_count() -> None:
    steps = paint(preview_seconds=-1, frame_every=4)
    assert [step.index for step in steps if step.image is not None] == [0, 4, 8, 9]


def test_without_previews_only_the_last_step_has_its_image() -> None:
    assert [step.index for step in paint(preview_seconds=-1) if step.image is not None] == [9]


def test_a_run_takes_its_result_size_from_the_photo() -> None:
    steps = paint(TINY.replace(size="original"), picture(50, 70))
    assert steps[-1].image.shape == (50, 70, 3)


def test_the_last_picture_is_enlarged_to_the_photos_own_size_and_says_so() -> None:
    settings = TINY.replace(enlarge="original", coarsest=64)
    small = paint(settings.replace(enlarge="off"), picture(300, 400))[-1].image
    steps = paint(settings, picture(300, 400))
    assert {step.image.shape for step in steps[:-1]} == {(48, 64, 3)}
    last = steps[-1]
    assert last.image.shape == (300, 400, 3)
    assert (last.width, last.height) == (64, 48), "the size that was painted"
    assert last.note == "It was painted at 64 x 48 px and enlarged to 400 x 300 px."
    assert np.abs(shrink(last.image, 64).astype(int) - small).mean() < 3, "the same picture, only larger"


def test_a_run_that_is_stopped_early_is_enlarged_as_well() -> None:
    controls = Controls()
    controls.stop()
    (step,) = run(TINY.replace(enlarge="original"), picture(60, 80), controls=controls)
    assert step.image.shape == (60, 80, 3)
    assert "enlarged to 80 x 60 px" in step.note


def test_a_photo_that_is_no_larger_leaves_the_picture_as_it_was_painted() -> None:
    steps = paint(TINY.replace(enlarge="original"))
    assert steps[-1].image.shape == (48, 64, 3)
    assert steps[-1].note == ""


def test_every_step_says_which_network_paints_and_where() -> None:
    for step in paint():
        assert step.network == "tiny"
        assert step.device.startswith("CPU")
