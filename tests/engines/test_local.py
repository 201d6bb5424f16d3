"""An engine with many runs: the line, its visitors, and what is left of those that are over."""

import contextvars
import subprocess
import sys
import threading
import weakref
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from nst.engines.base import Progress
from nst.engines.kept_runs import KEPT_PICTURES, KEPT_RUNS
from nst.engines.line import Visitor
from nst.engines.local import LocalEngine
from nst.errors import BusyError, DeviceError, StyleError
from nst.limits import Limits
from nst.runs.history import past_runs
from nst.steps import Start
from tests.engines.listening import ALL_FILES, listen, listen_on, listen_until, wait_until
from tests.engines.listening import an_engine as local_engine
from tests.engines.loops import SAFETY, Gate, a_step, job, paint

# --- the line ----------------------------------------------------------------------------------


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


def test_the_mask_of_a_job_reaches_the_loop(tmp_path):
    mask, masks = np.zeros((2, 2, 3), np.uint8), []

    def painted(content, styles, settings, options):
        masks.append(options.mask)
        return paint(content, styles, settings, options)

    a_job = job(steps=1)
    pictures = a_job.load()._replace(mask=mask)
    with local_engine(tmp_path, painted) as engine:
        listen(engine.submit(lambda: replace(a_job, load=lambda: pictures)))
    assert masks[0] is mask


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


def test_a_full_line_refuses_and_takes_again_when_somebody_leaves(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate, limits=Limits(waiting=2)) as engine:
        _, first, second = (engine.submit(lambda: job()) for _ in range(3))
        with pytest.raises(BusyError, match="2 runs are waiting, the limit is 2"):
            engine.submit(lambda: job())
        first.stop()
        third = engine.submit(lambda: job())
        assert gate.begun.get(timeout=SAFETY) == 100
        assert next(third.progress()).position == 2
        assert not second.over


def test_a_waiting_run_that_is_stopped_leaves_no_trace(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        engine.submit(lambda: job())
        waiting = engine.submit(lambda: job())
        waiting.stop()
        (record,) = listen(waiting)
        assert record.state == "stopped"
        assert (record.steps, record.files, record.preview) == ((), {}, None)
        assert not waiting.folder.exists()


# --- what a visitor may ask for ----------------------------------------------------------------


def test_a_run_ends_softly_at_its_limit_and_says_so_even_while_it_is_paused(an_engine, tmp_path):
    with an_engine(tmp_path, limits=Limits(run_seconds=0.3)) as engine:
        run = engine.submit(lambda: job(steps=5000))
        run.pause()
        last = listen(run)[-1]
    assert last.state == "stopped"
    assert last.notes[-1].startswith("The run was stopped after 0.3 s")
    assert set(last.files) == ALL_FILES


def test_the_limit_does_not_count_the_time_in_line(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate, limits=Limits(run_seconds=3)) as engine:
        first, second = engine.submit(lambda: job()), engine.submit(lambda: job(steps=1))
        assert listen(first)[-1].state == "stopped"
        gate.open(1)
        assert listen(second)[-1].state == "finished"


def test_visitors_take_turns(an_engine, tmp_path):
    gate = Gate()
    ann, bob = Visitor(session="ann"), Visitor(session="bob")
    with an_engine(tmp_path, gate, limits=Limits(waiting=20)) as engine:
        runs = [engine.submit(partial(job, colour=n, steps=1), visitor=ann) for n in range(4)]
        runs.append(engine.submit(lambda: job(colour=99, steps=1), visitor=bob))
        gate.open(100)
        assert all(listen(run)[-1].state == "finished" for run in runs)
    assert [gate.begun.get_nowait() for _ in runs] == [0, 99, 1, 2, 3]


def test_it_tells_whether_it_is_ready_and_how_many_wait(tmp_path):
    gate = Gate()
    with local_engine(tmp_path, gate) as engine:
        wait_until(lambda: engine.ready)
        runs = [engine.submit(lambda: job()) for _ in range(3)]
        assert gate.begun.get(timeout=SAFETY) == 100
        assert engine.waiting == 2
        runs[1].stop()
        assert engine.waiting == 1
    broken = LocalEngine("cuda:99", tmp_path)
    broken.submit(lambda: job()).stop()
    broken.close(SAFETY)
    assert not broken.ready


def test_a_run_is_painted_in_the_surroundings_of_whoever_submitted_it(tmp_path):
    who = contextvars.ContextVar("who")
    seen = []

    def asking(*arguments):
        for step in paint(*arguments):
            seen.append(who.get(None))
            yield step

    with local_engine(tmp_path, asking) as engine:
        who.set("ann")
        first = engine.submit(lambda: job(steps=1))
        who.set("bob")
        assert listen(first)[-1].state == "finished"
        assert listen(engine.submit(lambda: job(steps=1)))[-1].state == "finished"
    assert seen == ["ann"] * 2 + ["bob"] * 2


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


# --- whose runs they are, and those that go on ---------------------------------------------------


def test_a_run_belongs_to_whoever_it_was_submitted_for_and_is_live_until_it_is_over(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
        runs = [engine.submit(lambda: job(), owner="ann"), engine.submit(lambda: job(), owner="ann")]
        assert engine.live == {run.id for run in runs}
        gate.open(100)
        for run in runs:
            listen(run)
        wait_until(lambda: not engine.live)
        assert [past.end for past in past_runs(engine.results, "ann", engine.live)] == ["finished"] * 2
        assert past_runs(engine.results, "") == ()


def test_a_run_that_is_going_on_cannot_go_on_a_second_time(an_engine, tmp_path):
    gate = Gate()
    with an_engine(tmp_path, gate) as engine:
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


def test_the_picture_to_start_from_reaches_the_loop(tmp_path):
    seen = []

    def loop(*arguments):
        seen.append(arguments[3].start)
        yield from paint(*arguments)

    start = Start(job().content, 2)
    with local_engine(tmp_path, loop) as engine:
        listen(engine.submit(lambda: replace(job(), start=start)))
    assert seen == [start]


# --- the engine itself -------------------------------------------------------------------------


def test_many_starts_and_stops_leave_nothing_behind(an_engine, tmp_path):
    before = threading.active_count()
    with an_engine(tmp_path) as engine:
        running = threading.active_count()
        for _ in range(20):
            run = engine.submit(lambda: job(steps=5000))
            progress = listen_until(run, lambda record: bool(record.steps))
            run.stop()
            assert list(progress)[-1].state == "stopped"
        assert threading.active_count() == running
    assert threading.active_count() == before


def test_old_runs_are_forgotten_first_by_their_pictures_then_altogether(an_engine, tmp_path):
    gate = Gate()
    gate.open(3)
    with an_engine(tmp_path, gate) as engine:
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


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_that_is_over_holds_none_of_its_pictures_but_the_last(tmp_path, fails):
    def loop(content, _styles, settings, _options):
        yield a_step(0, 1, settings, content.copy())
        if fails:
            raise StyleError("Not this one.")
        yield a_step(1, 1, settings, content.copy(), end="finished")

    with local_engine(tmp_path, loop) as engine:
        jobs = [job()]
        content = weakref.ref(jobs[0].content)
        run = engine.submit(jobs.pop)
        last = listen(run)[-1]
        assert last.state == ("failed" if fails else "finished")
        wait_until(lambda: content() is None)
        assert last.preview is not None


def test_close_stops_what_is_painted_and_what_waits(tmp_path):
    engine = LocalEngine("cpu", tmp_path, paint=paint)
    running, waiting = engine.submit(lambda: job(steps=5000)), engine.submit(lambda: job())
    next(iter(running.steps()))
    engine.close(SAFETY)
    assert listen(running)[-1].state == "stopped"
    assert set(listen(running)[-1].files) == ALL_FILES
    assert listen(waiting)[-1].state == "stopped"
    with pytest.raises(RuntimeError):
        engine.submit(lambda: job())


def test_the_device_is_told_in_words_or_refused(tmp_path):
    with local_engine(tmp_path) as engine:
        assert engine.device.startswith("CPU")
    engine = LocalEngine("cuda:99", tmp_path, paint=paint)
    with pytest.raises(DeviceError, match="cuda:99"):
        _ = engine.device
    engine.close(SAFETY)


def test_the_module_does_not_load_torch():
    code = "import sys, nst.engines.local; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
