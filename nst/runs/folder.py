"""The folder of one run: what lies where, and how it is made ready without harming what is there."""

import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from nst.errors import OutputError, ServerPath


@dataclass(frozen=True)
class OutputFile:
    """A file of a run: its name in the folder, and its label and the ending of its name where the page offers it."""

    name: str
    label: str = ""
    ending: str = ""


#: By kind, in the order in which they are finished; the zip is the last, as it packs the others.
FILES = {
    "png": OutputFile("result.png", "PNG\nthe picture", ".png"),
    "settings": OutputFile("settings.json", "JSON\nthe settings", ".json"),
    "log": OutputFile("log.csv", ending=".csv"),
    "gif": OutputFile("progress.gif", "GIF\nhow it was painted", ".gif"),
    "mp4": OutputFile("progress.mp4", "MP4\nhow it was painted", ".mp4"),
    "sheet": OutputFile("sheet.png", "Sheet\nphoto, style, picture", "-sheet.png"),
    "zip": OutputFile("result.zip", "ZIP\nall files and the log", ".zip"),
}
FRAMES = "frames"
#: The file that says whose a run is.
OWNER = "owner"
#: What the folders of runs are called.
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
#: Free space that a run must find at its start, in MB.
NEEDED_MB = 200


@dataclass(frozen=True)
class RunFolder:
    """Where one run writes. The path is made by us: nothing of a file name or title is in it.

    ``results/<time>-<random>/`` from :meth:`new` never exists before, and also gets what is needed to go on with
    the run, which makes it ``resumable``; ``owner`` says whose it is, or is "". At the end it gets files of these
    ``kinds``. Nothing is written before :meth:`begin`.
    """

    id: str
    path: Path
    owner: str = ""
    resumable: bool = False
    kinds: Collection[str] = tuple(FILES)

    @classmethod
    def new(cls, results: Path, owner: str = "") -> "RunFolder":
        """A fresh folder under ``results``, named after the time and four random bytes.

        Args:
            results: the folder of all runs.
            owner: a short text that stands for the visitor, such as a hash; "" for none.
        """
        run_id = new_id()
        return cls(run_id, results / run_id, owner, resumable=True)

    def file(self, kind: str) -> Path:
        """The path of a kind of file, one of ``FILES``."""
        return self.path / FILES[kind].name

    @property
    def content(self) -> Path:
        """The path of the photo."""
        return self.path / "content.png"

    def style(self, number: int) -> Path:
        """The path of a style picture, counted from 1."""
        return self.path / f"style-{number}.png"

    @property
    def clip(self) -> Path:
        """The path of the clip that is painted, until its film is whole."""
        return self.path / "clip"

    @property
    def before(self) -> Path:
        """The path of the clip at the film's size and frame rate, to be watched beside it."""
        return self.path / "before.mp4"

    @property
    def start(self) -> Path:
        """The path of the picture that the run began from, where there was one."""
        return self.path / "start.png"

    @property
    def mask(self) -> Path:
        """The path of the mask, where there was one."""
        return self.path / "mask.png"

    @property
    def checkpoint(self) -> Path:
        """The path of the newest checkpoint."""
        return self.path / "checkpoint.png"

    def frame(self, index: int) -> Path:
        """The path of the frame of step ``index``, or of the film's frame of that number."""
        return self.path / FRAMES / f"{index:06d}.png"

    @property
    def painted(self) -> int:
        """How many frames of a film are there, from the first on."""
        paths = enumerate(self.frames(), start=1)
        return sum(1 for _ in takewhile(lambda pair: pair[1] == self.frame(pair[0]), paths))

    def frames(self) -> list[Path]:
        """The frames written so far, oldest first."""
        return sorted((self.path / FRAMES).glob("[0-9]" * 6 + ".png"))

    def check(self, needed_mb: int = NEEDED_MB) -> None:
        """Check that a run could write here, before it starts.

        Args:
            needed_mb: free space to ask for, in MB.

        Raises:
            OutputError: not writable, or too little space.
        """
        base = self.path if self.path.exists() else self.path.parent
        with writing(base):
            base.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=base).close()
            free = shutil.disk_usage(base).free // 2**20
        if free < needed_mb:
            raise OutputError("The disk of ", ServerPath(base), f" has {free} MB free; a run needs {needed_mb} MB.")

    def begin(self) -> None:
        """Make the folder, without any file of an earlier run in it.

        Raises:
            OutputError: the folder cannot be written.
        """
        with writing(self.path):
            (self.path / FRAMES).mkdir(parents=True, exist_ok=True)
            if self.owner:
                (self.path / OWNER).write_text(self.owner, encoding="utf-8")
            for old in [*self.frames(), *map(self.file, FILES)]:
                old.unlink(missing_ok=True)

    def go_back(self, index: int) -> None:
        """Forget what was written of step ``index`` and of those after it, which are taken once more, and of the end.

        Of a film, ``index`` is the number of a frame.

        Raises:
            OutputError: the folder cannot be written.
        """
        with writing(self.path):
            later = [frame for frame in self.frames() if int(frame.stem) >= index]
            for path in [*later, *(self.file(kind) for kind in FILES if kind not in ("settings", "log"))]:
                path.unlink(missing_ok=True)
            with self.file("log").open("r+b") as log:
                kept = len(log.readline())
                while _step_before(line := log.readline(), index):
                    kept += len(line)
                log.truncate(kept)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError raised inside into an OutputError, one sentence about ``path``.

    Raises:
        OutputError: for any OSError.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(".").lower()
        raise OutputError("The folder ", ServerPath(path), f" cannot be written: {reason}.") from error


def new_id() -> str:
    """The name of a run: the time and four random bytes."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"


def _step_before(line: bytes, index: int) -> bool:
    """Whether a line of the log is whole and of a step before ``index``."""
    step = line.partition(b",")[0]
    return line.endswith(b"\n") and step.isdigit() and int(step) < index
