"""A batch on the page, without a browser."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from nst.engines.local import LocalEngine
from nst.errors import ImageError, NSTError, StyleError
from nst.limits import Limits
from nst.pictures.decode import DAMAGED
from nst.ui import batch_work
from nst.ui.page import Areas, lay_out
from nst.ui.picks import Picks
from nst.ui.studio import Studio
from nst.ui.visits import Session
from tests.engines import loops
from tests.ui.tabs import session


@pytest.fixture
def gate() -> loops.Gate:
    return loops.Gate()


@pytest.fixture
def page(tmp_path: Path, gate: loops.Gate) -> Iterator[Areas]:
    engine = LocalEngine("cpu", tmp_path / "results", limits=Limits(waiting_each=1), paint=gate)
    with gr.Blocks():
        yield lay_out(Studio(engine=engine))
    engine.close()


def chosen(areas: Areas, tab: Session, folder: Path, *colours: str) -> Any:
    """The tab of the batch, with a photo of each colour."""
    batch = areas.tabs[0]
    for colour in colours:
        Image.new("RGB", (64, 64), colour).save(folder / f"{colour}.png")
    list(batch.add(tab, [str(folder / f"{colour}.png") for colour in colours]))
    return batch


def values(areas: Areas) -> list[Any]:
    """What the controls of the studio hold, for a picture of a few steps."""
    held = [part.value for part in areas.styles.choices]
    names = [*areas.settings.controls]
    for name, value in (("size", 64), ("steps", 5)):
        held[held.index(held[-len(areas.settings.components) :][names.index(name)])] = value
    return held


def states(batch: Any, tab: Session) -> list[str]:
    return [item.state for item in batch._work(tab).items.values()]


def wait(batch: Any, tab: Session) -> None:
    end = time.monotonic() + loops.SAFETY
    while batch._work(tab).working:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_missing_is_said(page: Areas, tmp_path: Path) -> None:
    tab = session()
    batch = page.tabs[0]
    with pytest.raises(ImageError, match="There are no photos yet"):
        batch.paint(tab, None, *values(page))
    chosen(page, tab, tmp_path, "red")
    with pytest.raises(StyleError, match="No style is picked yet"):
        batch.paint(tab, None, *values(page))
    with pytest.raises(NSTError, match="not painted yet"):
        batch.open(tab, SimpleNamespace(key="0-"))


def test_what_is_missing_of_a_photo_stands_beside_its_style(page: Areas, tmp_path: Path) -> None:
    tab, batch = session(Picks(keys=("scream",))), page.tabs[0]
    path = tmp_path / "cut.png"
    Image.effect_noise((64, 64), 50).save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    list(batch.add(tab, [str(path)]))
    batch._work(tab).styles = ["scream"]
    assert batch._cards(batch._work(tab))[0]["by"] == f"The Scream. {DAMAGED}"


def test_a_stop_keeps_the_picture_at_work_and_it_goes_on(page: Areas, gate: loops.Gate, tmp_path: Path) -> None:
    tab = session(Picks(keys=("scream",)))
    batch = chosen(page, tab, tmp_path, "red", "blue")
    batch.enter(tab, *values(page))
    batch.paint(tab, None, *values(page))
    assert gate.begun.get(timeout=loops.SAFETY) == 255
    with pytest.raises(NSTError, match="being painted"):
        batch.paint(tab, None, *values(page))
    with pytest.raises(NSTError, match="stop it first"):
        batch.forget(tab)
    batch.end(tab)
    wait(batch, tab)
    assert states(batch, tab) == ["stopped", "waiting"]
    assert batch._look(batch._work(tab))[batch.run]["value"] == "Go on"
    gate.open(100)
    batch.paint(tab, None, *values(page))
    list(batch.follow(tab, None))
    last = batch.finish(tab)
    assert states(batch, tab) == ["finished", "finished"]
    assert last[batch.zip]["value"].is_file()
    assert list(last[batch.list]["value"]["marks"].values()) == ["finished", "finished"]
    batch.paint(tab, None, *values(page))
    wait(batch, tab)
    assert states(batch, tab) == ["skipped", "skipped"]
    tab.choose_mask("upper")
    batch.paint(tab, None, *values(page))
    wait(batch, tab)
    assert states(batch, tab) == ["finished", "finished"], "another region is another picture"
    batch.forget(tab)
    assert batch._work(tab).photos == []


def test_it_ends_after_the_picture_at_work_when_nobody_looks(
    page: Areas, gate: loops.Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = session(Picks(keys=("scream",)))
    batch = chosen(page, tab, tmp_path, "red", "blue")
    batch.enter(tab, *values(page))
    batch.paint(tab, None, *values(page))
    gate.begun.get(timeout=loops.SAFETY)
    monkeypatch.setattr(batch_work, "LEFT_SECONDS", 0)
    gate.open(100)
    wait(batch, tab)
    assert states(batch, tab) == ["finished", "waiting"]


def test_two_visitors_take_turns(page: Areas, gate: loops.Gate, tmp_path: Path) -> None:
    tabs = [session(Picks(keys=("scream",))) for _ in range(2)]
    for tab, colours in zip(tabs, (("#0a0a0a", "#141414"), ("#1e1e1e", "#282828")), strict=True):
        batch = chosen(page, tab, tmp_path, *colours)
        batch.enter(tab, *values(page))
        batch.paint(tab, None, *values(page))
    gate.open(1000)
    followers = [threading.Thread(target=lambda tab=tab: list(batch.follow(tab, None))) for tab in tabs]
    for follower in followers:
        follower.start()
    order = [gate.begun.get(timeout=loops.SAFETY) for _ in range(4)]
    for follower in followers:
        follower.join(loops.SAFETY)
    assert order in ([10, 30, 20, 40], [30, 10, 40, 20])
