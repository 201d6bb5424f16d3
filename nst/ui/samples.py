"""Every style on the visitor's photo: a small sample of each takes the place of the style's own picture on its card."""

import time
from collections.abc import Iterator
from functools import partial

import gradio as gr

from nst.errors import ImageError, NSTError
from nst.jobs import NO_PHOTO, PictureFile, make_job
from nst.recipes import SAMPLE
from nst.settings import by_label
from nst.steps import Picture
from nst.ui.data_uri import thumbnail
from nst.ui.events import Updates, answer, in_session, respond, stream
from nst.ui.listeners import visitor
from nst.ui.photo import PhotoArea
from nst.ui.picks import OWN
from nst.ui.studio import Studio
from nst.ui.styles import TRY, StylesArea
from nst.ui.uploads import Upload
from nst.ui.visits import Session

#: Seconds between two looks at whether the engine is free.
LOOK = 0.1

STOP, BACK = "Stop trying", "Show the paintings"


class Samples:
    """Answers the button for samples, which is among the styles."""

    def __init__(self, studio: Studio, styles: StylesArea) -> None:
        self._studio, self._styles, self._button = studio, styles, styles.try_all

    def connect(self, session: gr.State, photo: PhotoArea, most: int) -> None:
        """Answer the button, and another photo; ``most`` visitors may watch their samples at once."""
        outputs = [self._button, self._styles.cards]
        answer(photo.box.change, in_session(self._look), session, outputs)
        pressed = respond(self._button.click, self.switch, session, outputs)
        stream(pressed, self.paint, session, outputs, most, "samples")

    def switch(self, session: Session) -> Updates:
        """Begin, stop, or go back to the paintings, whichever the button says."""
        if session.photo is None:
            raise ImageError(NO_PHOTO)
        session.sampling = session.showing_samples = not session.showing_samples
        return self._look(session)

    def paint(self, session: Session | None, request: gr.Request | None) -> Iterator[Updates]:
        """Yield the cards after each sample until all are there, it is stopped, or the photo or the tab is gone."""
        if session is None or not session.sampling or session.photo is None:
            yield gr.skip()
            return
        photo, samples, listening = session.photo, session.samples(), self._studio.listeners.of(request)
        try:
            for key, style in self._every_style(session):
                if key in samples:
                    continue
                picture = self._sample(session, photo, style, request)
                if picture is None:
                    break
                samples[key] = thumbnail(picture)
                yield self._look(session)
                if not listening():
                    break
        except NSTError as error:
            gr.Warning(error.sentence(by_label))
        if session.photo is photo:
            session.sampling = False
            yield self._look(session)

    def _look(self, session: Session) -> Updates:
        label = STOP if session.sampling else BACK if session.showing_samples else TRY
        return {self._button: label} | self._styles.show_cards(session)

    def _every_style(self, session: Session) -> Iterator[tuple[str, PictureFile]]:
        yield from ((card["key"], PictureFile.of_style(card["key"])) for card in self._styles.gallery)
        if session.picks.own is not None:
            yield OWN, session.picks.own.file

    def _sample(
        self, session: Session, photo: Upload, style: PictureFile, request: gr.Request | None
    ) -> Picture | None:
        """The photo in one style, or None when it is not wanted any more.

        A sample never waits in the line, where it would count for its visitor, and makes room for a run of anybody.
        """
        engine = self._studio.engine
        make = partial(make_job, photo.file, [style], SAMPLE, limits=self._studio.limits)
        while _wanted(session, photo):
            if engine.live:
                time.sleep(LOOK)
                continue
            run = engine.submit(make, visitor=visitor(request, session.visit.owner), saved=False)
            try:
                for progress in run.progress(0, self._studio.listeners.of(request)):
                    if not _wanted(session, photo) or (progress.state == "running" and engine.waiting):
                        run.stop()
            finally:
                run.stop()
            if progress.error is not None:
                raise progress.error
            if progress.state == "finished" and progress.preview:
                return progress.preview.image
        return None


def _wanted(session: Session, photo: Upload) -> bool:
    return session.sampling and session.photo is photo
