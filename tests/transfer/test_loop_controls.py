"""How a run is steered, stopped and ended early: by its controls, or by losses that are not finite."""

import threading

import numpy as np
import pytest

from nst.controls import Controls
from nst.transfer.state import GAVE_UP, RESTARTED
from tests.transfer.runs import TINY, Failing, paint, run


def test_weights_moved_during_a_run_act_from_the_next_step() -> None:
    controls, seen = Controls(), []
    for step in run(controls=controls):
        seen.append(step)
        if step.index == 2:
            controls.update(style_weight=50.0)
    assert [step.settings.style_weight for step in seen[:5]] == [1, 1, 1, 50, 50]
    losses, content, tv = seen[3].losses, TINY.content_weight, TINY.tv_weight
    assert losses.total == pytest.approx(
        content * losses.terms["content"] + 50 * losses.terms["style"] + tv * losses.terms["tv"], rel=1e-5
    )


def test_a_weight_of_zero_given_during_a_run_takes_the_style_out() -> None:
    controls = Controls()
    controls.update(style_weight=0.0, tv_weight=0.0)
    settings = TINY.replace(init="content", steps=20, coarsest=64)
    steps = paint(settings, controls=controls)
    assert steps[-1].losses.terms["content"] < 1e-3, "only the content pulls, and it is already there"


def test_stopping_costs_at_most_one_step_and_leaves_a_picture() -> None:
    controls, seen = Controls(), []
    for step in run(controls=controls, preview_seconds=-1):
        seen.append(step)
        if step.index == 3:
            controls.stop()
    assert [step.index for step in seen] == [0, 1, 2, 3, 4]
    assert seen[-1].end == "stopped"
    assert seen[-1].image.shape == (32, 43, 3)
    assert seen[-1].note == "It ended at 43 x 32 px, before the finer scales; let it run on for 64 x 48 px."


def test_a_stop_after_the_last_step_is_a_finish() -> None:
    controls, ends = Controls(), []
    for step in run(controls=controls):
        ends.append(step.end)
        if step.index == step.total - 1:
            controls.stop()
    assert ends[-2:] == [None, "finished"]


def test_stopped_before_it_began_there_is_still_a_picture() -> None:
    controls = Controls()
    controls.stop()
    steps = paint(controls=controls)
    assert [(step.index, step.end) for step in steps] == [(0, "stopped")]
    assert steps[0].image is not None


def test_a_pause_holds_the_loop_and_resume_frees_it() -> None:
    controls, seen, reached = Controls(), [], threading.Event()

    def consume() -> None:
        for step in run(controls=controls):
            seen.append(step)
            if step.index == 2:
                controls.pause()
                reached.set()

    thread = threading.Thread(target=consume)
    thread.start()
    assert reached.wait(20)
    thread.join(0.3)
    assert thread.is_alive()
    assert len(seen) == 3
    controls.resume()
    thread.join(20)
    assert seen[-1].end == "finished"


def test_a_loss_that_is_not_finite_goes_back_and_restarts_once() -> None:
    steps = paint(TINY.replace(coarsest=64), network=Failing(4))
    assert [step.note for step in steps if RESTARTED in step.note]
    assert steps[-1].end == "finished"
    assert all(np.isfinite(step.losses.total) for step in steps)


def test_a_second_one_ends_the_run_with_its_last_good_picture() -> None:
    good = paint(TINY.replace(coarsest=64), network=Failing())
    steps = paint(TINY.replace(coarsest=64), network=Failing(4, 5))
    assert GAVE_UP in steps[-1].note
    assert steps[-1].end == "stopped"
    # The third evaluation was the last good one: its picture is that of step 2.
    assert np.array_equal(steps[-1].image, good[2].image)


def test_not_finite_from_the_start_ends_with_the_initial_picture() -> None:
    settings = TINY.replace(coarsest=64, init="content")
    steps = paint(settings, network=Failing(1, 2))
    assert steps[-1].end == "stopped"
    assert np.array_equal(steps[-1].image, paint(settings)[0].image)
