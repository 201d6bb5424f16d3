"""The frames of a film that is being painted, one PNG each, in a hidden folder beside the clip that they become."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from nst.errors import OutputError
from nst.files import atomic
from nst.pictures.png import read_png, write_png
from nst.runs.destination import hidden_folder, locked
from nst.runs.folder import RunFolder, writing
from nst.steps import Picture, Step

#: What a clip can be written as.
ENDINGS = (".mp4", ".gif", ".webp")


class FilmFolder:
    """Where the frames of a film are kept until all are there; what is killed goes on from them.

    Args:
        clip: the file that they become, by its ending an MP4, GIF or WebP.

    Raises:
        OutputError: it has another ending, or is a folder.
    """

    def __init__(self, clip: Path) -> None:
        if clip.suffix.lower() not in ENDINGS or clip.is_dir():
            raise OutputError(f"{clip} must be a file that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
        self._clip = clip
        self._folder = RunFolder("", hidden_folder(clip))
        self._whole = False

    @contextmanager
    def reserve(self) -> Iterator[None]:
        """Keep other programs out; the folder is deleted at the end if it has no frame, or ``close`` was called.

        Raises:
            OutputError: another program writes there, or it cannot be written.
        """
        with locked(self._folder.path, self._clip, keep=lambda: not self._whole and self.painted > 0):
            yield

    @property
    def content(self) -> Path:
        """The path of the first frame of the clip that is painted."""
        return self._folder.content

    def begin(self, document: Mapping[str, Any]) -> None:
        """Keep the frames that are there if they are of this film, and delete them if not.

        Args:
            document: all that decides the pixels, as JSON can hold it.

        Raises:
            OutputError: the folder cannot be written.
        """
        path, text = self._folder.file("settings"), json.dumps(document, indent=2)
        with writing(self._folder.path):
            if path.exists() and path.read_text(encoding="utf-8") == text:
                return
            self._folder.begin()
            with atomic(path) as temporary:
                temporary.write_text(text, encoding="utf-8")

    @property
    def painted(self) -> int:
        """How many frames are there, from the first on."""
        paths = enumerate(self._folder.frames(), start=1)
        return sum(1 for _ in takewhile(lambda pair: pair[1] == self._folder.frame(pair[0]), paths))

    def read(self, number: int) -> Picture:
        """A frame that is there, by its number from 1: uint8 (H, W, 3).

        Raises:
            ImageError: it is damaged.
        """
        return read_png(self._folder.frame(number))

    def record(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Pass every Step on, after the frame that it finishes has been written.

        Raises:
            OutputError: the folder cannot be written.
        """
        for step in steps:
            if step.end == "finished" and step.image is not None:
                with writing(self._folder.path):
                    write_png(
                        self._folder.frame(step.frame), step.image,
                        settings=step.settings, network=step.network, device=step.device,
                    )  # fmt: skip
            yield step

    def frames(self) -> Iterator[Picture]:
        """The frames that are there, in order, each read when it is used."""
        return map(self.read, range(1, self.painted + 1))

    def close(self) -> None:
        """The clip is there, and no frame is needed any more."""
        self._whole = True
