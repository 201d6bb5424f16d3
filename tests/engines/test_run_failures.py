"""Runs that fail, and the worker that goes on."""

import shutil
from functools import partial

import pytest

from nst.errors import DeviceError, NSTError, OutputError, StyleError
from nst.runs.folder import RunFolder
from tests.engines.listening import ALL_FILES, listen, wait_until
from tests.engines.listening import an_engine as local_engine
from tests.engines.loops import a_step, job, paint


class FailingOn:
    """A loop that fails at the second step of a run whose picture has one of these colours."""

    def __init__(self, errors: dict[int, BaseException]) -> None:
        self._errors = errors

    def __call__(self, content, *others):
        steps = paint(content, *others)
        yield next(steps)
        error = self._errors.get(int(content[0, 0, 0]))
        if error is not None:
            raise error
        yield from steps


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (StyleError("No style."), StyleError, "No style."),
        (MemoryError(), DeviceError, "not enough memory for a picture of 64 x 64 px"),
        (RuntimeError("CUDA out of memory."), DeviceError, "not enough memory"),
        (ZeroDivisionError("secret"), NSTError, "internal error; the details are in the log."),
    ],
)
def test_the_worker_survives_and_the_next_run_is_painted(an_engine, tmp_path, error, kind, sentence):
    with an_engine(tmp_path, FailingOn({1: error})) as engine:
        failed, good = engine.submit(lambda: job(colour=1)), engine.submit(lambda: job(colour=2))
        last = listen(failed)[-1]
        assert last.state == "failed"
        assert sentence in str(last.error)
        assert type(last.error) is kind
        assert last.files == {}
        after = listen(good)[-1]
        assert after.state == "finished"
        assert after.error is None
        assert (after.preview.image == 2).all()


def endless(_content, _styles, settings, _options):
    yield a_step(0, 5, settings, None)


def test_a_loop_without_an_end_is_a_failure(an_engine, tmp_path):
    with an_engine(tmp_path, endless) as engine:
        assert "internal error" in str(listen(engine.submit(lambda: job()))[-1].error)


def test_results_that_cannot_be_written_are_refused_before_the_start(an_engine, tmp_path):
    (tmp_path / "results").write_text("a file, not a folder")
    with an_engine(tmp_path) as engine, pytest.raises(OutputError, match="cannot be written"):
        engine.submit(lambda: job())


def test_what_would_end_a_thread_ends_only_the_run(an_engine, tmp_path):
    errors = {1: SystemExit(), 2: GeneratorExit(), 3: KeyboardInterrupt()}
    with an_engine(tmp_path, FailingOn(errors)) as engine:
        *failed, good = [engine.submit(partial(job, colour=colour)) for colour in (*errors, 4)]
        assert ["internal error" in str(listen(run)[-1].error) for run in failed] == [True] * 3
        assert listen(good)[-1].state == "finished"
        assert engine.ready


def test_an_engine_without_its_painter_is_not_ready(tmp_path):
    with local_engine(tmp_path) as engine:
        wait_until(lambda: engine.ready)
    assert not engine.ready


def test_frames_that_cannot_be_written_are_one_note_and_the_result_is_there(tmp_path):
    def sabotaging(*arguments):
        steps = paint(*arguments)
        yield next(steps)
        frames = where.path / "frames"
        for frame in frames.iterdir():
            frame.unlink()
        frames.rmdir()
        frames.write_text("in the way")
        yield from steps

    where = RunFolder("named", tmp_path / "out")
    with local_engine(tmp_path, sabotaging) as engine:
        last = listen(engine.submit(lambda: job(steps=5), where))[-1]
    assert (last.state, set(last.files)) == ("finished", ALL_FILES)
    (note,) = last.notes
    assert note.endswith("Frames and log are not complete; the run goes on.")


def test_a_folder_that_is_deleted_during_the_run_gets_its_result_all_the_same(tmp_path):
    def sabotaging(*arguments):
        steps = paint(*arguments)
        yield next(steps)
        shutil.rmtree(where.path)
        yield from steps

    where = RunFolder("out", tmp_path / "out")
    with local_engine(tmp_path, sabotaging) as engine:
        last = listen(engine.submit(lambda: job(steps=5), where))[-1]
    assert (last.state, set(last.files), len(last.notes)) == ("finished", ALL_FILES - {"log"}, 1)
