"""app.py as it is, but with its long times made short, so that a test can wait for them, and what it does printed."""

import dataclasses
import logging
import sys

from nst import limits

limits.HOSTED = dataclasses.replace(limits.HOSTED, run_seconds=20.0, grace_seconds=2.0)

from nst.web import launch  # noqa: E402

logging.basicConfig(format="%(message)s")
logging.getLogger("nst").setLevel(logging.INFO)

if __name__ == "__main__":
    sys.exit(launch.main())
