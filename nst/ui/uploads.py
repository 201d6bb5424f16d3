"""Uploaded pictures: the box that takes them, and what the page keeps of one."""

from abc import ABCMeta
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

from nst.errors import ImageError
from nst.jobs import PictureFile
from nst.pictures.cache import decode_cached
from nst.pictures.clips import is_video, make_film, open_clip, read_frames
from nst.pictures.png import write_plain_png
from nst.pictures.resize import shrink
from nst.pictures.size_limits import MAX_CLIP_SECONDS, check_clip_length
from nst.process import trim_heap
from nst.settings import FilmSettings
from nst.steps import Clip, Picture
from nst.ui.data_uri import data_uri

#: Long side of the picture that stands in for an upload on the page, in pixels.
SHOWN_SIDE = 1024
#: The file beside a clip that stands in for it where a picture is needed.
FIRST_FRAME = "first-frame.png"


def picture_box(**options: Any) -> gr.Image:
    """Gradio's image box without its decoder, with the arguments of ``gr.Image``.

    Gradio would open the file itself before any handler runs, and answer a damaged or unusual one with a bare "Error".
    Here the handler gets the path, and our own decoder reports the error.
    """
    return _RawImage(type="filepath", image_mode=None, format="jpeg", buttons=["fullscreen"], **options)


def _path(_box: gr.Image, payload: ImageData | None) -> str | None:
    """The uploaded file. One without a size is what the page itself put into the box: when a picture is taken away,
    the browser sends that once more, after the event that says so."""
    return payload.path if payload and payload.size is not None else None


#: A class, because Gradio makes a new instance whenever a handler updates the box. Its metaclass, which writes a stub
#: beside the module of each component class, is bypassed; the browser knows the component by its name and module.
_RawImage = ABCMeta.__new__(
    type(gr.Image), "Image", (gr.Image,), {"preprocess": _path, "__module__": gr.Image.__module__}
)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A picture that was accepted: its file, its name, its upright size in pixels, and a smaller JPEG as a data URI.

    ``notes`` are sentences about it for the visitor; ``has_alpha`` says that parts of it are transparent. Of a
    ``clip``, the picture is a frame at its beginning.
    """

    path: str
    name: str
    width: int
    height: int
    uri: str = field(default="", repr=False)
    notes: tuple[str, ...] = ()
    has_alpha: bool = False
    clip: Clip | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def file(self) -> PictureFile:
        """The file, for a Job."""
        return PictureFile(path=Path(self.path), name=self.name)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that a run of it reads."""
        return (Path(self.path), *([self.clip.path] if self.clip else []))


def accept_photo_or_clip(path: str | Path, name: str = "", most_seconds: int | None = None) -> tuple[Upload, Picture]:
    """``accept`` for a photo; a clip of at most so many seconds is measured, and its first frame written beside it."""
    try:
        clip = open_clip(path)
    except ImageError:
        if is_video(path):
            raise
        return accept(path, name)
    check_clip_length(clip.seconds, clip.frames, most_seconds or MAX_CLIP_SECONDS)
    first = next(read_frames(clip, make_film(clip, FilmSettings()).rate, max(clip.width, clip.height)))
    picture = Path(path).with_name(FIRST_FRAME)
    write_plain_png(picture, first)
    upload, preview = accept(picture, name or Path(path).stem[:60])
    return replace(upload, clip=clip, notes=(_described(clip), *clip.notes)), preview


def _described(clip: Clip) -> str:
    sound = "with sound" if clip.sound else "without sound"
    return f"A clip of {clip.seconds:.1f} s, {clip.width} × {clip.height}, {sound}."


def accept(path: str | Path, name: str = "") -> tuple[Upload, Picture]:
    """Decode a file, and keep what the page needs of it.

    Args:
        path: the file, which stays where it is.
        name: what to call it; the file's own name when "".

    Returns:
        The Upload, and the picture made small enough to show: uint8 (H, W, 3).

    Raises:
        ImageError: the file cannot be used.
    """
    decoded = decode_cached(path)
    height, width = decoded.pixels.shape[:2]
    preview = shrink(decoded.pixels, SHOWN_SIDE)
    upload = Upload(
        path=str(path),
        name=name or Path(path).stem[:60],
        width=width,
        height=height,
        uri=data_uri(preview, SHOWN_SIDE),
        notes=decoded.notes,
        has_alpha=decoded.alpha is not None,
    )
    trim_heap()  # Decoding takes several times the size of the picture, which the heap would keep.
    return upload, preview
