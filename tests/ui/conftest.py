"""A page for tests of its areas."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from nst.engines.local import LocalEngine
from nst.limits import Limits
from nst.ui.page import Areas, connect, lay_out
from nst.ui.studio import Studio
from nst.ui.uploads import Upload, accept
from nst.ui.visits import Session
from tests.engines import loops
from tests.ui.desk import SCREAM, Desk
from tests.ui.tabs import session


@pytest.fixture(autouse=True)
def pages_share_a_loop(no_loop_is_left_open: None) -> None:
    """See ``tests.conftest``."""


@pytest.fixture
def areas(tmp_path: Path) -> Iterator[Areas]:
    """Of a studio that paints at most 512 px."""
    engine = LocalEngine("cpu", tmp_path, paint=loops.paint)
    with gr.Blocks() as page:
        areas = lay_out(Studio(engine=engine, limits=Limits(size=512)))
        connect(areas, page)
    yield areas
    engine.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    engines = []

    def make(paint: Any = loops.paint, **options: Any) -> Desk:
        engine = LocalEngine("cpu", tmp_path / "results", paint=paint, paint_frames=loops.paint_frames, **options)
        engines.append(engine)
        return Desk(engines[-1])

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def photo(tmp_path: Path) -> Upload:
    path = tmp_path / "lion.png"
    Image.new("RGB", (96, 64), (120, 90, 30)).save(path)
    return accept(path)[0]


@pytest.fixture
def tab(photo: Upload) -> Session:
    """With a photo and a style."""
    return session(SCREAM, photo)
