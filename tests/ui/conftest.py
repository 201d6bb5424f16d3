"""Every test here may build a page."""

import pytest


@pytest.fixture(autouse=True)
def pages_share_a_loop(no_loop_is_left_open: None) -> None:
    """See ``tests.conftest``."""
