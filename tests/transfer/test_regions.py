"""Masks: what their colours mean, and what a run makes of them."""

import numpy as np
import pytest
import torch

from nst.errors import ImageError
from nst.steps import Picture
from nst.transfer import preparation
from nst.transfer.memory import Tiling
from nst.transfer.regions import Mask, bounding_box
from tests.transfer.runs import TINY, paint, picture
from tests.transfer.test_start import checkpoint

BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (102, 102, 102)
RED, GREEN, BLUE, YELLOW, PINK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 51, 51)
BLEND = (0.25, 0.75)


def mask_of(rows: list[list[tuple[int, int, int]]]) -> Picture:
    return np.array(rows, np.uint8)


def halves(height: int, width: int, left: object, right: object) -> Picture:
    mask = np.empty((height, width, 3), np.uint8)
    mask[:, : width // 2], mask[:, width // 2 :] = left, right
    return mask


def by_hand(mask: Picture, blend: tuple[float, ...] = BLEND) -> dict[object, object]:
    """Guides in tenths, by the shares of the styles."""
    regions = Mask(mask, blend).regions(torch.zeros(1, 3, *mask.shape[:2]))
    guides = {part.blend: part.guide[0, 0].mul(10).tolist() for part in regions.parts}
    return {**guides, "strength": regions.strength[0, 0].mul(10).tolist()}


def test_guides_by_hand() -> None:
    mask = mask_of([[WHITE, GREY, BLACK, RED], [GREEN, YELLOW, PINK, BLACK], [BLACK] * 4, [BLACK] * 4])
    nothing = [[0, 0, 0, 0]] * 2
    assert by_hand(mask) == {
        BLEND: [[10, 4, 0, 0], [0, 0, 2, 0], *nothing],
        (1.0, 0.0): [[0, 0, 0, 10], [0, 10, 8, 0], *nothing],
        (0.0, 1.0): [[0, 0, 0, 0], [10, 10, 0, 0], *nothing],
        "strength": [[10, 4, 0, 10], [10, 10, 10, 0], *nothing],
    }


def test_regions_count_by_their_areas_and_empty_ones_are_left_out() -> None:
    mask = mask_of([[WHITE, GREEN, GREEN], [BLACK, BLACK, BLACK]])
    regions = Mask(mask, (0.5, 0.5, 0.0)).regions(torch.zeros(1, 3, 2, 3))
    assert [(part.blend, part.palette) for part in regions.parts] == [((0.5, 0.5, 0), 0), ((0, 1, 0), 1)]
    assert [part.share for part in regions.parts] == pytest.approx([1 / 3, 2 / 3])
    assert regions.painted_share == pytest.approx(0.5)


def test_the_noise_of_a_compressed_grey_is_grey() -> None:
    assert by_hand(mask_of([[(255, 231, 240)]])) == {BLEND: [[10]], "strength": [[10]]}
    assert by_hand(mask_of([[(255, 24, 3)]])) == {(1.0, 0.0): [[10]], "strength": [[10]]}


@pytest.mark.parametrize(
    ("colour", "styles", "sentence"),
    [(BLACK, 2, "black all over"), (BLUE, 2, "blue in some places"), (RED, 1, "red in some places")],
)
def test_a_mask_that_cannot_be_used_is_refused(colour: tuple[int, int, int], styles: int, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        Mask(mask_of([[colour, colour]]), (1 / styles,) * styles)


def test_a_fourth_style_is_only_in_the_blend() -> None:
    guides = by_hand(mask_of([[WHITE, BLUE]]), (0.25,) * 4)
    assert guides == {(0.25,) * 4: [[10, 0]], (0, 0, 1, 0): [[0, 10]], "strength": [[10, 10]]}


def test_a_smaller_copy_fades_from_style_to_style_at_full_strength_and_loses_nothing() -> None:
    mask = Mask(halves(8, 10, RED, GREEN), BLEND)
    regions = mask.regions(torch.zeros(1, 3, 4, 5))
    one, two = (part.guide[0, 0, 0] for part in regions.parts)
    assert torch.allclose(one + two, torch.ones(5))
    assert 0 < one[2] < 1
    assert mask.strength(5, 4).tolist() == [[255] * 5] * 4
    dot = np.zeros((1000, 1000, 3), np.uint8)
    dot[500, 500] = 255
    assert Mask(dot, (1.0,)).regions(torch.zeros(1, 3, 32, 32)).painted_share > 0


def test_pictures_are_merged_by_hand() -> None:
    mask = mask_of([[RED, GREEN, YELLOW, BLACK, (51, 0, 0)]])
    photo, one, two = (torch.full((1, 3, 1, 5), value) for value in (0.5, 0.0, 1.0))
    regions = Mask(mask, BLEND).regions(photo)
    assert regions.merge([one, two], photo)[0, 0, 0].tolist() == [0, 1, 0.5, 0.5, 0]
    assert regions.hold(two, photo)[0, 0, 0].tolist() == [1, 1, 1, 0.5, 1]
    box = bounding_box(regions.parts[1].guide)
    assert (box.top, box.bottom, box.left, box.right) == (0, 1, 1, 3)


# --- runs ----------------------------------------------------------------------------------------

PATCHES = TINY.replace(patch_weight=0.1)


@pytest.mark.parametrize("changes", [{}, {"style_loss": "raw", "style_layer_weights": (1, 0.5)}, {"init": "noise"}])
def test_a_white_mask_is_none(changes: dict[str, object]) -> None:
    settings = PATCHES.replace(**changes)
    plain, masked = paint(settings), paint(settings, mask=np.full((7, 9, 3), 255, np.uint8))
    for one, other in zip(plain, masked, strict=True):
        assert other.losses.terms == pytest.approx(one.losses.terms, rel=2e-3)
        assert other.losses.style_layers == pytest.approx(one.losses.style_layers, rel=2e-3)
    assert np.abs(plain[-1].image.astype(int) - masked[-1].image.astype(int)).max() <= 2


@pytest.mark.parametrize(
    "changes",
    [{}, {"optimizer": "adam"}, {"optimizer": "sgd", "pixel_range": "free"}, {"colours": "keep"},
     {"colours": "match", "init": "noise"}, {"init": "style"}],
)  # fmt: skip
def test_what_is_left_alone_is_the_photo_at_every_step(changes: dict[str, object]) -> None:
    photo = picture(48, 64)
    mask = halves(48, 64, BLACK, WHITE)
    steps = paint(PATCHES.replace(**changes), photo, mask=mask)
    for step in steps[6:]:
        assert np.array_equal(step.image[:, :32], photo[:, :32])
    coarse = {step.image[:, :15].tobytes() for step in steps[:6]}
    assert len(coarse) == 1
    assert np.abs(steps[-1].image[:, 34:].astype(int) - photo[:, 34:]).mean() > 3
    assert np.isfinite(steps[-1].losses.total)


def test_an_enlarged_result_has_the_photos_own_bytes_where_it_is_left_alone() -> None:
    photo = picture(90, 120)
    last = paint(PATCHES.replace(enlarge="original"), photo, mask=halves(9, 12, WHITE, BLACK))[-1]
    assert last.image.shape == photo.shape
    assert np.array_equal(last.image[:, 66:], photo[:, 66:])
    assert not np.array_equal(last.image[:, :54], photo[:, :54])


def test_half_strength_is_half_the_photo_in_what_is_shown_alone() -> None:
    photo = picture(48, 64)
    full, half = (paint(TINY, photo, mask=np.full((1, 1, 3), level, np.uint8))[-1] for level in (255, 51))
    blended = 0.2 * full.image + 0.8 * photo
    assert np.abs(half.image - blended).max() <= 1.5
    assert half.losses.total == pytest.approx(full.losses.total, rel=1e-3)


@pytest.mark.parametrize("index", [4, 26])
def test_a_checkpoint_is_not_blended_with_the_photo_twice(index: int) -> None:
    mask = halves(48, 64, GREY, WHITE)
    settings = PATCHES.replace(steps=24)
    whole = paint(settings, mask=mask)
    rest = paint(settings, mask=mask, start=checkpoint(whole[index]))
    assert np.abs(rest[0].image.astype(int) - whole[index].image).max() <= 1
    assert rest[-1].losses.total == pytest.approx(whole[-1].losses.total, rel=0.1)


def test_no_styles_colours_cross_the_border() -> None:
    rng = np.random.default_rng(0)
    grain = rng.integers(-30, 30, (40, 40, 1))
    red, blue = (np.clip(colour + grain, 0, 255).astype(np.uint8) for colour in ((200, 40, 40), (40, 40, 200)))
    steps = paint(PATCHES.replace(steps=20), picture(48, 64), [red, blue], mask=halves(48, 64, RED, GREEN))
    warm = steps[-1].image[..., 0].astype(int) - steps[-1].image[..., 2]
    # By column: 3 pixels to each side of the border are as red and as blue as those that are farther away.
    means = warm.mean(axis=0)
    assert means[29:32].min() > 0.7 * means[:24].mean() > 60
    assert means[32:35].max() < 0.7 * means[40:].mean() < -60


@pytest.mark.parametrize("colours", ["style", "match", "keep"])
def test_each_half_is_painted_as_if_alone(colours: str) -> None:
    photo, styles = picture(64, 128), [picture(seed=1), picture(seed=2)]
    settings = PATCHES.replace(colours=colours, steps=20, size=128, coarsest=64)
    both = paint(settings, photo, styles, mask=halves(64, 128, RED, GREEN))[-1].image.astype(float)
    for half, own, other in ((slice(0, 64), *styles), (slice(64, 128), *styles[::-1])):
        part = np.ascontiguousarray(photo[:, half])
        alone, wrong = (
            paint(settings.replace(size=64, coarsest=32, style_scale=2), part, style)[-1].image.astype(float)
            for style in (own, other)
        )
        error, contrast = (np.abs(both[:, half] - other).mean() for other in (alone, wrong))
        assert error < min(8, 0.6 * contrast)


@pytest.mark.parametrize("side", [1, 3])
@pytest.mark.parametrize("colour", [WHITE, RED])
def test_the_smallest_region_is_painted_without_a_word(side: int, colour: tuple[int, int, int]) -> None:
    mask = np.zeros((48, 64, 3), np.uint8)
    mask[20 : 20 + side, 40 : 40 + side] = colour
    photo = picture(48, 64)
    last = paint(PATCHES, photo, [picture(seed=1), picture(seed=2)], mask=mask)[-1]
    assert np.isfinite(list(last.losses.style_layers.values())).all()
    changed = (last.image != photo).any(axis=-1)
    assert np.array_equal(changed & (mask.max(axis=-1) == 0), np.zeros_like(changed))
    assert (last.end, last.note) == ("finished", "")


def test_a_run_in_tiles_paints_the_same_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = PATCHES.replace(size=96, coarsest=48)
    mask = halves(30, 40, RED, GREEN)
    mask[:15, :20] = BLACK
    options = {"content": picture(72, 96), "styles": [picture(seed=1), picture(seed=2)], "mask": mask}
    whole = paint(settings, **options)[-1]
    monkeypatch.setattr(preparation, "choose_tiling", lambda *_: Tiling(32, keeps_targets=False))
    tiled = paint(settings, **options)[-1]
    assert np.abs(tiled.image.astype(int) - whole.image.astype(int)).max() <= 2
    assert tiled.losses.total == pytest.approx(whole.losses.total, rel=1e-3)


def test_statistics_of_an_initial_picture_are_those_of_the_region() -> None:
    # What is left alone is white: it would make the painted half dark, if it counted.
    photo = picture(48, 64)
    photo[:, :32] = 255
    style = picture(seed=1)
    first = paint(TINY.replace(coarsest=64), photo, style, mask=halves(48, 64, BLACK, WHITE))[0].image
    assert np.abs(first[:, 32:].mean(axis=(0, 1)) - style.mean(axis=(0, 1))).max() < 6
