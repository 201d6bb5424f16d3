"""Masks from pictures in every format, and by rules from the photo."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError
from nst.pictures.decode import Decoded, decode
from nst.pictures.masks import MAX_SIDE, SWAP, check_mask, find_rule, mask_by_rule, read_mask, rules, soften
from nst.steps import Picture
from tests.pictures.making import SAVE_OPTIONS, encoded

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
SIZE = (96, 64)


def halves(left: int | tuple[int, ...], right: int | tuple[int, ...], size: tuple[int, int] = SIZE) -> Picture:
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    picture[:, : size[0] // 2], picture[:, size[0] // 2 :] = left, right
    return picture


def checked(mask: Picture, styles: int, photo_size: tuple[int, int] = SIZE) -> Picture:
    return check_mask(mask, mask.shape[1::-1], photo_size, styles)


def grey(strength: np.ndarray) -> Image.Image:
    return Image.fromarray(strength.astype(np.uint8))


def deep(strength: np.ndarray) -> Image.Image:
    return Image.fromarray((strength.astype(np.uint16)) * 257)


def palette(strength: np.ndarray) -> Image.Image:
    return grey(strength).convert("P")


def one_bit(strength: np.ndarray) -> Image.Image:
    return grey(strength).convert("1")


def white_with_alpha(strength: np.ndarray) -> Image.Image:
    return Image.merge("LA", [Image.new("L", SIZE, "white"), grey(strength)])


def grey_with_black_under_alpha(strength: np.ndarray) -> Image.Image:
    """Opaque where it is painted; of what is transparent the colour does not count."""
    hidden = np.where(strength, strength, 77)
    return Image.merge("RGBA", [grey(hidden)] * 3 + [grey(np.where(strength, 255, 0))])


KINDS: list[tuple[str, Callable[[np.ndarray], Image.Image]]] = [
    *((kind, lambda strength: grey(strength).convert("RGB")) for kind in SAVE_OPTIONS),
    *(("PNG", make) for make in (grey, deep, palette, one_bit, white_with_alpha, grey_with_black_under_alpha)),
    *(("TIFF", make) for make in (deep, lambda strength: grey(strength).convert("RGB").convert("CMYK"))),
    *(("WebP", make) for make in (lambda strength: grey_with_black_under_alpha(strength),)),
]


@pytest.mark.parametrize(("kind", "make"), KINDS)
def test_every_format_gives_the_same_mask(tmp_path: Path, kind: str, make: Callable[..., Image.Image]) -> None:
    path = tmp_path / "mask"
    path.write_bytes(encoded(make(halves(0, 255)[..., 0]), kind, **SAVE_OPTIONS[kind]))
    mask, expected = read_mask(decode(path)), halves(0, 255)
    assert mask.dtype == np.uint8
    inside = np.r_[0:40, 56:96]  # Compression moves the edge by a few pixels.
    assert np.array_equal(mask[:, inside], expected[:, inside])
    assert np.abs(mask.astype(int) - expected).mean() < 1


def test_transparent_parts_are_black_and_half_transparent_ones_half_as_strong() -> None:
    alpha = np.zeros((64, 96), np.uint8)
    alpha[:32] = 128
    over_white = np.full((64, 96, 3), 255, np.uint8)
    over_white[:32, 48:] = (127 + 128, 127, 127)  # Red under the same alpha.
    mask = read_mask(Decoded(over_white, alpha))
    assert not mask[32:].any()
    assert np.abs(mask[:32, :48].astype(int) - 128).max() <= 1
    assert np.abs(mask[:32, 48:].astype(int) - (128, 0, 0)).max() <= 1


def test_noise_is_no_colour_and_black_stays_black_when_a_mask_is_made_smaller() -> None:
    noise = np.random.default_rng(0).integers(0, 13, (64, 96, 3), np.uint8)
    mask = read_mask(Decoded(np.where(halves(0, 1) == 1, 255 - noise, noise)))
    assert np.array_equal(mask, halves(0, 255))
    large = read_mask(Decoded(halves(0, 255, (3000, 2000))))
    assert large.shape == (683, MAX_SIDE, 3)
    assert not large[:, :511].any()
    assert (large[:, 513:] == 255).all()


def test_edges_are_softened_on_their_bright_side() -> None:
    mask = halves(0, 200, (1000, 600))
    soft = soften(mask)
    assert not soft[:, :500].any(), "what is to be kept is kept"
    row = soft[300, 500:, 0].astype(int)
    assert row[0] < 20
    assert (np.diff(row) >= 0).all()
    assert 12 <= np.searchsorted(row, 190) <= 25, "about 1.5 % of the long side"
    assert (row[40:] == 200).all()


def test_smooth_transitions_even_grey_and_lines_finer_than_an_edge_stay() -> None:
    slope = np.repeat(np.linspace(0, 255, 900)[None, :, None], 3, axis=2).repeat(600, axis=0).astype(np.uint8)
    assert np.abs(soften(slope).astype(int) - slope).max() <= 3
    even = np.full((64, 96, 3), 90, np.uint8)
    assert np.array_equal(soften(even), even)
    line = np.zeros((600, 900, 3), np.uint8)
    line[:, 450] = 255
    assert np.array_equal(soften(line), line)


def test_colours_blend_at_full_strength_where_they_meet() -> None:
    soft = soften(halves(RED, GREEN, (1000, 600)))
    assert (soft.max(axis=2) == 255).all()
    assert not soft[..., 2].any()
    assert soft[300, 495].min() == 0
    assert soft[300, 495, 1] > 0
    assert soft[300, 100].tolist() == list(RED)


@pytest.mark.parametrize("size", [(96, 64), (192, 128), (300, 203), (48, 32)])
def test_a_mask_of_another_size_fits(size: tuple[int, int]) -> None:
    assert checked(halves(0, 255, size), 1).shape == (size[1], size[0], 3)


@pytest.mark.parametrize(
    ("mask", "styles", "sentence"),
    [
        (halves(0, 255, (64, 96)), 1, r"The mask is 64 x 96 pixels and the photo 96 x 64; .* proportions to within 2%"),
        (halves(0, 0), 1, r"The mask is black all over, so nothing would be painted"),
        (halves(0, RED), 1, r"The mask has colours, .*; for one style it must be grey: white is painted"),
        (halves(RED, BLUE), 2, r"has blue in it, which belongs to none of the 2 styles: it takes red for style 1, gr"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(mask: Picture, styles: int, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        checked(mask, styles)


def test_each_style_has_a_colour_and_fringes_are_no_colour() -> None:
    for styles, mask in ((2, halves(RED, GREEN)), (3, halves(GREEN, BLUE)), (4, halves(RED, BLUE))):
        assert np.array_equal(checked(mask, styles), mask)
    fringed = halves(0, 255, (1000, 600))
    fringed[:100, 500] = BLUE
    assert np.array_equal(checked(fringed, 1, (1000, 600))[:, 501:], fringed[:, 501:])
    assert not np.ptp(checked(fringed, 1, (1000, 600)), axis=2).any()


@pytest.fixture
def photo() -> Decoded:
    """Dark on the left and light on the right, of which the left is transparent."""
    alpha = np.zeros((400, 600), np.uint8)
    alpha[:, 300:] = 255
    return Decoded(halves(60, 190, (600, 400)), alpha)


#: By rule: a painted and a kept point of the photo above, as (x, y).
POINTS = {
    "portrait": ((20, 200), (300, 190)),
    "upper": ((300, 20), (300, 380)),
    "lower": ((300, 380), (300, 20)),
    "light": ((550, 200), (50, 200)),
    "dark": ((50, 200), (550, 200)),
    "cutout": ((550, 200), (50, 200)),
}


def test_every_rule_paints_what_it_says_and_its_inverse_the_rest(photo: Decoded) -> None:
    assert [rule.name for rule in rules()] == list(POINTS)
    for name, (painted, kept) in POINTS.items():
        mask = mask_by_rule(name, photo)
        assert mask.shape == (400, 600, 3)
        assert not np.ptp(mask, axis=2).any()
        assert (mask[painted[::-1]].tolist(), mask[kept[::-1]].tolist()) == ([255] * 3, [0] * 3), name
        assert np.array_equal(mask_by_rule(SWAP + name, photo), 255 - mask)


def test_the_oval_stands_upright_inside_a_photo_of_any_shape() -> None:
    for size in ((600, 400), (400, 600), (1600, 400), (3000, 2000)):
        kept = mask_by_rule("portrait", Decoded(halves(60, 190, size)))[..., 0] < 128
        assert max(kept.shape) == min(MAX_SIDE, max(size))
        wide, tall = np.ptp(np.flatnonzero(kept.any(axis=0))), np.ptp(np.flatnonzero(kept.any(axis=1)))
        assert wide / tall == pytest.approx(0.75, abs=0.02)
        assert not kept[[0, -1]].any()
        assert not kept[:, [0, -1]].any()


def test_a_rule_that_finds_nothing_or_does_not_exist_is_one_sentence() -> None:
    plain = Decoded(halves(60, 190))
    with pytest.raises(ImageError, match="no part of this photo is transparent"):
        mask_by_rule("cutout", plain)
    with pytest.raises(ImageError, match="black all over"):
        mask_by_rule("light", Decoded(np.full((64, 96, 3), 60, np.uint8)))
    with pytest.raises(ImageError, match=r"no mask called 'potrait'. Did you mean 'portrait'\? .* upper, lower, light"):
        find_rule("potrait")
    assert find_rule("not-portrait") is find_rule("portrait")
