"""The history: the pictures of a visit as a strip of thumbnails, and what can be done with each."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import gradio as gr

from nst.errors import NSTError
from nst.files import link_or_copy
from nst.jobs import Mask, PictureFile
from nst.pictures.masks import is_rule
from nst.pictures.png import read_png
from nst.runs.history import PastRun, delete_run, find_run, past_runs, resume_job
from nst.saved_settings import from_document
from nst.ui.data_uri import thumbnail
from nst.ui.downloads import forget, secret_folder
from nst.ui.easel import Easel
from nst.ui.events import DECODING, Updates, respond
from nst.ui.listeners import visitor
from nst.ui.photo import PhotoArea
from nst.ui.picker import Card, card, picked_value, picker
from nst.ui.results import Results
from nst.ui.settings_files import SettingsFiles
from nst.ui.studio import Studio
from nst.ui.uploads import accept, accept_photo_or_clip
from nst.ui.visits import Session

#: The strip shows at most so many pictures, the newest.
SHOWN_RUNS = 40

GONE = "This picture is not there any more."
SMALLER = "Kept from your newest picture at {} × {} px: choose the photo again to paint it larger."


class PastPictures:
    """The components of the history; made inside the ``gr.Blocks`` that is open."""

    def __init__(self, studio: Studio, easel: Easel, results: Results) -> None:
        self._studio, self._easel, self._results = studio, easel, results
        self.strip = picker("Your pictures", [], "history")
        with gr.Row(elem_id="history-actions", visible=False) as self.actions:
            self.resume = gr.Button("Go on", size="sm", variant="primary", visible=False)
            self.start = gr.Button("Start from this", size="sm")
            self.as_photo = gr.Button("Use as photo", size="sm")
            self.reuse = gr.Button("Reuse settings", size="sm")
            self.delete = gr.Button("Delete", size="sm", elem_id="delete")

    @property
    def components(self) -> list[Any]:
        """What changes when a picture is opened, or the pictures become more or fewer."""
        return [self.strip, self.actions, self.resume, self.start, *self._results.components, *self._easel.before_run]

    def connect(self, session: gr.State, photo: PhotoArea, settings: SettingsFiles) -> Any:
        """Answer clicks on the strip and on its buttons; returns the event of a run that goes on."""
        self._photo, self._settings = photo, settings
        against, compare = self._results.against, self._results.compare
        self._results.enlarge_after(respond(self.strip.click, self.open, session, self.components))
        respond(against.input, self.compare, [session, against], [compare, self._results.players])
        respond(self.as_photo.click, self.use_as_photo, session, photo.components, **DECODING)
        respond(self.start.click, self.start_from, session, [*photo.components, *settings.components], **DECODING)
        respond(self.reuse.click, self.reuse_settings, session, settings.components)
        respond(self.delete.click, self.remove, session, self.components)
        return respond(self.resume.click, self.go_on, session, self.components, **DECODING)

    def bring_back_photo(self, session: Session) -> None:
        """After a restart of the studio: the photo of the newest run, or its clip while the film is not whole."""
        past = next(iter(self._runs(session)), None)
        if past is None or past.source is None:
            return
        # A copy, as a clip goes when its film is whole, and a photo with its picture.
        folder = secret_folder(session.visit.secret(f"photo of {past.id}"))
        with suppress(NSTError, OSError):
            folder.mkdir(parents=True, exist_ok=True)
            copy = link_or_copy(past.source, folder / past.source.name)
            photo, _ = accept_photo_or_clip(copy, past.content_title, self._studio.limits.clip_seconds)
            smaller = () if past.painted_from(photo.name, photo.size) else (SMALLER.format(*photo.size),)
            session.choose_photo(replace(photo, notes=(*smaller, *photo.notes)))

    def refresh(self, session: Session) -> Updates:
        """The strip as of now, with the buttons of the picture that is open."""
        return self._strip(session, self._runs(session))

    def show(self, session: Session, run_id: str) -> Updates:
        """A run that is over: its files, the comparison, and its place in the strip."""
        runs = self._runs(session)
        past = next((run for run in runs if run.id == run_id), None)
        if past is None:  # It was stopped before it had painted anything.
            return self._strip(session, runs)
        session.opened = run_id
        return self._strip(session, runs) | self._files(session, past, runs)

    def open(self, session: Session, event: gr.EventData) -> Updates:
        """A picture of the strip was clicked."""
        return self.open_run(session, event.key)

    def open_run(self, session: Session, run_id: str) -> Updates:
        """Show the picture of an earlier run; a run that is going on stays on the easel."""
        past = self._find(session, run_id)
        session.opened = past.id
        files = self._files(session, past, self._runs(session))
        chart = {} if session.painting else self._results.chart_of(past)
        # The cards themselves are there already, and many of them are large for a slow line.
        return self._select(past) | files | self._easel.show_past(session, past) | chart

    def compare(self, session: Session, other: str) -> Updates:
        """The open picture is to be compared with the photo, or with another picture."""
        past = self._find(session, session.opened)
        before = self._find(session, other).picture if other else past.content
        return self._results.compare_pictures(before, past.picture)

    def use_as_photo(self, session: Session) -> Updates:
        """The open picture becomes the photo."""
        past = self._find(session, session.opened)
        return self._photo.accept(session, past.picture, _title(past))

    def start_from(self, session: Session) -> Updates:
        """The next run begins from the open picture, with its photo and its settings, which may be changed first."""
        past = self._find(session, session.opened)
        updates = self._settings.apply(session, from_document({**past.document, "mask": ""}))
        if session.photo is None or not past.painted_from(session.photo.name, session.photo.size):
            updates |= self._photo.accept(session, past.content, past.content_title)
        session.start = PictureFile(path=past.picture, name=_title(past))
        session.choose_mask(_mask(past))
        return updates | self._settings.regions.show(session) | self._easel.ready(session)

    def reuse_settings(self, session: Session) -> Updates:
        """The settings and styles of the open picture, for the photo that is chosen now."""
        document = self._find(session, session.opened).document
        return self._settings.apply(session, from_document(document)) | self._easel.ready(session)

    def remove(self, session: Session) -> Updates:
        """Delete the open picture with all its files."""
        engine, visit, run_id = self._studio.engine, session.visit, session.opened
        delete_run(engine.results, run_id, visit.owner, engine.live)
        forget(visit.secret(run_id))
        return self._results.clear() | self.refresh(session) | self._easel.ready(session)

    def go_on(self, session: Session, request: gr.Request | None) -> Updates:
        """A run that was interrupted, or a film that was stopped, goes on from where it was last saved."""
        if session.painting:
            raise NSTError("A picture is being painted: press Go on when it is finished, or stop it first.")
        past, owner = self._find(session, session.opened), session.visit.owner
        make_job = partial(resume_job, past)
        run = self._studio.engine.submit(make_job, past.folder, visitor=visitor(request, owner), owner=owner)
        session.show(run, accept(past.content, past.content_title)[0])
        return self.refresh(session) | self._results.clear()

    def _strip(self, session: Session, runs: Sequence[PastRun]) -> Updates:
        """The cards of these runs, with the open one marked and its buttons."""
        updates = self._select(next((run for run in runs if run.id == session.opened), None))
        updates[self.strip]["cards"] = [_card(run) for run in runs]
        return updates

    def _select(self, opened: PastRun | None) -> Updates:
        return {
            self.strip: gr.update(value=picked_value([opened.id] if opened else [])),
            self.actions: gr.update(visible=opened is not None),
            self.resume: gr.update(visible=opened is not None and opened.can_go_on),
            self.start: gr.update(visible=opened is not None and not opened.frames),
        }

    def _files(self, session: Session, past: PastRun, runs: Sequence[PastRun]) -> Updates:
        others = [(f"{_title(run)}, {_size(run)}", run.id) for run in runs if run.id != past.id]
        return self._results.show(past, session.visit.secret(past.id), others)

    def _runs(self, session: Session) -> list[PastRun]:
        """The runs of the visit that are over, newest first."""
        engine = self._studio.engine
        runs = past_runs(engine.results, session.visit.owner, engine.live, SHOWN_RUNS)
        return [run for run in runs if run.end != "running"]

    def _find(self, session: Session, run_id: str) -> PastRun:
        """The run of that id, if it is one of the visit.

        Raises:
            NSTError: there is none.
        """
        engine = self._studio.engine
        past = find_run(engine.results, run_id, session.visit.owner, engine.live)
        if past is None:
            raise NSTError(GONE)
        return past


def _title(past: PastRun) -> str:
    return f"{past.content_title}, {' and '.join(past.style_titles)}"


def _mask(past: PastRun) -> Mask | None:
    """The mask of a run: its rule, or else the picture in its folder; None if it had none."""
    name = past.mask_name
    if is_rule(name):
        return name
    return PictureFile(path=past.folder.mask, name=name, label="mask") if name else None


def _card(past: PastRun) -> Card:
    end = "" if past.end == "finished" else past.end
    thumb = _thumbnail(past.picture, past.picture.stat().st_mtime_ns)
    return card(past.id, _title(past), thumb, by=_size(past), mark=end, kind="film" if past.frames else "")


def _size(past: PastRun) -> str:
    return f"{past.width} × {past.height} px" + (f", {past.frames} frames" if past.frames else "")


@lru_cache(maxsize=4 * SHOWN_RUNS)
def _thumbnail(path: Path, _modified: int) -> str:
    return thumbnail(read_png(path))
