"""What the status line says, beside what a run tells of itself."""

import pytest

from nst.engines.estimates import Estimate
from nst.ui.status_line import clock, estimate_line


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (3599.4, "59 min 59 s"), (3605, "1 h 0 min 5 s")],
)
def test_durations_have_their_seconds(seconds: float, said: str) -> None:
    assert clock(seconds) == said


def test_the_estimate_of_a_film_says_what_its_frames_take_on_the_disk() -> None:
    estimate = Estimate(seconds=65, bytes=1_600_000_000, disk=117_000_000)
    assert (
        "120 frames: about 1 min 5 s, 1.6\N{NO-BREAK SPACE}GB of memory, 117\N{NO-BREAK SPACE}MB on disk<"
        in estimate_line(estimate, 120)
    )
    assert "A run: about 1 min 5 s, 1.6\N{NO-BREAK SPACE}GB of memory<" in estimate_line(estimate)
