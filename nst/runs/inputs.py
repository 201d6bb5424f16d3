"""What a run began from, kept in its folder: photo or clip, styles, mask, and the picture to start from."""

from pathlib import Path

from nst.errors import ImageError
from nst.files import link_or_copy
from nst.pictures.png import read_png, write_plain_png
from nst.pictures.resize import enlarge, fit_alpha, shrink
from nst.pyramid import style_size
from nst.runs.folder import RunFolder, writing
from nst.steps import Job, Picture


def write_inputs(folder: RunFolder, job: Job) -> None:
    """Write the pictures of a job, made as small as its finest scale can use them.

    Raises:
        OutputError: a file cannot be written.
    """
    finest = job.scales[-1]
    side = max(finest.width, finest.height)
    content = shrink(job.content, side)
    write_plain_png(folder.content, content, alpha=fit_alpha(job.alpha, content))
    for number, style in enumerate(job.styles, start=1):
        size = style_size(style.shape[1], style.shape[0], finest, job.settings.style_scale)
        write_plain_png(folder.style(number), shrink(style, max(size)))
    if job.mask is not None:
        write_plain_png(folder.mask, job.mask)
    if job.start is not None and job.start.index == 0:
        write_plain_png(folder.start, shrink(job.start.picture, side))
    if job.film is not None and job.film.clip.path != folder.clip:
        with writing(folder.path):
            link_or_copy(job.film.clip.path, folder.clip)


def read_content(folder: RunFolder, size: tuple[int, int]) -> Picture:
    """The photo at its own (width, height): what is planned from its size is planned as before.

    Raises:
        ImageError: the file is damaged or gone.
    """
    picture = read_input(folder.content)
    return picture if picture.shape[1::-1] == size else enlarge(picture, *size)


def read_input(path: Path) -> Picture:
    """One of the pictures, uint8 (H, W, 3).

    Raises:
        ImageError: the file is damaged or gone.
    """
    try:
        return read_png(path)
    except ImageError:
        raise ImageError(f"This run cannot go on: its {path.name} is damaged or gone.") from None
