"""Steering a run, and listeners that go away."""

import itertools
import threading
import time
from functools import partial

import pytest

from nst.engines import timeouts
from nst.engines.line import Visitor
from nst.errors import SettingsError
from nst.limits import Limits
from tests.engines.listening import ALL_FILES, listen, listen_until, wait_until
from tests.engines.listening import an_engine as local_engine
from tests.engines.loops import Gate, job


def let_it_arrive(an_engine):
    """A request takes a millisecond to another process, and so does a step of a loop that paints nothing."""
    if an_engine is not local_engine:
        time.sleep(0.2)


def test_a_stop_costs_at_most_one_step_and_keeps_everything(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(lambda: job(steps=50))
        gate.open(3)
        progress = listen_until(run, lambda record: record.steps and record.steps[-1].index == 2)
        run.stop()
        let_it_arrive(an_engine)
        gate.open(50)
        records = list(progress)
    assert records[-1].state == "stopped"
    assert records[-1].preview.end == "stopped"
    assert records[-1].preview.index <= 4
    assert set(records[-1].files) == ALL_FILES


def test_a_paused_run_takes_no_step_until_it_goes_on(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(lambda: job(steps=5))
        gate.open()
        progress = listen_until(run, lambda record: bool(record.steps))
        run.pause()
        let_it_arrive(an_engine)
        gate.open(50)
        for record in itertools.islice(progress, 4):
            assert record.paused
            assert record.state == "running"
            assert all(step.index <= 1 for step in record.steps)
        run.resume()
        last = list(progress)[-1]
        assert last.state == "finished"
        assert not last.paused


def test_a_paused_run_can_be_stopped(an_engine, tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(lambda: job(steps=5000))
        run.pause()
        run.stop()
        assert listen(run)[-1].state == "stopped"


def test_weights_moved_during_a_run_are_seen_by_the_next_steps_and_kept_in_its_settings(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(lambda: job(steps=5))
        gate.open()
        progress = listen_until(run, lambda record: bool(record.steps))
        run.update(style_weight=3.5)
        let_it_arrive(an_engine)
        gate.open(50)
        steps = [step for record in progress for step in record.steps]
    assert [step.settings.style_weight for step in steps if step.index >= 2] == [3.5] * 4
    assert '"style_weight": 3.5' in (run.folder / "settings.json").read_text()


def test_bad_or_fixed_settings_cannot_be_moved(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(lambda: job())
        with pytest.raises(SettingsError, match="style_weight is -1"):
            run.update(style_weight=-1)
        with pytest.raises(SettingsError, match="steps cannot be changed"):
            run.update(steps=3)
        with pytest.raises(SettingsError, match="has 2 values; this run has 5 style layers"):
            run.update(style_layer_weights=[1, 2])
        run.update(style_layer_weights=[1, 2, 3, 4, 5])


def test_a_run_goes_on_when_a_listener_leaves_and_the_next_one_hears_everything(an_engine, tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(lambda: job(steps=50))
        progress = listen_until(run, lambda record: bool(record.steps))
        progress.close()
        wait_until(lambda: run.over)
        (record,) = listen(run)
    assert record.state == "finished"
    assert [step.index for step in record.steps] == list(range(51))


def test_closing_after_the_end_changes_nothing(an_engine, tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(lambda: job())
        progress = run.progress(interval=0.0)
        assert [record.state for record in progress][-1] == "finished"
        progress.close()
        assert listen(run)[-1].state == "finished"


def test_a_paused_run_that_nobody_listens_to_ends(an_engine, tmp_path):
    with an_engine(tmp_path, limits=Limits(grace_seconds=0.2)) as engine:
        run = engine.submit(lambda: job(steps=5000))
        run.pause()
        wait_until(lambda: run.over)
        assert listen(run)[-1].state == "stopped"


def test_a_waiting_run_that_nobody_listens_to_ends_and_one_that_is_heard_goes_on(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate, limits=Limits(grace_seconds=0.2)) as engine:
        heard, silent = engine.submit(lambda: job(steps=3)), engine.submit(lambda: job())
        progress = heard.progress(interval=0.0)
        for _ in progress:
            if silent.over:
                break
        gate.open(50)
        assert list(progress)[-1].state == "finished"
        assert listen(silent)[-1].state == "stopped"
        assert listen(silent)[-1].steps == ()


def test_a_run_ends_softly_when_its_listener_says_that_nobody_is_there(an_engine, tmp_path):
    with an_engine(tmp_path, limits=Limits(grace_seconds=0.1)) as engine:
        run = engine.submit(lambda: job(steps=5000))
        records = list(run.progress(0.0, listening=lambda: False))
        assert records[-1].state == "stopped"
        assert "png" in records[-1].files


def test_a_run_for_one_caller_ends_without_him_however_long_others_may_stay_away(an_engine, tmp_path, monkeypatch):
    monkeypatch.setattr(timeouts, "CALLER_SECONDS", 0.1)
    here = threading.Event()
    here.set()
    with an_engine(tmp_path) as engine:
        run = engine.submit(partial(job, steps=5000), caller=here.is_set)
        progress = listen_until(run, lambda record: len(record.steps) > 0)
        time.sleep(0.5)
        assert not run.over
        progress.close()
        here.clear()
        wait_until(lambda: run.over)


def test_a_pause_ends_when_others_wait_for_long_enough_and_lasts_when_nobody_else_does(an_engine, tmp_path):
    ann, bob = Visitor(session="ann"), Visitor(session="bob")
    with an_engine(tmp_path, limits=Limits(pause_seconds=0.2)) as engine:
        run = engine.submit(partial(job, steps=2000), visitor=ann)
        listen_until(run, lambda record: len(record.steps) > 0).close()
        run.pause()
        engine.submit(partial(job, steps=1), visitor=ann)
        time.sleep(1)
        assert run.controls.paused
        other = engine.submit(partial(job, steps=1), visitor=bob)
        wait_until(lambda: not run.controls.paused)
        run.pause()  # Again and again does not help.
        assert listen(other)[-1].state == "finished"
        notes = listen(run)[-1].notes
    assert notes[0] == "The pause ended after 0.2 s because others are waiting."


def test_a_run_goes_on_while_somebody_is_there_now_and_then(an_engine, tmp_path):
    with an_engine(tmp_path, limits=Limits(grace_seconds=5.0)) as engine:
        run = engine.submit(lambda: job(steps=300))
        times = iter(range(100_000))
        records = list(run.progress(0.0, listening=lambda: next(times) % 2 == 0))
        assert records[-1].state == "finished"
