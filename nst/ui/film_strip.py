"""The frames of a film that are finished, as a strip of small pictures; a click shows one on the easel."""

from functools import lru_cache
from pathlib import Path

import gradio as gr

from nst.pictures.png import read_png
from nst.runs.folder import RunFolder
from nst.ui.data_uri import data_uri
from nst.ui.events import Updates
from nst.ui.picker import Card, card, picked_value, picker

#: The strip shows at most so many frames, evenly spaced over the film.
SHOWN_FRAMES = 24
_SIDE, _QUALITY = 112, 72


class FilmStrip:
    """The component of the strip; made inside the ``gr.Blocks`` that is open."""

    def __init__(self) -> None:
        self.box = picker("Finished frames", [], "film-strip", peek=False)

    def empty(self) -> Updates:
        """No film."""
        return {self.box: gr.update(value=picked_value([]), cards=[])}

    def show(self, folder: Path, done: int, frames: int) -> Updates:
        """The first ``done`` frames of a film of so many, from the folder of its run; of a picture, none."""
        numbers = [number for number in shown_numbers(frames) if number <= done]
        return {self.box: gr.update(cards=[_card(folder, number) for number in numbers])}

    def mark(self, number: int) -> Updates:
        """The frame that is shown on the easel; none with 0."""
        return {self.box: gr.update(value=picked_value([str(number)] if number else []))}


def shown_numbers(frames: int) -> list[int]:
    """The numbers of the frames in the strip, from 1."""
    shown = min(frames, SHOWN_FRAMES)
    return [place * frames // shown for place in range(1, shown + 1)]


def frame_path(folder: Path, number: int) -> Path:
    """The path of a frame in the folder of a run."""
    return RunFolder("", folder).frame(number)


def _card(folder: Path, number: int) -> Card:
    return card(
        str(number), f"Frame {number}", _thumbnail(frame_path(folder, number)), alt=f"The film at frame {number}"
    )


@lru_cache(maxsize=8 * SHOWN_FRAMES)
def _thumbnail(path: Path) -> str:
    return data_uri(read_png(path), _SIDE, _QUALITY)
