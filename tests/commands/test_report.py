import json
from dataclasses import replace

import pytest

from nst.commands.report import BarReport, JsonReport
from nst.engines.base import Progress
from nst.engines.series import Item
from nst.settings import Settings
from tests.engines.loops import a_step

METRIC_VALUES = {"relative_style_loss": {"one": 0.25, "two": float("nan")}, "ssim": 0.5}


@pytest.fixture
def steps():
    first = a_step(0, 1, Settings(), None)
    second = a_step(1, 1, Settings(), None, end="finished", metrics=METRIC_VALUES)
    terms = {**second.losses.terms, "tv": float("inf")}
    return first, replace(second, losses=replace(second.losses, terms=terms, total=float("nan")))


def told(report, steps, tmp_path):
    """Everything from two records and the end."""
    notes = ("A note.",)
    report.show(Progress(state="running", steps=steps[:1], notes=notes))
    report.show(Progress(state="finished", steps=steps[1:], notes=notes))
    files = {"png": tmp_path / "result.png"}
    report.close(Item(name="photo", state="finished", run_id="20260101-000000-00000000", files=files))


def test_json_lines_are_strict_json_even_where_a_loss_is_not_finite(steps, tmp_path, capsys):
    told(JsonReport("photo.jpg"), steps, tmp_path)
    out, err = capsys.readouterr()
    lines = [json.loads(line, parse_constant=lambda word: pytest.fail(word)) for line in out.splitlines()]
    assert [line.get("step") for line in lines] == [0, 1, None]
    assert lines[0] == {
        "step": 0, "steps": 1, "scale": 1, "scales": 1, "width": 64, "height": 64, "content": 1.0, "style": 2.0,
        "style_layers": {"one": 3.0, "two": 4.0}, "tv": 5.0, "patch": 0.0, "total": 0.0, "seconds": 0.0,
    }  # fmt: skip
    assert (lines[1]["total"], lines[1]["tv"]) == (None, None)
    assert lines[2] == {
        "end": "finished", "photo": "photo.jpg", "id": "20260101-000000-00000000", "network": "plain", "device": "CPU",
        "metrics": {"relative_style_loss": {"one": 0.25, "two": None}, "ssim": 0.5},
        "files": {"png": str(tmp_path / "result.png")},
    }  # fmt: skip
    assert err == "A note.\n"


def test_the_bar_is_silent_where_nobody_watches_but_notes_and_the_end_are_told(steps, tmp_path, capsys):
    told(BarReport("photo.jpg"), steps, tmp_path)
    out, err = capsys.readouterr()
    assert err == "A note.\n"
    assert out.startswith("photo.jpg finished: 1 of 1 steps")
    assert "network plain on CPU" in out
    assert "\nRelative style loss: one 0.25, two nan. Distance of " in out
    assert "\nStructure kept: 0.5. SSIM of the luminance against the photo" in out
    assert str(tmp_path / "result.png") in out
