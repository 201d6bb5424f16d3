"""What the page tells of an earlier run."""

import json
from pathlib import Path

import pytest

from nst.runs.history import find_run
from nst.ui.past_view import past_log, past_status
from tests.runs.making import recorded


def test_the_status_names_photo_style_size_and_what_was_changed(tmp_path: Path) -> None:
    past = find_run(tmp_path, recorded(tmp_path).id, "ann")
    assert past is not None
    status = past_status(past)
    for name, value in (("Photo", "cat"), ("Style", "The Scream"), ("Size", "64 × 64")):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in status
    assert "Recipe: Standard, with Size 64, Brush size 1, Steps 5." in status


def test_a_title_is_only_text(tmp_path: Path) -> None:
    folder = recorded(tmp_path)
    document = json.loads(folder.file("settings").read_text())
    folder.file("settings").write_text(json.dumps({**document, "content": "<b>cat</b>"}))
    past = find_run(tmp_path, folder.id, "ann")
    assert past is not None
    assert "&lt;b&gt;cat" in past_status(past)


def test_the_log_has_a_line_for_each_step_and_the_curve_a_point_for_each_term(tmp_path: Path) -> None:
    past = find_run(tmp_path, recorded(tmp_path).id, "ann")
    assert past is not None
    log, curve = past_log(past)
    assert "step 0: total 0  content 1  style 2\nstep 1: total 1  content 1  style 2" in log
    assert set(curve["term"]) == {"total", "content", "style"}
    (loss,) = curve[(curve["step"] == 2) & (curve["term"] == "style")]["loss"]
    assert loss == pytest.approx(0.30103)


def test_without_a_log_there_is_none(tmp_path: Path) -> None:
    folder = recorded(tmp_path)
    folder.file("log").unlink()
    past = find_run(tmp_path, folder.id, "ann")
    assert past is not None
    assert len(past_log(past)[1]) == 0
