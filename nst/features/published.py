"""Trained weights that torchvision publishes, fetched into torch hub's cache when they are first used."""

import hashlib
from functools import partial
from pathlib import Path

from nst.download_progress import Download, Report
from nst.errors import DownloadError, WeightsError
from nst.fetch import fetch_file
from nst.networks import DEFAULT_NETWORK, Network, PublishedWeights


def fetch_published(network: Network, weights: PublishedWeights, report: Report) -> Path:
    """The file of a network's weights, fetched unless it is here.

    Args:
        report: called with how far the download is; what it raises ends the download, and nothing is kept.

    Raises:
        WeightsError: the file cannot be fetched, or what came is not the one that its name promises.
    """

    def progress(done: int, total: int) -> None:
        report(Download(title=network.title, done=done, total=total))

    path = weights.path()
    if not path.is_file():
        what, check = f"{network.title}'s trained weights", partial(_check_digest, weights.url)
        try:
            fetch_file(what, weights.url, path, check=check, progress=progress)
        except DownloadError as error:
            raise WeightsError(
                f"{error} Choose {DEFAULT_NETWORK.title} as the network: it is installed, and paints with these "
                "settings as well."
            ) from error
    return path


def _check_digest(url: str, file: Path) -> None:
    """Hold a file against the first digits of its SHA-256, which torchvision writes at the end of its name."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if not digest.startswith(Path(url).stem.rpartition("-")[2]):
        raise DownloadError(f"What {url} sent is damaged or another file: its SHA-256 begins with {digest[:8]}.")
