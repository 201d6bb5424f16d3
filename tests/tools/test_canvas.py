import numpy as np
import pytest
from PIL import Image

from tools.painter.canvas import Brush, Canvas
from tools.painter.colour import oklab, ramp, srgb
from tools.painter.flow import Guide, around, combed, curve, inside, mixed, straight
from tools.painter.spacing import squares
from tools.painter.strokes import Area, Hand, Strokes, along_flow, along_line, on_rings

SHAPE = (80, 100)
WHITE, BLACK, RED = oklab(["#ffffff", "#000000", "#ff0000"])


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_oklab_has_the_published_values():
    assert list(WHITE) == pytest.approx([1, 0, 0], abs=1e-3)
    assert list(BLACK) == pytest.approx([0, 0, 0], abs=1e-6)
    assert list(RED) == pytest.approx([0.628, 0.225, 0.126], abs=1e-3)


def test_srgb_undoes_oklab():
    names = ["#000000", "#ffffff", "#102030", "#c0ffee", "#d62c10"]
    assert ["#" + bytes(c).hex() for c in srgb(oklab(names))] == names


def test_a_ramp_runs_from_first_to_last_and_stops_there():
    tones = np.array([-1.0, 0.25, 0.5, 2.0])
    assert ramp(np.stack([BLACK, WHITE]), tones)[:, 0] == pytest.approx([0, 0.25, 0.5, 1], abs=1e-3)


def test_a_curve_passes_through_its_points():
    points = [(0, 0), (30, 40), (80, 10)]
    line = curve(points)
    assert all(np.hypot(*(line - point).T).min() < 1e-4 for point in points)


def test_a_closed_curve_ends_where_it_begins():
    line = curve([(0, 0), (50, 0), (50, 50)], closed=True)
    assert line[0] == pytest.approx(line[-1])


def test_paint_is_combed_along_the_nearest_guide_and_takes_its_tone():
    field, tone = combed(SHAPE, [Guide([(0, 10), (100, 10)], 0.2), Guide([(50, 40), (50, 80)], 0.9)])
    assert np.abs(field) == pytest.approx(np.ones(SHAPE), abs=1e-5)
    assert field[10, 10].real > 0.99
    assert field[70, 50].real < -0.99
    assert tone[10, 10] < 0.3
    assert tone[70, 50] > 0.8


def test_guides_that_run_against_each_other_agree():
    field, _ = combed(SHAPE, [Guide([(0, 30), (100, 30)]), Guide([(100, 40), (0, 40)])])
    assert field.real.min() > 0.999


def test_circling_is_square_to_the_radius():
    field = around(SHAPE, (50, 40))
    assert field[40, 80] == pytest.approx(-1)
    assert field[70, 50] == pytest.approx(1)
    assert field[60, 70] == pytest.approx(-1j)


def test_a_mixture_turns_by_its_share_whichever_way_the_fields_point():
    east, west, diagonal = (straight(SHAPE, way) for way in (1, -1, 1 + 1j))
    assert mixed(east, diagonal, 0.0)[0, 0] == pytest.approx(1)
    assert mixed(east, diagonal, 1.0)[0, 0] == pytest.approx(1j)
    assert mixed(east, diagonal, 0.5)[0, 0] == pytest.approx((1 + 1j) / 2**0.5)
    assert mixed(east, west, 0.5)[0, 0] == pytest.approx(1)


def test_a_field_without_a_direction_becomes_level():
    assert mixed(straight(SHAPE, 1), straight(SHAPE, 1j), 0.5)[0, 0] == 1
    assert around(SHAPE, (50, 40))[40, 50] == 1


def test_strokes_follow_the_flow_and_stay_in_their_area(rng):
    mask = inside(SHAPE, [(20, 20), (80, 20), (80, 60), (20, 60)], sharp=True)
    area = Area(mask, straight(SHAPE, 1), np.zeros(SHAPE, np.float32), np.stack([BLACK, WHITE]))
    strokes = along_flow(area, Hand(width=4, length=40, wander=0.0, tone=0.0, colour=0.0), rng)
    x, y = strokes.paths[..., 0], strokes.paths[..., 1]
    assert x.min() > 14
    assert x.max() < 87
    assert np.ptp(y, axis=1).max() < 1e-4
    assert strokes.colours == pytest.approx(np.zeros_like(strokes.colours))


def test_strokes_cover_the_edges_of_the_canvas_too(rng):
    everywhere = Area(np.ones(SHAPE, bool), straight(SHAPE, 1), np.zeros(SHAPE, np.float32), np.stack([WHITE, WHITE]))
    canvas = Canvas(100, 80, 100, "#000000")
    canvas.paint(along_flow(everywhere, Hand(width=5, length=40, coverage=6), rng), Brush(), rng)
    bright = np.asarray(canvas.finish(rng, relief=0.0)).mean(axis=2)
    assert bright[:, :3].mean() > 230
    assert bright[:, -3:].mean() > 230


def test_a_line_is_drawn_from_end_to_end(rng):
    strokes = along_line([(10, 10), (90, 10)], np.stack([RED]), Hand(width=4, length=30, wander=0.0), rng)
    assert strokes.paths[..., 0].min() == pytest.approx(10, abs=3)
    assert strokes.paths[..., 0].max() == pytest.approx(90, abs=3)


def test_rings_run_from_the_first_colour_inside_to_the_last_outside(rng):
    hand = Hand(width=4, length=10, coverage=8, tone=0.0, colour=0.0)
    strokes = on_rings((50, 40), 30, np.stack([WHITE, BLACK]), hand, rng)
    radius = np.hypot(*(strokes.paths[:, 0] - (50, 40)).T)
    assert strokes.colours[radius < 8, 0].mean() > 0.75
    assert strokes.colours[radius > 28, 0].mean() < 0.1


def bar(y, colour):
    """One stroke across the canvas of SHAPE, 20 units wide."""
    path = np.stack([np.linspace(5, 95, 13), np.full(13, y)], axis=-1)[None].astype(np.float32)
    return Strokes(path, np.array([20.0], np.float32), colour[None])


def test_a_stroke_leaves_its_colour_where_it_runs_and_nowhere_else(rng):
    canvas = Canvas(100, 80, 100, "#ffffff")
    canvas.paint(bar(40, RED), Brush(streak=0.0), rng)
    pixels = np.asarray(canvas.finish(rng, relief=0.0))
    assert pixels.shape == (80, 100, 3)
    assert pixels[40, 50].tolist() == [255, 0, 0]
    assert pixels[15, 50].tolist() == [255, 255, 255]


def test_the_later_stroke_covers_the_earlier(rng):
    first, second = bar(40, RED), bar(40, BLACK)
    both = Strokes(*(np.concatenate([getattr(s, name) for s in (first, second)]) for name in vars(first)))
    canvas = Canvas(100, 80, 100, "#ffffff")
    canvas.paint(both, Brush(streak=0.0), rng)
    assert np.asarray(canvas.finish(rng, relief=0.0))[40, 50].tolist() == [0, 0, 0]


def test_dry_bristles_leave_less_paint(rng):
    covered = []
    for dry in (0.0, 0.9):
        canvas = Canvas(100, 80, 100, "#ffffff")
        canvas.paint(bar(40, BLACK), Brush(bristles=18, dry=dry), rng)
        covered.append((np.asarray(canvas.finish(rng, relief=0.0)).mean(axis=2) < 128).mean())
    assert covered[1] < 0.8 * covered[0]


def test_light_from_the_upper_left_brightens_the_upper_edge_of_a_ridge(rng):
    canvas = Canvas(100, 80, 100, "#808080")
    canvas.paint(bar(40, oklab(["#808080"])[0]), Brush(streak=0.0, ragged=0.0), rng)
    rows = np.asarray(canvas.finish(rng, grain=0.0)).mean(axis=(1, 2))
    assert rows[:40].max() > 128
    assert rows[:40].mean() > rows[41:].mean()


def test_a_stain_fills_its_mask(rng):
    canvas = Canvas(100, 80, 100, "#ffffff")
    mask = np.zeros(SHAPE, bool)
    mask[:40] = True
    canvas.stain(mask, RED)
    pixels = np.asarray(canvas.finish(rng, relief=0.0))
    assert pixels[20, 50].tolist() == [255, 0, 0]
    assert pixels[60, 50].tolist() == [255, 255, 255]


def test_a_dot_is_round_and_where_it_was_set(rng):
    canvas = Canvas(100, 80, 100, "#ffffff")
    canvas.dots(np.array([[30.0, 40.0]]), np.array([10.0]), RED[None])
    red = np.asarray(canvas.finish(rng, relief=0.0))[..., 1] < 128
    y, x = np.nonzero(red)
    assert red.sum() == pytest.approx(np.pi * 100, rel=0.05)
    assert (x.mean(), y.mean()) == pytest.approx((29.5, 39.5), abs=0.5)


def test_the_smallest_dot_still_leaves_a_touch(rng):
    canvas = Canvas(100, 80, 32, "#ffffff")
    canvas.dots(np.array([[50.0, 40.0]]), np.array([0.1]), BLACK[None])
    assert np.asarray(canvas.finish(rng, relief=0.0)).min() < 255


def test_a_tile_fills_its_four_corners_without_holes(rng):
    canvas = Canvas(100, 80, 100, "#ffffff")
    canvas.tiles(squares(np.array([[50.0, 40.0]]), 20.0, 10.0, np.array([0.5])), RED[None], np.ones(1))
    red = np.asarray(canvas.finish(rng, relief=0.0))[..., 1] < 128
    assert red.sum() == pytest.approx(800, rel=0.05)
    assert red[40, 50]
    assert red[int(40 + 18 * np.sin(0.5)), int(50 + 18 * np.cos(0.5))]
    assert not red[int(40 + 18 * np.sin(-0.5)), int(50 + 18 * np.cos(-0.5))]


def test_a_cover_is_seen_as_it_is(rng):
    canvas = Canvas(100, 80, 100, "#ffffff")
    canvas.cover(Image.new("RGB", (10, 8), (10, 200, 30)))
    assert np.unique(np.asarray(canvas.finish(rng, relief=0.0)).reshape(-1, 3), axis=0).tolist() == [[10, 200, 30]]
