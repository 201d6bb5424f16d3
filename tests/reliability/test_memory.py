"""Runs that want more memory than there is."""

import weakref

import numpy as np
import pytest

from nst.engines import failures
from tests.engines.listening import an_engine, listen, wait_until
from tests.engines.loops import a_step, job


@pytest.mark.parametrize(
    ("kind", "words"), [(MemoryError, ""), (RuntimeError, "CUDA out of memory. Tried to allocate 20.00 MiB.")]
)
def test_out_of_memory_at_a_step_leaves_nothing_behind(tmp_path, monkeypatch, kind, words):
    """The traceback of an error keeps everything that the loop had in its hands, so it must not be kept."""
    monkeypatch.setattr(failures.logger, "disabled", True)  # Pytest keeps what is logged, and with it the error.
    held: list[weakref.ref] = []

    def loop(content, _styles, settings, _options):
        activations = np.zeros(1_000_000)
        held.append(weakref.ref(activations))
        yield a_step(0, 2, settings, content)
        yield a_step(1, 2, settings, content)
        if len(held) == 1:
            raise kind(words)
        yield a_step(2, 2, settings, content, end="finished")

    with an_engine(tmp_path, loop) as engine:
        failed, good = engine.submit(lambda: job(colour=1)), engine.submit(lambda: job(colour=2))
        last = listen(failed)[-1]
        assert last.state == "failed"
        assert str(last.error) == "There is not enough memory for a picture of 64 x 64 px; choose a smaller size."
        after = listen(good)[-1]
        assert after.state == "finished"
        assert (after.preview.image == 2).all()
        wait_until(lambda: all(reference() is None for reference in held))
