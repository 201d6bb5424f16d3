"""Films: every frame begins with the one before, moved along, and keeps to it."""

import functools
from collections.abc import Iterator
from itertools import islice, pairwise

import numpy as np
import pytest

from nst.controls import Controls
from nst.settings import FilmSettings, Settings
from nst.steps import PaintedFrame, Picture, Step
from nst.transfer import film as film_module
from nst.transfer.film import ANOTHER_SHOT, film_steps
from nst.transfer.flow import Motion, compare
from nst.transfer.frame_masks import FrameMasks
from nst.transfer.options import StylizeOptions
from nst.transfer.paths import Paths
from nst.transfer.prediction import predict
from tests.networks import TinyNetwork
from tests.transfer.runs import TINY, Failing, paint, picture
from tests.transfer.test_flow import textured

SCENE = textured(48, 100)
#: Five frames of a camera that moves by 3 px each.
PAN = [np.ascontiguousarray(SCENE[:, 3 * number : 3 * number + 64]) for number in range(5)]
OTHER = textured(48, 64, 9)
#: Four of them, of which the second is held, then another scene, which is held, too.
CLIP = [PAN[0], *[PAN[1]] * 2, *PAN[2:4], *[OTHER] * 2]
#: A mask that leaves the pictures of the camera that moves, but for a part.
SQUARE = np.zeros((48, 64, 3), np.uint8)
SQUARE[8:40, 4:40] = 255
FILM = FilmSettings(frame_steps=4, temporal_weight=20)


def film(frames: list[Picture] = CLIP, settings: Settings = TINY, record: FilmSettings = FILM, **options: object):
    given = {name: options.pop(name) for name in ("earlier", "first") if name in options}
    styles = options.pop("styles", picture(seed=1))
    options = {"device": "cpu", "network": TinyNetwork(), **options}
    return film_steps(frames, styles, settings, record, StylizeOptions(**options), **given)


@functools.cache
def painted() -> list[Step]:
    return list(film())


def ends(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.end]


def paths(*motions: Motion) -> Paths:
    made = Paths()
    for motion in motions:
        made.add(motion)
    return made


def flicker(one: Picture, after: Picture) -> float:
    """The mean square of what changes from a frame to the next of PAN, but for the motion; pixels are 0 to 255."""
    return float(((after[:, :-3].astype(float) - one[:, 3:]) ** 2).mean())


def test_a_frame_passes_all_scales_where_a_shot_begins_takes_few_steps_after_another_and_none_if_it_repeats() -> None:
    steps = painted()
    assert [step.frame for step in ends(steps)] == list(range(1, 8))
    counts = [[step.index for step in steps if step.frame == frame] for frame in range(1, 8)]
    whole, few = list(range(10)), list(range(5))
    assert counts == [whole, few, [4], few, few, whole, [9]]
    for step, before in ((ends(steps)[2], ends(steps)[1]), (ends(steps)[6], ends(steps)[5])):
        assert (step.losses, step.end) == (before.losses, "finished")
        assert np.array_equal(step.image, before.image)
    assert {step.total for step in steps if step.frame == 2} == {4}
    assert [step.scales for step in ends(steps)] == [2, 1, 1, 1, 1, 2, 2]
    assert all(step.image is not None and step.image.shape == (48, 64, 3) for step in ends(steps))
    assert all(a.seconds <= b.seconds for a, b in pairwise(steps))


def test_the_first_frame_is_the_picture_that_it_would_be_alone() -> None:
    assert np.array_equal(ends(painted())[0].image, paint(TINY, PAN[0], picture(seed=1))[-1].image)


def test_a_film_flickers_far_less_than_frames_painted_alone() -> None:
    together = [step.image for step in ends(painted())]
    alone = [paint(TINY, frame, picture(seed=1))[-1].image for frame in PAN[1:3]]
    assert flicker(*together[2:4]) < flicker(*alone) / 3


def test_only_frames_that_follow_another_have_a_temporal_loss() -> None:
    assert [("temporal" in step.losses.terms) for step in ends(painted())] == [False] + [True] * 4 + [False] * 2
    for step in painted():
        losses, settings = step.losses, step.settings
        weights = {
            "temporal": 20.0,
            **{name: getattr(settings, f"{name}_weight") for name in ("content", "style", "tv")},
        }
        expected = sum(weights.get(name, 0) * loss for name, loss in losses.terms.items())
        assert losses.total == pytest.approx(expected, rel=1e-4)


def test_no_first_step_of_a_frame_that_follows_is_taken_back() -> None:
    for frame in (2, 4, 5):
        start, after = (step.losses.total for step in painted() if step.frame == frame and step.index < 2)
        assert after < start


def test_a_higher_weight_flickers_less() -> None:
    """Against the frame before, where that can be relied on."""
    losses = []
    for weight in (0.0, 20.0, 1000.0):
        record = FilmSettings(frame_steps=6, temporal_weight=weight)
        losses.append(ends(list(film(PAN[:3], record=record)))[-1].losses.terms["temporal"])
    assert losses[0] > 1.5 * losses[1] > 3 * losses[2]


@pytest.mark.parametrize(
    ("settings", "mask"),
    [(TINY, None), (TINY.replace(patch_weight=0.05), None), (TINY, "light"), (TINY.replace(patch_weight=0.05), SQUARE)],
)
def test_a_film_goes_on_at_any_frame_to_the_same_pictures(settings: Settings, mask: Picture | str | None) -> None:
    whole = ends(painted() if settings == TINY and mask is None else list(film(settings=settings, mask=mask)))
    done = [PaintedFrame(content, step.image) for content, step in zip(CLIP, whole, strict=True)]
    for first in (2, 3, 4, 6, 7):
        earlier = iter(done[: first - 1])
        rest = ends(list(film(CLIP[first - 1 :], settings, earlier=earlier, first=first, mask=mask)))
        assert [step.frame for step in rest] == list(range(first, 8))
        for step, before in zip(rest, whole[first - 1 :], strict=True):
            assert np.array_equal(step.image, before.image)


def test_memory_is_that_of_a_few_frames_and_each_frame_is_read_when_it_is_due() -> None:
    read: list[int] = []

    def frames() -> Iterator[Picture]:
        for number in range(1000):
            read.append(number)
            yield PAN[number % 5]

    for step in islice(film(frames()), 30):
        assert len(read) == step.frame


def test_a_mask_and_the_photos_own_colours_hold_in_every_frame() -> None:
    mask = np.zeros((48, 64, 3), np.uint8)
    mask[:, 32:] = 255
    fixed = FilmSettings(frame_steps=4, mask_motion="fixed")
    for step in ends(list(film(PAN[:3], record=fixed, mask=mask))):
        content = PAN[step.frame - 1].astype(int)
        assert np.abs(step.image[:, :31] - content[:, :31]).max() <= 1
        assert np.abs(step.image[:, 36:] - content[:, 36:]).mean() > 10
    (*_, last) = ends(list(film(PAN[:3], TINY.replace(colours="keep"))))
    differences = last.image.astype(int) - PAN[2]
    unclipped = ((last.image > 0) & (last.image < 255)).all(axis=2)
    assert np.ptp(differences[unclipped], axis=1).max() <= 3, "only the luminance differs"


def test_a_mask_moves_with_what_it_was_drawn_on_and_a_note_says_when_another_shot_begins() -> None:
    steps = list(film([*PAN, OTHER, *PAN[:2]], mask=SQUARE))
    for step in ends(steps)[:5]:
        painted_columns = (np.abs(step.image.astype(int) - PAN[step.frame - 1]) > 2).any(axis=(0, 2)).nonzero()[0]
        assert painted_columns.max() == pytest.approx(39 - 3 * (step.frame - 1), abs=2)
        assert painted_columns.min() == pytest.approx(max(0, 4 - 3 * (step.frame - 1)), abs=2)
    assert [(step.frame, step.index) for step in steps if ANOTHER_SHOT.format(step.frame) in step.note] == [(6, 0)]


def test_regions_may_vanish_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    both, one, none = (np.zeros((48, 64, 3), np.uint8) for _ in range(3))
    both[:, :24, 0], both[:, 40:, 1], one[:, :24, 0] = 255, 255, 255
    masks = [both, one, none, both, none]
    shown = iter(masks)
    monkeypatch.setattr(FrameMasks, "next", lambda *_: next(shown))
    settings = TINY.replace(patch_weight=0.05, style_weights=(1, 1), colours="match")
    frames = ends(list(film([*PAN[:4], OTHER], settings, mask=both, styles=[picture(seed=1), picture(seed=2)])))
    for step, mask, content in zip(frames, masks, [*PAN[:4], OTHER], strict=True):
        differences = np.abs(step.image.astype(int) - content).max(axis=2)
        assert (differences[mask.max(axis=2) == 0] <= 1).all()
        assert not mask.any() or differences[mask.max(axis=2) > 0].mean() > 10
        assert np.isfinite(step.losses.total)


def test_what_is_painted_anew_is_not_held_to_the_photo_that_was_there() -> None:
    """In the frame before another part was painted, and some of it at half its strength."""
    before, now = (np.zeros((48, 64, 3), np.uint8) for _ in range(2))
    before[:, :32], now[:] = 128, 128
    content, result = PAN[0], PAN[0].copy()
    result[:, :32] = (PAN[0][:, :32].astype(int) + 200) // 2
    still = compare(content, content)
    start = predict([PaintedFrame(content, result, before)], content, still, paths(still), now, 3.0)
    assert (start.trust[:, :31] == 255).all()
    assert (start.trust[:, 33:] == 0).all()
    assert np.abs(start.picture[:, :31].astype(int) - 200).max() <= 3


def test_a_stop_ends_the_film_after_the_step_and_live_weights_stay_for_later_frames() -> None:
    controls, seen = Controls(), []
    for step in film(PAN, controls=controls):
        seen.append(step)
        if (step.frame, step.index) == (2, 1):
            controls.update(style_weight=0.5)
        if (step.frame, step.index) == (3, 2):
            controls.stop()
    assert [(step.frame, step.end) for step in ends(seen)] == [(1, "finished"), (2, "finished"), (3, "stopped")]
    assert {step.settings.style_weight for step in seen if step.frame == 3} == {0.5}

    stopped = Controls()
    steps = film(controls=stopped)
    next(steps)
    stopped.stop()
    *_, last = steps
    assert (last.frame, last.scale < last.scales, last.end) == (1, True, "stopped")
    assert last.note == "", "of a frame that is not kept nothing is said"


def test_a_frame_whose_loss_is_not_finite_is_kept_and_the_film_goes_on() -> None:
    mask = np.full((48, 64, 3), 255, np.uint8)
    frames = ends(list(film(PAN[:3], network=Failing(2, 4), mask=mask)))
    assert [(step.frame, step.end) for step in frames] == [(1, "finished"), (2, "finished"), (3, "finished")]
    assert frames[0].scale < frames[0].scales
    assert [step.image.shape for step in frames[1:]] == [(48, 64, 3)] * 2


def test_each_pixel_is_taken_from_the_nearest_frame_that_shows_it() -> None:
    """A thing passes in front: what it hides in the frame before is taken from the frame before that."""
    background, thing = textured(128, 192, 1, grain=10), textured(64, 24, 2, grain=10)
    frames = [background.copy() for _ in range(3)]
    for frame, left in zip(frames, (24, 48, 72), strict=True):
        frame[20:84, left : left + 24] = thing
    results = [np.full((128, 192, 3), level, np.uint8) for level in (40, 200)]
    done = [PaintedFrame(content, result) for content, result in zip(frames[:2], results, strict=True)]
    motions = [compare(before, after) for before, after in pairwise(frames)]
    start = predict(done, frames[2], motions[-1], paths(*motions), None, 3.0)
    assert start.temporal_weight == 3
    assert start.trust[:, 150:].mean() > 250
    assert np.median(start.picture[:, 150:]) == 200
    uncovered = (slice(30, 74), slice(52, 68))
    assert start.trust[uncovered].mean() > 170
    assert np.median(start.picture[uncovered]) == 40


def test_what_moves_ever_faster_is_followed_and_what_it_uncovers_is_found_again(monkeypatch) -> None:
    """By how it moved before: from the last two frames alone the search would lose a thing that moves by 24 px."""
    starts, ground, thing = [], textured(128, 192, 2), textured(40, 40, 9)
    frames, places = [], [8, 12, 20, 32, 48, 68, 92]
    for left in places:
        frames.append(ground.copy())
        frames[-1][44:84, left : left + 40] = thing
    monkeypatch.setattr(film_module, "predict", lambda *known: starts.append(predict(*known)) or starts[-1])
    list(film(frames, TINY.replace(size=192), FilmSettings(frame_steps=1)))
    for start, left in zip(starts, places[1:], strict=True):
        assert np.median(start.trust[46:82, left + 2 : left + 38]) == 255
    # What the thing has just uncovered was hidden for two frames, and is where it was before them.
    assert np.median(starts[-1].trust[50:78, 72:88]) == 255


def test_what_came_into_view_a_moment_ago_is_held_less_as_it_is_still_being_painted() -> None:
    done = [PaintedFrame(content, content) for content in PAN[:3]]
    motions = [compare(before, after) for before, after in pairwise(PAN[:4])]
    start = predict(done, PAN[3], motions[-1], paths(*motions), None, 3.0)
    # The oldest frame has what is left of column 55, and the last what is left of column 61.
    assert [np.median(start.trust[:, part]) for part in (slice(50), slice(56, 60), slice(62, 64))] == [255, 26, 0]


def test_a_frame_of_another_size_begins_afresh() -> None:
    steps = ends(list(film([PAN[0], picture(48, 60)])))
    assert [("temporal" in step.losses.terms, step.image.shape) for step in steps] == [
        (False, (48, 64, 3)), (False, (51, 64, 3)),
    ]  # fmt: skip


def test_a_rule_may_find_nothing_in_a_frame_that_is_black() -> None:
    black = np.zeros_like(PAN[0])
    frames = ends(list(film([PAN[0], black, PAN[0]], mask="light")))
    assert [(step.frame, step.end) for step in frames] == [(1, "finished"), (2, "finished"), (3, "finished")]
    assert not frames[1].image.any(), "nothing of it is painted"
