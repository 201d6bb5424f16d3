"""The life of one run: from its first step to its last file, led, left alone, failed."""

import itertools
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from nst.engines.base import Engine, Run
from nst.errors import DeviceError, NSTError, OutputError, SettingsError, StyleError, WeightsError
from nst.runs.folder import RunFolder
from nst.steps import Download
from tests.engines.listening import ALL_FILES, an_engine, listen, listen_until, wait_until
from tests.engines.loops import SAFETY, Gate, a_step, job, paint

# --- one run -----------------------------------------------------------------------------------


def test_a_run_brings_every_step_the_picture_and_all_files(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(job(colour=37, steps=5))
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
        run: Run = engine.submit(job())
        assert engine.find(run.id) is run
        assert engine.find("another") is None
        listen(run)


def test_the_last_step_is_heard_before_the_first_file(tmp_path):
    with an_engine(tmp_path) as engine:
        records = listen(engine.submit(job()))
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
        run = engine.submit(job(steps=20))
        wait_until(lambda: run.over)
        (record,) = listen(run)
    assert [step.losses.total for step in record.steps] == list(range(21))
    assert [step.image is not None for step in record.steps] == [False] * 20 + [True]
    assert record.preview is record.steps[-1]


def test_a_late_second_listener_hears_everything_too(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(job(steps=4))
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
        assert listen(engine.submit(job()))[-1].notes == ("The first.", "The second.")


def test_the_loop_is_asked_for_pictures_where_the_job_wants_them(tmp_path):
    intervals = []

    def asking(content, styles, settings, options):
        intervals.append(options.frame_every)
        yield from paint(content, styles, settings, options)

    with an_engine(tmp_path, asking) as engine:
        listen(engine.submit(job(steps=100)))
        run = engine.submit(replace(job(steps=100), picture_every=50))
        listen(run)
    assert intervals == [3, 50]
    assert [path.stem for path in run.where.frames()] == ["000000", "000050", "000100"]


def test_steps_yields_each_one_and_raises_the_error_of_a_failed_run(tmp_path):
    def failing(*arguments):
        yield from itertools.islice(paint(*arguments), 2)
        raise StyleError("This style cannot be painted.")

    with an_engine(tmp_path) as engine:
        assert [step.index for step in engine.submit(job(steps=3)).steps()] == [0, 1, 2, 3]
    with an_engine(tmp_path, failing) as engine:
        steps = engine.submit(job()).steps()
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
        run = engine.submit(job())
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
        run = engine.submit(job())
        progress = listen_until(run, lambda record: record.download is not None)
        run.stop()
        last = list(progress)[-1]
    assert (last.state, last.error, last.download, last.steps) == ("stopped", "", None, ())
    assert not run.folder.exists()


def test_a_download_that_fails_is_the_runs_failure_and_over_with_it(tmp_path):
    def failing(_content, _styles, _settings, options):
        options.report(Download(title="VGG-16", done=40, total=80))
        raise WeightsError("It cannot be had.")
        yield

    with an_engine(tmp_path, failing) as engine:
        last = listen(engine.submit(job()))[-1]
    assert (last.state, last.error, last.download) == ("failed", "It cannot be had.", None)


def test_the_weights_that_an_engine_was_given_are_those_that_paint(tmp_path):
    weights = []

    def asking(content, styles, settings, options):
        weights.append(options.weights)
        yield from paint(content, styles, settings, options)

    with an_engine(tmp_path, asking, weights="mine.pth") as engine:
        listen(engine.submit(job()))
    assert weights == ["mine.pth"]


# --- steering ----------------------------------------------------------------------------------


def test_a_stop_costs_at_most_one_step_and_keeps_everything(tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(job(steps=50))
        gate.open(3)
        progress = listen_until(run, lambda record: record.steps and record.steps[-1].index == 2)
        run.stop()
        gate.open(50)
        records = list(progress)
    assert records[-1].state == "stopped"
    assert records[-1].preview.end == "stopped"
    assert records[-1].preview.index <= 4
    assert set(records[-1].files) == ALL_FILES


def test_a_paused_run_takes_no_step_until_it_goes_on(tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(job(steps=5))
        gate.open()
        progress = listen_until(run, lambda record: bool(record.steps))
        run.pause()
        gate.open(50)
        for record in itertools.islice(progress, 4):
            assert record.paused
            assert record.state == "running"
            assert all(step.index <= 1 for step in record.steps)
        run.resume()
        last = list(progress)[-1]
        assert last.state == "finished"
        assert not last.paused


def test_a_paused_run_can_be_stopped(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(job(steps=5000))
        run.pause()
        run.stop()
        assert listen(run)[-1].state == "stopped"


def test_weights_moved_during_a_run_are_seen_by_the_next_steps_and_kept_in_its_settings(tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(job(steps=5))
        gate.open()
        progress = listen_until(run, lambda record: bool(record.steps))
        run.update(style_weight=3.5)
        gate.open(50)
        steps = [step for record in progress for step in record.steps]
    assert [step.settings.style_weight for step in steps if step.index >= 2] == [3.5] * 4
    assert '"style_weight": 3.5' in (run.folder / "settings.json").read_text()


def test_bad_or_fixed_settings_cannot_be_moved(tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(job())
        with pytest.raises(SettingsError, match="style_weight is -1"):
            run.update(style_weight=-1)
        with pytest.raises(SettingsError, match="steps cannot be changed"):
            run.update(steps=3)
        with pytest.raises(SettingsError, match="has 2 values; this run has 5 style layers"):
            run.update(style_layer_weights=[1, 2])
        run.update(style_layer_weights=[1, 2, 3, 4, 5])


# --- listeners that go away --------------------------------------------------------------------


def test_closing_the_progress_stops_the_run(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(job(steps=5000))
        progress = listen_until(run, lambda record: bool(record.steps))
        progress.close()
        assert listen(run)[-1].state == "stopped"


def test_closing_the_progress_of_a_waiting_run_takes_it_out_of_the_line(tmp_path):
    with an_engine(tmp_path, Gate()) as engine:
        engine.submit(job())
        waiting = engine.submit(job())
        progress = waiting.progress()
        next(progress)
        progress.close()
        assert waiting.over


def test_closing_after_the_end_changes_nothing(tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(job())
        progress = run.progress(interval=0.0)
        assert [record.state for record in progress][-1] == "finished"
        progress.close()
        assert listen(run)[-1].state == "finished"


def test_a_paused_run_that_nobody_listens_to_ends(tmp_path):
    with an_engine(tmp_path, heartbeat=0.2) as engine:
        run = engine.submit(job(steps=5000))
        run.pause()
        wait_until(lambda: run.over)
        assert listen(run)[-1].state == "stopped"


def test_a_waiting_run_that_nobody_listens_to_ends_and_one_that_is_heard_goes_on(tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate, heartbeat=0.2) as engine:
        heard, silent = engine.submit(job(steps=3)), engine.submit(job())
        progress = heard.progress(interval=0.0)
        for _ in progress:
            if silent.over:
                break
        gate.open(50)
        assert list(progress)[-1].state == "finished"
        assert listen(silent)[-1].state == "stopped"
        assert listen(silent)[-1].steps == ()


def test_a_run_ends_softly_when_its_listener_says_that_nobody_is_there(tmp_path):
    with an_engine(tmp_path, heartbeat=0.1) as engine:
        run = engine.submit(job(steps=5000))
        records = list(run.progress(0.0, listening=lambda: False))
        assert records[-1].state == "stopped"
        assert "png" in records[-1].files


def test_a_run_goes_on_while_somebody_is_there_now_and_then(tmp_path):
    with an_engine(tmp_path, heartbeat=5.0) as engine:
        run = engine.submit(job(steps=300))
        times = iter(range(100_000))
        records = list(run.progress(0.0, listening=lambda: next(times) % 2 == 0))
        assert records[-1].state == "finished"


# --- failures ----------------------------------------------------------------------------------


def failing_first(error: Exception):
    """A loop that fails at the second step of the first run and is well afterwards."""
    failures = iter([error])

    def loop(*arguments):
        steps = paint(*arguments)
        yield next(steps)
        for failure in failures:
            raise failure
        yield from steps

    return loop


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (StyleError("No style."), StyleError, "No style."),
        (MemoryError(), DeviceError, "not enough memory for a picture of 64 x 64 px"),
        (RuntimeError("CUDA out of memory."), DeviceError, "not enough memory"),
        (ZeroDivisionError("secret"), NSTError, "internal error; the details are in the log."),
    ],
)
def test_the_worker_survives_and_the_next_run_is_painted(tmp_path, error, kind, sentence):
    with an_engine(tmp_path, failing_first(error)) as engine:
        failed, good = engine.submit(job(colour=1)), engine.submit(job(colour=2))
        last = listen(failed)[-1]
        assert last.state == "failed"
        assert sentence in last.error
        assert type(failed.failure) is kind
        assert last.files == {}
        after = listen(good)[-1]
        assert after.state == "finished"
        assert after.error == ""
        assert (after.preview.image == 2).all()


def test_a_loop_without_an_end_is_a_failure(tmp_path):
    def endless(_content, _styles, settings, _options):
        yield a_step(0, 5, settings, None)

    with an_engine(tmp_path, endless) as engine:
        assert "internal error" in listen(engine.submit(job()))[-1].error


def test_results_that_cannot_be_written_are_refused_before_the_start(tmp_path):
    (tmp_path / "results").write_text("a file, not a folder")
    with an_engine(tmp_path) as engine, pytest.raises(OutputError, match="cannot be written"):
        engine.submit(job())


def test_a_folder_that_vanishes_during_the_run_fails_it_in_one_sentence(tmp_path):
    def sabotaging(*arguments):
        steps = paint(*arguments)
        yield next(steps)
        frames = where.path / "frames"
        for frame in frames.iterdir():
            frame.unlink()
        frames.rmdir()
        frames.write_text("in the way")
        yield from steps

    where = RunFolder.at(tmp_path / "out")
    with an_engine(tmp_path, sabotaging) as engine:
        last = listen(engine.submit(job(steps=5), where))[-1]
    assert last.state == "failed"
    assert "cannot be written: not a directory." in last.error
