"""Patches: what replaces what, by brute force and by hand."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.transfer import patches
from nst.transfer.patches import COMPONENTS, MAX_PATCHES, PATCH, PatchStock, principal_components


def random_image(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def patch_at(image: Tensor, row: int, column: int) -> Tensor:
    return image[..., row : row + PATCH, column : column + PATCH].reshape(1, -1)


@pytest.mark.parametrize("place", [(0, 0), (13, 4), (21, 29)])
def test_a_patch_of_the_style_is_replaced_by_itself(place: tuple[int, int]) -> None:
    style = random_image(30, 38)
    found = PatchStock([style], [1.0]).nearest(patch_at(style, *place))
    assert torch.equal(found, patch_at(style, *place))


def test_the_replacement_is_the_nearest_by_brute_force() -> None:
    """With few enough patches the components compared span them all, so that nothing is lost by the projection."""
    style = random_image(PATCH + 3, PATCH + 4)
    assert COMPONENTS >= 4 * 5
    every = F.unfold(style, PATCH)[0].T
    queries = torch.rand(50, 3 * PATCH**2, generator=torch.Generator().manual_seed(1))
    expected = every[torch.cdist(queries.double(), every.double()).argmin(dim=1)]
    assert torch.equal(PatchStock([style], [1.0]).nearest(queries), expected)


def test_a_long_search_in_parts_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = PatchStock([random_image(30, 30)], [1.0])
    queries = torch.rand(40, 3 * PATCH**2, generator=torch.Generator().manual_seed(2))
    whole = stock.nearest(queries)
    monkeypatch.setattr(patches, "DISTANCES", 512 * 7)
    assert torch.equal(stock.nearest(queries), whole)


@pytest.mark.parametrize(("height", "width"), [(40, 52), (33, 47), (9, 60), (4, 50), (1, 30), (301, 303)])
def test_a_repainted_picture_has_the_size_and_only_colours_of_the_style(height: int, width: int) -> None:
    style = random_image(20, 24, seed=3) * 0.5 + 0.2
    repainted = PatchStock([style], [1.0]).repaint(random_image(height, width))
    assert repainted.shape == (1, 3, height, width)
    assert repainted.min() >= style.min() - 1e-5
    assert repainted.max() <= style.max() + 1e-5


def test_the_style_itself_is_repainted_as_it_is() -> None:
    """Away from the border, whose mirrored patches the style does not hold."""
    style = random_image(40, 44)
    inside = (..., slice(2 * PATCH, -2 * PATCH), slice(2 * PATCH, -2 * PATCH))
    assert torch.allclose(PatchStock([style], [1.0]).repaint(style)[inside], style[inside], atol=1e-5)


def test_a_picture_of_two_halves_takes_each_from_where_it_fits() -> None:
    light, dark = torch.full((1, 3, 20, 20), 0.9), torch.full((1, 3, 20, 20), 0.1)
    image = torch.cat([torch.full((1, 3, 30, 30), 0.7), torch.full((1, 3, 30, 30), 0.2)], dim=3)
    repainted = PatchStock([light, dark], [0.5, 0.5]).repaint(image)
    assert torch.allclose(repainted[..., :20], torch.tensor(0.9))
    assert torch.allclose(repainted[..., -20:], torch.tensor(0.1))


def test_styles_offer_patches_in_proportion_and_not_too_many() -> None:
    large = torch.zeros(1, 3, 400, 400)
    stock = PatchStock([large, large], [0.8, 0.2])
    counts = [len(patches._sample_patches(large, share)) for share in (0.8, 0.2)]
    assert len(stock._patches) == sum(counts) <= MAX_PATCHES
    assert counts[0] > 2.5 * counts[1]
    assert counts[0] > 0.5 * 0.8 * MAX_PATCHES


def test_principal_components_by_hand() -> None:
    rows = torch.tensor([[3.0, 4.0], [-3.0, -4.0], [0.08, -0.06], [-0.08, 0.06]])
    mean, directions = principal_components(rows, 1)
    assert torch.allclose(mean, torch.zeros(2), atol=1e-6)
    assert torch.allclose(directions[:, 0].abs(), torch.tensor([0.6, 0.8]), atol=1e-3)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_styles_repaint_flat(value: float) -> None:
    repainted = PatchStock([torch.full((1, 3, 12, 12), value)], [1.0]).repaint(random_image(20, 20))
    assert torch.allclose(repainted, torch.tensor(value))
