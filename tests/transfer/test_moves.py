"""Steps that made things worse, and how they are shortened."""

import math

import pytest
import torch

from nst.settings import Settings
from nst.transfer.optimizers import make_optimizer
from tests.transfer.functions import parabola


#: Rates with which the first step goes from 0.4 to -0.1, where the loss is sixteen times as high.
@pytest.mark.parametrize(("name", "rate"), [("lbfgs", 250.0), ("sgd", 2.5)])
def test_a_step_that_raised_the_loss_is_shortened_to_the_lowest_point_of_its_parabola(name: str, rate: float) -> None:
    pixels = torch.full((1, 1, 1, 1), 0.4)
    optimizer = make_optimizer(pixels, Settings(optimizer=name, learning_rate=rate, pixel_range="free"))
    before, slope = parabola(pixels)
    optimizer.move(slope, 1.0)
    assert pixels.item() == pytest.approx(-0.1)
    assert optimizer.picture().item() == pytest.approx(0.4), "what is shown until the step is judged"
    assert optimizer.result().item() == pytest.approx(-0.1)
    assert optimizer.shorten(parabola(pixels)[0] - before)
    assert pixels.item() == pytest.approx(0.3)
    assert optimizer.picture().item() == pytest.approx(0.4)


@pytest.mark.parametrize("rise", [math.inf, math.nan, 1e9])
def test_where_nothing_is_known_of_the_rise_a_tenth_of_the_step_is_left(rise: float) -> None:
    pixels = torch.full((1, 1, 1, 1), 0.4)
    optimizer = make_optimizer(pixels, Settings(optimizer="lbfgs", learning_rate=250, pixel_range="free"))
    optimizer.move(parabola(pixels)[1], 1.0)
    assert optimizer.shorten(rise)
    assert pixels.item() == pytest.approx(0.35)


def test_a_rate_that_was_too_high_for_sgd_stays_lower() -> None:
    pixels = torch.full((1, 1, 1, 1), 0.4)
    optimizer = make_optimizer(pixels, Settings(optimizer="sgd", learning_rate=2.5, pixel_range="free"))
    optimizer.move(parabola(pixels)[1], 1.0)
    optimizer.shorten(0.15)
    pixels.fill_(0.4)
    # A fifth of the step was left: 0.1 of 0.5, and so it is the next time.
    optimizer.move(parabola(pixels)[1], 1.0)
    assert pixels.item() == pytest.approx(0.3)


@pytest.mark.parametrize("name", ["lbfgs", "adam", "sgd"])
def test_there_is_no_way_back_before_the_first_step_of_a_function(name: str) -> None:
    pixels = torch.full((1, 1, 1, 1), 0.4)
    optimizer = make_optimizer(pixels, Settings(optimizer=name))
    assert not optimizer.shorten(1.0)
    optimizer.move(parabola(pixels)[1], 1.0)
    optimizer.forget_gradient()
    before = pixels.clone()
    assert not optimizer.shorten(1.0)
    assert torch.equal(pixels, before)
