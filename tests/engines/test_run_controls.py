"""Steering a run, and listeners that go away."""

import itertools

import pytest

from nst.errors import SettingsError
from nst.limits import Limits
from tests.engines.listening import ALL_FILES, listen, listen_until, wait_until
from tests.engines.listening import an_engine as local_engine
from tests.engines.loops import Gate, job
from tests.engines.ray_nodes import let_it_arrive


def test_a_stop_costs_at_most_one_step_and_keeps_everything(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        run = engine.submit(lambda: job(steps=50))
        gate.open(3)
        progress = listen_until(run, lambda record: record.steps and record.steps[-1].index == 2)
        run.stop()
        let_it_arrive(engine)
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
        let_it_arrive(engine)
        gate.open(50)
        for record in itertools.islice(progress, 2):
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
        let_it_arrive(engine)
        gate.open(50)
        steps = [step for record in progress for step in record.steps]
    assert [step.settings.style_weight for step in steps if step.index >= 2] == [3.5] * 4
    assert '"style_weight": 3.5' in (run.folder / "settings.json").read_text()


def test_bad_or_fixed_settings_cannot_be_moved(tmp_path):
    gate = Gate()
    with local_engine(tmp_path, gate) as engine:
        run = engine.submit(lambda: job())
        with pytest.raises(SettingsError, match="style_weight is -1"):
            run.update(style_weight=-1)
        with pytest.raises(SettingsError, match="steps cannot be changed"):
            run.update(steps=3)
        with pytest.raises(SettingsError, match="has 2 values; this run has 5 style layers"):
            run.update(style_layer_weights=[1, 2])
        run.update(style_layer_weights=[1, 2, 3, 4, 5])


def test_a_run_goes_on_when_a_listener_leaves_and_the_next_one_hears_everything(tmp_path):
    with local_engine(tmp_path) as engine:
        run = engine.submit(lambda: job(steps=50))
        progress = listen_until(run, lambda record: bool(record.steps))
        progress.close()
        wait_until(lambda: run.over)
        (record,) = listen(run)
    assert record.state == "finished"
    assert [step.index for step in record.steps] == list(range(51))


def test_closing_after_the_end_changes_nothing(tmp_path):
    with local_engine(tmp_path) as engine:
        run = engine.submit(lambda: job())
        progress = run.progress(interval=0.0)
        assert [record.state for record in progress][-1] == "finished"
        progress.close()
        assert listen(run)[-1].state == "finished"


def test_a_run_ends_softly_when_its_listener_says_that_nobody_is_there(tmp_path):
    with local_engine(tmp_path, limits=Limits(grace_seconds=0.1)) as engine:
        run = engine.submit(lambda: job(steps=5000))
        records = list(run.progress(0.0, listening=lambda: False))
        assert records[-1].state == "stopped"
        assert "png" in records[-1].files
