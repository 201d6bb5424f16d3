"""Several runs of one engine: their order and pictures, whose they are, and how long they are remembered."""

import threading
from functools import partial

import pytest

from nst.engines.base import Progress
from nst.engines.kept_runs import KEPT_PICTURES, KEPT_RUNS
from nst.errors import BusyError
from nst.limits import Limits
from nst.runs.history import past_runs
from tests.engines.listening import ALL_FILES, listen, listen_on, wait_until
from tests.engines.listening import an_engine as local_engine
from tests.engines.loops import SAFETY, Gate, job


def test_runs_are_painted_in_order_and_know_their_place(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        runs = [engine.submit(partial(job, colour=colour, steps=1)) for colour in (10, 20, 30)]
        assert gate.begun.get(timeout=SAFETY) == 10
        waiting = [run.progress(interval=0.0) for run in runs[1:]]
        assert [next(progress).position for progress in waiting] == [1, 2]
        gate.open(1)
        assert gate.begun.get(timeout=SAFETY) == 20
        listen_on(waiting[1], lambda record: record.position == 1)
        gate.open(1)
        assert gate.begun.get(timeout=SAFETY) == 30


def test_two_runs_do_not_mix_their_pictures(an_engine, tmp_path):
    with an_engine(tmp_path) as engine:
        runs = {colour: engine.submit(partial(job, colour=colour, steps=10)) for colour in (10, 200)}
        heard: dict[int, list[Progress]] = {}
        listeners = [
            threading.Thread(target=lambda c=colour, r=run: heard.update({c: listen(r)}))
            for colour, run in runs.items()
        ]
        for thread in listeners:
            thread.start()
        for thread in listeners:
            thread.join(SAFETY)
    for colour, records in heard.items():
        pictures = [record.preview.image for record in records if record.preview]
        assert pictures
        assert all((picture == colour).all() for picture in pictures)
        assert records[-1].preview.image[0, 0, 0] == colour
    folders = {run.folder for run in runs.values()}
    assert len(folders) == 2


def test_a_waiting_run_that_is_stopped_leaves_no_trace(tmp_path):
    gate = Gate()
    with local_engine(tmp_path, gate) as engine:
        engine.submit(lambda: job())
        waiting = engine.submit(lambda: job())
        waiting.stop()
        (record,) = listen(waiting)
        assert record.state == "stopped"
        assert (record.steps, record.files, record.preview) == ((), {}, None)
        assert not waiting.folder.exists()


def test_a_run_ends_softly_at_its_limit_and_says_so_even_while_it_is_paused(an_engine, tmp_path):
    with an_engine(tmp_path, limits=Limits(run_seconds=0.3)) as engine:
        run = engine.submit(lambda: job(steps=5000))
        run.pause()
        last = listen(run)[-1]
    assert last.state == "stopped"
    assert last.notes[-1].startswith("The run was stopped after 0.3 s")
    assert set(last.files) == ALL_FILES


def test_a_run_that_is_not_saved_writes_nothing_and_is_forgotten_at_the_next(an_engine, tmp_path):
    with an_engine(tmp_path) as engine:
        run = engine.submit(lambda: job(colour=7, steps=1), saved=False)
        last = listen(run)[-1]
        assert (last.state, last.files) == ("finished", {})
        assert (last.preview.image == 7).all()
        assert not (tmp_path / "results").exists()
        assert engine.find(run.id) is run
        engine.submit(lambda: job(), saved=False).stop()
        assert engine.find(run.id) is None


def test_a_run_belongs_to_whoever_it_was_submitted_for_and_is_live_until_it_is_over(tmp_path):
    gate = Gate()
    with local_engine(tmp_path, gate) as engine:
        runs = [engine.submit(lambda: job(), owner="ann"), engine.submit(lambda: job(), owner="ann")]
        assert engine.live == {run.id for run in runs}
        gate.open(100)
        for run in runs:
            listen(run)
        wait_until(lambda: not engine.live)
        assert [past.end for past in past_runs(engine.results, "ann", engine.live)] == ["finished"] * 2
        assert past_runs(engine.results, "") == ()


def test_a_run_that_is_going_on_cannot_go_on_a_second_time(tmp_path):
    gate = Gate()
    with local_engine(tmp_path, gate) as engine:
        run = engine.submit(lambda: job())
        with pytest.raises(BusyError, match="This run is going on already"):
            engine.submit(lambda: job(), run.where)
        run.stop()
        listen(run)
        wait_until(lambda: not engine.live)
        gate.open(100)
        again = engine.submit(lambda: job(), run.where)
        assert engine.find(run.id) is again
        assert listen(again)[-1].state == "finished"


def test_old_runs_are_forgotten_first_by_their_pictures_then_altogether(tmp_path):
    gate = Gate()
    gate.open(3)
    with local_engine(tmp_path, gate) as engine:
        oldest = engine.submit(lambda: job(steps=1))
        assert listen(oldest)[-1].preview is not None
        painted = engine.submit(lambda: job())
        for _ in range(KEPT_PICTURES + 1):
            engine.submit(lambda: job()).stop()
        assert engine.find(oldest.id) is oldest
        assert listen(oldest)[-1].preview is None
        assert listen(oldest)[-1].state == "finished"
        for _ in range(KEPT_RUNS):
            engine.submit(lambda: job()).stop()
        assert engine.find(oldest.id) is None
        assert engine.find(painted.id) is painted
