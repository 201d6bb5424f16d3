"""The sizes a run passes through."""

import itertools

import pytest

from nst.errors import SettingsError
from nst.pyramid import (
    Scale,
    check_work,
    find_step,
    plan_scales,
    result_size,
    scale_sides,
    scaled_size,
    style_size,
    work,
)
from nst.settings import Settings


def sizes(width: int, height: int, **settings: object) -> list[tuple[int, int]]:
    return [(scale.width, scale.height) for scale in plan_scales(width, height, Settings.from_mapping(settings))]


def test_the_default_pyramid_doubles_from_128_to_the_size() -> None:
    assert sizes(1024, 768, size=512) == [(128, 96), (256, 192), (512, 384)]


def test_steps_fall_with_each_finer_scale() -> None:
    scales = plan_scales(400, 400, Settings(size=512, steps=60, step_decay=0.5))
    assert [scale.steps for scale in scales] == [60, 30, 15]


def test_a_scale_takes_at_least_one_step() -> None:
    scales = plan_scales(400, 400, Settings(size=1024, steps=2, step_decay=0.1))
    assert [scale.steps for scale in scales] == [2, 1, 1, 1]


@pytest.mark.parametrize("size", [100, 512, "original"])
def test_the_finest_scale_alone_takes_all_steps(size: int | str) -> None:
    settings = Settings(size=size, steps=60)
    (scale,) = plan_scales(9000, 6000, settings, finest_only=True)
    last = plan_scales(9000, 6000, settings)[-1]
    assert (scale.width, scale.height, scale.steps) == (last.width, last.height, 60)


def test_every_step_has_its_place_in_a_scale() -> None:
    scales = [Scale(width=8, height=8, steps=steps) for steps in (3, 1, 2)]
    places = [find_step(scales, taken) for taken in range(8)]
    assert places == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (2, 2), (2, 2)]


def test_scales_grow_by_equal_ratios_near_the_factor() -> None:
    sides = scale_sides(600, 128, 2.0)
    ratios = [b / a for a, b in itertools.pairwise(sides)]
    assert sides[0] == 128
    assert sides[-1] == 600
    assert max(ratios) / min(ratios) < 1.02
    assert all(1.5 < ratio < 2.7 for ratio in ratios)


def test_the_root_of_two_gives_twice_as_many_scales() -> None:
    assert len(scale_sides(512, 128, 2**0.5)) == 5


def test_a_coarsest_scale_at_the_size_gives_a_single_scale() -> None:
    assert sizes(800, 600, size=512, coarsest=512) == [(512, 384)]


def test_a_small_picture_has_a_single_scale() -> None:
    assert sizes(800, 600, size=64) == [(64, 48)]


def test_original_keeps_every_pixel() -> None:
    assert sizes(333, 517, size="original")[-1] == (333, 517)


@pytest.mark.parametrize(("width", "height"), [(1000, 50), (50, 1000), (97, 613), (64, 64), (4000, 3000)])
def test_no_shape_is_squared_or_cropped(width: int, height: int) -> None:
    for w, h in sizes(width, height, size=512):
        assert w / h == pytest.approx(width / height, rel=0.5 / min(w, h) + 0.01)


def test_narrow_pictures_start_larger_so_that_the_short_side_can_be_seen() -> None:
    first = sizes(1000, 100, size=1024)[0]
    assert min(first) >= 32


def test_the_narrowest_small_picture_still_has_a_plan() -> None:
    assert sizes(2000, 100, size=64) == [(64, 3)]


def test_scaled_sizes_round_to_the_nearest_pixel_and_never_to_nothing() -> None:
    assert scaled_size(300, 200, 100) == (100, 67)
    assert scaled_size(5000, 10, 64) == (64, 1)
    assert result_size(640, 480, 320) == (320, 240)


def test_style_size_keeps_the_shape_and_follows_the_brush_size() -> None:
    scale = Scale(width=512, height=300, steps=1)
    assert style_size(800, 1000, scale, 1.0) == (410, 512)
    assert style_size(800, 1000, scale, 0.5) == (205, 256)
    assert min(style_size(2000, 100, scale, 0.1)) == 32


def test_work_is_steps_times_pixels_over_all_scales() -> None:
    scales = (Scale(width=10, height=5, steps=4), Scale(width=20, height=10, steps=2))
    assert work(scales) == 4 * 50 + 2 * 200


def test_work_beyond_the_limit_is_refused_with_all_its_numbers() -> None:
    scales = (Scale(width=1000, height=500, steps=3), Scale(width=2000, height=1000, steps=2))
    check_work(scales, 5_500_000)
    with pytest.raises(SettingsError) as refused:
        check_work(scales, 5_400_000)
    assert str(refused.value) == (
        "Steps x pixels is 5.5 million (5 steps, up to 2000 x 1000 px); the limit is 5.4 million: "
        "take fewer steps or a smaller size."
    )
    with pytest.raises(
        SettingsError, match=r"335 544\.4 million .5000 steps, up to 8192 x 8192 px.; the limit is 50 000"
    ):
        check_work(plan_scales(64, 64, Settings(size=8192, coarsest=8192, steps=5000)))
