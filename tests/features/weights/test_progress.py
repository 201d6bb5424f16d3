"""What is told of a download."""

import time

import pytest

from nst.features.weights import progress
from nst.features.weights.progress import Fetched, Meter


def test_the_seconds_left_follow_from_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, seen = [100.0], []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    meter = Meter("VGG-19", 1000, seen.append)
    for seconds, done in ((0.0, 200), (0.05, 210), (0.2, 250), (2.0, 400), (4.0, 600), (4.01, 1000)):
        clock[0] = 100.0 + seconds
        meter.at(done)
    assert [record.done for record in seen] == [200, 250, 400, 600, 1000], "not more than ten a second, but the last"
    assert [record.seconds_left for record in seen[:2]] == [None, None]
    # What was there at the start says nothing about the pace: 200 bytes in 2 s, 600 to go; 400 in 4 s, 400 to go.
    assert [record.seconds_left for record in seen[2:]] == pytest.approx([6.0, 4.0, 0.0])


def test_a_stalled_start_has_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SETTLED_SECONDS", 0.0)
    monkeypatch.setattr(progress, "REPORT_SECONDS", 0.0)
    seen: list[Fetched] = []
    meter = Meter("VGG-19", 1000, seen.append)
    meter.at(0)
    meter.at(0)
    assert seen[-1].seconds_left is None


def test_amounts_are_for_people() -> None:
    assert Fetched(title="VGG-19", done=23_400_000, total=80_100_000).amount == "23 of 80 MB"
    assert Fetched(title="VGG-19", done=20, total=80).share == 0.25
    assert Fetched(title="VGG-19", done=20, total=0).share == 0
