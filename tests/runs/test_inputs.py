"""The pictures that a run began from."""

from dataclasses import replace

import numpy as np
import pytest

from nst.errors import ImageError
from nst.pictures.png import read_png
from nst.runs.folder import RunFolder
from nst.runs.inputs import read_content, read_input, write_inputs
from nst.steps import Job, Start
from tests.engines.loops import job_of
from tests.transfer.runs import picture


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder.new(tmp_path)
    folder.begin()
    return folder


def a_job(**settings: object) -> Job:
    styles = picture(300, 150, seed=1), picture(20, 40, seed=2)
    return job_of(picture(300, 400), *styles, **{"size": 100, **settings})


def test_pictures_are_as_small_as_the_finest_scale_can_use_and_never_enlarged(folder) -> None:
    write_inputs(folder, a_job(style_scale=2.0))
    shapes = [read_png(path).shape for path in (folder.content, folder.style(1), folder.style(2))]
    assert shapes == [(75, 100, 3), (200, 100, 3), (20, 40, 3)]
    assert not folder.start.exists()


def test_the_picture_that_a_run_begins_from_is_kept_too(folder) -> None:
    write_inputs(folder, replace(a_job(), start=Start(picture(150, 200, seed=3))))
    assert read_png(folder.start).shape == (75, 100, 3)


def test_the_mask_is_kept_as_it_is(folder) -> None:
    job = a_job()
    mask = picture(30, 40, seed=4)
    pictures = job.load()._replace(mask=mask)
    write_inputs(folder, replace(job, load=lambda: pictures))
    assert np.array_equal(read_png(folder.mask), mask)


def test_a_checkpoint_is_no_picture_that_a_run_begins_from(folder) -> None:
    write_inputs(folder, replace(a_job(), start=Start(picture(150, 200, seed=3), 7)))
    assert not folder.start.exists()


def test_the_photo_comes_back_at_its_own_size_and_looks_the_same(folder) -> None:
    job = a_job()
    write_inputs(folder, job)
    content = read_content(folder, (400, 300))
    assert content.shape == job.content.shape
    assert np.abs(content.astype(int) - job.content).mean() < 1


@pytest.mark.parametrize("data", [None, b"", b"\x89PNG\r\n\x1a\n damaged"])
def test_a_picture_that_is_damaged_or_gone_is_one_sentence(folder, data) -> None:
    if data is not None:
        folder.content.write_bytes(data)
    with pytest.raises(ImageError, match=r"^This run cannot go on: its content\.png is damaged or gone\.$"):
        read_input(folder.content)
