"""What the page shows when the studio refuses a request."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from nst.web.request_body import RefusedError

pytestmark = pytest.mark.browser


def test_a_refused_action_is_answered_in_one_sentence_on_the_page(visit: Callable[..., Page]) -> None:
    page = visit(tolerated="Failed to load resource: the server responded with a status of 429", fresh=True)
    sentence = "A network address may send 600 events a minute; wait a moment."
    answer = RefusedError(429, sentence).response()
    page.route(
        "**/gradio_api/queue/join*",
        lambda route: route.fulfill(status=429, body=bytes(answer.body), content_type="application/json"),
    )
    page.click("#examples [data-key=lion]")
    page.get_by_text(sentence).wait_for()


def test_an_upload_that_is_too_large_is_refused_before_it_is_sent(visit: Callable[..., Page]) -> None:
    page = visit()
    page.evaluate("document.querySelector('meta[name=largest-upload]').content = 40000000")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    file = {"name": "waves.json", "mimeType": "application/json", "buffer": bytes(40_100_000)}
    page.set_input_files("[data-testid='Load settings-upload-button']", file)
    page.get_by_text("waves.json is 40.1 MB; the limit is 40.").wait_for()
    assert not [url for url in asked if "upload" in url]
