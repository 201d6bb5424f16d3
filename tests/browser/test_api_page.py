"""Gradio's page of the API in a real browser: it opens by its address, and its example runs."""

import re
from pathlib import Path

import pytest

from nst.pictures.decode import read_picture
from tests.browser.actions import Visit
from tests.serving import ROOT

pytestmark = pytest.mark.browser

#: Gradio's page asks for statistics, which are closed.
CLOSED = r"Failed to load resource: the server responded with a status of 404"


def test_the_page_of_the_api_opens_by_its_address_and_its_python_example_runs(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit("?view=api", tolerated=CLOSED)
    docs = page.locator(".api-docs")
    docs.wait_for()
    endpoint = docs.locator(".endpoint-container", has_text="/stylize").first
    assert "The name of a style of the gallery, or an uploaded picture." in endpoint.inner_text()
    code, quick = re.subn(
        'settings="standard"', 'settings={"size": 64, "steps": 1}', endpoint.locator("pre").first.inner_text()
    )
    assert quick == 1
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").write_bytes((ROOT / "assets" / "styles" / "mosaic.jpg").read_bytes())
    names: dict[str, object] = {}
    exec(compile(code, "the page", "exec"), names)
    names["client"].close()
    assert max(read_picture(names["result"]["file"]).shape) == 64
    docs.get_by_text("MCP", exact=True).click()
    docs.get_by_text("list_styles").first.wait_for()
