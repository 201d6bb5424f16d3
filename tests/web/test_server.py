"""What the page and its API offer, and what is cleared away behind them."""

import os
import time
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import gradio as gr
import pytest

from nst.engines.base import Engine
from nst.engines.local import LocalEngine
from nst.limits import DAY, Limits
from nst.ui.studio import Studio
from nst.web.server import build, keep_clean
from nst.web.upload_folder import use_private_folder
from tests.web.conftest import until

pytestmark = pytest.mark.usefixtures("no_loop_is_left_open")


def an_engine(results: Path, live: Collection[str] = ()) -> Engine:
    """As much of an engine as is asked about its results."""
    return cast(Engine, SimpleNamespace(results=results, live=live))


def aged(folder: Path) -> Path:
    when = time.time() - DAY
    os.utime(folder, (when, when))
    return folder


def test_old_uploads_go_and_what_the_page_offers_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    (tmp_path / "all.zip").write_bytes(b"styles")
    with gr.Blocks() as page:
        button = gr.DownloadButton("All", str(tmp_path / "all.zip"))
    (offered,) = (Path(path) for path in button.keep_in_cache)
    os.utime(offered, (0, 0))
    aged(offered.parent)
    old = tmp_path / "uploads" / ("0a" * 32)
    old.mkdir()
    aged(old)
    limits = Limits(keep_seconds=DAY / 2)
    keep_clean(page, an_engine(tmp_path / "none"), limits, tmp_path / "uploads").set()
    assert not old.exists()
    assert offered.read_bytes() == b"styles"


def test_what_grows_old_while_the_page_is_open_goes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.web.server.HOUR", 0.01)
    with gr.Blocks() as page:
        pass
    young = tmp_path / "20260102-030405-01234567"
    young.mkdir()
    ended = keep_clean(page, an_engine(tmp_path), Limits(keep_seconds=DAY / 2))
    assert young.exists()
    aged(young)
    until(lambda: not young.exists())
    ended.set()


def test_runs_at_work_stay_and_of_the_others_as_many_as_there_is_space_for(tmp_path: Path) -> None:
    with gr.Blocks() as page:
        pass
    runs = [tmp_path / f"2026010{day}-030405-01234567" for day in range(1, 5)]
    for hours, run in zip((5, 4, 3, 2), runs, strict=True):
        run.mkdir()
        (run / "result.png").write_bytes(bytes(100_000))
        for path in (run / "result.png", run):
            os.utime(path, (time.time() - hours * 3600,) * 2)
    keep_clean(page, an_engine(tmp_path, {runs[0].name}), Limits(keep_bytes=250_000)).set()
    assert [run.exists() for run in runs] == [True, False, False, True]


def test_uploads_have_a_folder_of_their_own_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    assert use_private_folder(tmp_path) == tmp_path / "uploads"
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "uploads")
    monkeypatch.setenv("GRADIO_TEMP_DIR", "/elsewhere")
    assert use_private_folder(tmp_path) == Path("/elsewhere")


def test_no_handler_of_the_page_is_part_of_the_api(tmp_path: Path) -> None:
    engine = LocalEngine("cpu", tmp_path, paint=lambda *_, **__: iter(()))
    page = build(Studio(engine=engine))
    engine.close()
    assert set(page.get_api_info()["named_endpoints"]) == {"/stylize", "/film", "/grid", "/styles"}
    at_once = {(fn.api_name or "").rstrip("_0123456789") for fn in page.fns.values() if not fn.queue}
    assert {"stop_run", "pause_run", "see_frame"} <= at_once, "Stop and Pause are obeyed however many others wait"
