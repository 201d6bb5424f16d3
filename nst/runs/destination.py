"""A folder or file that the user names for the files of a run: it keeps what it has until the new picture is whole."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from nst.errors import ImageError, OutputError
from nst.pictures.convert import check_format, convert_picture, is_picture_name
from nst.runs.checkpoint import read_checkpoint
from nst.runs.folder import FILES, FRAMES, RunFolder, new_id, writing
from nst.runs.history import past_runs
from nst.runs.record import describes
from nst.steps import Job

#: The hidden folder in which a run paints.
UNFINISHED = ".unfinished"


class Destination:
    """Where one run's files go at its end; until then they lie in a hidden folder beside.

    Args:
        path: a picture file, by its ending, or else a folder that gets every file directly.
        all_files: whether the other files go beside a picture file, under names that begin like its own.
        resumable: whether a run that is killed leaves what is needed to go on with it, see ``resumed``.
    """

    def __init__(self, path: Path, *, all_files: bool = False, resumable: bool = False) -> None:
        self._path = path
        self._is_file = is_picture_name(path)
        self._folder = path.parent if self._is_file else path
        hidden = hidden_folder(path) if self._is_file else path / UNFINISHED
        kinds = tuple(FILES) if all_files or not self._is_file else ("png",)
        self.run_folder = RunFolder(new_id(), hidden, resumable=resumable, kinds=kinds)

    def finished(self, job: Job) -> dict[str, Path]:
        """kind -> path of the files that an earlier run of the same job left here; nothing unless it was finished."""
        document = settings_document(self._target("settings"))
        # The zip is moved last.
        if document.get("end") != "finished" or not describes(document, job) or not self._target("zip").exists():
            return {}
        paths = {kind: self._target(kind) for kind in self.run_folder.kinds}
        return {kind: path for kind, path in paths.items() if path.exists()}

    def resumed(self, job: Job) -> Job:
        """The job, from the checkpoint of an earlier run of it that was killed here, where there is one."""
        folder = self.run_folder
        if describes(settings_document(folder.file("settings")), job):
            with suppress(ImageError):  # It had no checkpoint yet, or that is damaged.
                return replace(job, start=read_checkpoint(folder.checkpoint))
        return job

    @contextmanager
    def reserve(self, size: tuple[int, int]) -> Iterator[None]:
        """Keep other runs out, and leave nothing of the hidden folder at the end.

        Args:
            size: width and height of the picture in pixels.

        Raises:
            OutputError: another run writes there, it cannot be written, the format cannot hold the picture, or files
                that are not from a run have the names that this one would use.
        """
        if self._is_file:
            check_format(self._path, size)
        self._check_replaceable()
        with locked(self.run_folder.path, self._path):
            yield

    def deliver(self, files: Mapping[str, Path]) -> dict[str, Path]:
        """Move the files of a run to their places, unless it has no picture; an earlier run's are replaced or deleted.

        Args:
            files: kind -> path in the hidden folder.

        Returns:
            kind -> path of those that have been moved.

        Raises:
            OutputError: one cannot be written.
        """
        if "png" not in files:
            return {}
        with writing(self._folder):
            for kind in self.run_folder.kinds:
                if kind == "png" and self._is_file:
                    convert_picture(files[kind], self._path)
                elif kind in files:
                    files[kind].replace(self._target(kind))
                else:
                    self._target(kind).unlink(missing_ok=True)
            if "log" in self.run_folder.kinds:
                self._deliver_frames()
        return {kind: self._target(kind) for kind in files}

    def _deliver_frames(self) -> None:
        frames = self._frames
        frames.mkdir(exist_ok=True)
        for old in self._earlier_frames():
            old.unlink()
        for frame in self.run_folder.frames():
            frame.replace(frames / frame.name)

    def _target(self, kind: str) -> Path:
        if not self._is_file:
            return self._folder / FILES[kind].name
        return self._path if kind == "png" else self._path.with_name(self._path.stem + FILES[kind].ending)

    @property
    def _frames(self) -> Path:
        return self._folder / (f"{self._path.stem}-{FRAMES}" if self._is_file else FRAMES)

    def _earlier_frames(self) -> list[Path]:
        return [*self._frames.glob("[0-9]" * 6 + ".png")]

    def _check_replaceable(self) -> None:
        """Files by our names are replaced only where a run wrote its settings beside them; a named file always is."""
        if self._is_file and self._path.is_dir():
            raise OutputError(f"{self._path} is a folder; name a file, or a folder without the ending of a picture.")
        paths = [self._target(kind) for kind in self.run_folder.kinds if not (self._is_file and kind == "png")]
        taken = [path for path in [*paths, *(self._earlier_frames() if paths else ())] if path.exists()]
        if taken and not {"settings", "version"} <= settings_document(self._target("settings")).keys():
            raise OutputError(
                f"{taken[0]} already exists and was not written by an earlier run; choose another folder."
            )


class ResultsFolder:
    """A fresh folder among the results, which a run writes directly; used like a ``Destination``."""

    def __init__(self, results: Path, owner: str = "") -> None:
        self._results, self._owner = results, owner

    @cached_property
    def run_folder(self) -> RunFolder:
        """The folder, named after the time when it was first needed."""
        return RunFolder.new(self._results, self._owner)

    def finished(self, job: Job) -> dict[str, Path]:
        """kind -> path of the files of the newest finished run of the same job and owner, if there is one."""
        runs = past_runs(self._results, self._owner)
        return next((run.files for run in runs if run.end == "finished" and describes(run.document, job)), {})

    def resumed(self, job: Job) -> Job:
        """The job itself: the folder is fresh."""
        return job

    @contextmanager
    def reserve(self, _size: tuple[int, int]) -> Iterator[None]:
        """Nothing has to be kept out: no other run has this folder."""
        yield

    def deliver(self, files: Mapping[str, Path]) -> dict[str, Path]:
        """The files stay where they are."""
        return dict(files)


def hidden_folder(file: Path) -> Path:
    """The hidden folder beside a file in which that is made."""
    # Not the name itself, which may be as long as a name can be.
    digest = hashlib.sha256(os.fsencode(file.name)).hexdigest()[:8]
    return file.parent / f"{UNFINISHED}-{digest}"


@contextmanager
def locked(hidden: Path, place: Path, keep: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Make a hidden folder that one program at a time has, and delete it at the end, unless that says to ``keep`` it.

    The folder around it is made too where it is missing, and deleted if it is still empty at the end.

    Raises:
        OutputError: another program has it; the sentence names the place that it stands for.
    """
    lock, is_new = FileLock(hidden / "lock"), not hidden.parent.exists()
    with writing(hidden.parent):
        hidden.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(f"Another run is writing to {place}; wait for its end or choose another place.") from None
    try:
        yield
    finally:
        if not keep():
            shutil.rmtree(hidden, ignore_errors=True)
        lock.release()
        if is_new:
            with suppress(OSError):  # It is no longer empty.
                hidden.parent.rmdir()


def settings_document(path: Path) -> dict[str, Any]:
    """What a settings.json holds; nothing where there is none, or it is damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
