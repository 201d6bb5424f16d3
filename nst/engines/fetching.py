"""Fetches VGG-19's trained weights in the background, for whoever wants to watch."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nst.errors import NSTError
from nst.features.weights.progress import Fetched, Stopped, Watch

logger = logging.getLogger(__name__)

Bring = Callable[[Watch, Callable[[], bool]], object]

BROKEN = "VGG-19's trained weights could not be fetched because of an internal error; the details are in the log."


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """How it stands with the weights: looked for, fetched, at hand, or not to be had, for the reason in ``error``.

    ``fetched`` is how far the download is, or was in the end; None where nothing had to be fetched.
    """

    state: Literal["looking", "fetching", "here", "failed"]
    fetched: Fetched | None = None
    error: str = ""

    @property
    def under_way(self) -> bool:
        """Whether anything is still going to change by itself."""
        return self.state in ("looking", "fetching")


class Fetcher:
    """One thread at a time that looks for VGG-19's weights and fetches them where there are none.

    Every method returns at once and may be called from any thread.

    Args:
        weights: a file of trained weights the user names, or None.
        bring: looks and fetches, called with a watch and a question whether to stop; for another source than the usual.
    """

    def __init__(self, weights: str | None = None, bring: Bring | None = None) -> None:
        self._bring = bring or _usual(weights)
        self._arrival = Arrival(state="looking")
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look, and fetch; nothing happens while that is under way."""
        with self._lock:
            if self._thread is not None and self._arrival.under_way:
                return
            self._arrival = Arrival(state="looking")
            self._thread = threading.Thread(target=self._work, name="nst-fetch", daemon=True)
            self._thread.start()

    def look(self) -> Arrival:
        """How it stands."""
        return self._arrival

    def close(self, timeout: float = 2.0) -> None:
        """Give up a download, which keeps what has come, and wait so many seconds for the thread to end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        """Thread: bring the weights, and say how that went."""
        try:
            self._bring(self._watch, self._stop.is_set)
            self._arrival = Arrival(state="here", fetched=self._arrival.fetched)
        except Stopped:
            logger.info("the download of weights was given up")
        except NSTError as error:
            self._arrival = Arrival(state="failed", error=str(error))
        except Exception:
            logger.exception("the weights could not be fetched")
            self._arrival = Arrival(state="failed", error=BROKEN)

    def _watch(self, fetched: Fetched) -> None:
        self._arrival = Arrival(state="fetching", fetched=fetched)


def _usual(weights: str | None) -> Bring:
    """Looks where weights usually are, and fetches those of VGG-19 into this program's cache."""

    def bring(watch: Watch, stopped: Callable[[], bool]) -> None:
        # Only here, in the thread, because these load torch.
        from nst.features.weights.catalogue import entry
        from nst.features.weights.fetch import fetch
        from nst.features.weights.places import first_place

        first = first_place("vgg19", weights)
        if first is None or first.own:
            fetch(entry("vgg19"), watch=watch, stopped=stopped)

    return bring
