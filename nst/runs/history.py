"""Earlier runs: what their folders show, and how one that was interrupted goes on."""

import json
import logging
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from nst.errors import ImageError, NSTError
from nst.pictures.clips import make_film, open_clip
from nst.pictures.png import read_alpha
from nst.runs.checkpoint import read_checkpoint
from nst.runs.folder import FILES, FRAMES, OWNER, RUN_ID, RunFolder, writing
from nst.runs.inputs import read_content, read_input
from nst.settings import FilmSettings, Settings
from nst.steps import Film, Job, Pictures, Start

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A run as its folder shows it.

    ``document`` is what settings.json holds, ``names`` are those of the files that are there. ``end`` is "interrupted"
    for a run that is neither over nor going on.
    """

    folder: RunFolder
    document: Mapping[str, Any]
    names: Collection[str]
    end: Literal["finished", "stopped", "interrupted", "running"]
    content_title: str
    style_titles: tuple[str, ...]
    width: int
    height: int

    @property
    def frames(self) -> int:
        """How many frames its film has; 0 for a picture."""
        return int(self.document.get("frames", 0))

    @property
    def can_go_on(self) -> bool:
        """Whether something is left to paint: a run was interrupted, or a film stopped."""
        return self.end == "interrupted" or (self.end == "stopped" and self.folder.clip.name in self.names)

    @property
    def id(self) -> str:
        """The name of the folder."""
        return self.folder.id

    @property
    def mask_name(self) -> str:
        """The name of the mask's file or rule, or "" without a mask."""
        return str(self.document.get("mask") or "")

    @property
    def content(self) -> Path:
        """The path of the photo, made as small as the run could use it."""
        return self.folder.content

    @property
    def source(self) -> Path | None:
        """The path of what was painted: the photo, or the clip until its film is whole; then None."""
        if self.frames:
            return self.folder.clip if self.folder.clip.name in self.names else None
        return self.content

    @property
    def picture(self) -> Path:
        """The path of the newest picture: the result, a checkpoint, a frame or, before all of those, the photo."""
        for path in (self.folder.file("png"), self.folder.checkpoint):
            if path.name in self.names:
                return path
        return [self.content, *self.folder.frames()][-1]

    def painted_from(self, title: str, size: tuple[int, int]) -> bool:
        """Whether a photo of that title, and width and height, is the one that was painted."""
        return (title, [*size]) == (self.content_title, self.document.get("content_size"))

    @property
    def files(self) -> dict[str, Path]:
        """The finished files that are there, by kind."""
        return {kind: self.folder.file(kind) for kind, file in FILES.items() if file.name in self.names}


def past_runs(results: Path, owner: str, live: Collection[str] = (), most: int | None = None) -> tuple[PastRun, ...]:
    """The runs of one owner, newest first; folders that are damaged are left out.

    Args:
        results: the folder of all runs; it need not be there.
        owner: exactly the text that the runs were given; "" for those without one.
        live: the ids of the runs that are going on.
        most: how many are wanted; all when None.
    """
    try:
        with os.scandir(results) as entries:
            names = [entry.name for entry in entries if RUN_ID.fullmatch(entry.name) and not entry.is_symlink()]
    except OSError:
        return ()
    runs = (find_run(results, name, owner, live) for name in sorted(names, reverse=True))
    return tuple(islice((run for run in runs if run is not None), most))


def find_run(results: Path, run_id: str, owner: str, live: Collection[str] = ()) -> PastRun | None:
    """The run of that id, or None where there is none of this owner or its folder is damaged.

    Args:
        results, owner, live: see ``past_runs``.
        run_id: any text.
    """
    path = f"{results}/{run_id}"
    if not RUN_ID.fullmatch(run_id) or _owner(path) != owner:
        return None
    try:
        with open(f"{path}/{FILES['settings'].name}", "rb") as file:
            document = json.load(file)
        return _past_run(RunFolder(run_id, results / run_id, owner, resumable=True), document, run_id in live)
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.info("%s is not a whole run: %r", path, error)
        return None


def delete_run(results: Path, run_id: str, owner: str, live: Collection[str] = ()) -> bool:
    """Delete a run with all its files; False where ``find_run`` finds none.

    Raises:
        NSTError: it is going on.
        OutputError: its folder cannot be deleted.
    """
    past = find_run(results, run_id, owner, live)
    if past is None:
        return False
    if past.end == "running":
        raise NSTError("This run is still going on; stop it before you delete it.")
    with writing(past.folder.path):
        shutil.rmtree(past.folder.path)
    return True


def resume_job(past: PastRun) -> Job:
    """The job of a run that was interrupted, or of a film that was stopped, to go on with in its own folder.

    It goes on from its checkpoint, and a film after its last whole frame; one that has none yet begins anew.

    Raises:
        NSTError: nothing is left to paint, or a file that is needed is damaged or gone.
    """
    if not past.can_go_on:
        raise NSTError(f"This run is {past.end}; only a run that was interrupted, or a film, can go on.")
    document, folder = past.document, past.folder
    try:
        width, height = document["content_size"]
        settings, recipe, every = document["settings"], document["recipe"], document["picture_every"]
        film_settings = document["film"] if past.frames else None
    except (KeyError, ValueError):
        raise NSTError("This run cannot go on: its settings.json is not complete.") from None
    styles = [folder.style(number) for number, _ in enumerate(past.style_titles, start=1)]
    mask = folder.mask if past.mask_name else None
    for path in (folder.content, *styles, *([mask] if mask else [])):
        read_input(path)  # What is damaged or gone is said at once.
    return Job(
        content_size=(width, height),
        load=partial(_load, folder, styles, mask, (width, height)),
        settings=Settings.from_mapping(settings),
        content_name=past.content_title,
        style_names=past.style_titles,
        recipe=recipe,
        picture_every=every,
        start=_start(folder),
        sources=document.get("sources", {}),
        mask_name=past.mask_name,
        film=_film(folder, film_settings) if film_settings else None,
    )


def _film(folder: RunFolder, values: Mapping[str, Any]) -> Film:
    """The film of a run with these settings, from the clip in its folder."""
    settings = FilmSettings(**values)
    try:
        clip = open_clip(folder.clip)
    except ImageError:
        raise ImageError(f"This run cannot go on: its {folder.clip.name} is damaged or gone.") from None
    return make_film(clip, settings)


def _load(folder: RunFolder, styles: Sequence[Path], mask: Path | None, size: tuple[int, int]) -> Pictures:
    """What a run was painted from; ``size`` is the content's own."""
    paintings, alpha = tuple(map(read_input, styles)), read_alpha(folder.content)
    return Pictures(read_content(folder, size), paintings, alpha, read_input(mask) if mask else None)


def _start(folder: RunFolder) -> Start | None:
    if folder.checkpoint.exists():
        return read_checkpoint(folder.checkpoint)
    return Start(read_input(folder.start)) if folder.start.exists() else None


def _owner(path: str) -> str | None:
    """Whose the folder of a run is; None where that cannot be read."""
    # With bare names, because of a thousand runs most may be somebody else's.
    try:
        with open(f"{path}/{OWNER}", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError):
        return None


def _past_run(folder: RunFolder, document: Mapping[str, Any], live: bool) -> PastRun:
    """The run, if its folder is whole; else one of the errors that ``find_run`` expects."""
    names = frozenset(os.listdir(folder.path))
    if not names.issuperset({"content.png", FRAMES}):
        raise FileNotFoundError("its pictures are gone")
    return PastRun(
        folder=folder,
        document=document,
        names=names,
        end="running" if live else document["end"] or "interrupted",
        content_title=document["content"],
        style_titles=tuple(document["styles"]),
        width=document["width"],
        height=document["height"],
    )
