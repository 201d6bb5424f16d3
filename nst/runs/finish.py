"""After the last Step: the picture, its making as GIF and MP4, the comparison sheet, and all of it as a zip.

Of a film, MP4 and GIF are the film.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import overload

from nst.files import atomic
from nst.pictures.animation import write_gif, write_mp4
from nst.pictures.clip_writer import write_clip
from nst.pictures.clips import film_frames
from nst.pictures.png import read_png, write_png
from nst.pictures.resize import fit_alpha
from nst.pictures.sheet import comparison_sheet
from nst.runs.folder import FILES, RunFolder, writing
from nst.runs.record import display_name, settings_at, write_settings
from nst.steps import Alpha, Film, Job, Picture, Step

#: A film that is longer is too large as a GIF.
GIF_SECONDS = 5


def finish(folder: RunFolder, job: Job, last: Step) -> Iterator[tuple[str, Path]]:
    """Write what a run leaves behind, one file after the other, the picture first.

    Args:
        folder: where ``record`` has written.
        job: what was painted from.
        last: the last Step, finished or stopped; it has an image.

    Yields:
        (kind, path) of each file as soon as it is there whole; the kinds are those of the folder.

    Raises:
        OutputError: a file cannot be written.
    """
    with writing(folder.path):
        folder.path.mkdir(parents=True, exist_ok=True)
    writers = _WRITERS if job.film is None else _FILM_WRITERS
    for kind in folder.kinds:
        # There is no writer for the log: it has been there since the first Step, unless the folder was deleted.
        if kind in writers:
            with writing(folder.path):
                writers[kind](folder, job, last)
        if folder.file(kind).exists():
            yield kind, folder.file(kind)
    if folder.resumable:
        with writing(folder.path):
            folder.checkpoint.unlink(missing_ok=True)
            if job.end(last) == "finished":
                folder.clip.unlink(missing_ok=True)


def _write_picture(folder: RunFolder, job: Job, last: Step) -> None:
    image = _image(last)
    _write_png(folder.file("png"), image, job, last, fit_alpha(job.alpha, image))


def _write_sheet(folder: RunFolder, job: Job, last: Step) -> None:
    sheet = comparison_sheet(
        job.content,
        job.styles,
        _image(last),
        content_title=display_name(job.content_name),
        style_titles=[display_name(name) for name in job.style_names],
        result_title=f"network {last.network}",
    )
    _write_png(folder.file("sheet"), sheet, job, last)


def _write_gif(folder: RunFolder, _job: Job, last: Step) -> None:
    write_gif(folder.file("gif"), _frames(folder, last))


def _write_mp4(folder: RunFolder, _job: Job, last: Step) -> None:
    write_mp4(folder.file("mp4"), _frames(folder, last))


def _write_zip(folder: RunFolder, _job: Job, _last: Step) -> None:
    """All other files, in a folder of the run's name; pictures and films are compressed already."""
    with atomic(folder.file("zip")) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for kind, file in FILES.items():
            if kind != "zip" and folder.file(kind).exists():
                archive.write(folder.file(kind), f"{folder.id}/{file.name}")


def _write_poster(folder: RunFolder, job: Job, last: Step) -> None:
    """The frame in the middle of the film: the first and the last are often black."""
    frames = _frames(folder, last)
    _write_png(folder.file("png"), frames[len(frames) // 2], job, last)


def _write_film_gif(folder: RunFolder, job: Job, last: Step) -> None:
    film, frames = _film(folder, job), _frames(folder, last)
    if len(frames) <= GIF_SECONDS * film.rate:
        write_clip(folder.file("gif"), frames, film.rate)


def _write_film(folder: RunFolder, job: Job, last: Step) -> None:
    """The film with the clip's sound, and the clip as it was before, frame by frame."""
    film, frames = _film(folder, job), _frames(folder, last)
    write_clip(folder.file("mp4"), frames, film.rate, film.clip)
    write_clip(folder.before, islice(film_frames(film, job.settings), len(frames)), film.rate)


def _film(folder: RunFolder, job: Job) -> Film:
    """The job's film; its clip is the one that the folder keeps, as an upload may be deleted meanwhile."""
    if job.film is None:
        raise ValueError("the job is not a film")
    return replace(job.film, clip=replace(job.film.clip, path=folder.clip))


_Writer = Callable[[RunFolder, Job, Step], object]

_WRITERS: dict[str, _Writer] = {
    "png": _write_picture,
    "settings": write_settings,
    "sheet": _write_sheet,
    "gif": _write_gif,
    "mp4": _write_mp4,
    "zip": _write_zip,
}
_FILM_WRITERS: dict[str, _Writer] = {
    "png": _write_poster,
    "settings": write_settings,
    "gif": _write_film_gif,
    "mp4": _write_film,
    "zip": _write_zip,
}


def _write_png(path: Path, picture: Picture, job: Job, last: Step, alpha: Alpha | None = None) -> None:
    """A picture that says how it was made."""
    write_png(
        path,
        picture,
        settings=settings_at(last, job),
        film=job.film.settings if job.film else None,
        network=last.network,
        device=last.device,
        recipe=job.recipe,
        styles=[display_name(name) for name in job.style_names],
        mask=display_name(job.mask_name) if job.mask_name else "",
        alpha=alpha,
    )


def _image(step: Step) -> Picture:
    if step.image is None:
        raise ValueError("the last Step has no image")
    return step.image


def _frames(folder: RunFolder, last: Step) -> Sequence[Picture]:
    """The frames; where none could be written, the picture."""
    return _Frames(folder) if folder.frames() else [_image(last)]


class _Frames(Sequence[Picture]):
    """The frames of a run, each read when it is used: there may be thousands."""

    def __init__(self, folder: RunFolder) -> None:
        self._paths = folder.frames()

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, index: int) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> "list[Picture]": ...
    def __getitem__(self, index: int | slice) -> Picture | list[Picture]:
        if isinstance(index, slice):
            return [read_png(path) for path in self._paths[index]]
        return read_png(self._paths[index])
