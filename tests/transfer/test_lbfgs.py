"""L-BFGS on functions whose minimum is known, and beside torch's own."""

import pytest
import torch
from torch import Tensor

from nst.settings import Settings
from nst.transfer.optimizers import make_optimizer
from tests.transfer.functions import gradient, parabola, rosenbrock, run


def test_lbfgs_finds_the_minimum() -> None:
    pixels, picture = run(optimizer="lbfgs")
    assert torch.allclose(pixels, torch.tensor(0.3), atol=1e-3)
    assert torch.equal(pixels, picture)


def test_the_first_lbfgs_step_moves_pixels_by_a_hundredth_at_every_size() -> None:
    for size in (4, 64):
        pixels, _ = run(size=size, steps=1, optimizer="lbfgs")
        assert (pixels - 0.8).abs().mean().item() == pytest.approx(0.01, rel=1e-3)


def test_bounded_lbfgs_finds_the_best_picture_in_range() -> None:
    # Each value is tied to the mean of all: cut off at 1, the free minimum of 1.5 and 0.5 would leave 0.5 where 0.6 is
    # best, as (x - 0.5)^2 + (x + 1 - 2)^2 / 4 is lowest there.
    pixels = torch.full((1, 1, 1, 2), 0.2)
    optimizer = make_optimizer(pixels, Settings(optimizer="lbfgs"))

    def loss(x: Tensor) -> Tensor:
        first, second = x.flatten()
        return (first - 1.5) ** 2 + (second - 0.5) ** 2 + (first + second - 2) ** 2 / 4

    for _ in range(40):
        optimizer.move(gradient(loss, pixels)(), 1.0)
    assert torch.allclose(pixels.flatten(), torch.tensor([1.0, 0.6]), atol=1e-3)


@pytest.mark.parametrize("history", [1, 3, 10])
def test_lbfgs_goes_the_way_of_torchs_own(history: int) -> None:
    # In float64: rounding grows from step to step in such a valley.
    start = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ours, theirs = start.clone(), start.clone()
    optimizer = make_optimizer(ours, Settings(optimizer="lbfgs", history=history, pixel_range="free"))
    torchs = torch.optim.LBFGS([theirs], max_iter=1, history_size=history, tolerance_grad=0, tolerance_change=0)

    def closure() -> float:
        theirs.grad = torch.func.grad(rosenbrock)(theirs) * theirs.numel()
        return 0.0

    for step in range(30):
        # torch divides its first step by the 1-norm of the gradient: times N that is a mean change.
        torchs.param_groups[0]["lr"] = 0.01 * theirs.numel() if step == 0 else 1.0
        optimizer.move(gradient(rosenbrock, ours)(), 1.0)
        torchs.step(closure)
        assert torch.allclose(ours, theirs, rtol=0, atol=1e-10), step


def test_with_the_curvature_of_each_pixel_known_up_to_a_factor_the_second_step_is_the_last() -> None:
    pixels, curvature = torch.full((1, 3, 8, 8), 0.8), torch.ones(1, 1, 8, 8)
    curvature[..., 4:] = 100
    optimizer = make_optimizer(pixels, Settings(optimizer="lbfgs"), preconditioner=1 / curvature)
    slope = gradient(lambda x: (curvature * (x - 0.3) ** 2).mean(), pixels)
    optimizer.move(slope(), 1.0)
    assert torch.allclose(pixels, torch.tensor(0.79), atol=1e-6)
    optimizer.move(slope(), 1.0)
    assert torch.allclose(pixels, torch.tensor(0.3), atol=1e-5)


def test_lbfgs_learns_nothing_where_nothing_bends() -> None:
    # Along a slope without curvature its second step is as long as its first.
    pixels = torch.zeros(1, 3, 2, 2)
    optimizer = make_optimizer(pixels, Settings(optimizer="lbfgs", pixel_range="free"))
    for _ in range(2):
        optimizer.move(torch.full_like(pixels, 0.25), 1.0)
    assert torch.allclose(pixels, torch.tensor(-0.02))


def test_lbfgs_keeps_the_curvature_of_a_similar_function() -> None:
    """Where all bends alike its scale is the inverse, with which another one is at the minimum in one step."""
    first = torch.full((1, 1, 1, 1), 0.8)
    optimizer = make_optimizer(first, Settings(optimizer="lbfgs"))
    for _ in range(2):
        optimizer.move(parabola(first)[1], 1.0)
    assert float(optimizer.hessian_scale) == pytest.approx(0.5)
    second = torch.full((1, 1, 1, 1), 0.9)
    make_optimizer(second, Settings(optimizer="lbfgs"), optimizer.hessian_scale).move(parabola(second)[1], 1.0)
    assert second.item() == pytest.approx(0.3)
