"""The records of a run: what it is painted from, and what each of its steps has made."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nst.pyramid import Scale, enlarged_size, film_scales, plan_scales
from nst.settings import FilmSettings, Settings

#: An RGB picture: uint8, (height, width, 3), sRGB, upright.
Picture = npt.NDArray[np.uint8]
#: The opacity of a picture's pixels: uint8, (height, width), 0 for transparent.
Alpha = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """A film or a moving picture on disk, measured but not decoded.

    ``width`` and ``height`` are those of an upright frame in square pixels. ``rate`` is in frames per second: the mean,
    or that of the shortest frame if they are uneven. ``seconds`` and ``frames`` are what the file really has, whatever
    its header says; some old formats show a few frames less. ``sound`` tells whether there is any that can be kept.
    ``notes`` are sentences for the user about what is missing or left out.
    """

    path: Path
    width: int
    height: int
    seconds: float
    rate: Fraction
    frames: int
    sound: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Film:
    """What makes a film of a job: the clip, the settings of the film, its frames per second and how many are painted.

    ``rate`` is that of the settings, or the clip's if that is lower: more frames would only be repeats.
    """

    clip: Clip
    settings: FilmSettings
    rate: Fraction
    frames: int


@dataclass(frozen=True, kw_only=True)
class Losses:
    """The losses of one picture, before weighting, and their weighted sum ``total``.

    ``terms`` are those of ``nst.transfer.objective.TERMS`` by name, in its order; log, report and page show whatever
    is there. "style" is the weighted combination of ``style_layers`` (layer name -> its own loss). "patch" is 0 while
    there is nothing that it pulls towards.
    """

    terms: Mapping[str, float]
    style_layers: Mapping[str, float]
    total: float

    def to_dict(self) -> dict[str, Any]:
        """All of them by name, in the order of log and JSON: the layers follow the style, the total is last."""
        losses: dict[str, Any] = {}
        for name, loss in self.terms.items():
            losses[name] = loss
            if name == "style":
                losses["style_layers"] = dict(self.style_layers)
        return {**losses, "total": self.total}


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is known after one step of the loop. The losses belong to this step's image.

    Step 0 is the initial picture; the last Step has ``end`` set and always has an image.
    ``index`` counts to ``total`` over all scales; ``scale`` counts from 1 to ``scales``.
    Steps that a plateau ended early are ``skipped``: they count in ``total``, but no ``index`` is theirs.
    ``width`` and ``height`` are the size that is painted. ``image`` is a uint8 copy of that size, or None when
    no preview is due; the image of the last Step is larger when the settings ask to enlarge it.
    ``end`` is None, "finished" or "stopped". ``settings`` are those in force at this step: the
    weights may have been moved since the start. ``note`` is "" or one sentence for the user
    (something was replaced, reduced or went wrong). ``seconds`` is the time since the start.
    ``metrics`` are those of ``nst.pictures.metrics.METRICS`` by name, in the last Step of a run that asks for them:
    each a number, or numbers by name. ``frame`` is the number of the film's frame that is painted, from 1, and
    ``index``, ``total`` and ``end`` are those of that frame; it is 0 where there is no film.
    """

    index: int
    total: int
    scale: int
    scales: int
    width: int
    height: int
    losses: Losses
    seconds: float
    settings: Settings
    network: str
    device: str
    image: Picture | None = None
    end: str | None = None
    note: str = ""
    skipped: int = 0
    metrics: Mapping[str, float | Mapping[str, float]] = field(default_factory=dict)
    frame: int = 0


@dataclass(frozen=True, eq=False)
class Start:
    """The picture that a run begins from, in place of the initial picture that the settings name.

    With ``index`` 0 it is any picture, of any size, and the run has only the finest scale. Otherwise it is that of a
    Step of an earlier run of the same job, which goes on from there: ``index``, ``skipped`` and ``seconds`` are the
    Step's, and so are the ``settings`` in force, or None where they are the job's. ``one_scale`` says that the earlier
    run had only the finest scale, too.

    For a frame of a film the picture is what was painted of the frame before, moved along, and ``trust`` says how much
    it is to be trusted there, uint8 (H, W): so much it holds the result by the temporal loss, of this
    ``temporal_weight``. Where it is 0, the frame begins as the settings name it.
    """

    picture: Picture
    index: int = 0
    _: KW_ONLY
    skipped: int = 0
    seconds: float = 0.0
    settings: Settings | None = None
    one_scale: bool = False
    trust: Alpha | None = None
    temporal_weight: float = 0.0

    @classmethod
    def of_step(cls, step: "Step") -> "Start":
        """What a run goes on from that was cut off after a Step with a picture, beyond the initial one."""
        if step.image is None or step.index == 0:
            raise ValueError("only a Step with a picture of its own can be gone on from")
        return cls(
            step.image, step.index,
            skipped=step.skipped, seconds=step.seconds, settings=step.settings, one_scale=step.scales == 1,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class PaintedFrame:
    """A frame of a film that is done: the content and the result, uint8 (H, W, 3) both.

    ``mask`` says what of it is painted, uint8 (H, W, 3) of any size; None without a mask, or where it is not known yet.
    """

    content: Picture
    result: Picture
    mask: Picture | None = None


def run_scales(size: tuple[int, int], settings: Settings, start: Start | None = None) -> tuple[Scale, ...]:
    """The sizes that a run passes through, coarse to fine, and its steps at each; ``size`` is the content's."""
    finest_only = start is not None and (start.index == 0 or start.one_scale)
    return plan_scales(*size, settings, finest_only=finest_only)


class Pictures(NamedTuple):
    """What a run is painted from: the content, one or more styles, and the content's alpha and mask, or None."""

    content: Picture
    styles: tuple[Picture, ...]
    alpha: Alpha | None = None
    mask: Picture | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """Settings and pictures: all that a worker needs to paint.

    ``load`` reads the pictures, or raises an ImageError: a job that waits holds none. ``content_size`` is the
    content's width and height; ``style_names`` are the titles of the styles, in the same order.
    ``recipe`` is the name of the recipe that the settings came from, or "". Frames are kept at multiples of
    ``picture_every`` steps; 0 leaves that to the number of steps. ``notes`` are sentences for the user, about what had
    to be reduced. ``start`` is the picture that it begins from, or None for what the settings name. ``sources`` has the
    SHA-256 of each picture's file by its role ("content", "style 1", "start", "mask"), where there is one; of a mask
    by a rule, the rule's name. ``mask_name`` is the name of the mask's file or rule, or "" without a mask. ``film`` is
    None for a picture; the content of a film is the first frame that is painted.
    """

    content_size: tuple[int, int]
    load: Callable[[], Pictures]
    settings: Settings
    content_name: str = "photo"
    style_names: tuple[str, ...] = ()
    recipe: str = ""
    picture_every: int = 0
    notes: tuple[str, ...] = ()
    start: Start | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    mask_name: str = ""
    film: Film | None = None

    @cached_property
    def scales(self) -> tuple[Scale, ...]:
        """The sizes that the run passes through, coarse to fine, and its steps at each; of a film, its first frame."""
        return run_scales(self.content_size, self.settings, self.start)

    @property
    def all_scales(self) -> tuple[Scale, ...]:
        """``scales``, and one more for each further frame of a film."""
        film = self.film
        return film_scales(self.scales, film.frames, film.settings.frame_steps) if film else self.scales

    @property
    def frames(self) -> int:
        """How many frames a film has; 0 for a picture."""
        return self.film.frames if self.film else 0

    def end(self, last: Step) -> str | None:
        """How the run has ended with this Step; a film is "stopped" unless its last frame is finished."""
        return last.end if last.frame == self.frames or last.end is None else "stopped"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the result in pixels."""
        last = self.scales[-1]
        return enlarged_size(*self.content_size, self.settings) or (last.width, last.height)

    def loaded(self) -> "Job":
        """The same job, which holds its pictures.

        Raises:
            ImageError: one cannot be read.
        """
        pictures = self.load()
        return replace(self, load=lambda: pictures)

    @property
    def content(self) -> Picture:
        """The content, uint8 (H, W, 3); read at each access unless the job is ``loaded``."""
        return self.load().content

    @property
    def styles(self) -> tuple[Picture, ...]:
        """The styles, uint8 (h, w, 3) each; like ``content``."""
        return self.load().styles

    @property
    def alpha(self) -> Alpha | None:
        """The alpha of the content, which the result gets again, or None if nothing is transparent; like ``content``.

        It may be larger than the content.
        """
        return self.load().alpha

    @property
    def mask(self) -> Picture | None:
        """Which part of the content gets which style (see ``nst.transfer.regions``), or None; like ``content``.

        Its size may differ from the content's.
        """
        return self.load().mask
