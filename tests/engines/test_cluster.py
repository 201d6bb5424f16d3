"""Painters on a Ray cluster: the same pictures, and nothing lost with a painter or its machine."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from nst.engines.cluster import UNREACHABLE, WENT_ON, WENT_ON_FRAME, ClusterEngine
from nst.engines.cluster_connection import plan_painters
from nst.engines.cluster_painter import _Outbox
from nst.engines.cluster_remote import FRAMES_AHEAD, RemotePainter
from nst.engines.lazy import film_steps, stylize_steps
from nst.engines.local import LocalEngine
from nst.engines.run import LocalRun
from nst.errors import DeviceError, ImageError
from nst.pictures.clips import open_clip, read_frames
from nst.pictures.png import read_png
from nst.runs.history import past_runs
from nst.settings import FilmSettings, Settings
from nst.steps import Job, Picture, Pictures, Step
from nst.transfer.options import StylizeOptions
from nst.web.server import health
from tests.engines.listening import ALL_FILES, listen, listen_until, steps_in_log, wait_until
from tests.engines.loops import SAFETY, Gate, Held, a_step, film_job, job, job_of, paint
from tests.engines.ray_nodes import FixedPainters, RayNodes, cluster_engine
from tests.pictures.films import numbers
from tests.transfer.runs import picture

ROOT = Path(__file__).parents[2]


def next_at_work(painters: Sequence[RemotePainter], but: Sequence[LocalRun] = ()) -> tuple[RemotePainter, LocalRun]:
    """A painter, and the run that it has taken a few steps of; its loop is held before it ends."""
    found: list[tuple[RemotePainter, LocalRun]] = []

    def look() -> bool:
        for painter in painters:
            run = painter.run
            step = run and run.latest.preview
            if painter.ready and step and run not in but and step.index > 2:
                found.append((painter, run))
        return bool(found)

    wait_until(look)
    return found[0]


def test_both_painters_at_once_paint_what_this_machine_paints(ray_nodes: RayNodes, tmp_path: Path) -> None:
    photo, painting, mask = picture(60, 80), picture(64, 64, seed=1), np.zeros((6, 8, 3), np.uint8)
    mask[:, 4:] = 255
    plain, pictures = job_of(photo, painting, size=64, coarsest=45, steps=3), Pictures(photo, (painting,), None, mask)

    def a_job() -> Job:
        return replace(plain, load=lambda: pictures, mask_name="mask.png")

    local = LocalEngine("cpu", tmp_path / "local")
    expected = local.submit(a_job)
    picture_file = listen(expected)[-1].files["png"]
    local.close()
    with cluster_engine(ray_nodes.painters, tmp_path, stylize_steps, preview_seconds=0.1) as engine:
        runs = [engine.submit(a_job) for _ in range(2)]
        wait_until(lambda: all(painter.run for painter in ray_nodes.painters))
        document = json.loads(health(engine)(None).body)
        assert [painter["state"] for painter in document["painters"]] == ["painting"] * 2
        for run in runs:
            last = listen(run)[-1]
            assert (last.state, set(last.files), last.notes) == ("finished", ALL_FILES, ())
            assert steps_in_log(run) == steps_in_log(expected)
            assert np.abs(read_png(last.files["png"]).astype(int) - read_png(picture_file)).max() <= 1
        assert {past.end for past in past_runs(engine.results, "")} == {"finished"}


def test_a_painter_has_few_frames_at_a_time_and_leaves_none_behind(ray_nodes: RayNodes) -> None:
    painter, read, done = ray_nodes.painters[0], list[int](), list[int]()
    painter.film_loop = film_steps

    def frames(count: int) -> Iterator[Picture]:
        for number in range(count):
            read.append(number)
            yield picture(192, 256, seed=number)  # Ray passes less without its store.
        raise ImageError("This clip is damaged.")

    def paint(count: int, first: int) -> Iterator[Step]:
        options, settings = StylizeOptions(preview_seconds=-1), Settings(size=64, steps=1, coarsest=64)
        film_settings, styles = FilmSettings(frame_steps=1), [picture(64, 64)]
        return painter.paint_frames(frames(count), styles, settings, film_settings, options, earlier=(), first=first)

    with pytest.raises(ImageError, match="damaged"):
        done.extend(step.frame for step in paint(5, first=3) if step.end)
    assert done == [3, 4, 5, 6, 7]
    read.clear()
    steps = paint(100, first=1)
    next(steps)
    assert 0 < ray_nodes.objects() <= len(read) <= 2 * FRAMES_AHEAD
    steps.close()
    wait_until(lambda: not ray_nodes.objects())


def test_runs_whose_painters_are_killed_go_on_from_what_was_seen_and_end_once(
    ray_nodes: RayNodes, tmp_path: Path
) -> None:
    chance, loop, hit = random.Random(0), Held(tmp_path), list[LocalRun]()
    with cluster_engine(ray_nodes.painters, tmp_path, loop) as engine:
        runs = [engine.submit(partial(job, colour=0, steps=60))]
        for colour in range(1, 7):
            runs.append(engine.submit(partial(job, colour=colour, steps=60)))
            painter, run = next_at_work(ray_nodes.painters, hit)
            time.sleep(chance.uniform(0, 0.3))
            at = run.latest.preview.index
            os.kill(painter.facts.process, signal.SIGKILL)
            hit.append(run)
            wait_until(lambda run=run: bool(run.latest.notes))
            assert run.latest.notes[0] in map(WENT_ON.format, range(at, 31))
            loop.release(runs.index(run))
        loop.release(*range(len(runs)))
        for colour, run in enumerate(runs):
            records = listen(run)
            last = records[-1]
            assert (last.state, set(last.files), len(last.notes)) == ("finished", ALL_FILES, run in hit)
            assert (read_png(last.files["png"]) == colour).all()
            heard = [step.index for record in records for step in record.steps]
            assert heard == steps_in_log(run) == list(range(61))
        assert len(past_runs(engine.results, "")) == len(runs)


def test_a_lost_machine_loses_no_run(ray_nodes: RayNodes, tmp_path: Path) -> None:
    loop = Held(tmp_path)
    with cluster_engine(ray_nodes.painters, tmp_path, loop) as engine:
        runs = [engine.submit(partial(job, colour=1, steps=20)) for _ in range(2)]
        for painter in ray_nodes.painters:
            next_at_work([painter])
        ray_nodes.lose_second()
        loop.release(1)
        last = [listen(run)[-1] for run in runs]
        assert [record.state for record in last] == ["finished"] * 2
        assert sum(len(record.notes) for record in last) == 1
        assert [steps_in_log(run) for run in runs] == [list(range(21))] * 2
        wait_until(lambda: all(painter.ready for painter in ray_nodes.painters))


@pytest.mark.soak
def test_a_head_that_is_lost_costs_no_run_and_all_is_well_when_it_is_back(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.engines.lost_head", str(tmp_path)]
    done = subprocess.run(program, cwd=ROOT, check=False, capture_output=True, text=True, timeout=4 * SAFETY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {UNREACHABLE, "finished finished"} <= set(done.stdout.splitlines()), "beside what Ray prints"


def test_a_killed_painter_costs_a_film_the_frame_at_work_and_requests_hold_for_the_next_one(
    ray_nodes: RayNodes, clip: Path, tmp_path: Path
) -> None:
    gate = Gate()
    with cluster_engine(ray_nodes.painters, tmp_path, paint_frames=gate.paint_frames) as engine:
        run = engine.submit(lambda: film_job(clip))
        gate.open(7)  # Two frames, and the first step of the third.
        progress = listen_until(run, lambda record: record.preview and record.preview.frame == 3)
        run.update(style_weight=3.5)
        painter = next(painter for painter in ray_nodes.painters if painter.run)
        seconds, state = run.latest.preview.seconds, painter.state()
        os.kill(painter.facts.process, signal.SIGKILL)
        wait_until(lambda: bool(run.latest.notes))
        gate.open(100)
        records = list(progress)
        wait_until(lambda: painter.ready)
    last = records[-1]
    assert (last.state, last.notes) == ("finished", (WENT_ON_FRAME.format(3),))
    assert (state.state, state.step, state.steps) == ("painting", 4, 20)
    assert [step.frame for record in records for step in record.steps] == list(range(3, 11))
    assert numbers(read_frames(open_clip(last.files["mp4"]), 10, 64)) == list(range(10))
    assert steps_in_log(run) == list(range(3)) * 10
    assert (last.preview.settings.style_weight, last.preview.seconds > seconds) == (3.5, True)


def test_a_page_that_turns_away_leaves_its_painter_to_the_next_run(ray_nodes: RayNodes) -> None:
    painter, content = ray_nodes.painters[0], job().content
    painter.loop = paint
    steps = painter.paint(content, [content], Settings(size=64, steps=4000), StylizeOptions(preview_seconds=0))
    assert [next(steps).index for _ in range(3)] == [0, 1, 2]
    steps.close()
    again = painter.paint(content, [content], Settings(size=64, steps=3), StylizeOptions(preview_seconds=0))
    assert [step.index for step in again] == [0, 1, 2, 3]


def test_rays_exporter_has_the_counters_of_the_studio(ray_nodes: RayNodes, tmp_path: Path) -> None:
    def is_counted() -> bool:
        text = ray_nodes.exported()
        names = ("impasto_waiting_seconds_count", "impasto_painting_seconds_bucket", "impasto_queue")
        return 'state="finished"' in text and "impasto_runs_total" in text and all(name in text for name in names)

    with cluster_engine(ray_nodes.painters[:1], tmp_path) as engine:
        listen(engine.submit(partial(job, steps=1)))
        wait_until(is_counted)


def test_it_says_what_paints_and_takes_nothing_while_the_cluster_is_away(tmp_path: Path) -> None:
    nobody = FixedPainters([])
    engine = ClusterEngine(nobody, tmp_path)
    nobody.reachable = False
    with pytest.raises(DeviceError, match="cannot be reached"):
        engine.submit(job)
    assert not engine.ready
    assert engine.device == "a cluster without painters"
    engine.close()


def test_of_what_waits_for_a_slow_page_only_previews_are_left_out() -> None:
    outbox, settings = _Outbox(frame_every=4), Settings()
    image = np.zeros((8, 8, 3), np.uint8)
    outbox.fill(a_step(index, 9, settings, image, end=None if index < 9 else "finished") for index in range(10))
    (steps,) = outbox.batches()
    assert [step.index for step in steps] == list(range(10))
    assert [step.index for step in steps if step.image is not None] == [0, 4, 8, 9]
    failing = _Outbox(frame_every=0)
    failing.fill(step if step.index else 1 / 0 for step in [replace(steps[1]), steps[0]])
    batches = failing.batches()
    assert [step.index for step in next(batches)] == [1]
    with pytest.raises(ZeroDivisionError):
        next(batches)


@pytest.mark.parametrize(
    ("machines", "cores", "count", "each"),
    [
        ([{"GPU": 4.0, "CPU": 32.0}, {"GPU": 1.0, "CPU": 8.0}, {"CPU": 2.0}], None, 5, {"num_gpus": 1, "num_cpus": 0}),
        ([{"GPU": 4.0, "CPU": 32.0}, {"CPU": 2.0}], 8, 4, {"num_cpus": 8, "num_gpus": 0}),
        ([{"CPU": 2.0}, {"CPU": 4.0}, {}], None, 3, {"num_cpus": 2, "num_gpus": 0}),
        ([{"memory": 1.0}], None, 0, {"num_cpus": 1, "num_gpus": 0}),
    ],
)
def test_a_painter_for_each_gpu_or_so_many_cores(
    machines: list[dict[str, float]], cores: int | None, count: int, each: dict[str, float]
) -> None:
    assert plan_painters(machines, cores)[:2] == (count, each)
