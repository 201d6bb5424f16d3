"""A page for tests of its areas."""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from nst.engines.local import LocalEngine
from nst.limits import Limits
from nst.ui.page import Areas, connect, lay_out
from nst.ui.studio import Studio
from tests.engines import loops


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
