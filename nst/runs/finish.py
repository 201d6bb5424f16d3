"""After the last Step: the picture, its making as GIF and MP4, the comparison sheet, and all of it as a zip."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

from nst.files import atomic
from nst.pictures.animation import write_gif, write_mp4
from nst.pictures.png import read_png, write_png
from nst.pictures.resize import fit_alpha
from nst.pictures.sheet import comparison_sheet
from nst.runs.folder import FILES, RunFolder, writing
from nst.runs.record import display_name, write_settings
from nst.steps import Alpha, Job, Picture, Step


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
    for kind in folder.kinds:
        # There is no writer for the log: it has been there since the first Step, unless the folder was deleted.
        if kind in _WRITERS:
            with writing(folder.path):
                _WRITERS[kind](folder, job, last)
        if folder.file(kind).exists():
            yield kind, folder.file(kind)
    if folder.resumable:
        with writing(folder.path):
            folder.checkpoint.unlink(missing_ok=True)


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


_WRITERS: dict[str, Callable[[RunFolder, Job, Step], object]] = {
    "png": _write_picture,
    "settings": write_settings,
    "sheet": _write_sheet,
    "gif": _write_gif,
    "mp4": _write_mp4,
    "zip": _write_zip,
}


def _write_png(path: Path, picture: Picture, job: Job, last: Step, alpha: Alpha | None = None) -> None:
    """A picture that says how it was made."""
    write_png(
        path,
        picture,
        settings=last.settings,
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
