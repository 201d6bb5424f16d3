"""Limits that protect a shared machine, as opposed to those of a single picture."""

from dataclasses import dataclass

from nst.settings import MAX_WORK

#: In seconds.
DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class AddressLimits:
    """What one network address may take of a studio; the defaults are out of the way of a person at home.

    ``requests_minute`` bounds its requests in a minute, ``posts_minute`` those that change something, and
    ``events_minute`` those for the queue. At most ``open_requests`` are answered at once, ``posts`` of them posts, and
    at most ``pending`` events wait or are handled. At most ``half_open`` connections may be without a whole request.
    It may send ``upload_bytes_hour`` of uploads in an hour. ``tabs`` of its tabs, and as many visits, are remembered.
    """

    requests_minute: int = 60_000
    posts_minute: int = 18_000
    events_minute: int = 6_000
    open_requests: int = 512
    posts: int = 128
    pending: int = 100
    half_open: int = 256
    upload_bytes_hour: int = 4 * 10**9
    tabs: int = 500


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a studio allows; None is no bound.

    At most ``waiting`` runs may wait, ``waiting_each`` of one visitor, ``waiting_address`` of one address, and at most
    ``running_each`` and ``running_address`` are painted at once.
    A run that nobody listens to for ``grace_seconds`` is stopped. While others wait, its pauses last ``pause_seconds``
    in all.
    ``work`` bounds steps times pixels, ``size`` the long side of a result in pixels, ``clip_seconds`` the length of a
    clip. A run is stopped, and its picture kept, after ``run_seconds``. A grid has ``cells`` pictures at most. Results
    are deleted after ``keep_seconds``, the oldest of them earlier if results and uploads take more than
    ``keep_bytes``. A file that is uploaded has ``upload_mb`` at most, and a picture less (see
    ``nst.pictures.size_limits``). Trained weights that are not on the machine are downloaded for a run only if
    ``downloads``. ``address`` bounds what one network address may take.
    """

    waiting: int = 8
    waiting_each: int | None = None
    waiting_address: int | None = None
    running_each: int | None = None
    running_address: int | None = None
    work: int = MAX_WORK
    size: int | None = None
    clip_seconds: int | None = None
    run_seconds: float | None = None
    cells: int = 100
    grace_seconds: float | None = 600
    pause_seconds: float = 30
    keep_seconds: float = 30 * DAY
    keep_bytes: int = 5 * 10**9
    upload_mb: int = 500
    downloads: bool = True
    address: AddressLimits = AddressLimits()

    @property
    def upload_seconds(self) -> float:
        """For how long uploads are kept: as long as results, but a day at most."""
        return min(self.keep_seconds, DAY)

    @property
    def upload_bytes(self) -> int:
        """How much of ``keep_bytes`` uploads may take; results get what they leave."""
        return self.keep_bytes // 4

    @property
    def largest_upload(self) -> int:
        """Bytes that one upload may have: no more than all of them may take."""
        return min(self.upload_mb * 10**6, self.upload_bytes)


#: For a machine that strangers use.
HOSTED = Limits(
    waiting=16,
    waiting_each=1,
    waiting_address=4,
    running_each=1,
    running_address=4,
    work=1_000_000_000,
    size=1024,
    clip_seconds=30,
    run_seconds=600,
    cells=9,
    grace_seconds=60,
    keep_seconds=3600,
    keep_bytes=2 * 10**9,
    upload_mb=20,
    downloads=False,
    # Room for thirty people behind one address. The page acknowledges each live frame with a post.
    address=AddressLimits(
        requests_minute=4_000,
        posts_minute=1_800,
        events_minute=600,
        open_requests=128,
        posts=32,
        pending=32,
        half_open=64,
        upload_bytes_hour=200 * 10**6,
        tabs=200,
    ),
)
