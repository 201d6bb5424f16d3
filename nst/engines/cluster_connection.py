"""The connection to a Ray cluster and the painters on it, both made anew after the head of the cluster was lost."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

# How long Ray's library survives without the head, in seconds: by default it then ends the whole program.
os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", "86400")
# A wrong address fails within seconds instead of minutes.
os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "2")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import nst
from nst.engines.cluster_remote import RemotePainter
from nst.errors import DeviceError

logger = logging.getLogger(__name__)

#: Seconds between two checks of the head and its machines, and until an absent head is given up and connected to anew.
CHECK_SECONDS = 2.0
AWAY_SECONDS = 20.0
#: Seconds until the first answer, for which Ray starts a process.
START_SECONDS = 60.0

#: In place of an address: a cluster on this machine, which ends with the program.
LOCAL = "local"


class Cluster:
    """A connected cluster.

    Args:
        address: of the head, "host:port"; "auto" for the cluster that this machine belongs to; ``LOCAL``.
        cores: of each painter, on CPUs; one painter for each GPU when None, or for each machine if there are none.
        weights: a file of trained weights on every machine; the network's own place when None.
        warm: see ``Painter``.

    Raises:
        DeviceError: there is no such cluster.
    """

    def __init__(
        self, address: str, cores: int | None = None, weights: str | Path | None = None, *, warm: bool = True
    ) -> None:
        self._address, self._cores, self._weights, self._warm = address, cores, weights, warm
        self.painters: list[RemotePainter] = []
        self._added: Callable[[RemotePainter], None] = _ignore
        self._answered = 0.0
        self._closed = threading.Event()
        self._connect()
        self._thread = threading.Thread(target=self._watch, name="nst-cluster", daemon=True)

    @property
    def reachable(self) -> bool:
        """Whether the head has answered lately."""
        return self._silence() < 3 * CHECK_SECONDS

    def serve(self, added: Callable[[RemotePainter], None]) -> None:
        """Call ``added`` with every painter, now and whenever there is another."""
        self._added = added
        for painter in self.painters:
            added(painter)
        self._thread.start()

    def close(self) -> None:
        """End the painters and the connection, and a cluster that was started here."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join(AWAY_SECONDS)
        for painter in self.painters:
            painter.abandon(kill=self.reachable)
        ray.shutdown()

    def _silence(self) -> float:
        """Seconds since the head answered."""
        return time.monotonic() - self._answered

    def _connect(self) -> None:
        try:
            if ":" in self._address:
                _probe(self._address)
            _init(self._address)
            context = ray.get_runtime_context()
            if self._address != LOCAL:
                self._address = context.gcs_address
            here = NodeAffinitySchedulingStrategy(context.get_node_id(), soft=False)
            remote = cast(Any, ray.remote)(num_cpus=0, max_restarts=-1, scheduling_strategy=here)
            self._head = remote(_Head).remote()
            self._check(START_SECONDS)
        except Exception as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
            raise DeviceError(f"The Ray cluster {self._address!r} cannot be reached: {reason}.") from None

    def _check(self, seconds: float = CHECK_SECONDS) -> None:
        """Ask the head for its machines, and start the painters that there is room for; RayError without an answer."""
        machines = ray.get(self._head.machines.remote(), timeout=seconds)
        self._answered = time.monotonic()
        count, resources, device = plan_painters(machines, self._cores)
        for _ in range(count - len(self.painters)):
            self.painters.append(RemotePainter(resources, device, self._weights, warm=self._warm))
            self._added(self.painters[-1])

    def _watch(self) -> None:
        """Thread: check again and again, and connect anew when the head has been away for too long."""
        while not self._closed.wait(CHECK_SECONDS):
            if self._silence() > AWAY_SECONDS:
                self._reconnect()
            else:
                with suppress(RayError):
                    self._check()

    def _reconnect(self) -> None:
        if self.painters:
            logger.warning("the head of the cluster %s is lost", self._address)
            for painter in self.painters:
                painter.abandon()
            time.sleep(2 * CHECK_SECONDS)  # No thread may wait for Ray when it shuts down.
            self.painters = []
        ray.shutdown()
        with suppress(DeviceError):
            self._connect()


class _Head:
    """An actor that asks the head in place of the page: where another head answers, Ray ends whoever asked."""

    def machines(self) -> list[dict[str, float]]:
        """The resources of each machine, by Ray's names."""
        return [machine["Resources"] for machine in ray.nodes() if machine["Alive"]]


def _ignore(_painter: RemotePainter) -> None:
    """Nobody serves yet."""


def plan_painters(machines: Sequence[Mapping[str, float]], cores: int | None) -> tuple[int, Mapping[str, float], str]:
    """How many painters machines have room for, what each reserves, and its device.

    Args:
        machines: the resources of each, by Ray's names.
        cores: see ``Cluster``.
    """
    gpus = int(sum(machine.get("GPU", 0) for machine in machines))
    if gpus and cores is None:
        return gpus, {"num_gpus": 1, "num_cpus": 0}, "cuda"
    processors = [int(machine.get("CPU", 0)) for machine in machines]
    cores = cores or min((count for count in processors if count), default=1)
    return sum(count // cores for count in processors), {"num_cpus": cores, "num_gpus": 0}, "cpu"


def _probe(head: str) -> None:
    """Raises an OSError where nobody listens: Ray would wait there for minutes."""
    host, port = head.rsplit(":", 1)
    socket.create_connection((host, int(port)), CHECK_SECONDS).close()


def _init(address: str) -> None:
    """Connect this program, whose code goes to all machines, so that every painter runs the same."""
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == LOCAL:
        options["include_dashboard"] = False
    else:
        options |= {"runtime_env": {"py_modules": [str(Path(nst.__file__).parent)]}}
    ray.init(address, **options)
