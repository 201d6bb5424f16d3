"""Samples of the styles on the photo."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from nst.engines.local import LocalEngine
from nst.errors import ImageError
from nst.ui.page import Areas, lay_out
from nst.ui.photo import example
from nst.ui.picks import OWN, Picks
from nst.ui.studio import Studio
from nst.ui.uploads import accept
from nst.ui.visits import Session
from tests.engines import loops
from tests.ui.tabs import session


@pytest.fixture
def tab() -> Session:
    return session(photo=accept(*example("lion"))[0])


def shown(areas: Areas, changes: Any) -> set[str]:
    """The styles whose cards show a sample."""
    return set(changes[areas.styles.cards]["samples"])


def last(updates: Iterator[Any]) -> Any:
    *_, end = updates
    return end


def test_without_a_photo_there_is_nothing_to_try(areas: Areas) -> None:
    with pytest.raises(ImageError, match="no photo yet"):
        areas.samples.switch(session())


def test_every_card_gets_a_sample_one_after_the_other(areas: Areas, tab: Session) -> None:
    began = areas.samples.switch(tab)
    assert began[areas.styles.try_all] == "Stop trying"
    updates = [*areas.samples.paint(tab, None)]
    keys = [card["key"] for card in areas.styles.gallery]
    assert [len(shown(areas, update)) for update in updates] == [*range(1, len(keys) + 1), len(keys)]
    assert shown(areas, updates[-1]) == set(keys)
    assert updates[-1][areas.styles.try_all] == "Show the paintings"
    back = areas.samples.switch(tab)
    assert back[areas.styles.try_all] == "Try every style on your photo"
    assert shown(areas, back) == set()


def test_samples_are_kept_for_the_visit_by_photo(areas: Areas, tab: Session) -> None:
    lion = tab.photo
    areas.samples.switch(tab)
    last(areas.samples.paint(tab, None))
    areas.photo.choose_example(tab, SimpleNamespace(key="tower"))
    assert tab.samples() == {}
    tab.choose_photo(lion)
    assert len(shown(areas, areas.samples.switch(tab))) == 12
    assert shown(areas, areas.styles.show_cards(session(photo=lion))) == set(), "not those of another visitor"


def test_an_own_style_has_a_sample_until_it_is_replaced(areas: Areas, tab: Session, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "red.png")
    red = accept(tmp_path / "red.png")[0]
    tab.pick(Picks(keys=(OWN,), own=red))
    areas.samples.switch(tab)
    assert OWN in shown(areas, last(areas.samples.paint(tab, None)))
    tab.pick(replace(tab.picks, keys=("scream",)))
    assert OWN in tab.samples()
    tab.pick(Picks(keys=(OWN,), own=replace(red)))
    assert OWN not in tab.samples()


def test_it_ends_with_the_photo_and_with_the_tab(areas: Areas, tab: Session) -> None:
    areas.samples.switch(tab)
    updates = areas.samples.paint(tab, None)
    next(updates)
    areas.photo.choose_example(tab, SimpleNamespace(key="tower"))
    assert list(updates) == []
    areas.samples.switch(tab)
    gone = SimpleNamespace(session_hash="closed", client=None)
    assert len(shown(areas, last(areas.samples.paint(tab, gone)))) == 1
    assert not tab.sampling


def test_a_run_goes_first_and_a_sample_never_waits_in_the_line(tmp_path: Path, tab: Session) -> None:
    gate = loops.Gate()
    engine = LocalEngine("cpu", tmp_path, paint=gate)
    with gr.Blocks():
        areas = lay_out(Studio(engine=engine))
    areas.samples.switch(tab)
    updates: list[Any] = []
    thread = threading.Thread(target=lambda: updates.extend(areas.samples.paint(tab, None)))
    thread.start()
    gate.begun.get(timeout=loops.SAFETY)
    run = engine.submit(lambda: loops.job(colour=7))
    assert gate.begun.get(timeout=loops.SAFETY) == 7, "the sample has stopped"
    assert engine.waiting == 0
    assert len(engine.live) == 1
    run.stop()
    gate.begun.get(timeout=loops.SAFETY)
    tab.sampling = False
    thread.join(loops.SAFETY)
    assert not thread.is_alive()
    assert [len(shown(areas, update)) for update in updates] == [0]
    engine.close()
