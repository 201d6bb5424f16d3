"""The optimisers on functions whose minimum is known."""

from collections.abc import Iterable

import pytest
import torch
from torch import Tensor

from nst.settings import Settings
from nst.transfer.optimizers import copies, make_optimizer, rate_factor
from tests.transfer.functions import gradient, quadratic, run


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


@pytest.mark.parametrize(("name", "length"), [("lbfgs", 0.01), ("sgd", 0.003)])
def test_a_first_step_is_as_long_where_only_some_pixels_may_move(name: str, length: float) -> None:
    pixels, gradient = torch.full((1, 3, 4, 4), 0.5), torch.zeros(1, 3, 4, 4)
    gradient[..., 0] = 1
    make_optimizer(pixels, Settings(optimizer=name), share=0.25).move(gradient, 1.0)
    assert torch.allclose(pixels[..., 0], torch.tensor(0.5 - length), atol=1e-5)
    assert torch.equal(pixels[..., 1:], torch.full((1, 3, 4, 3), 0.5))


@pytest.mark.parametrize("name", ["lbfgs", "adam", "sgd"])
def test_pixels_leave_the_range_only_where_they_may(name: str) -> None:
    for pixel_range, end in (("free", 1.5), ("held", 1.0)):
        pixels = torch.full((1, 3, 2, 2), 0.9)
        optimizer = make_optimizer(pixels, Settings(optimizer=name, pixel_range=pixel_range))
        for _ in range(1000):
            optimizer.move(gradient(lambda x: ((x - 1.5) ** 2).mean(), pixels)(), 1.0)
        assert torch.allclose(pixels, torch.tensor(end), atol=0.02), pixel_range


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
    assert tensor_bytes(optimizer) // picture == 1 + copies(settings)


def tensor_bytes(optimizer: object) -> int:
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
