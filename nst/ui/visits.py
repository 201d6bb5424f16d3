"""What the studio remembers of a browser and of each of its tabs, so that a reload or a lost line loses nothing."""

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass, field

from nst.engines.base import Run
from nst.jobs import PictureFile
from nst.ui.picks import OWN, Picks
from nst.ui.uploads import Upload

#: The visits that have been longest without a tab are forgotten beyond this number.
VISITS = 500
#: Samples of the styles are kept for so many photos of a visit.
SAMPLED_PHOTOS = 3

#: At most this many handlers of one tab are at work or wait for one another.
PENDING = 8

_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class PageRun:
    """A run that pages follow, and the photo it is painted from."""

    run: Run
    photo: Upload


@dataclass(kw_only=True, eq=False)
class Visit:
    """What all tabs of a browser share; the next one that is opened begins with it.

    The ``token``, which only the browser knows, is the key to everything of a visit.
    """

    token: str = field(repr=False)
    photo: Upload | None = None
    picks: Picks = field(default_factory=Picks)
    shown: PageRun | None = None
    #: Of the newest photos, by the path of the photo: key of a style -> the photo in that style, as a data URI.
    samples: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    @property
    def owner(self) -> str:
        """Stands for the visit in the folders of its runs; the token does not follow from it."""
        return hashlib.sha256(self.token.encode()).hexdigest()

    def secret(self, run_id: str) -> str:
        """A text about one of its runs that nobody else can know."""
        return f"{self.token} {run_id}"


class Visits:
    """The visits by token. Safe from any thread."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}
        self._lock = threading.Lock()

    def enter(self, token: object) -> Visit:
        """The visit of a token; a new one with a new token for whatever is none.

        A token that is not known, as after a restart of the studio, stays that of its browser.
        """
        valid = isinstance(token, str) and _TOKEN.fullmatch(token)
        key = str(token) if valid else secrets.token_urlsafe(32)
        with self._lock:
            visit = self._visits.pop(key, None) or Visit(token=key)
            self._visits[key] = visit
            for oldest in list(self._visits)[:-VISITS]:
                del self._visits[oldest]
        return visit


class Session:
    """What one tab works with: the photo, the picked styles, and the run that is on its easel, or None.

    Its handlers hold ``lock`` one after the other, so that Run waits for a photo that is still being read; each that
    is at work or waits in its thread for the lock holds ``pending``.
    """

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.lock, self.pending = threading.Lock(), threading.BoundedSemaphore(PENDING)
        self.photo, self.picks, self.shown = visit.photo, visit.picks, visit.shown
        #: The number of the last live frame that the tab has displayed.
        self.frame_seen = 0
        #: The id of the earlier run that is open below the easel, or "".
        self.opened = ""
        #: Whether samples of the styles on the photo are being painted, and whether the cards show them.
        self.sampling = self.showing_samples = False
        #: The picture that the next run begins from, if it was an earlier one.
        self.start: PictureFile | None = None

    @property
    def run(self) -> Run | None:
        """The run on the easel, waiting, painting or over."""
        return self.shown.run if self.shown else None

    @property
    def painting(self) -> bool:
        """Whether a run is on the easel that is not over."""
        return self.run is not None and not self.run.over

    def choose_photo(self, photo: Upload | None) -> None:
        """Take another photo, or none."""
        self.photo = self.visit.photo = photo
        self.start = None
        self.sampling = self.showing_samples = False

    def samples(self) -> dict[str, str]:
        """The samples of the styles on the photo so far; those of older photos are forgotten."""
        path, kept = self.photo.path if self.photo else "", self.visit.samples
        kept[path] = kept.pop(path, {})
        for oldest in list(kept)[:-SAMPLED_PHOTOS]:
            del kept[oldest]
        return kept[path]

    def pick(self, picks: Picks) -> None:
        """Take other styles; samples of an own style picture that is replaced are forgotten."""
        if picks.own is not self.picks.own:
            for samples in self.visit.samples.values():
                samples.pop(OWN, None)
        self.picks = self.visit.picks = picks

    def show(self, run: Run, photo: Upload) -> None:
        """Put a run on the easel."""
        self.shown = self.visit.shown = PageRun(run=run, photo=photo)
        self.frame_seen, self.start = 0, None

    def clear_easel(self) -> bool:
        """Take a run that is over off the easel; False where one is going on."""
        if self.painting:
            return False
        self.shown = self.visit.shown = None
        return True
