"""What the page tells of a run."""

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from nst.download_progress import Download
from nst.engines.base import Progress
from nst.errors import NSTError
from nst.pyramid import Scale, film_scales, work
from nst.settings import Settings
from nst.steps import Losses, Step
from nst.transfer.objective import TERMS
from nst.ui.run_view import CURVE_STEPS, LOG_LINES, MAX_MARKS, RunView, log_line, moved
from nst.ui.status_line import status
from nst.ui.theme import CURVE_COLOURS, MARK_COLOUR, PAPER

#: Ten steps of 10 000 pixels, then ten of 40 000.
SCALES = (Scale(width=100, height=100, steps=10), Scale(width=200, height=200, steps=10))


def step(index: int, *, scale: int = 1, seconds: float = 0.0, **more: Any) -> Step:
    side = 100 * scale
    losses = Losses(terms={"content": 0.25, "style": 0.5, "tv": 0.0, "patch": 0.0}, style_layers={}, total=10.0)
    told = {"settings": Settings(), "network": "vgg19", "device": "CPU", "losses": losses, **more}
    return Step(index=index, total=20, scale=scale, scales=2, width=side, height=side, seconds=seconds, **told)


def new_view(device: str = "CPU (2 cores)", scales: Sequence[Scale] = SCALES, frames: int = 0) -> RunView:
    run: Any = SimpleNamespace(scales=scales, titles=("lion", "The Scream", "Mosaic"), frames=frames)
    return RunView(run, device)


def view(*steps: Step) -> RunView:
    made = new_view()
    made.take(Progress(state="running", steps=steps))
    return made


def test_a_step_is_one_line() -> None:
    assert log_line(step(7)) == "step 7: total 10  content 0.25  style 0.5"


def test_a_term_that_is_not_left_out_is_in_the_log_and_the_curve() -> None:
    terms = {"content": 0.25, "style": 0.5, "tv": 1.0, "hue": 2.0}
    with_hue = step(7, losses=Losses(terms=terms, style_layers={}, total=10.0))
    assert log_line(with_hue) == "step 7: total 10  content 0.25  style 0.5  hue 2"
    assert set(view(with_hue).curve()["term"]) == {"total", "content", "style", "hue"}


def test_moved_weights_are_told_in_words() -> None:
    after = Settings().replace(style_weight=2.5, style_layer_weights=[1, 0.5, 1, 1, 2])
    assert moved(Settings(), after) == {
        "style_layer_weights": "Style layer is now 1 0.5 1 1 2", "style_weight": "Style strength is now 2.5",
    }  # fmt: skip
    assert moved(after, after) == {}


def test_the_log_names_scales_moves_and_notes() -> None:
    made = view(step(0), step(1, settings=Settings(style_weight=3.0)))
    made.take(
        Progress(state="running", steps=(step(11, scale=2, settings=Settings(style_weight=3.0)),), notes=("Hm.",))
    )
    assert made.lines == [
        "scale 1 of 2: 100 x 100 px", "step 0: total 10  content 0.25  style 0.5",
        "step 1: Style strength is now 3", "step 1: total 10  content 0.25  style 0.5",
        "scale 2 of 2: 200 x 200 px", "step 11: total 10  content 0.25  style 0.5", "note: Hm.",
    ]  # fmt: skip


def test_a_long_log_keeps_its_end() -> None:
    made = view(*(step(index) for index in range(LOG_LINES + 50)))
    assert f"step {LOG_LINES + 49}:" in made.log()
    assert "step 3:" not in made.log()


@pytest.mark.parametrize(
    ("steps", "share", "left"),
    [
        ([step(0)], 0.0, None),
        # Four steps in two seconds: 6 x 10 000 and 10 x 40 000 pixels are left, at 20 000 pixels a second.
        ([step(0), step(4, seconds=2.0)], 40 / 500, 23.0),
        # The pace of the second scale alone: 2 steps of 40 000 in 4 seconds, 6 steps left.
        ([step(0), step(12, scale=2, seconds=6.0), step(14, scale=2, seconds=10.0)], 260 / 500, 12.0),
        ([step(20, scale=2, seconds=9.0, end="finished")], 1.0, None),
    ],
)
def test_the_time_left_counts_pixels(steps: list[Step], share: float, left: float | None) -> None:
    made = view(*steps)
    assert made.share() == pytest.approx(share)
    assert made.seconds_left() == (None if left is None else pytest.approx(left))


def test_a_film_is_as_far_as_its_frames_however_many_steps_one_took() -> None:
    scales = film_scales(SCALES, 5, 4)
    made = new_view(scales=scales, frames=5)
    made.take(Progress(state="running", steps=(step(20, scale=2, frame=3, end="finished"),)))
    assert made.share() == pytest.approx((work(SCALES) + 8 * 40_000) / work(scales))


def test_the_curve_is_the_logarithm_of_what_is_above_nothing() -> None:
    zero = Losses(terms={"content": 0.0, "style": 0.5}, style_layers={}, total=10.0)
    curve = view(step(0, losses=zero), step(1)).curve()
    assert list(curve["step"]) == [0, 0, 1, 1, 1]
    assert list(curve["term"]) == ["total", "style", "total", "style", "content"]
    assert list(curve["loss"])[2:] == pytest.approx([1.0, math.log10(0.5), math.log10(0.25)])


def test_a_long_curve_is_thinned() -> None:
    points = view(*(step(index) for index in range(5 * CURVE_STEPS))).curve()
    assert CURVE_STEPS <= len(points) / 3 <= 2 * CURVE_STEPS


def moves(*at: tuple[int, float]) -> pd.DataFrame:
    """The marks in the curve of a run whose style strength was moved at these steps to these values."""
    curve = view(step(0), *(step(index, settings=Settings(style_weight=weight)) for index, weight in at)).curve()
    return curve[~curve["term"].isin(["total", "style", "content"])]


def test_a_move_is_a_line_across_the_curve() -> None:
    marks = moves((12, 2.5))
    assert set(marks["term"]) == {"12: Style strength is now 2.5"}
    assert set(marks["step"]) == {12}
    assert (marks["loss"].min(), marks["loss"].max()) == pytest.approx((math.log10(0.25), 1.0))


def test_a_drag_is_marked_where_it_ends() -> None:
    dragged = moves((3, 1.1), (6, 1.2), (9, 1.3), (30, 1.2))
    assert list(dragged["term"].unique()) == ["30: Style strength is now 1.2", "9: Style strength is now 1.3"]


def test_two_sliders_are_two_moves_and_only_the_newest_moves_are_marked() -> None:
    both = view(step(0), step(1, settings=Settings(style_weight=2, tv_weight=3))).curve()
    assert {"1: Smoothness is now 3", "1: Style strength is now 2"} <= set(both["term"])
    many = moves(*((10 * count, 1 + count) for count in range(1, MAX_MARKS + 3)))
    assert many["term"].nunique() == MAX_MARKS
    assert many["step"].min() == 30


def test_every_colour_of_the_curve_is_readable_on_paper_and_in_the_dark() -> None:
    assert set(TERMS) <= set(CURVE_COLOURS)
    for colour in (*CURVE_COLOURS.values(), MARK_COLOUR):
        for ground in (PAPER.c100, PAPER.c950):
            assert contrast(colour, ground) >= 3


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    values = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_status_says_where_the_run_is() -> None:
    made = new_view()
    assert "1 run ahead of yours" in made.status(Progress(state="waiting", position=1))
    assert "3 runs ahead" in made.status(Progress(state="waiting", position=3))
    assert "<dt>Photo</dt><dd>lion</dd>" in made.status(Progress(state="waiting"))
    made.take(Progress(state="running", steps=(step(0), step(4, seconds=2.0))))
    shown = made.status(Progress(state="running", notes=("Restarted.",)))
    for words in ("lion", "The Scream and Mosaic", "4 of 20", "1 of 2, 100 × 100", "about 23 s", "vgg19", "Restarted."):
        assert words in shown
    assert "Paused" in made.status(Progress(state="running", paused=True))
    assert "No memory." in made.status(Progress(state="failed", error=NSTError("No memory.")))


def test_nothing_in_the_status_or_the_log_is_markup() -> None:
    evil = "<img src=x onerror=alert(1)>"
    shown = status(evil, evil, [(evil, evil)], [evil])
    made = new_view(evil)
    made.take(Progress(state="running", notes=(evil,)))
    for html in (shown, made.log(), made.status(Progress(state="failed", error=NSTError(evil)))):
        assert "<img" not in html


def test_a_download_that_the_run_waits_for_is_the_headline() -> None:
    download = Download(title="VGG-16", done=23_000_000, total=528_000_000)
    told = view().status(Progress(state="running", download=download))
    assert "Fetching VGG-16&#x27;s trained weights" in told
    assert "23 of 528 MB" in told
    assert "Preparing the first step" in view().status(Progress(state="running"))
