"""For notebooks and scripts: paint with a progress bar, and get a picture that shows itself."""

import builtins
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import numpy as np
from tqdm.auto import tqdm

from nst.errors import OutputError
from nst.pictures.convert import FORMATS, check_format, convert_picture, is_picture_name
from nst.pictures.png import write_plain_png, write_png
from nst.settings import Settings
from nst.steps import Picture, Step
from nst.transfer.loop import stylize_steps
from nst.transfer.options import StylizeOptions


class Painting(np.ndarray):
    """A result: a uint8 array (H, W, 3), sRGB, which notebooks show as a picture.

    ``step`` is the last Step of its run, with the settings and the losses. What is made of a Painting, such as a part
    of it, has none.
    """

    step: Step | None = None

    @classmethod
    def of(cls, step: Step) -> Self:
        """The picture of the last Step of a run."""
        if step.image is None:
            raise ValueError("only a Step with an image is a Painting")
        painting = step.image.view(cls)
        painting.step = step
        return painting

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as a PNG, JPEG or WebP, by the ending; a PNG has the settings inside.

        Raises:
            OutputError: the ending is another one, or the file cannot be written.
        """
        target = Path(path)
        if not is_picture_name(target):
            raise OutputError(f"{target} must end in one of {', '.join(FORMATS)}.")
        check_format(target, (self.shape[1], self.shape[0]))
        with TemporaryDirectory() as folder:
            png = Path(folder) / "painting.png"
            self._write_png(png)
            convert_picture(png, target)

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows, where this is still a picture."""
        if self.dtype != np.uint8 or self.ndim != 3 or self.shape[2] != 3 or not self.size:
            return None
        with TemporaryDirectory() as folder:
            png = Path(folder) / "painting.png"
            self._write_png(png)
            return png.read_bytes()

    def _write_png(self, path: Path) -> None:
        pixels = np.asarray(self)
        if self.step is None:
            write_plain_png(path, pixels)
        else:
            step = self.step
            write_png(path, pixels, settings=step.settings, network=step.network, device=step.device)


def stylize(
    content: Picture,
    styles: Picture | Sequence[Picture],
    settings: Settings | None = None,
    options: StylizeOptions | None = None,
    *,
    progress: bool | None = None,
) -> Painting:
    """Paint a photo in the style of one or more paintings, and wait for the result.

    Example:
        >>> from nst import Settings, read_picture, stylize
        >>> photo, painting = read_picture("photo.jpg"), read_picture("assets/styles/scream.jpg")
        >>> result = stylize(photo, painting, Settings(size=256))

    Args:
        content, styles, settings, options: as for ``stylize_steps``; there are no previews.
        progress: whether to show a bar on stderr; in a notebook or a terminal when None.

    Returns:
        The result, uint8 (H, W, 3), at the size that the settings ask for, enlarged if they say so.

    Raises:
        NSTError: as ``stylize_steps`` does.
    """
    options = replace(options or StylizeOptions(), preview_seconds=-1.0, frame_every=0)
    # Of itself tqdm takes the stderr of a notebook for a file.
    shown = progress if progress is not None else hasattr(builtins, "__IPYTHON__") or None
    with tqdm(unit="step", disable=None if shown is None else not shown, dynamic_ncols=True) as bar:
        for step in stylize_steps(content, styles, settings, options):
            bar.total = step.total
            bar.set_postfix_str(f"loss {step.losses.total:.4g}, {step.width}x{step.height}", refresh=False)
            bar.update(step.index - bar.n)
    return Painting.of(step)
