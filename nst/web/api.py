"""The API: ``/stylize`` paints a photo and yields plain progress, ``/styles`` lists the gallery.

Nothing is checked by Gradio on the way in, so every mistake gets the sentence of the one check in the core.
"""

import logging
import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr
from gradio import FileData

from nst.engines.base import FINAL_STATES, Progress, Run
from nst.errors import NSTError
from nst.files import slug
from nst.gallery.manifest import bundled_styles
from nst.pyramid import Scale, total_steps
from nst.recipes import DEFAULT_RECIPE
from nst.ui.downloads import named
from nst.ui.listeners import visitor
from nst.ui.studio import Studio
from nst.web.api_request import read_job

logger = logging.getLogger(__name__)

#: A caller hears of the progress at most every so many seconds.
INTERVAL = 0.25

BROKEN = "Something went wrong; the log of the studio has the details."


class Api:
    """The two endpoints, as functions whose types Gradio shows to callers."""

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
        try:
            studio, caller = self._studio, self._studio.listeners.of(request)
            make_job = partial(read_job, photo, style, settings, studio.limits, mask)
            run = studio.engine.submit(make_job, visitor=visitor(request), caller=caller)
            yield from self._follow(run, caller)
        except NSTError as error:
            raise gr.Error(error.sentence(str), print_exception=False) from None
        except Exception:
            logger.exception("a run failed in the API")
            raise gr.Error(BROKEN, print_exception=False) from None

    def _follow(self, run: Run, listening: Callable[[], bool]) -> Iterator[dict[str, Any]]:
        """Report a run to its end; closing this stops it."""
        report = _Report(run.scales)
        try:
            for progress in run.progress(INTERVAL, listening):
                report.take(progress)
                if progress.state not in FINAL_STATES:
                    yield report.record()
        finally:
            run.stop()
        if "png" not in progress.files:
            raise progress.error or NSTError("The run was stopped before the painting began.")
        stem, secret = slug(*run.titles), secrets.token_hex()
        picture = named({"png": progress.files["png"]}, stem, secret)["png"]
        yield report.record(FileData(path=str(picture), orig_name=picture.name))


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


def connect_api(studio: Studio, most: int) -> None:
    """Add the endpoints to the ``gr.Blocks`` that is open; ``most`` callers may wait or listen at once."""
    api = Api(studio)
    gr.api(api.stylize, api_name="stylize", concurrency_limit=most)
    gr.api(api.styles, api_name="styles", queue=False)
