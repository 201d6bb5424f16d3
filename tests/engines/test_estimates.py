import json
import math
import mmap
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from nst.engines.estimates import FRAME_BYTES, KEPT_KINDS, KEPT_OBSERVATIONS, Estimates, Observation, Observer
from nst.files import cache_folder
from nst.pyramid import plan_scales
from nst.settings import FilmSettings, Settings
from nst.steps import Clip, Film, Step
from tests.engines.listening import an_engine, listen, wait_until
from tests.engines.loops import a_step, job, paint

pytestmark = pytest.mark.usefixtures("empty_cache")

#: One scale of 128 x 128 px and one of 256 x 256 px.
SETTINGS = Settings(size=256, steps=40)
SMALL, LARGE = 128 * 128, 256 * 256


def observed(**changes: object) -> Observation:
    """A run whose steps take 0.1 s and a microsecond for each pixel; its pixels take 1000 bytes each, above 500 MB."""
    plain = {
        "paces": ((SMALL, 0.1 + SMALL / 1e6), (LARGE, 0.1 + LARGE / 1e6)), "rest": 1e-5,
        "pixels": LARGE, "base": 500_000_000, "growth": LARGE * 1000,
    }  # fmt: skip
    return Observation(**{**plain, **changes})


def learned(*observations: Observation, device: str = "CPU (2 cores)") -> Estimates:
    estimates = Estimates(device)
    for observation in observations:
        estimates.learn(SETTINGS, observation)
    return estimates


def file() -> Path:
    (path,) = cache_folder("estimates").iterdir()
    return path


# --- predictions -------------------------------------------------------------------------------


def test_nothing_is_predicted_before_anything_was_learned() -> None:
    assert Estimates("CPU (2 cores)").predict(256, 256, SETTINGS) is None


def test_a_line_through_the_paces_of_a_run_gives_those_of_a_larger_one() -> None:
    estimate = learned(observed()).predict(512, 512, SETTINGS.replace(size=512))
    pixels = [128**2, 256**2, 512**2]
    stepping = sum(steps * (0.1 + size / 1e6) for steps, size in zip((40, 20, 10), pixels, strict=True))
    assert estimate.seconds == pytest.approx(stepping + 1e-5 * sum(pixels))
    assert estimate.bytes == 500_000_000 + 512**2 * 1000


def test_a_single_pace_is_taken_to_grow_with_the_pixels() -> None:
    only = learned(observed(paces=((SMALL, 0.2),), rest=0.0))
    assert only.predict(256, 256, SETTINGS).seconds == pytest.approx(40 * 0.2 + 20 * 0.8)


@pytest.mark.parametrize("paces", [((SMALL, 0.1), (LARGE, 0.9)), ((SMALL, 0.5), (LARGE, 0.1))])
def test_no_line_starts_below_nothing_or_falls(paces: tuple[tuple[int, float], ...]) -> None:
    estimates = learned(observed(paces=paces, rest=0.0))
    small = estimates.predict(64, 64, SETTINGS.replace(size=64, coarsest=64)).seconds
    large = estimates.predict(512, 512, SETTINGS.replace(size=512, coarsest=512)).seconds
    assert 0 < small < large


def test_one_run_on_a_busy_machine_does_little_harm() -> None:
    busy = observed(paces=((SMALL, 3.0), (LARGE, 20.0)), rest=1.0)
    with_it, without = (
        learned(*runs).predict(256, 256, SETTINGS) for runs in ([observed()] * 4 + [busy], [observed()])
    )
    assert with_it.seconds == pytest.approx(without.seconds, rel=0.1)


@pytest.mark.parametrize(
    "changes",
    [{"network": "vgg16"}, {"precision": "bfloat16"}, {"optimizer": "adam"}, {"patch_weight": 0}],
)
def test_what_changes_the_pace_is_learned_apart(changes: dict[str, object]) -> None:
    estimates = learned(observed())
    assert estimates.predict(256, 256, SETTINGS.replace(**changes)) is None
    assert estimates.predict(256, 256, SETTINGS.replace(style_weight=3, steps=7)) is not None


def test_a_prediction_takes_less_than_a_millisecond() -> None:
    scales = tuple((size * size, size / 1000) for size in (128, 256, 512, 1024))
    estimates = learned(*[observed(paces=scales)] * KEPT_OBSERVATIONS)
    times = []
    for _ in range(20):
        began = time.perf_counter()
        estimates.predict(1024, 1024, SETTINGS)
        times.append(time.perf_counter() - began)
    assert min(times) < 1e-3


# --- the file ----------------------------------------------------------------------------------


def test_what_was_learned_is_there_after_a_restart_on_this_machine_alone() -> None:
    before = learned(observed()).predict(256, 256, SETTINGS)
    assert Estimates("CPU (2 cores)").predict(256, 256, SETTINGS) == before
    assert Estimates("CPU (4 cores)").predict(256, 256, SETTINGS) is None


def test_another_version_of_pytorch_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    learned(observed())
    monkeypatch.setattr("nst.engines.estimates.version", lambda _: "99.0")
    assert Estimates("CPU (2 cores)").predict(256, 256, SETTINGS) is None


def test_the_file_stays_small() -> None:
    for count in range(KEPT_KINDS + 3):
        learned(observed(), device=f"CPU ({count} cores)")
    learned(*[observed()] * (KEPT_OBSERVATIONS + 3), device="CPU (5 cores)")
    kept = json.loads(file().read_text())
    assert len(kept) == KEPT_KINDS
    assert next(iter(kept)).startswith("CPU (3 cores)")
    assert list(kept)[-1].startswith("CPU (5 cores)")
    assert len(kept[list(kept)[-1]]) == KEPT_OBSERVATIONS


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"a": 1}', '{"a": [1]}', '{"a": [{"rest": 1}]}', "DAMAGED"],
)
def test_a_damaged_or_foreign_file_counts_as_empty_and_is_replaced(text: str) -> None:
    learned(observed())
    if text == "DAMAGED":
        text = file().read_text().replace('"rest": 1e-05', '"rest": NaN')
    file().write_text(text)
    estimates = Estimates("CPU (2 cores)")
    assert estimates.predict(256, 256, SETTINGS) is None
    estimates.learn(SETTINGS, observed())
    assert Estimates("CPU (2 cores)").predict(256, 256, SETTINGS) is not None


def test_a_folder_that_cannot_be_written_is_no_error() -> None:
    cache_folder("estimates").parent.mkdir(parents=True)
    cache_folder("estimates").write_text("a file in its place")
    assert learned(observed()).predict(256, 256, SETTINGS) is not None


@pytest.mark.parametrize(
    "changes",
    [{"rest": math.nan}, {"growth": -1}, {"pixels": 0}, {"paces": ()}, {"paces": ((1, -1),)}, {"paces": ((0, 1),)}],
)
def test_numbers_that_are_not_possible_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not possible"):
        observed(**changes)


# --- watching a run ----------------------------------------------------------------------------


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes but that of the Steps."""
    monkeypatch.setattr("nst.engines.estimates.time", SimpleNamespace(monotonic=lambda: 0.0))


def steps_of(settings: Settings, pace: float, first: float) -> list[Step]:
    """The Steps of a run of 256 x 256 px whose scales each begin with a slow step."""
    steps, seconds, index = [], 0.0, 0
    scales = plan_scales(256, 256, settings)
    for level, scale in enumerate(scales, start=1):
        for count in range(scale.steps):
            seconds += pace * level + first * (count == 0)
            size = {"scale": level, "width": scale.width, "height": scale.height, "seconds": seconds}
            steps.append(replace(a_step(index, 60, settings, None), **size))
            index += 1
    return [*steps, replace(steps[-1], index=index, seconds=seconds + 0.5, end="finished")]


@pytest.mark.usefixtures("frozen")
def test_the_pace_of_a_scale_leaves_out_its_first_step_which_is_part_of_the_rest() -> None:
    observer = Observer()
    for step in steps_of(SETTINGS, pace=0.1, first=3.0):
        observer.see(step)
    observation = observer.observation()
    assert dict(observation.paces) == pytest.approx({SMALL: 0.1, LARGE: 0.2})
    assert observation.rest * (SMALL + LARGE) == pytest.approx(6.5)
    assert observation.pixels == LARGE
    assert observation.base > 0


def test_a_run_without_two_steps_tells_nothing() -> None:
    observer = Observer()
    assert observer.observation() is None
    observer.see(a_step(0, 1, SETTINGS, None))
    assert observer.observation() is None


def test_the_peak_of_memory_is_what_was_added_while_it_was_watched() -> None:
    observer = Observer()
    block = mmap.mmap(-1, 50_000_000)  # From the system, not from what the heap has kept.
    block.write(b"x" * len(block))
    for step in steps_of(SETTINGS, pace=0.1, first=0.0):
        observer.see(step)
    assert observer.observation().growth > 0.9 * len(block)


@pytest.mark.parametrize("place", [{"index": 7}, {"frame": 4}])
def test_a_run_that_went_on_with_an_earlier_one_tells_nothing(place: dict[str, int]) -> None:
    observer = Observer()
    for number in range(4):
        step = replace(a_step(0, 9, SETTINGS, None), seconds=50.0 + number)
        observer.see(replace(step, **{**place, "index": place.get("index", 0) + number}))
    assert observer.observation() is None


def test_steps_that_are_taken_once_more_have_the_same_pace() -> None:
    observer = Observer()
    for index, seconds in [(0, 0), (1, 3), (0, 1), (1, 4), (2, 7)]:
        observer.see(replace(a_step(index, 9, SETTINGS, None), seconds=float(seconds)))
    assert observer.observation().paces == ((64 * 64, 3.0),)


# --- the engine --------------------------------------------------------------------------------


def test_an_engine_learns_from_whole_saved_runs_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.engines.local.stylize_steps", paint)
    monkeypatch.setattr("nst.engines.local.warm_up", lambda *_: None)
    monkeypatch.setattr("nst.engines.local.device_name", lambda _: "CPU")  # As the Steps say.
    a_job = job()
    with an_engine(tmp_path) as engine:
        wait_until(lambda: engine.ready)

        def estimate() -> object:
            return engine.estimate(64, 64, a_job.settings)

        listen(engine.submit(lambda: job(), saved=False))
        paused = engine.submit(lambda: job(steps=50))
        paused.pause()
        paused.resume()
        assert listen(paused)[-1].state == "finished"
        stopped = engine.submit(lambda: job(steps=5000))
        next(iter(stopped.steps()))
        stopped.stop()
        assert listen(stopped)[-1].state == "stopped"
        assert estimate() is None
        assert listen(engine.submit(lambda: job()))[-1].state == "finished"
        assert estimate().seconds > 0


def test_an_engine_with_a_loop_of_another_process_predicts_nothing(tmp_path: Path) -> None:
    with an_engine(tmp_path) as engine:
        listen(engine.submit(lambda: job()))
        assert engine.estimate(64, 64, job().settings) is None


# --- films ---------------------------------------------------------------------------------------


def a_film(frames: int) -> Film:
    clip = Clip(Path("clip.mp4"), 256, 256, 1.0, Fraction(12), 12)
    return Film(clip=clip, settings=FilmSettings(frame_steps=4), rate=clip.rate, frames=frames)


def test_a_film_takes_its_first_frame_and_the_steps_of_the_others_but_for_repeats_that_the_clip_must_have() -> None:
    estimates, each = learned(observed()), 4 * (0.1 + LARGE / 1e6) + 1e-5 * LARGE
    picture, film = (estimates.predict(256, 256, SETTINGS, film) for film in (None, a_film(11)))
    assert film.seconds == pytest.approx(picture.seconds + 10 * each)
    assert estimates.predict(256, 256, SETTINGS, a_film(300)).seconds == pytest.approx(picture.seconds + 11 * each)
    assert film.bytes == picture.bytes
    assert (picture.disk, film.disk) == (0, round(FRAME_BYTES * 11 * 256 * 256))


def test_once_a_film_has_been_painted_it_is_predicted_from_films() -> None:
    estimates = learned(observed())
    picture, film = (estimates.predict(256, 256, SETTINGS, film) for film in (None, a_film(11)))
    estimates.learn(SETTINGS, observed(rest=1e-4), film=True)
    dearer = estimates.predict(256, 256, SETTINGS, a_film(11))
    assert dearer.seconds == pytest.approx(film.seconds + 9e-5 * (SMALL + 11 * LARGE))
    assert estimates.predict(256, 256, SETTINGS) == picture


@pytest.mark.usefixtures("frozen")
def test_every_frame_of_a_film_counts_in_what_its_pixels_take() -> None:
    observer = Observer()
    for frame in (1, 2, 3):
        for index in range(4):
            end = "finished" if index == 3 else None
            step = a_step(index, 3, SETTINGS, None, end=end)
            observer.see(replace(step, frame=frame, seconds=2.0 * frame + index / 10))
    for frame in (4, 5):  # They repeat the third.
        observer.see(replace(step, frame=frame, seconds=6.3))
    seen = observer.observation()
    assert seen.paces == ((64 * 64, pytest.approx(0.1)),)
    assert seen.rest == pytest.approx((6.3 - 0.1 * 9) / (3 * 64 * 64))
