"""deploy/SECURITY.md says what is so."""

import re
from pathlib import Path

import pytest

from nst.limits import HOSTED
from nst.pictures.size_limits import MAX_PIXELS, MAX_RATIO, MAX_SCANS
from nst.web.request_body import MAX_PLAIN_BYTES
from nst.web.upload_folder import FREE_BYTES

ADDRESS = HOSTED.address
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "deploy" / "SECURITY.md").read_text()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:nst|tests)/[\w/.]+)`", PAGE))))
def test_files_that_it_names_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_its_links_lead_to_files() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert targets
    assert all((ROOT / "deploy" / target).exists() for target in targets)


def test_it_tells_the_limits_as_they_are() -> None:
    for words in (
        f"{HOSTED.running_each} at work and {HOSTED.waiting_each} waiting for a visitor, ",
        f"{HOSTED.running_address} at work and {HOSTED.waiting_address} waiting for an address, ",
        f"{HOSTED.waiting} waiting in all",
        f"{HOSTED.size} px, {HOSTED.work // 10**9} 000 million steps x pixels",
        f"{HOSTED.run_seconds / 60:g} minutes",
        f"{MAX_PIXELS // 10**6} megapixels, {MAX_RATIO}:1, {MAX_SCANS} scans",
        f"{HOSTED.upload_mb} MB as an upload, else {MAX_PLAIN_BYTES // 10**6} MB",
        f"{ADDRESS.requests_minute} requests a minute, of these {ADDRESS.posts_minute} posts and "
        f"{ADDRESS.events_minute} events; {ADDRESS.pending} events waiting or handled; {ADDRESS.half_open} connections",
        f"{ADDRESS.upload_bytes_hour // 10**6} MB of uploads an hour",
        f"beyond {HOSTED.keep_bytes // 10**9} GB; no uploads below {FREE_BYTES // 10**6} MB",
    ):
        assert words in PAGE, words
