"""Colour modes: whose colours the result has."""

import pytest
import torch

from nst.transfer.colours import luminance, match_colours, prepare_colours, restore_colours


def random_image(height: int = 24, width: int = 32, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def moments(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = image.flatten(2)[0]
    return pixels.mean(1), torch.cov(pixels, correction=0)


def test_matched_colours_have_the_palettes_mean_and_covariance() -> None:
    image = 0.5 + 0.1 * torch.randn(1, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    mixing = torch.tensor([[0.8, 0.1, 0.0], [0.2, 0.5, 0.1], [0.0, 0.3, 0.6]])
    palette = torch.einsum("oc,bchw->bohw", mixing, random_image(seed=5) - 0.5) * 0.5 + 0.5
    matched = match_colours(image, palette)
    for found, wanted in zip(moments(matched), moments(palette), strict=True):
        assert torch.allclose(found, wanted, atol=2e-3)


def test_matching_a_picture_with_itself_changes_nothing() -> None:
    image = random_image()
    assert torch.allclose(match_colours(image, image), image, atol=1e-4)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_pictures_match_without_nan(value: float) -> None:
    flat, palette = torch.full((1, 3, 8, 8), value), random_image()
    expected = moments(palette)[0].view(1, 3, 1, 1).expand_as(flat)
    assert torch.allclose(match_colours(flat, palette), expected, atol=1e-5)
    assert match_colours(palette, flat).isfinite().all()


def test_a_grey_photo_gets_no_coloured_noise() -> None:
    grey = random_image()[:, :1].expand(1, 3, 24, 32) + 0.002 * torch.randn(
        1, 3, 24, 32, generator=torch.Generator().manual_seed(1)
    )
    matched = match_colours(grey, random_image(seed=2))
    chroma = matched - matched.mean(dim=1, keepdim=True)
    local = chroma - torch.nn.functional.avg_pool2d(chroma, 5, stride=1, padding=2, count_include_pad=False)
    assert local[..., 2:-2, 2:-2].std() < 0.1


def test_luminance_by_hand() -> None:
    image = torch.tensor([1.0, 0.0, 0.5]).view(1, 3, 1, 1)
    assert luminance(image).item() == pytest.approx(0.299 + 0.057)


def test_the_paintings_colours_leave_everything_as_it_is() -> None:
    content, style = random_image(), random_image(seed=1)
    prepared, styles = prepare_colours(content, [style], "style", [None])
    assert prepared is content
    assert styles == [style]


def test_matching_gives_the_style_the_photos_moments() -> None:
    content, style = 0.4 + 0.2 * random_image(), random_image(seed=1)
    prepared, (matched,) = prepare_colours(content, [style], "match", [None])
    assert prepared is content
    for found, wanted in zip(moments(matched), moments(content), strict=True):
        assert torch.allclose(found, wanted, atol=2e-3)


def test_keeping_paints_in_grey_with_the_photos_lightness() -> None:
    content, style = 0.4 + 0.2 * random_image(), random_image(seed=1)
    prepared, (grey,) = prepare_colours(content, [style], "keep", [None])
    for picture in (prepared, grey):
        assert torch.equal(picture[:, 0], picture[:, 2])
    assert torch.allclose(prepared[:, :1], luminance(content))
    assert grey.mean().item() == pytest.approx(luminance(content).mean().item(), abs=1e-4)
    assert grey.std().item() == pytest.approx(luminance(content).std().item(), rel=1e-2)


def test_what_is_kept_is_the_chroma() -> None:
    content, painted = 0.4 + 0.2 * random_image(), 0.4 + 0.2 * random_image(seed=2)
    kept = restore_colours(painted, content)
    assert torch.allclose(luminance(kept), luminance(painted), atol=1e-6)
    assert torch.allclose(kept - luminance(kept), content - luminance(content), atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("mode", ["keep", "match"])
def test_flat_pictures_are_prepared_without_nan(value: float, mode: str) -> None:
    flat = torch.full((1, 3, 8, 8), value)
    for content, style in ((flat, random_image()), (random_image(), flat)):
        prepared, styles = prepare_colours(content, [style], mode, [None])
        assert prepared.isfinite().all()
        assert styles[0].isfinite().all()
