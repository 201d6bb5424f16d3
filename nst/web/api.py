"""The API: ``/stylize`` and ``/grid`` paint a photo, ``/film`` a clip, and yield plain progress; ``/styles`` lists the
gallery.

Nothing is checked by Gradio on the way in, so every mistake gets the sentence of the one check in the core.
"""

import inspect
import math
import re
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr
from gradio import FileData
from gradio.blocks import BlockFunction

from nst.engines.base import FINAL_STATES, Progress, Run
from nst.engines.line import Visitor
from nst.errors import NSTError
from nst.files import slug
from nst.gallery.manifest import bundled_styles
from nst.pyramid import Scale, total_steps
from nst.recipes import DEFAULT_RECIPE
from nst.steps import Job, Step
from nst.ui.data_uri import thumbnail
from nst.ui.downloads import named
from nst.ui.listeners import visitor
from nst.ui.studio import Studio
from nst.web.api_grid import GridApi
from nst.web.api_request import read_film_job, read_job, said_in_words

#: A caller hears of the progress at most every so many seconds.
INTERVAL = 0.25

#: What stands in the examples for arguments without a default.
EXAMPLES = {
    "photo": {"path": "photo.jpg", "url": "photo.jpg", "meta": {"_type": "gradio.FileData"}},
    "clip": {"path": "clip.mp4", "url": "clip.mp4", "meta": {"_type": "gradio.FileData"}},
    "style": "scream",
    "vary": {"content_weight": [0.1, 0.4]},
}


class Api:
    """The endpoints for single pictures and films, as functions whose types Gradio shows to callers."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def styles(self) -> list[dict[str, Any]]:
        """The styles of the gallery: the name that /stylize takes, title, artist, year, and a description."""
        return [
            {"name": s.key, "title": s.title, "artist": s.artist, "year": s.year, "about": s.about, "alt": s.alt}
            for s in bundled_styles()
        ]

    def stylize(
        self,
        photo: FileData,
        style: str | FileData,
        settings: str | dict[str, Any] = DEFAULT_RECIPE,
        mask: str | FileData = "",
        request: gr.Request | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Paint a photo in a style; yields the progress, and with the last record the picture.

        Args:
            photo: an uploaded picture.
            style: the name of a style of the gallery, or an uploaded picture.
            settings: the name of a recipe, or a JSON object, as text or as it is: settings by name, and the name of a
                recipe to put them on top of.
            mask: where the photo is painted: an uploaded picture in its proportions, white where it is painted and
                black where it stays, or the name of a rule, such as "portrait"; everywhere by default.
            request: filled in by Gradio; tells visitors apart.

        Returns:
            state, position (runs ahead in the line), step, total, scale, scales, width, height, loss, seconds,
            notes (sentences), and file: None, and at the end the PNG with its settings inside.
        """
        with said_in_words():
            studio, caller = self._studio, self._studio.listeners.of(request)
            make_job = partial(read_job, photo, style, settings, studio.limits, mask)
            yield from self.paint(make_job, visitor(request), caller)

    def film(
        self,
        clip: FileData,
        style: str | FileData,
        settings: str | dict[str, Any] = DEFAULT_RECIPE,
        mask: str | FileData = "",
        request: gr.Request | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Paint a clip in a style, frame by frame; yields the progress, and with the last record the film.

        Args:
            clip: an uploaded film or moving picture.
            style: the name of a style of the gallery, or an uploaded picture.
            settings: the name of a recipe, or a JSON object, as text or as it is: settings by name, among them
                frame_rate, frame_steps, temporal_weight and mask_motion, and the name of a recipe to begin from.
            mask: where the first frame is painted: an uploaded picture in its proportions, white where it is painted
                and black where it stays, or the name of a rule, such as "portrait"; everywhere by default. In later
                frames it follows what it was drawn on, see mask_motion.
            request: filled in by Gradio; tells visitors apart.

        Returns:
            state, position (runs ahead in the line), frame, frames, step and total (of that frame), width, height,
            loss, seconds, notes (sentences), preview: None, or the newest picture as a data URI of a small JPEG, and
            file: None, and at the end the MP4 with the sound of the clip.
        """
        with said_in_words():
            studio, caller = self._studio, self._studio.listeners.of(request)
            make_job = partial(read_film_job, clip, style, settings, studio.limits, mask)
            yield from self.paint(make_job, visitor(request), caller)

    def paint(
        self, make_job: Callable[[], Job], caller: Visitor, listening: Callable[[], bool] | None = None
    ) -> Generator[dict[str, Any]]:
        """The records of ``stylize``, or ``film``, for a job; closing this stops the run.

        Args:
            make_job: reads the request.
            caller: whose it is.
            listening: whether the caller still receives the records, where that can end before this is closed.

        Raises:
            NSTError: nothing can be painted.
        """
        run = self._studio.engine.submit(make_job, visitor=caller, caller=listening)
        yield from self._follow(run, listening or (lambda: True))

    def _follow(self, run: Run, listening: Callable[[], bool]) -> Generator[dict[str, Any]]:
        """Report a run to its end; closing this stops it. A frame of a film lies beside its MP4, as a PNG."""
        report, kinds = (_FilmReport(run), ("mp4", "png")) if run.frames else (_Report(run.scales), ("png",))
        try:
            for progress in run.progress(INTERVAL, listening):
                report.take(progress)
                if progress.state not in FINAL_STATES:
                    yield report.record()
        finally:
            run.stop()
        if kinds[0] not in progress.files:
            raise progress.error or NSTError("The run was stopped before the painting began.")
        stem, secret = slug(*run.titles), secrets.token_hex()
        file = named({kind: progress.files[kind] for kind in kinds}, stem, secret)[kinds[0]]
        yield report.record(FileData(path=str(file), orig_name=file.name))


class _Report:
    """What a caller is told of a run, gathered from its Progress records."""

    def __init__(self, scales: Sequence[Scale]) -> None:
        self._record: dict[str, Any] = {
            "state": "waiting", "position": 0, "step": 0, "total": total_steps(scales),
            "scale": 1, "scales": len(scales), "width": scales[0].width, "height": scales[0].height,
            "loss": None, "seconds": 0.0, "notes": [], "file": None,
        }  # fmt: skip

    def take(self, progress: Progress) -> None:
        """Bring it up to date."""
        self._record |= {"state": progress.state, "position": progress.position, "notes": list(progress.notes)}
        for step in progress.steps[-1:]:
            loss = step.losses.total
            self._record |= {
                "step": step.index, "scale": step.scale, "width": step.width, "height": step.height,
                "loss": loss if math.isfinite(loss) else None, "seconds": round(step.seconds, 3),
            }  # fmt: skip

    def record(self, file: FileData | None = None) -> dict[str, Any]:
        """A copy, with the picture at the end."""
        return {**self._record, "file": file.model_dump() if file else None}


class _FilmReport:
    """What a caller is told of a film, gathered from its Progress records."""

    def __init__(self, run: Run) -> None:
        width, height = run.size
        self._record: dict[str, Any] = {
            "state": "waiting", "position": 0, "frame": 0, "frames": run.frames, "step": 0, "total": 0, "width": width,
            "height": height, "loss": None, "seconds": 0.0, "notes": [], "preview": None, "file": None,
        }  # fmt: skip
        self._shown: Step | None = None

    def take(self, progress: Progress) -> None:
        """Bring it up to date; a preview is in one record only."""
        self._record |= {"state": progress.state, "position": progress.position, "notes": list(progress.notes)}
        step, self._record["preview"] = progress.preview, None
        if step is not None and step is not self._shown:
            self._shown = step
            loss = step.losses.total
            self._record |= {
                "frame": step.frame, "step": step.index, "total": step.total,
                "loss": loss if math.isfinite(loss) else None, "seconds": round(step.seconds, 3),
                "preview": None if step.image is None else thumbnail(step.image),
            }  # fmt: skip

    def record(self, file: FileData | None = None) -> dict[str, Any]:
        """A copy, with the film at the end."""
        return {**self._record, "file": file.model_dump() if file else None}


def connect_api(studio: Studio, page: gr.Blocks, most: int) -> None:
    """Add the endpoints to the page, which is open; ``most`` callers may wait or listen at once."""
    api = Api(studio)
    gr.api(api.stylize, api_name="stylize", concurrency_limit=most)
    gr.api(api.film, api_name="film", concurrency_limit=most)
    gr.api(GridApi(studio).grid, api_name="grid", concurrency_limit=most)
    gr.api(api.styles, api_name="styles", queue=False)
    for function in page.fns.values():
        if function.api_visibility == "public":
            document(function)


def document(function: BlockFunction) -> None:
    """Have Gradio's page of the API show what the docstring of an endpoint says, and examples that run."""
    about, args, returns = sections(function.fn)
    function.api_description = f"{about} Returns {returns}" if returns else about
    components: Sequence[Any] = function.inputs
    for name, component in zip(args, components, strict=False):
        # The page puts quotes around the examples of plain texts alone.
        if {"type": "string"} in component._api_info.get("anyOf", ()):
            component._api_info = {"type": "string"}
        component._api_info = component._api_info | {
            "additional_description": f"{args[name][0].upper()}{args[name][1:]}"
        }
        component.label = name
        if name in EXAMPLES:
            component.example_payload = partial(EXAMPLES.get, name)


def sections(function: Any) -> tuple[str, dict[str, str], str]:
    """What the docstring of a function says first, of its arguments by name, and of what it returns."""
    text = inspect.getdoc(function) or ""
    args = text.partition("\nArgs:\n")[2].partition("\n\n")[0]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", args, re.M)
    returns = text.partition("\nReturns:\n")[2]
    return (
        text.partition("\n\n")[0],
        {name: " ".join(words.split()) for name, words in found},
        " ".join(returns.split()),
    )
