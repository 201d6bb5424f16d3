"""The optimisers on functions whose minimum is known."""

import math
from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor

from nst.settings import Settings
from nst.transfer.optimizers import copies, make_optimizer, rate_factor


def quadratic(pixels: Tensor) -> Callable[[], Tensor]:
    """The gradient of a mean of squares with curvatures from 1 to 20 and its minimum at 0.3."""
    curvature = torch.linspace(1, 20, pixels.numel()).view_as(pixels)
    return gradient(lambda x: (curvature * (x - 0.3) ** 2).mean(), pixels)


def gradient(loss: Callable[[Tensor], Tensor], pixels: Tensor) -> Callable[[], Tensor]:
    """What an optimiser asks for: the gradient of a loss at the pixels as they are then."""
    return lambda: torch.func.grad(loss)(pixels)


def run(size: int = 4, steps: int = 60, **settings: object) -> tuple[Tensor, Tensor]:
    pixels = torch.full((1, 3, size, size), 0.8)
    optimizer = make_optimizer(pixels, Settings.from_mapping(settings))
    for _ in range(steps):
        optimizer.move(quadratic(pixels)(), 1.0)
    return pixels, optimizer.result()


def test_lbfgs_finds_the_minimum() -> None:
    pixels, picture = run(optimizer="lbfgs")
    assert torch.allclose(pixels, torch.tensor(0.3), atol=1e-3)
    assert torch.equal(pixels, picture)


def test_adam_finds_the_minimum() -> None:
    pixels, _ = run(optimizer="adam", steps=200)
    assert torch.allclose(pixels, torch.tensor(0.3), atol=0.02)


def test_sgd_finds_the_minimum() -> None:
    # Of 48 values, the flattest with a curvature of 1: each step takes 2 / 48 of what is left of it.
    pixels, _ = run(optimizer="sgd", learning_rate=1.0, steps=200)
    assert torch.allclose(pixels, torch.tensor(0.3), atol=1e-3)


def test_one_sgd_step_by_hand() -> None:
    # The gradient is 0.5 and 1.5: with a rate of 0.1 the values move by 0.05 and 0.15.
    loss = gradient(
        lambda x: (torch.tensor([1.0, 3.0]) * (x - 0.3) ** 2).mean(), start := torch.full((1, 1, 1, 2), 0.8)
    )
    optimizer = make_optimizer(start, Settings(optimizer="sgd", learning_rate=0.1))
    optimizer.move(loss(), 1.0)
    assert torch.allclose(start.flatten(), torch.tensor([0.75, 0.65]))


def test_without_a_rate_sgds_first_step_is_small_at_every_size() -> None:
    for size in (4, 64):
        pixels, _ = run(size=size, steps=1, optimizer="sgd")
        assert (pixels - 0.8).abs().mean().item() == pytest.approx(0.003, rel=1e-3)


def test_the_first_lbfgs_step_moves_pixels_by_a_hundredth_at_every_size() -> None:
    for size in (4, 64):
        pixels, _ = run(size=size, steps=1, optimizer="lbfgs")
        assert (pixels - 0.8).abs().mean().item() == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("name", ["lbfgs", "adam", "sgd"])
def test_pixels_leave_the_range_only_where_they_may(name: str) -> None:
    for pixel_range, end in (("free", 1.5), ("held", 1.0)):
        pixels = torch.full((1, 3, 2, 2), 0.9)
        optimizer = make_optimizer(pixels, Settings(optimizer=name, pixel_range=pixel_range))
        for _ in range(1000):
            optimizer.move(gradient(lambda x: ((x - 1.5) ** 2).mean(), pixels)(), 1.0)
        assert torch.allclose(pixels, torch.tensor(end), atol=0.02), pixel_range


def test_held_lbfgs_finds_the_best_picture_in_range() -> None:
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


def test_adams_picture_is_the_unbiased_average_of_its_iterates() -> None:
    pixels = torch.full((1, 3, 2, 2), 0.8)
    optimizer = make_optimizer(pixels, Settings(optimizer="adam"))
    assert torch.equal(optimizer.picture(), pixels)
    optimizer.move(quadratic(pixels)(), 1.0)
    first = pixels.clone()
    assert torch.allclose(optimizer.picture(), first), "an average of one iterate is that iterate"
    optimizer.move(quadratic(pixels)(), 1.0)
    # Weights 0.97 * 0.03 and 0.03, scaled to sum to 1.
    assert torch.allclose(optimizer.picture(), (0.97 * first + pixels) / 1.97, atol=1e-6)


def test_rate_schedules_by_hand() -> None:
    assert [rate_factor("constant", 0.1, step, 3) for step in range(3)] == [1, 1, 1]
    assert [rate_factor("exponential", 0.01, step, 3) for step in range(3)] == pytest.approx([1, 0.1, 0.01])
    assert [rate_factor("cosine", 0.2, step, 3) for step in range(3)] == pytest.approx([1, 0.6, 0.2])
    assert rate_factor("cosine", 0.2, 0, 1) == 1


def test_a_smaller_rate_makes_a_smaller_step() -> None:
    for name in ("adam", "sgd"):
        moved = []
        for rate in (1.0, 0.25):
            pixels = torch.full((1, 3, 2, 2), 0.8)
            make_optimizer(pixels, Settings(optimizer=name, learning_rate=0.02)).move(quadratic(pixels)(), rate)
            moved.append((pixels - 0.8).abs().mean().item())
        assert moved[1] == pytest.approx(moved[0] / 4, rel=1e-3), name


def rosenbrock(pixels: Tensor) -> Tensor:
    """A curved valley, 0 where every value is 1."""
    values = pixels.flatten()
    return (10 * (values[1:] - values[:-1] ** 2) ** 2 + (1 - values[:-1]) ** 2).mean() / 10


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


def test_adam_goes_the_way_of_torchs_own() -> None:
    # Within [0, 1], where nothing is clamped.
    ours, theirs = torch.full((1, 3, 4, 4), 0.8), torch.full((1, 3, 4, 4), 0.8)
    optimizer = make_optimizer(ours, Settings(optimizer="adam", learning_rate=0.02))
    torchs = torch.optim.Adam([theirs], lr=0.02, betas=(0.9, 0.99))
    for _ in range(30):
        optimizer.move(quadratic(ours)(), 1.0)
        theirs.grad = quadratic(theirs)() * theirs.numel()
        torchs.step()
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_lbfgs_learns_nothing_where_nothing_bends() -> None:
    # Along a slope without curvature its second step is as long as its first.
    pixels = torch.zeros(1, 3, 2, 2)
    optimizer = make_optimizer(pixels, Settings(optimizer="lbfgs", pixel_range="free"))
    for _ in range(2):
        optimizer.move(torch.full_like(pixels, 0.25), 1.0)
    assert torch.allclose(pixels, torch.tensor(-0.02))


def parabola(pixels: Tensor) -> tuple[float, Tensor]:
    """The loss and its gradient: lowest at 0.3, and 0.01 at 0.4."""
    return float(((pixels - 0.3) ** 2).mean()), 2 * (pixels - 0.3) / pixels.numel()


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


def test_lbfgs_keeps_the_curvature_of_a_like_function() -> None:
    """Where all bends alike its scale is the inverse, with which another one is at the minimum in one step."""
    first = torch.full((1, 1, 1, 1), 0.8)
    optimizer = make_optimizer(first, Settings(optimizer="lbfgs"))
    for _ in range(2):
        optimizer.move(parabola(first)[1], 1.0)
    assert float(optimizer.scale) == pytest.approx(0.5)
    second = torch.full((1, 1, 1, 1), 0.9)
    make_optimizer(second, Settings(optimizer="lbfgs"), optimizer.scale).move(parabola(second)[1], 1.0)
    assert second.item() == pytest.approx(0.3)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(optimizer="lbfgs", history=1),
        Settings(optimizer="lbfgs", history=4),
        Settings(optimizer="adam"),
        Settings(optimizer="sgd"),
    ],
    ids=lambda settings: f"{settings.optimizer} {settings.history}",
)
def test_the_optimiser_holds_as_many_pictures_as_it_says(settings: Settings) -> None:
    pixels = torch.full((1, 3, 32, 32), 0.8)
    optimizer = make_optimizer(pixels, settings)
    for _ in range(8):
        optimizer.move(quadratic(pixels)(), 1.0)
    picture = pixels.numel() * pixels.element_size()
    assert held(optimizer) // picture == 1 + copies(settings)


def held(optimizer: object) -> int:
    """Bytes of all tensors that can be reached from an optimiser, each storage counted once."""
    storages, seen, waiting = {}, set(), [optimizer]
    while waiting:
        if id(thing := waiting.pop()) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Tensor):
            storages[thing.untyped_storage().data_ptr()] = thing.untyped_storage().nbytes()
            waiting.append(thing.grad)
        elif isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, Iterable):
            waiting += [] if isinstance(thing, str) else thing
        elif hasattr(thing, "__dict__"):
            waiting.append(vars(thing))
    return sum(storages.values())
