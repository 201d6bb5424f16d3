"""The hidden folder beside a clip in which its frames are painted, one PNG each; what is killed goes on from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst.errors import OutputError
from nst.pictures.png import read_png
from nst.runs.destination import hidden_folder, locked, settings_document
from nst.runs.folder import RunFolder, new_id
from nst.runs.record import describes
from nst.steps import Job, Picture

#: What a clip can be written as.
ENDINGS = (".mp4", ".gif", ".webp")


class FilmFolder:
    """Where the frames of a film are kept until all are there.

    Args:
        clip: the file that they become, by its ending an MP4, GIF or WebP.

    Raises:
        OutputError: it has another ending, or is a folder.
    """

    def __init__(self, clip: Path) -> None:
        if clip.suffix.lower() not in ENDINGS or clip.is_dir():
            raise OutputError(f"{clip} must be a file that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
        self._clip = clip
        self.run_folder = RunFolder(new_id(), hidden_folder(clip))
        self._whole = False

    @contextmanager
    def reserve(self) -> Iterator[None]:
        """Keep other programs out; the folder is deleted at the end if it has no frame, or ``close`` was called.

        Raises:
            OutputError: another program writes there, or it cannot be written.
        """
        with locked(self.run_folder.path, self._clip, lambda: not self._whole and self.run_folder.painted > 0):
            yield

    def begin(self, job: Job) -> None:
        """Keep the frames that are there if they are of this job, and delete them if not.

        Raises:
            OutputError: the folder cannot be written.
        """
        if not describes(settings_document(self.run_folder.file("settings")), job):
            self.run_folder.begin()

    def frames(self) -> Iterator[Picture]:
        """The frames that are there, in order, each read when it is used."""
        return (read_png(self.run_folder.frame(number)) for number in range(1, self.run_folder.painted + 1))

    def close(self) -> None:
        """The clip is there, and no frame is needed any more."""
        self._whole = True
