"""The operator's page, from an engine that says what it must show."""

from types import SimpleNamespace
from typing import Any, cast

from nst.engines.base import Engine, PainterState, RunSummary
from nst.web.operator import operator


def page(**facts: Any) -> str:
    engine = {"ready": True, "device": "2 x GPU", "waiting": 0, "painters": (), "summaries": (), **facts}
    return bytes(operator(cast(Engine, SimpleNamespace(**engine)))(None).body).decode()


def test_it_shows_what_each_painter_does_and_how_the_runs_went() -> None:
    text = page(
        waiting=3,
        painters=[
            PainterState("GPU", "painting", "one.example", 17, 2, step=12, steps=300),
            PainterState("", "away"),
        ],
        summaries=[
            RunSummary("waiting", 9.0, 0.0, ""),
            RunSummary("finished", 1.0, 20.0, ""),
            RunSummary("failed", 5.0, 0.5, "Not <enough> memory."),
        ],
    )
    assert "Ready on 2 x GPU. 3 waiting, 1 of 3 failed. Half of the last 2 runs waited 3 s or less." in text
    row = "<td>painting</td><td>12 of 300</td><td>GPU</td><td>one.example</td><td>17</td><td>2</td>"
    assert row in text
    assert "<td>away</td><td></td><td></td><td></td><td></td><td>0</td>" in text
    assert "<td>failed</td><td>5 s</td><td>0 s</td><td>Not &lt;enough&gt; memory.</td>" in text


def test_before_it_is_ready_it_does_not_wait_for_the_device() -> None:
    text = page(ready=False, device=property())
    assert "Not ready. 0 waiting." in text
    assert "<table>" not in text


def test_without_painters_and_runs_there_are_no_tables() -> None:
    assert "<table>" not in page()
