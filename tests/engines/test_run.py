"""One run: what its listeners get, and its files."""

import itertools
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from nst.download_progress import Download
from nst.engines.base import Engine, Run
from nst.errors import StyleError, WeightsError
from nst.steps import Start
from tests.engines.listening import ALL_FILES, an_engine, listen, listen_until, wait_until
from tests.engines.loops import SAFETY, a_step, job, paint


def test_a_run_brings_every_step_the_picture_and_all_files(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(lambda: job(colour=37, steps=5))
        records = listen(run)
    last = records[-1]
    assert last.state == "finished"
    assert [step.index for record in records for step in record.steps] == [0, 1, 2, 3, 4, 5]
    assert last.preview is not None
    assert last.preview.end == "finished"
    assert (last.preview.image == 37).all()
    assert set(last.files) == ALL_FILES
    assert all(path.is_file() and path.parent == run.folder for path in last.files.values())
    assert run.folder == tmp_path / "results" / run.id


def test_it_speaks_the_protocol(tmp_path):
    with an_engine(tmp_path) as local:
        engine: Engine = local
        run: Run = engine.submit(lambda: job())
        assert engine.find(run.id) is run
        assert engine.find("another") is None
        listen(run)


def test_the_last_step_is_heard_before_the_first_file(tmp_path):
    with an_engine(tmp_path) as engine:
        records = listen(engine.submit(lambda: job()))
    ended = next(i for i, record in enumerate(records) if any(step.end for step in record.steps))
    saved = next(i for i, record in enumerate(records) if record.files)
    assert ended <= saved
    assert "saving" in [record.state for record in records]
    counts = [len(record.files) for record in records]
    assert counts == sorted(counts)
    first = next(record.files for record in records if record.files)
    assert "png" in first


def test_only_the_newest_image_is_held_and_no_loss_is_dropped(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(lambda: job(steps=20))
        wait_until(lambda: run.over)
        (record,) = listen(run)
    assert [step.losses.total for step in record.steps] == list(range(21))
    assert [step.image is not None for step in record.steps] == [False] * 20 + [True]
    assert record.preview is record.steps[-1]


def test_a_late_second_listener_hears_everything_too(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(lambda: job(steps=4))
        first, second = listen(run), listen(run)
    assert sum(len(record.steps) for record in first) == 5
    assert len(second) == 1
    assert len(second[0].steps) == 5


def test_notes_are_gathered(tmp_path):
    def noting(_content, _styles, settings, _options):
        yield a_step(0, 2, settings, None, note="The first.")
        yield a_step(1, 2, settings, None)
        yield a_step(2, 2, settings, np.zeros((64, 64, 3), np.uint8), end="finished", note="The second.")

    with an_engine(tmp_path, noting) as engine:
        assert listen(engine.submit(lambda: job()))[-1].notes == ("The first.", "The second.")


def test_steps_yields_each_one_and_raises_the_error_of_a_failed_run(tmp_path):
    def failing(*arguments):
        yield from itertools.islice(paint(*arguments), 2)
        raise StyleError("This style cannot be painted.")

    with an_engine(tmp_path) as engine:
        assert [step.index for step in engine.submit(lambda: job(steps=3)).steps()] == [0, 1, 2, 3]
    with an_engine(tmp_path, failing) as engine:
        steps = engine.submit(lambda: job()).steps()
        assert [next(steps).index, next(steps).index] == [0, 1]
        with pytest.raises(StyleError, match="cannot be painted"):
            next(steps)


def test_a_download_that_a_run_waits_for_is_heard_until_the_first_step(tmp_path):
    half = Download(title="VGG-16", done=40, total=80)
    heard = threading.Event()

    def fetching(content, styles, settings, options):
        options.report(half)
        heard.wait(SAFETY)
        yield from paint(content, styles, settings, options)

    with an_engine(tmp_path, fetching) as engine:
        run = engine.submit(lambda: job())
        progress = listen_until(run, lambda record: record.download == half)
        heard.set()
        rest = list(progress)
    assert rest[-1].state == "finished"
    assert all(record.download is None for record in rest if record.steps)


def test_a_run_that_is_stopped_during_a_download_leaves_no_trace(tmp_path):
    def fetching(_content, _styles, _settings, options):
        while not options.controls.stopped:
            options.report(Download(title="VGG-16", done=40, total=80))
            time.sleep(0.01)
        yield from ()

    with an_engine(tmp_path, fetching) as engine:
        run = engine.submit(lambda: job())
        progress = listen_until(run, lambda record: record.download is not None)
        run.stop()
        last = list(progress)[-1]
    assert (last.state, last.error, last.download, last.steps) == ("stopped", None, None, ())
    assert not run.folder.exists()


def test_a_download_that_fails_is_the_runs_failure_and_over_with_it(tmp_path):
    def failing(_content, _styles, _settings, options):
        options.report(Download(title="VGG-16", done=40, total=80))
        raise WeightsError("It cannot be had.")
        yield

    with an_engine(tmp_path, failing) as engine:
        last = listen(engine.submit(lambda: job()))[-1]
    assert (last.state, str(last.error), last.download) == ("failed", "It cannot be had.", None)


def test_what_engine_and_job_say_reaches_the_loop(tmp_path):
    asked = []

    def asking(content, styles, settings, options):
        asked.append(options)
        yield from paint(content, styles, settings, options)

    plain, mask, start = job(steps=100), np.zeros((2, 2, 3), np.uint8), Start(job().content, 2)
    masked = plain.load()._replace(mask=mask)
    with an_engine(tmp_path, asking, weights="mine.pth") as engine:
        listen(engine.submit(lambda: replace(plain, start=start, load=lambda: masked)))
        run = engine.submit(lambda: replace(plain, picture_every=50))
        listen(run)
    assert (asked[0].weights, asked[0].mask, asked[0].start) == ("mine.pth", mask, start)
    assert [options.frame_every for options in asked] == [3, 50]
    assert [path.stem for path in run.where.frames()] == ["000000", "000050", "000100"]
