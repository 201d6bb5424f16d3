"""The same engine with its own thread, and with a painter of a Ray cluster on this machine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from nst.engines.local import LocalEngine
from tests.engines import listening
from tests.engines.ray_nodes import ENVIRONMENT, RayNodes, cluster_engine
from tests.pictures.films import film, grey


@pytest.fixture(scope="session")
def ray_nodes() -> Iterator[RayNodes]:
    """Two nodes with a painter each: processes of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        # Also for this process, which has imported Ray.
        patch.setattr("ray._private.ray_constants.ENABLE_RAY_CLUSTER", False)
        nodes = RayNodes()
        yield nodes
        nodes.close()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten grey frames, and a tone in the second half."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return film(path, [grey(number) for number in range(10)], sound="aac", faststart=True)


@pytest.fixture(params=["local", "cluster"])
def an_engine(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[LocalEngine]]:
    """Makes an engine with one worker around a loop; called like ``listening.an_engine``."""
    if request.param == "local":
        return listening.an_engine
    nodes: RayNodes = request.getfixturevalue("ray_nodes")
    return lambda *arguments, **options: cluster_engine(nodes.painters[:1], *arguments, **options)
