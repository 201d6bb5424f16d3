"""The same engine with its own thread, and with a painter of a Ray cluster on this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from nst.engines.local import LocalEngine
from tests.engines import listening
from tests.engines.ray_nodes import RayNodes, cluster_engine

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def ray_nodes() -> Iterator[RayNodes]:
    """Two nodes with a painter each: processes of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("RAY_AUTH_MODE", "disabled")  # Or Ray leaves a token in the home folder.
        # For this process and for the nodes: 127.0.0.1 alone, which Ray otherwise keeps to Windows and macOS.
        patch.setattr("ray._private.ray_constants.ENABLE_RAY_CLUSTER", False)
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        patch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
        # A dead node is noticed within two seconds, and not within half a minute.
        patch.setenv("RAY_health_check_initial_delay_ms", "0")
        patch.setenv("RAY_health_check_period_ms", "500")
        patch.setenv("RAY_health_check_failure_threshold", "3")
        nodes = RayNodes()
        yield nodes
        nodes.close()


@pytest.fixture(params=["local", "cluster"])
def an_engine(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[LocalEngine]]:
    """Makes an engine with one worker around a loop; called like ``listening.an_engine``."""
    if request.param == "local":
        return listening.an_engine
    nodes: RayNodes = request.getfixturevalue("ray_nodes")
    return lambda *arguments, **options: cluster_engine(nodes.painters[:1], *arguments, **options)
