"""Runs that lose their painter, around painters without a process."""

from functools import partial
from pathlib import Path

from nst.engines.cluster import BEGAN_ANEW, GAVE_UP, WENT_ON, WENT_ON_FRAME
from nst.pictures.clips import open_clip
from tests.engines.listening import ALL_FILES, listen, steps_in_log, wait_until
from tests.engines.loops import film_job, job, paint_frames
from tests.engines.ray_nodes import LossyPainter, cluster_engine


def test_a_run_that_ends_two_painters_has_failed_and_the_next_one_is_painted(tmp_path: Path) -> None:
    with cluster_engine([LossyPainter(3, 4)], tmp_path) as engine:
        last = listen(engine.submit(partial(job, steps=9)))[-1]
        assert (last.state, str(last.error), last.notes) == ("failed", GAVE_UP, (WENT_ON.format(2),))
        after = listen(engine.submit(partial(job, steps=9)))[-1]
        assert (after.state, after.notes) == ("finished", ())
        assert [painter.state for painter in engine.painters] == ["idle"]


def test_a_run_goes_on_from_its_newest_picture_or_begins_anew(tmp_path: Path) -> None:
    for loss, note in ((0, BEGAN_ANEW), (7, WENT_ON.format(6))):
        with cluster_engine([LossyPainter(loss)], tmp_path / str(loss)) as engine:
            run = engine.submit(partial(job, colour=8, steps=9))
            records = listen(run)
            assert (records[-1].state, set(records[-1].files), records[-1].notes) == ("finished", ALL_FILES, (note,))
            heard = [step.index for record in records for step in record.steps]
            assert heard == steps_in_log(run) == list(range(10))


def test_a_run_stopped_while_nobody_can_paint_it_keeps_its_picture(tmp_path: Path) -> None:
    painter = LossyPainter(5, recovers=False)
    with cluster_engine([painter], tmp_path) as engine:
        run = engine.submit(partial(job, steps=400))
        wait_until(lambda: not painter.ready)
        assert (engine.ready, [painter.state for painter in engine.painters]) == (False, ["away"])
        run.stop()
        last = listen(run)[-1]
        assert (last.state, set(last.files)) == ("stopped", ALL_FILES)
        painter.recover()
        assert listen(engine.submit(partial(job, steps=1)))[-1].state == "finished"


def test_a_film_that_loses_its_painter_goes_on_unless_one_frame_ends_two(clip: Path, tmp_path: Path) -> None:
    with cluster_engine([LossyPainter((1, 1), (3, 1), (5, 0))], tmp_path, paint_frames=paint_frames) as engine:
        run = engine.submit(lambda: film_job(clip))
        last = listen(run)[-1]
        assert (last.state, last.notes) == ("finished", (BEGAN_ANEW, *map(WENT_ON_FRAME.format, (3, 5))))
        assert [step.frame for step in run.steps()] == list(range(1, 11))
    with cluster_engine([LossyPainter((2, 1), (2, 0))], tmp_path, paint_frames=paint_frames) as engine:
        last = listen(engine.submit(lambda: film_job(clip)))[-1]
        assert (last.state, str(last.error), last.notes) == ("failed", GAVE_UP, (WENT_ON_FRAME.format(2),))


def test_a_film_stopped_while_nobody_can_paint_it_has_the_frames_so_far(clip: Path, tmp_path: Path) -> None:
    painter = LossyPainter((3, 0), recovers=False)
    with cluster_engine([painter], tmp_path, paint_frames=paint_frames) as engine:
        run = engine.submit(lambda: film_job(clip))
        wait_until(lambda: not painter.ready)
        run.stop()
        assert listen(run)[-1].state == "stopped"
        assert [step.frame for step in run.steps()] == [1, 2]
        assert open_clip(run.folder / "progress.mp4").frames == 2
