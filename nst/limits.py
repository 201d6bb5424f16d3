"""Limits that protect a shared machine, as opposed to those of a single picture."""

from dataclasses import dataclass

from nst.settings import MAX_WORK

#: In seconds.
DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a studio allows; None is no bound.

    At most ``waiting`` runs may wait, ``waiting_each`` of one visitor, ``waiting_address`` of one address.
    A run that nobody listens to for ``grace_seconds`` is stopped. While others wait, its pauses last ``pause_seconds``
    in all.
    ``work`` bounds steps times pixels, ``size`` the long side of a result in pixels. A run is stopped, and its picture
    kept, after ``run_seconds``. Results are deleted after ``keep_seconds``, the oldest of them earlier if all take more
    than ``keep_bytes``. An upload has ``upload_mb`` at most. Trained weights that are not on the machine are downloaded
    for a run only if ``downloads``.
    """

    waiting: int = 8
    waiting_each: int | None = None
    waiting_address: int | None = None
    work: int = MAX_WORK
    size: int | None = None
    run_seconds: float | None = None
    grace_seconds: float | None = 600
    pause_seconds: float = 30
    keep_seconds: float = 30 * DAY
    keep_bytes: int = 5 * 10**9
    upload_mb: int = 40
    downloads: bool = True

    @property
    def upload_seconds(self) -> float:
        """For how long uploads are kept: as long as results, but a day at most."""
        return min(self.keep_seconds, DAY)


#: For a machine that strangers use.
HOSTED = Limits(
    waiting=16,
    waiting_each=1,
    waiting_address=4,
    work=1_000_000_000,
    size=1024,
    run_seconds=600,
    grace_seconds=60,
    keep_seconds=3600,
    keep_bytes=2 * 10**9,
    upload_mb=20,
    downloads=False,
)
