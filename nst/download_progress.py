"""The progress of a download of trained weights, and what is to be done with it."""

from collections.abc import Callable
from dataclasses import dataclass

from nst.errors import WeightsError
from nst.networks import DEFAULT_NETWORK


@dataclass(frozen=True, kw_only=True)
class Download:
    """How far a download of trained weights is: ``done`` of ``total`` bytes, 0 while the total is not known."""

    title: str
    done: int
    total: int

    @property
    def amount(self) -> str:
        """What has come, for people: "23 of 553 MB"."""
        return f"{self.done / 10**6:.0f} of {self.total / 10**6:.0f} MB"


class DownloadStopped(Exception):  # noqa: N818  (nothing is wrong)
    """A download is no longer wanted: raised by a Report, to end it."""


#: Called repeatedly with the progress of a download; raising an exception ends it.
Report = Callable[[Download], None]


def ignore_progress(_download: Download) -> None:
    """Do nothing."""


def refuse_download(download: Download) -> None:
    """Ends a download at once, with a WeightsError."""
    raise WeightsError(
        f"{download.title}'s trained weights are not on this machine, and none are fetched for visitors: "
        f"choose {DEFAULT_NETWORK.title} as the network."
    )
