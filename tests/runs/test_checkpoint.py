"""Checkpoints: when they are written, and what is in them."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nst.errors import ImageError
from nst.runs import checkpoint
from nst.runs.checkpoint import CheckpointWriter, read_checkpoint
from nst.runs.folder import RunFolder
from nst.settings import Settings
from tests.engines.loops import a_step

ROOT = Path(__file__).parents[2]
PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
SETTINGS = Settings(style_weight=2.5)


class Clock:
    """A clock that only moves when it is told to."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(checkpoint, "time", clock)
    return clock


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder.new(tmp_path)
    folder.begin()
    return folder


def step(index: int = 7, **changes: object):
    return replace(a_step(index, 40, SETTINGS, PICTURE), **changes)


def test_it_is_written_every_five_seconds(clock, folder) -> None:
    writer = CheckpointWriter(folder)
    written = []
    for second in range(17):
        clock.now = 100.0 + second
        written.append(writer.write_if_due(step()))
    assert [second for second, done in enumerate(written) if done] == [5, 10, 15]


def test_where_writing_is_slow_it_takes_a_small_share_of_the_time(clock, folder, monkeypatch) -> None:
    def slow(*_arguments: object) -> None:
        clock.now += 0.6

    monkeypatch.setattr(checkpoint, "write_plain_png", slow)
    writer, spent = CheckpointWriter(folder), 0.0
    for _ in range(1000):
        clock.now += 1.0
        spent += 0.6 * writer.write_if_due(step())
    assert 0.02 < spent / (clock.now - 100) <= 0.03


@pytest.mark.parametrize("changes", [{"image": None}, {"index": 0}, {"end": "finished"}])
def test_only_a_step_with_a_picture_between_the_first_and_the_last_is_one(clock, folder, changes) -> None:
    writer = CheckpointWriter(folder)
    clock.now += 60
    assert not writer.write_if_due(step(**changes))
    assert not folder.checkpoint.exists()
    assert writer.write_if_due(step())


@pytest.mark.parametrize("scales", [1, 3])
def test_all_that_a_run_needs_comes_back(clock, folder, scales) -> None:
    writer = CheckpointWriter(folder)
    clock.now += 60
    assert writer.write_if_due(step(12, skipped=4, seconds=33.5, scales=scales))
    start = read_checkpoint(folder.checkpoint)
    assert np.array_equal(start.picture, PICTURE)
    assert (start.index, start.skipped, start.seconds) == (12, 4, 33.5)
    assert (start.settings, start.one_scale) == (SETTINGS, scales == 1)


def test_a_damaged_one_is_one_sentence(clock, folder) -> None:
    writer = CheckpointWriter(folder)
    clock.now += 60
    writer.write_if_due(step())
    whole = folder.checkpoint.read_bytes()
    for data in (b"", whole[:1000], whole.replace(b"Progress", b"Pr0gress"), whole[:-2000]):
        folder.checkpoint.write_bytes(data)
        with pytest.raises(ImageError, match=r"^This run cannot go on: its checkpoint\.png is damaged or gone\.$"):
            read_checkpoint(folder.checkpoint)


def test_it_can_be_read_at_any_moment_while_another_process_writes(folder) -> None:
    code = f"""
import sys
from pathlib import Path
from nst.runs import checkpoint
from nst.runs.folder import RunFolder
from tests.runs.test_checkpoint import step
checkpoint.SECONDS, checkpoint.SHARE = 0.0, 1000.0
writer = checkpoint.CheckpointWriter(RunFolder("", Path({str(folder.path)!r})))
for index in range(1, 1_000_000):
    writer.write_if_due(step(index))
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as writing:
        try:
            end = time.monotonic() + 60
            while not folder.checkpoint.exists() and time.monotonic() < end:
                time.sleep(0.01)
            indices = []
            while len(indices) < 300 or len(set(indices)) < 20:
                assert time.monotonic() < end, "it is not written"
                start = read_checkpoint(folder.checkpoint)
                assert np.array_equal(start.picture, PICTURE)
                indices.append(start.index)
        finally:
            writing.kill()
    assert indices == sorted(indices)
