"""app.py as it is, but with limits of a network address so small that a test reaches them in a moment."""

import sys
from dataclasses import replace

from nst import limits
from nst.web import connections

ADDRESS = limits.AddressLimits(
    requests_minute=300,
    posts_minute=200,
    events_minute=60,
    open_requests=16,
    posts=8,
    pending=3,
    half_open=20,
    upload_bytes_hour=3_000_000,
    tabs=20,
)
HEAD_SECONDS = 2.0

if __name__ == "__main__":
    limits.HOSTED = replace(limits.HOSTED, address=ADDRESS, grace_seconds=2.0)
    connections.HEAD_SECONDS = HEAD_SECONDS

    from nst.web import launch

    sys.exit(launch.main())
