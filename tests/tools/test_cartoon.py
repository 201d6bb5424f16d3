import numpy as np
import pytest

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab
from tools.painter.flow import inside, straight
from tools.painter.handling import follow
from tools.painter.points import dotted
from tools.painter.spacing import places
from tools.painter.strokes import Hand
from tools.painter.tesserae import Zone, rows_of

SHAPE = (80, 100)
WHITE, BLACK, RED = oklab(["#ffffff", "#000000", "#ff0000"])


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_an_area_is_filled_and_told_in_oklab():
    plan = Cartoon(100, 80, "#ffffff", 2.0)
    plan.area([(10, 10), (50, 10), (50, 50), (10, 50)], "#ff0000", smooth=False)
    inner, outer = plan.at(np.array([[30, 30], [70, 30]]))
    assert inner == pytest.approx(RED, abs=1e-3)
    assert outer == pytest.approx(WHITE, abs=1e-3)


def test_a_line_swells_and_tapers():
    plan = Cartoon(100, 80, "#ffffff", 2.0)
    plan.line([(10, 40), (90, 40)], "#000000", (0, 20, 0))
    dark = (np.asarray(plan.image)[..., 0] < 128).sum(axis=0) / 2
    assert dark[100] == pytest.approx(20, abs=1.5)
    assert dark[60] == pytest.approx(10, abs=1.5)
    assert dark[10] == 0


def test_a_glow_fades_from_its_centre():
    plan = Cartoon(100, 80, "#000000")
    plan.glow(50, 40, 20, "#ffffff", 0.5)
    row = np.asarray(plan.image)[40, :, 0]
    assert row[50] == pytest.approx(128, abs=2)
    assert row[70] == pytest.approx(128 * np.exp(-2), abs=3)
    assert row[99] == 0


def test_an_inlay_takes_over_where_the_mask_says_so():
    plan, other = Cartoon(100, 80, "#ffffff", 2.0), Cartoon(100, 80, "#ff0000")
    plan.inlay(Cartoon(100, 80, "#ff0000", 2.0), np.arange(100) < np.full((80, 1), 50))
    assert other.at(np.array([[10, 10]]))[0] == pytest.approx(plan.at(np.array([[10, 10]]))[0])
    assert plan.at(np.array([[80, 10]]))[0] == pytest.approx(WHITE, abs=1e-3)


def test_mottle_is_smooth_noise_with_patches_of_the_size_asked_for(rng):
    fine, coarse = mottle((200, 200), 10, rng), mottle((200, 200), 80, rng)
    assert fine.std() == pytest.approx(1, abs=1e-3)
    assert np.abs(np.diff(coarse)).mean() < 0.3 * np.abs(np.diff(fine)).mean()


def test_strokes_that_follow_a_cartoon_carry_its_colours(rng):
    canvas, plan = Canvas(100, 80, 100, "#000000"), Cartoon(100, 80, "#ffffff")
    plan.area([(0, 0), (50, 0), (50, 80), (0, 80)], "#ff0000", smooth=False)
    follow(canvas, plan, straight(SHAPE, 1j), Hand(width=8, length=20, coverage=6, colour=0.0), rng)
    pixels = np.asarray(canvas.finish(rng, relief=0.0)).astype(int)
    assert pixels[20:60, 5:40].mean(axis=(0, 1)) == pytest.approx((245, 20, 20), abs=25)
    assert pixels[20:60, 60:95].mean(axis=(0, 1)) == pytest.approx((250, 250, 250), abs=12)


def test_points_mix_to_the_colour_of_the_cartoon(rng):
    canvas = Canvas(100, 80, 100, "#000000")
    dotted(canvas, Cartoon(100, 80, "#708090"), 2.0, 6.0, 0.4, rng)
    pixels = np.asarray(canvas.finish(rng, relief=0.0)).astype(float)
    assert pixels.mean(axis=(0, 1)) == pytest.approx((0x70, 0x80, 0x90), abs=20)
    assert pixels.std(axis=(0, 1)).min() > 4


def test_places_keep_their_distance_and_stay_in_the_mask(rng):
    mask = inside(SHAPE, [(20, 20), (80, 20), (80, 60), (20, 60)], sharp=True)
    chosen = places(mask, 8.0, rng)
    apart = np.hypot(*(chosen[:, None] - chosen[None]).transpose(2, 0, 1)) + 100 * np.eye(len(chosen))
    assert apart.min() > 8
    assert 20 < len(chosen) < 60
    assert mask[chosen[:, 1].astype(int), chosen[:, 0].astype(int)].all()


def test_glass_is_set_in_rows_at_equal_distances_from_the_contour():
    circle = np.stack(
        [50 + 30 * np.cos(np.arange(24) / 24 * 2 * np.pi), 40 + 30 * np.sin(np.arange(24) / 24 * 2 * np.pi)], -1
    )
    centres, turns = rows_of(Zone(inside(SHAPE, circle), circle, 6.0))
    off = centres - (50, 40)
    row = (30 - np.hypot(*off.T)) / 6
    assert np.abs(row - np.floor(row) - 0.5).max() < 0.25
    assert np.abs(np.sin(turns - np.arctan2(off[:, 1], off[:, 0])))[row < 3].max() < 0.3
    assert len(centres) == pytest.approx(np.pi * 900 / 36, rel=0.2)


def test_level_rows_without_a_contour():
    centres, _ = rows_of(Zone(np.ones(SHAPE, bool), None, 10.0))
    assert len(centres) == 80
    assert len(np.unique(centres[:, 1])) == 8
