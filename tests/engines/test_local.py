"""The engine itself, from its start to its end."""

import contextvars
import subprocess
import sys
import threading
import weakref

import pytest

from nst.engines.local import LocalEngine
from nst.errors import DeviceError, StyleError
from tests.engines.listening import ALL_FILES, listen, listen_until, wait_until
from tests.engines.listening import an_engine as local_engine
from tests.engines.loops import SAFETY, Gate, a_step, job, paint


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


def test_many_starts_and_stops_leave_nothing_behind(an_engine, tmp_path):
    before = threading.active_count()
    with an_engine(tmp_path) as engine:
        running = threading.active_count()
        for _ in range(6):
            run = engine.submit(lambda: job(steps=5000))
            progress = listen_until(run, lambda record: bool(record.steps))
            run.stop()
            assert list(progress)[-1].state == "stopped"
        assert threading.active_count() == running
    assert threading.active_count() == before


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
