"""A visitor's batch at work: a thread paints it while somebody looks at the page."""

import contextvars
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nst.engines.base import Engine
from nst.engines.line import Visitor
from nst.engines.series import Item, Planned, Series, zip_pictures
from nst.errors import ImageError, NSTError
from nst.jobs import PictureFile
from nst.pictures.png import read_png
from nst.process import trim_heap
from nst.settings import by_label
from nst.ui.data_uri import data_uri

logger = logging.getLogger(__name__)

#: Long side of the small pictures of the list, in pixels, and their JPEG quality.
THUMB_SIDE, THUMB_QUALITY = 120, 75
#: A batch ends after the picture at work when nobody has listened for so many seconds: more than a reload takes.
LEFT_SECONDS = 15

BROKEN = "Something went wrong; the log of the studio has the details. Press the button again to go on."


@dataclass(frozen=True, kw_only=True)
class BatchPhoto:
    """A photo of a batch: its file, a small JPEG of it as a data URI, and why it cannot be used, or "".

    ``notes`` are sentences about what of it is missing or was left out.
    """

    file: PictureFile
    thumb: str = field(default="", repr=False)
    refusal: str = ""
    notes: tuple[str, ...] = ()


def read_photo(path: Path) -> BatchPhoto:
    """Decode a photo, for a look at it and to find out whether it can be used."""
    file = PictureFile(path=path, name=path.stem[:60])
    try:
        decoded = file.decode()
        notes = tuple(note.removeprefix(f"{file.name}: ") for note in decoded.notes)
        return BatchPhoto(file=file, thumb=data_uri(decoded.pixels, THUMB_SIDE, THUMB_QUALITY), notes=notes)
    except ImageError as error:
        return BatchPhoto(file=file, refusal=str(error))
    finally:
        trim_heap()  # Decoding takes several times the size of the picture, which the heap would keep.


@dataclass(kw_only=True, eq=False)
class BatchWork:
    """What a visitor has chosen for a batch, and what has become of it; by key of a picture.

    ``thumbs`` are small JPEGs of the painted ones as data URIs. ``heard`` is when somebody last looked.
    """

    photos: list[BatchPhoto] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    thumbs: dict[str, str] = field(default_factory=dict, repr=False)
    seconds_left: float | None = None
    archive: Path | None = None
    failure: str = ""
    heard: float = 0.0
    working: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def rows(self) -> list[tuple[str, BatchPhoto, str]]:
        """(key, photo, style) of each picture, and of each photo that cannot be used, or that has no style yet."""
        return [
            (f"{number}-{style}", photo, style)
            for number, photo in enumerate(self.photos)
            for style in ([""] if photo.refusal else self.styles or [""])
        ]

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End after the current step, keeping its picture."""
        self._stop.set()

    def start(self, engine: Engine, planned: Mapping[str, Planned], archive: Path, visitor: Visitor) -> None:
        """Paint pictures in a thread, and zip all that are painted at the end.

        Args:
            engine: what paints.
            planned: the pictures, by key.
            archive: where the zip goes.
            visitor: who asks for them.

        Raises:
            NSTError: it is at work already.
        """
        if self.working:
            raise NSTError("The batch is being painted already.")
        self._stop.clear()
        self.items = {key: Item(name=picture.name) for key, picture in planned.items()}
        self.working, self.failure, self.heard, self.seconds_left = True, "", time.monotonic(), None
        series = Series(
            lambda: engine, [*planned.values()], stopped=self._stop.is_set, visitor=visitor,
            last=lambda: not self._heard_lately(), listening=self._heard_lately,
        )  # fmt: skip
        context = contextvars.copy_context()  # On ZeroGPU, whose quota it uses.
        threading.Thread(target=context.run, args=(self._work, series, archive), name="nst-batch", daemon=True).start()

    def _work(self, series: Series, archive: Path) -> None:
        """Thread: paint and zip; whatever happens, it ends in a state that can be shown."""
        keys = [*self.items]
        try:
            for progress in series.paint():
                item = progress.items[progress.at]
                if item.state != "painting" and "png" in item.files:
                    picture = read_png(item.files["png"])
                    self.thumbs[keys[progress.at]] = data_uri(picture, THUMB_SIDE, THUMB_QUALITY)
                self.items[keys[progress.at]], self.seconds_left = item, progress.seconds_left
            archive.parent.mkdir(parents=True, exist_ok=True)
            self.archive = archive if zip_pictures(archive, self.items.values()) else None
        except NSTError as error:
            self.failure = error.sentence(by_label)
        except Exception:
            logger.exception("a batch failed")
            self.failure = BROKEN
        finally:
            self.working = False

    def _heard_lately(self) -> bool:
        return time.monotonic() - self.heard < LEFT_SECONDS
