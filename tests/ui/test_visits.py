"""What is remembered of visits, and of whom something is forgotten."""

from pathlib import Path

import pytest

from nst.jobs import PictureFile
from nst.ui import visits as module
from nst.ui.picks import Picks
from nst.ui.uploads import Upload
from nst.ui.visits import Remembered, Visits


def test_an_address_loses_its_own_least_recently_used() -> None:
    remembered: Remembered[int] = Remembered(each=2)
    remembered.put("ann", 0, "10.0.0.1")
    for number in (1, 2):
        remembered.put(f"bob {number}", number, "10.0.0.2")
    assert remembered.get("bob 1") == 1
    remembered.put("bob 3", 3, "10.0.0.2")
    assert [remembered.get(key) for key in ("ann", "bob 1", "bob 2", "bob 3")] == [0, 1, None, 3]
    assert sorted(remembered.values()) == [0, 1, 3]


def test_beyond_the_total_the_address_with_the_most_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOTAL", 3)
    remembered: Remembered[int] = Remembered(each=3)
    for number, address in enumerate(("a", "b", "b", "c")):
        remembered.put(str(number), number, address)
    assert [remembered.get(str(number)) for number in range(4)] == [0, None, 2, 3]


def test_a_visit_moves_with_its_browser() -> None:
    visits = Visits(each=1)
    visit = visits.enter(None, "10.0.0.1")
    assert visits.enter(visit.token, "10.0.0.2") is visit
    assert visit.address == "10.0.0.2"
    visits.enter(None, "10.0.0.1")
    assert visits.enter(visit.token, "10.0.0.2") is visit


def test_the_uploads_of_visits_are_those_that_are_chosen() -> None:
    visits = Visits()
    visits.enter(None)
    visit = visits.enter(None)
    visit.photo = Upload(path="/uploads/a/lion.png", name="lion", width=1, height=1)
    visit.picks = Picks(own=Upload(path="/uploads/b/own.png", name="own", width=1, height=1))
    visit.mask = PictureFile(path=Path("/uploads/c/drawing.png"), name="drawing")
    assert visits.uploads() == {Path(f"/uploads/{name}.png") for name in ("a/lion", "b/own", "c/drawing")}
    visit.mask = "portrait"
    assert len(visits.uploads()) == 2
