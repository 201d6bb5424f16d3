import csv
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from nst.errors import OutputError
from nst.pictures.png import read_png
from nst.runs import checkpoint
from nst.runs.checkpoint import read_checkpoint
from nst.runs.folder import NEEDED_MB, RunFolder
from nst.runs.record import FRAME_SIDE, MAX_FRAMES, display_name, frame_interval, needed_mb, record
from nst.settings import Settings
from nst.steps import Start
from tests.engines.loops import a_step, job

PICTURE = np.full((64, 64, 3), 9, np.uint8)


@pytest.fixture
def folder(tmp_path):
    return RunFolder.new(tmp_path / "results")


def some_steps(count, image=PICTURE, end="finished"):
    """``count`` Steps and the last one, all with the same image."""
    for index in range(count):
        yield a_step(index, count, Settings(), image)
    yield a_step(count, count, Settings(), image, end=end)


def test_frames_are_at_most_forty_two_and_not_far_fewer():
    for total in range(1, 3000):
        every = frame_interval(total)
        kept = {*range(0, total, every), total}
        assert len(kept) <= MAX_FRAMES
        assert len(kept) >= min(total, MAX_FRAMES / 2)


@pytest.mark.parametrize(
    ("total", "every", "interval"),
    [(4000, 100, 100), (200, 20, 20), (5000, 1, 1), (30, 100, 100)],
)
def test_frames_are_kept_at_the_interval_that_is_asked_for(total, every, interval):
    assert frame_interval(total, every) == interval


def test_the_disk_must_have_room_for_all_frames_that_are_asked_for():
    asked = job(steps=1000, size=1000)
    assert needed_mb(asked) == NEEDED_MB
    frame = asked.scales[-1].width * asked.scales[-1].height * 3
    steps = sum(scale.steps for scale in asked.scales)
    assert needed_mb(replace(asked, picture_every=1)) == NEEDED_MB + (steps + 2) * frame // 10**6


def test_steps_pass_through_unchanged_and_in_order(folder):
    steps = list(some_steps(3))
    passed = list(record(iter(steps), folder, job()))
    assert all(a is b for a, b in zip(passed, steps, strict=True))


def test_nothing_is_written_before_the_first_step(folder):
    def failing():
        raise OutputError("before the first step")
        yield

    with pytest.raises(OutputError, match="before the first"):
        list(record(failing(), folder, job()))
    assert not folder.path.exists()


def test_the_log_has_one_line_for_each_step(folder):
    list(record(some_steps(1), folder, job()))
    assert folder.file("log").read_text() == (
        "step,scale,size,content,style,one,two,tv,patch,total,seconds\n"
        "0,1,64x64,1,2,3,4,5,0,0,0.000\n"
        "1,1,64x64,1,2,3,4,5,0,1,0.100\n"
    )


def test_every_term_of_the_loss_has_a_column(folder):
    step = a_step(0, 1, Settings(), PICTURE)
    losses = replace(step.losses, terms={**step.losses.terms, "hue": 7.0})
    list(record([replace(step, losses=losses)], folder, job()))
    (row,) = csv.DictReader(folder.file("log").read_text().splitlines())
    assert row["hue"] == "7"


def test_the_log_can_be_read_while_it_grows(folder):
    for count, _ in enumerate(record(some_steps(5), folder, job()), start=1):
        text = folder.file("log").read_text()
        assert text.endswith("\n")
        assert len(list(csv.DictReader(text.splitlines()))) == count


def test_losses_that_are_not_finite_are_logged_as_such(folder):
    step = a_step(0, 1, Settings(), PICTURE, end="stopped")
    list(record([replace(step, losses=replace(step.losses, total=float("nan")))], folder, job()))
    assert folder.file("log").read_text().splitlines()[1].endswith(",nan,0.000")


def test_frames_are_kept_at_even_steps_and_at_the_end(folder):
    total = 100
    list(record(some_steps(total), folder, job()))
    assert frame_interval(total) == 3
    indices = [int(path.stem) for path in folder.frames()]
    assert indices == [*range(0, total, 3), 100]
    assert (read_png(folder.frame(3)) == 9).all()


def test_a_step_without_an_image_gives_no_frame(folder):
    steps = [replace(step, image=None) for step in some_steps(2, end=None)]
    list(record(steps, folder, job()))
    assert folder.frames() == []


def test_frames_of_large_pictures_are_made_smaller(folder):
    (step,) = some_steps(0, np.zeros((3000, 1500, 3), np.uint8))
    list(record([replace(step, width=1500, height=3000)], folder, job()))
    assert read_png(folder.frame(0)).shape == (FRAME_SIDE, FRAME_SIDE // 2, 3)


def test_a_picture_that_was_enlarged_is_a_frame_of_the_size_that_was_painted(folder):
    (step,) = some_steps(0, np.zeros((300, 150, 3), np.uint8))
    list(record([replace(step, width=32, height=64)], folder, job()))
    assert read_png(folder.frame(0)).shape == (64, 32, 3)


def test_frames_are_kept_where_the_job_asks_for_them(folder):
    list(record(some_steps(100), folder, replace(job(), picture_every=25)))
    assert [int(path.stem) for path in folder.frames()] == [0, 25, 50, 75, 100]


def test_settings_are_there_from_the_first_step(folder):
    steps = record(some_steps(5), folder, replace(job(steps=7), content_name="cat.jpg", style_names=("The Scream",)))
    next(steps)
    document = json.loads(folder.file("settings").read_text())
    assert document["settings"] == job(steps=7).settings.to_dict()
    assert document["id"] == folder.id
    assert (document["content"], document["styles"]) == ("cat.jpg", ["The Scream"])
    assert (document["network"], document["device"]) == ("plain", "CPU")


def test_names_of_files_are_text_and_never_paths(folder, tmp_path):
    evil = replace(job(), content_name="../../../etc/pass\x00wd\n", style_names=("..\\..\\<b>x</b>.png",))
    list(record(some_steps(2), folder, evil))
    document = json.loads(folder.file("settings").read_text())
    assert document["content"] == "passwd"
    assert document["styles"] == ["b>.png"]
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "settings.json", "log.csv", "content.png", "style-1.png", "000000.png", "000001.png", "000002.png",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a/b/photo.jpg", "photo.jpg"),
        ("", "picture"),
        ("///", "picture"),
        ("\u202egpj.exe", "gpj.exe"),
        ("x" * 200, "x" * 80),
    ],
)
def test_display_names_are_short_and_printable(name, shown):
    assert display_name(name) == shown


def test_the_settings_say_how_large_the_photo_was_and_where_frames_are_kept(folder):
    list(record(some_steps(2), folder, replace(job(), content_size=(120, 90), picture_every=5)))
    document = json.loads(folder.file("settings").read_text())
    assert (document["content_size"], document["picture_every"]) == ([120, 90], 5)


def test_checkpoints_are_written_with_the_settings_as_they_are_then(folder, monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1000.0)
    recorded = record(some_steps(20), folder, job())
    list(itertools.islice(recorded, 4))
    assert read_checkpoint(folder.checkpoint).index == 3
    assert json.loads(folder.file("settings").read_text())["step"] == 3


def test_a_folder_that_was_named_gets_no_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    folder = RunFolder("named", tmp_path / "out")
    list(record(some_steps(3), folder, job()))
    assert {path.name for path in folder.path.iterdir()} == {"settings.json", "log.csv", "frames"}


def test_after_a_checkpoint_the_log_and_the_frames_go_on_and_what_came_later_is_forgotten(folder):
    whole = list(some_steps(9))
    list(itertools.islice(record(whole, folder, job()), 8))
    before = folder.file("log").read_text().splitlines()
    with folder.file("log").open("a") as log:
        log.write("8,1,64x6")
    folder.file("png").touch()
    bright = [replace(step, image=PICTURE + 100) for step in whole[5:]]
    resumed = record(bright, folder, replace(job(), start=Start(PICTURE, 5)))
    next(resumed)
    assert folder.file("log").read_text().splitlines() == before[:7]
    assert [int(path.stem) for path in folder.frames()] == [0, 1, 2, 3, 4, 5]
    assert not folder.file("png").exists()
    list(resumed)
    rows = list(csv.DictReader(folder.file("log").read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(10))
    assert [int(read_png(path)[0, 0, 0]) for path in folder.frames()] == [9] * 5 + [109] * 5


def test_a_checkpoint_in_another_folder_begins_a_log_of_its_own(folder):
    list(record(list(some_steps(9))[5:], folder, replace(job(), start=Start(PICTURE, 5))))
    rows = list(csv.DictReader(folder.file("log").read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == [5, 6, 7, 8, 9]


def test_closing_it_closes_the_loop(folder):
    closed = []

    def loop():
        try:
            yield from some_steps(5)
        finally:
            closed.append(True)

    recorded = record(loop(), folder, job())
    next(itertools.islice(recorded, 1, None))
    recorded.close()
    assert closed == [True]
    assert len(folder.file("log").read_text().splitlines()) == 3


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        list(record(some_steps(1), RunFolder.new(tmp_path / "results"), job()))
