"""Pictures to tensors and back."""

import numpy as np
import pytest
import torch

from nst.transfer.images import cover, resize, to_picture, to_tensor


def random_image(height: int = 24, width: int = 32, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def test_a_picture_comes_back_unchanged() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    tensor = to_tensor(picture)
    assert tensor.shape == (1, 3, 5, 7)
    assert tensor.dtype == torch.float32
    assert tensor[0, 2, 4, 6].item() == pytest.approx(picture[4, 6, 2] / 255)
    assert np.array_equal(to_picture(tensor), picture)


def test_a_read_only_picture_is_taken_and_left_alone() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    picture.flags.writeable = False
    to_tensor(picture).add_(1)
    assert picture.sum() == 0


def test_values_out_of_range_are_clamped_and_halves_rounded() -> None:
    image = torch.tensor([-0.5, 0.4999, 1.5]).view(1, 3, 1, 1)
    assert to_picture(image).tolist() == [[[0, 127, 255]]]


def test_resizing_keeps_a_flat_colour_and_the_mean_of_a_fine_pattern() -> None:
    assert torch.allclose(resize(torch.full((1, 3, 9, 7), 0.3), 20, 31), torch.tensor(0.3), atol=1e-6)
    board = (torch.arange(64)[:, None] + torch.arange(64)) % 2
    small = resize(board.float().expand(1, 3, 64, 64), 8, 8)
    assert (small - 0.5).abs().max() < 0.05, "a checkerboard made smaller is grey, not aliased"


def test_cover_takes_the_middle_without_stretching() -> None:
    wide = torch.zeros(1, 3, 10, 40)
    wide[..., 15:25] = 1
    assert torch.allclose(cover(wide, 10, 10), torch.tensor(1.0))
