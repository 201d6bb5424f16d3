"""The tab for many photos: each is painted once in each of the chosen styles."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import gradio as gr

from nst.engines.series import ZIP, Item, Planned, unique_names
from nst.errors import ImageError, NSTError, StyleError
from nst.files import slug
from nst.gallery.manifest import find_style
from nst.jobs import PictureFile, make_job
from nst.recipes import find_recipe
from nst.runs.destination import ResultsFolder
from nst.saved_settings import changed_settings
from nst.settings import Settings, by_label
from nst.steps import Job
from nst.ui.batch_work import BatchPhoto, BatchWork, read_photo
from nst.ui.downloads import secret_folder
from nst.ui.events import Updates, answer, respond, stream
from nst.ui.listeners import visitor
from nst.ui.past_pictures import PastPictures
from nst.ui.picker import Card, card, picked_value, picker
from nst.ui.picks import OWN
from nst.ui.status_line import clock, status
from nst.ui.studio import Studio
from nst.ui.styles import StylesArea
from nst.ui.visits import Session, Visit

#: At most so many photos are in one batch, and so many pictures are painted of them.
MAX_PHOTOS, MAX_PICTURES = 50, 100
#: At most so many visitors watch their batches at once.
FOLLOWERS = 32
#: Seconds between two looks at a batch at work.
LOOK = 1.0

_EMPTY = "Your photos gather here: drop some, pick one style or several, and press Paint all."


class BatchTab:
    """The tab and its components; made inside the ``gr.Tabs`` that is open."""

    def __init__(self, studio: Studio, styles: StylesArea, history: PastPictures, pages: gr.Tabs) -> None:
        self._studio, self._styles, self._history, self._pages = studio, styles, history, pages
        self._works: WeakKeyDictionary[Visit, BatchWork] = WeakKeyDictionary()
        #: Those who have opened the tab: what a browser has not drawn loses its properties when it is changed.
        self._opened: WeakSet[Session] = WeakSet()
        with gr.Tab("Batch", id="batch") as self.tab, gr.Row(elem_id="batch"):
            with gr.Column(elem_id="batch-choices"):
                gr.HTML('<h2 class="heading">Many photos</h2>', apply_default_css=False)
                self.files = gr.File(
                    show_label=False, file_count="multiple", elem_id="batch-files", height=140, interactive=True
                )
                gr.HTML('<h2 class="heading">One picture in each style</h2>', apply_default_css=False)
                self.cards = picker("Styles of the batch", [], "batch-styles")
                self.settings = gr.HTML(elem_id="batch-settings", apply_default_css=False)
            with gr.Column(elem_id="batch-list-side"):
                self.status = gr.HTML(status("idle", "No photos yet"), elem_id="batch-status", apply_default_css=False)
                with gr.Row(elem_id="batch-actions"):
                    self.run = gr.Button("Paint all", variant="primary", elem_id="batch-run")
                    self.stop = gr.Button("Stop", variant="stop", elem_id="batch-stop", visible=False)
                    self.zip = gr.DownloadButton("All pictures (zip)", elem_id="batch-zip", visible=False)
                    self.clear = gr.Button("Clear the list", elem_id="batch-clear", visible=False)
                self.list = picker("Pictures of the batch", [], "batch-list")

    @property
    def components(self) -> list[Any]:
        """What a batch changes."""
        return [self.list, self.status, self.run, self.stop, self.zip, self.clear]

    def connect(self, session: gr.State, entered: Any) -> None:
        """Answer the tab when it is opened, photos, styles, the buttons, and clicks on finished pictures.

        A batch that is at work is followed from the event on with which the page was ``entered``.
        """
        choices = [session, *self._styles.choices]
        respond(self.tab.select, self.enter, choices, [self.cards, self.settings, *self.components])
        self.files.upload(
            self.add, [session, self.files], [self.files, *self.components], show_progress="hidden",
            api_visibility="private", trigger_mode="multiple", concurrency_limit=2, concurrency_id="batch photos",
        )  # fmt: skip
        respond(self.cards.click, self.toggle, session, [self.cards, *self.components])
        respond(self.clear.click, self.forget, session, self.components)
        respond(self.stop.click, self.end, session, self.components)
        opened = [self._pages, *self._history.components]
        respond(self.list.click, self.open, session, opened)
        for event in (entered, respond(self.run.click, self.paint, choices, self.components)):
            followed = stream(event, self.follow, session, self.components, FOLLOWERS, "batch")
            answer(followed.then, self.finish, session, self.components)

    def enter(self, session: Session, recipe: str, *values: Any) -> Updates:
        """The tab was opened."""
        work = self._work(session)
        self._opened.add(session)
        if not work.styles:
            work.styles = [key for key in session.picks.keys if key != OWN]
        settings = self._styles.changes(session.picks, values)
        size = f"{settings['size']} px" if isinstance(settings["size"], int) else "the photo's own size"
        words = f"Quality, size and all other settings are those of the Studio: {find_recipe(recipe).title}, {size}."
        cards = {self.cards: gr.update(cards=self._styles.gallery, value=picked_value(work.styles))}
        return cards | {self.settings: f'<p class="remark">{escape(words)}</p>'} | self._look(work)

    def add(self, session: Session | None, paths: Sequence[str] | None) -> Iterator[Updates]:
        """Photos came in; each is read in turn."""
        if session is None or not paths:
            yield gr.skip()
            return
        work = self._work(session)
        room = MAX_PHOTOS - len(work.photos)
        if len(paths) > room:
            gr.Warning(f"A batch has {MAX_PHOTOS} photos at most; {len(paths) - room} were left out.")
        yield {self.files: None}
        for path in paths[:room]:
            work.photos.append(read_photo(Path(path)))
            yield self._look(work)

    def toggle(self, session: Session, event: gr.EventData) -> Updates:
        """The card of a style was clicked."""
        work, key = self._work(session), find_style(event.key).key
        work.styles = [style for style in work.styles if style != key] + [key] * (key not in work.styles)
        return {self.cards: picked_value(work.styles)} | self._look(work)

    def paint(self, session: Session, request: gr.Request | None, recipe: str, *values: Any) -> Updates:
        """Paint what is not finished yet."""
        work, owner, engine = self._work(session), session.visit.owner, self._studio.engine
        if not any(not photo.refusal for photo in work.photos):
            raise ImageError("There are no photos yet: drop some into the box.")
        if not work.styles:
            raise StyleError("No style is picked yet: click one of the paintings, or several.")
        settings = Settings.from_mapping(self._styles.changes(session.picks, values))
        changes = changed_settings(recipe, [key for key in session.picks.keys if key != OWN], settings)
        changes.pop("style_weights", None)
        rule = session.mask if isinstance(session.mask, str) else None  # A drawing is of one photo.
        names = unique_names(slug(photo.file.name, style) for _, photo, style in work.rows)
        planned = {
            key: Planned(
                name=name,
                make_job=partial(self._job, photo, style, recipe, changes, rule),
                place=ResultsFolder(engine.results, owner),
            )
            for (key, photo, style), name in zip(work.rows, names, strict=True)
            if not photo.refusal
        }
        if len(planned) > MAX_PICTURES:
            raise NSTError(f"These are {len(planned)} pictures; a batch has {MAX_PICTURES} at most: pick fewer styles.")
        path = secret_folder(session.visit.secret(f"batch {time.time()}")) / ZIP
        work.start(engine, planned, path, visitor(request, owner))
        return self._look(work)

    def follow(self, session: Session | None, request: gr.Request | None) -> Iterator[Updates]:
        """Yield what changes while the batch goes on; a visitor who has left is not listening any more."""
        if session is not None:
            yield from self._live(session, self._work(session), self._studio.listeners.of(request))
        yield gr.skip()

    def finish(self, session: Session | None) -> Updates:
        """The tab when the batch is over, once it has been opened."""
        return self._look(self._work(session)) if session is not None and session in self._opened else gr.skip()

    def end(self, session: Session) -> Updates:
        """Stop was pressed: the picture at work is kept as it is."""
        work = self._work(session)
        work.stop()
        return self._look(work)

    def forget(self, session: Session) -> Updates:
        """The list was cleared; the pictures themselves stay among the others."""
        work = self._work(session)
        if work.working:
            raise NSTError("The batch is being painted: stop it first.")
        self._works[session.visit] = BatchWork(styles=work.styles)
        return self._look(self._work(session))

    def open(self, session: Session, event: gr.EventData) -> Updates:
        """A picture was clicked: a finished one is opened in the studio."""
        item = self._work(session).items.get(event.key)
        if item is None or "png" not in item.files:
            raise NSTError("This picture is not painted yet.")
        opened = self._history.open_run(session, item.files["png"].parent.name)
        return {self._pages: gr.Tabs(selected="studio")} | opened | self._history.refresh(session)

    def _live(self, session: Session, work: BatchWork, listening: Callable[[], bool]) -> Iterator[Updates]:
        before = None
        while work.working:
            if listening():
                work.heard = time.monotonic()
            cards = self._cards(work)
            yield self._look(work, cards != before) if session in self._opened else gr.skip()
            before = cards
            time.sleep(LOOK)

    def _work(self, session: Session) -> BatchWork:
        return self._works.setdefault(session.visit, BatchWork())

    def _job(self, photo: BatchPhoto, style: str, recipe: str, changes: Mapping[str, Any], rule: str | None) -> Job:
        self._studio.check_kept_file(photo.file)
        styles = [PictureFile.of_style(style)]
        return make_job(photo.file, styles, changes, recipe=recipe, limits=self._studio.limits, mask=rule)

    def _cards(self, work: BatchWork) -> list[Card]:
        return [
            card(
                key, photo.file.name, work.thumbs.get(key, photo.thumb),
                by=photo.refusal or ". ".join(filter(None, (_title(style), *photo.notes))),
                mark="could not be opened" if photo.refusal else "", alt=f"{photo.file.name}, {_title(style)}",
            )
            for key, photo, style in work.rows
        ]  # fmt: skip

    def _look(self, work: BatchWork, with_cards: bool = True) -> Updates:
        """The tab as of now."""
        rows = work.rows
        marks = {key: _words(work.items.get(key)) for key, photo, _ in rows if not photo.refusal}
        listed = gr.update(value=picked_value([], marks=marks))
        if with_cards:
            listed["cards"] = self._cards(work)
        begun = any(item.state in ("stopped", "waiting") for item in work.items.values())
        return {
            self.list: listed,
            self.status: self._status(work, rows),
            self.run: gr.update(value="Go on" if begun else "Paint all", visible=not work.working),
            self.stop: gr.update(
                value="Stopping" if work.stopping else "Stop", interactive=not work.stopping, visible=work.working
            ),
            self.zip: gr.update(value=work.archive, visible=work.archive is not None and not work.working),
            self.clear: gr.update(visible=bool(work.photos) and not work.working),
        }

    def _status(self, work: BatchWork, rows: Sequence[tuple[str, BatchPhoto, str]]) -> str:
        if not rows:
            return status("idle", "No photos yet", notes=[_EMPTY])
        items = [work.items.get(key) for key, _, _ in rows]
        finished = sum(item is not None and item.state in ("finished", "skipped") for item in items)
        facts = [("Finished", f"{finished} of {len(rows)}")]
        if work.working and work.seconds_left is not None:
            facts.append(("Time left", f"about {clock(work.seconds_left)}"))
        if work.working:
            return status("running", "Painting", facts, ["Close the page, and it ends after the picture at work."])
        if not work.items:
            return status("idle", "Ready when you are", facts)
        done = all(item is not None and item.state in ("finished", "skipped", "failed") for item in items if item)
        notes = [work.failure, "Click a picture to see it large, in the studio."]
        return status("finished" if done else "stopped", "Finished" if done else "Stopped", facts, notes)


def _title(style: str) -> str:
    return find_style(style).title if style else ""


def _words(item: Item | None) -> str:
    """The state of a picture in words."""
    if item is None or item.state == "waiting":
        return "waiting"
    if item.state == "painting":
        return f"painting {item.share:.0%}" if item.share else "preparing"
    if item.error is not None:
        return item.error.sentence(by_label)
    return "finished" if item.state == "skipped" else item.state
