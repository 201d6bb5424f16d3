"""What the studio remembers of a browser and of each of its tabs, so that a reload or a lost line loses nothing."""

import hashlib
import re
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from nst.engines.base import Run
from nst.jobs import Mask, PictureFile
from nst.limits import AddressLimits
from nst.ui.grid_view import Experiment
from nst.ui.picks import OWN, Picks
from nst.ui.uploads import Upload

V = TypeVar("V")

#: So many values of all addresses are remembered.
TOTAL = 5_000
#: Samples of the styles are kept for so many photos of a visit.
SAMPLED_PHOTOS = 3

#: At most this many handlers of one tab are at work or wait for one another.
PENDING = 8

_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)


class Remembered(Generic[V]):
    """Values by key, of which the least recently used are forgotten: none because of another network address.

    Beyond ``each`` values an address loses one of its own; beyond TOTAL, the address with the most does. Safe from any
    thread.
    """

    def __init__(self, each: int) -> None:
        self._each = each
        self._address: dict[str, str] = {}
        self._values: dict[str, OrderedDict[str, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> V | None:
        """The value of a key, which counts as used now, or None."""
        with self._lock:
            if key not in self._address:
                return None
            values = self._values[self._address[key]]
            values.move_to_end(key)
            return values[key]

    def put(self, key: str, value: V, address: str) -> None:
        """Remember a value, which now belongs to an address."""
        with self._lock:
            if key in self._address:
                self._forget(key)
            self._address[key] = address
            values = self._values.setdefault(address, OrderedDict())
            values[key] = value
            if len(values) > self._each:
                self._forget(next(iter(values)))
            if len(self._address) > TOTAL:
                largest = max(self._values, key=lambda address: len(self._values[address]))
                self._forget(next(iter(self._values[largest])))

    def values(self) -> list[V]:
        """All values, in no order."""
        with self._lock:
            return [value for values in self._values.values() for value in values.values()]

    def _forget(self, key: str) -> None:
        address = self._address.pop(key)
        del self._values[address][key]
        if not self._values[address]:
            del self._values[address]


@dataclass(frozen=True, kw_only=True)
class PageRun:
    """A run that pages follow, and the photo it is painted from."""

    run: Run
    photo: Upload


@dataclass(kw_only=True, eq=False)
class Visit:
    """What all tabs of a browser share; the next one that is opened begins with it.

    The ``token``, which only the browser knows, is the key to everything of a visit. ``address`` is the network address
    that it was last opened from.
    """

    token: str = field(repr=False)
    address: str = ""
    #: Whether no tab has been opened since the studio began to remember it.
    is_new: bool = True
    photo: Upload | None = None
    picks: Picks = field(default_factory=Picks)
    mask: Mask | None = None
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
    """The visits by token, ``each`` of one network address at most. Safe from any thread."""

    def __init__(self, each: int = AddressLimits.tabs) -> None:
        self._visits: Remembered[Visit] = Remembered(each)
        self._lock = threading.Lock()

    def enter(self, token: object, address: str = "") -> Visit:
        """The visit of a token; a new one with a new token for whatever is none.

        A token that is not known, as after a restart of the studio, stays that of its browser.
        """
        valid = isinstance(token, str) and _TOKEN.fullmatch(token)
        key = str(token) if valid else secrets.token_urlsafe(32)
        with self._lock:
            visit = self._visits.get(key) or Visit(token=key)
            visit.address = address
            self._visits.put(key, visit, address)
        return visit

    def uploads(self) -> set[Path]:
        """The files of the photos, style pictures and drawn masks that are chosen."""
        chosen = (file for visit in self._visits.values() for file in (visit.photo, visit.picks.own, visit.mask))
        uploads = [file.files if isinstance(file, Upload) else (file.path,) for file in chosen
                   if isinstance(file, Upload | PictureFile)]  # fmt: skip
        return {path.resolve() for paths in uploads for path in paths}


class Session:
    """What one tab works with: the photo, the picked styles, the mask, and the run that is on its easel, or None.

    Its handlers hold ``lock`` one after the other, so that Run waits for a photo that is still being read; each that
    is at work or waits in its thread for the lock holds ``pending``.
    """

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.lock, self.pending = threading.Lock(), threading.BoundedSemaphore(PENDING)
        self.photo, self.picks, self.mask, self.shown = visit.photo, visit.picks, visit.mask, visit.shown
        #: Changes with the mask, but not with the strokes of a drawing.
        self.mask_version = 0
        #: Whether a drawing went with the photo that it belonged to, which the page has yet to say.
        self.drawing_dropped = False
        #: The number of the last live frame that the tab has displayed.
        self.frame_seen = 0
        #: The id of the earlier run that is open below the easel, or "".
        self.opened = ""
        #: Whether samples of the styles on the photo are being painted, and whether the cards show them.
        self.sampling = self.showing_samples = False
        #: The grid of experiments that was begun last.
        self.experiment: Experiment | None = None
        #: The number of the frame that is looked at while a film is painted; 0 for the newest.
        self.frame_held = 0
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
        """Take another photo, or none; a drawing does not outlive its photo."""
        self.photo = self.visit.photo = photo
        if isinstance(self.mask, PictureFile):
            self.choose_mask(None)
            self.drawing_dropped = True
        self.start = None
        self.sampling = self.showing_samples = False

    def choose_mask(self, mask: Mask | None) -> None:
        """Take another mask, or none."""
        self.take_drawing(mask)
        self.mask_version += 1

    def take_drawing(self, mask: Mask | None) -> None:
        """Take the mask as it was drawn on the page, which shows it already."""
        self.mask = self.visit.mask = mask

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
        self.frame_seen, self.frame_held, self.start = 0, 0, None

    def clear_easel(self) -> bool:
        """Take a run that is over off the easel; False where one is going on."""
        if self.painting:
            return False
        self.shown = self.visit.shown = None
        return True
