"""What a studio on a Ray cluster counts, for Prometheus: Ray's own exporter serves it on every machine."""

from ray.util.metrics import Counter, Gauge, Histogram

from nst.engines.base import RunSummary

#: Upper bounds of the buckets of the histograms, in seconds.
BUCKETS = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0]


class ClusterMetrics:
    """Counters of one connection; with another one they begin at 0."""

    def __init__(self) -> None:
        self._runs = Counter("impasto_runs", "Runs that are over, by how they ended.", tag_keys=("state",))
        self._lost = Counter("impasto_painters_lost", "Painters that were lost during a run.")
        self._queue = Gauge("impasto_queue", "Runs that wait in line.")
        self._waiting = Histogram("impasto_waiting_seconds", "Time of a run in line.", boundaries=BUCKETS)
        self._painting = Histogram("impasto_painting_seconds", "Time of a run from line to files.", boundaries=BUCKETS)

    def count_run(self, run: RunSummary) -> None:
        """Count a run that was painted."""
        self._runs.inc(tags={"state": run.state})
        self._waiting.observe(run.waited)
        self._painting.observe(run.painted)

    def count_losses(self, painters: int) -> None:
        """Count painters that were lost during a run."""
        if painters:
            self._lost.inc(painters)

    def set_queue(self, waiting: int) -> None:
        """Take note of how many runs wait."""
        self._queue.set(waiting)
