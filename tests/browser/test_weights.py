"""Weights that arrive while the page is open, in a real browser, from a server on this machine."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from playwright.sync_api import Browser

from nst.features.vgg import tensor_shapes
from tests.features.weights.server import FileServer
from tests.serving import PATIENCE, studio

pytestmark = pytest.mark.browser


def test_weights_fail_to_come_are_asked_for_again_and_arrive(browser: Browser, tmp_path: Path) -> None:
    caches = {"NST_CACHE": str(tmp_path / "cache"), "TORCH_HOME": str(tmp_path / "torch")}
    tensors = {f"features.{key}": torch.full(shape, 0.01) for key, shape in tensor_shapes("vgg19").items()}
    with FileServer() as server, studio(tmp_path, **caches, NST_WEIGHTS_URL=server.url) as running:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(running.url)
        page.wait_for_selector("#arrival .failed")
        assert "answers 404" in page.inner_text("#arrival")
        assert "built-in Gabor network paints" in page.inner_text("#network")

        server.piece, server.slow = 2**20, 0.03
        server.files["/vgg19.safetensors"] = safetensors.torch.save(tensors)
        page.get_by_role("button", name="Retry").click()
        page.wait_for_function("document.querySelector('#arrival').innerText.match(/[1-9]\\d* of 80 MB.*s left/)")
        bar = page.get_by_role("progressbar", name="Fetching VGG-19")
        assert 0 < int(bar.get_attribute("aria-valuenow") or 0) < 100
        assert "until they are here the built-in network paints" in page.inner_text("#network")

        page.wait_for_selector("#arrival .here")
        page.wait_for_function("document.querySelector('#network').innerText.startsWith('VGG-19 paints')")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_timeout(1500)
        assert asked == [], "the clock has stopped"
        page.click("#fine-tuning > button")
        assert page.inner_text("#set-layer-1 [data-testid=block-info]") == "conv1_1"
        page.close()
