"""Runs that fail, and the worker that goes on."""

import pytest

from nst.errors import DeviceError, NSTError, OutputError, StyleError
from nst.runs.folder import RunFolder
from tests.engines.listening import an_engine, listen
from tests.engines.loops import a_step, job, paint


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
        failed, good = engine.submit(lambda: job(colour=1)), engine.submit(lambda: job(colour=2))
        last = listen(failed)[-1]
        assert last.state == "failed"
        assert sentence in str(last.error)
        assert type(failed.failure) is kind
        assert last.files == {}
        after = listen(good)[-1]
        assert after.state == "finished"
        assert after.error is None
        assert (after.preview.image == 2).all()


def test_a_loop_without_an_end_is_a_failure(tmp_path):
    def endless(_content, _styles, settings, _options):
        yield a_step(0, 5, settings, None)

    with an_engine(tmp_path, endless) as engine:
        assert "internal error" in str(listen(engine.submit(lambda: job()))[-1].error)


def test_results_that_cannot_be_written_are_refused_before_the_start(tmp_path):
    (tmp_path / "results").write_text("a file, not a folder")
    with an_engine(tmp_path) as engine, pytest.raises(OutputError, match="cannot be written"):
        engine.submit(lambda: job())


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
        last = listen(engine.submit(lambda: job(steps=5), where))[-1]
    assert last.state == "failed"
    assert "cannot be written: not a directory." in str(last.error)
