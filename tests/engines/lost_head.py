"""A program: an engine whose cluster loses its head and gets it back, with a process of its own, as Ray could end it.

It prints what a new run hears meanwhile, and how the run at work and one after it ended.
"""

import os
import sys
from functools import partial
from pathlib import Path

from tests.engines.ray_nodes import ENVIRONMENT, NODE

os.environ |= ENVIRONMENT

from ray._private import ray_constants
from ray.cluster_utils import Cluster as Processes

from nst.engines import cluster_connection
from nst.engines.cluster import ClusterEngine
from nst.engines.cluster_connection import Cluster
from nst.errors import DeviceError
from nst.runs.history import past_runs
from tests.engines.listening import listen, wait_until
from tests.engines.loops import Held, job
from tests.serving import free_port

ray_constants.ENABLE_RAY_CLUSTER = False
cluster_connection.CHECK_SECONDS, cluster_connection.AWAY_SECONDS = 1.0, 5.0


def main(results: Path) -> None:
    head = {"include_dashboard": False, "gcs_server_port": free_port(), **NODE}
    processes = Processes(initialize_head=True, head_node_args=head)
    cluster = Cluster(f"127.0.0.1:{head['gcs_server_port']}", cores=1, warm=False)
    loop = Held(results)
    engine = ClusterEngine(cluster, results, paint=loop, preview_seconds=0.0)
    try:
        wait_until(lambda: engine.ready)
        run = engine.submit(partial(job, colour=1, steps=20))
        wait_until(lambda: run.latest.preview is not None and run.latest.preview.index > 3)
        processes.head_node.kill_all_processes(check_alive=False, allow_graceful=False, wait=True)
        wait_until(lambda: not cluster.reachable)
        try:
            engine.submit(job)
        except DeviceError as error:
            print(error)
        processes = Processes(initialize_head=True, head_node_args=head)
        loop.release(1, 2)
        wait_until(lambda: engine.ready)
        after = engine.submit(partial(job, colour=2))
        print(listen(run)[-1].state, listen(after)[-1].state)
        assert [past.end for past in past_runs(results, "")] == ["finished"] * 2
        assert [step.index for step in run.steps()] == list(range(21))
    finally:
        engine.close()
        processes.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
