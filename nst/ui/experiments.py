"""The tab for experiments: one photo and style with every combination of the values of one or two settings."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr

from nst.engines.line import Visitor
from nst.engines.series import Series, plan_jobs
from nst.errors import NSTError
from nst.grid import Head, cell_jobs, make_grid, propose_values, setting_axis, variation_axis
from nst.recipes import find_recipe
from nst.runs.destination import ResultsFolder
from nst.runs.grid_files import table_rows, write_grid
from nst.saved_settings import from_document
from nst.settings import Settings, by_label, specs
from nst.steps import Job
from nst.ui.data_uri import data_uri
from nst.ui.downloads import secret_folder
from nst.ui.events import DECODING, Updates, answer, in_session, respond, stream
from nst.ui.grid_view import QUALITY, SIDE, Experiment, grid_cells, progress_line, table
from nst.ui.listeners import leaving, visitor
from nst.ui.past_pictures import PastPictures
from nst.ui.picks import OWN
from nst.ui.settings_files import SettingsFiles
from nst.ui.status_line import status
from nst.ui.studio import Studio
from nst.ui.styles import StylesArea
from nst.ui.visits import Session

#: In the list of settings: the variations of the studio's recipe.
VARIATIONS = "variations"
#: Long side of the drafts, which soon fill the grid, and the least size of a picture that gets one before it.
DRAFT, WITH_DRAFT = 96, 256
#: At most so many visitors watch their grids at once.
FOLLOWERS = 32
_OFFERED = {"sheet": "PNG\nthe sheet", "csv": "CSV\nthe table", "zip": "ZIP\nsheet, table, pictures"}

READY = status("idle", "Ready to compare")
ABOUT = (
    '<h2 class="heading">Compare settings</h2><p class="remark">The photo, the style and all other settings are those '
    "of the studio. Click a picture to take its settings there.</p>"
)
VALUES = "With commas between; with semicolons where each value is a list."
BUSY = "A grid is being painted: stop it before you begin another."


class Experiments:
    """The tab and its components; made inside the ``gr.Tabs`` that is open.

    Args:
        studio: what the page works with.
        styles, files, history: areas of the studio, whose choices are read and set.
        pages: the tabs of the page; the one of the studio has the id "studio".
    """

    def __init__(
        self, studio: Studio, styles: StylesArea, files: SettingsFiles, history: PastPictures, pages: gr.Tabs
    ) -> None:
        self._studio, self._styles, self._files, self._history, self._pages = studio, styles, files, history, pages
        with gr.Tab("Experiments", id="experiments"), gr.Row(elem_id="experiments"):
            with gr.Column(elem_id="experiment-choices"):
                gr.HTML(ABOUT, apply_default_css=False)
                self.axes = [_axis("Across", "content_weight"), _axis("Down", "")]
                with gr.Row(elem_id="experiment-actions"):
                    self.begin = gr.Button("Paint the grid", variant="primary", size="lg", elem_id="paint-grid")
                    self.stop = gr.Button("Stop", variant="stop", size="lg", elem_id="stop-grid", visible=False)
            with gr.Column(elem_id="experiment-results"):
                self.status = gr.HTML(READY, elem_id="experiment-status", apply_default_css=False)
                self.cells = grid_cells()
                with gr.Row(elem_id="experiment-downloads", visible=False) as self.row:
                    self.downloads = {
                        kind: gr.DownloadButton(label, elem_id=f"grid-{kind}", min_width=140)
                        for kind, label in _OFFERED.items()
                    }
                self.table = gr.HTML(elem_id="experiment-table", apply_default_css=False)

    @property
    def components(self) -> list[Any]:
        """What changes while a grid is painted."""
        own = [self.begin, self.stop, self.status, self.cells, self.row, *self.downloads.values(), self.table]
        return [*own, *self._history.components]

    def connect(self, session: gr.State, _entered: Any) -> None:
        """Answer the choice of settings, the buttons, and clicks on cells."""
        boxes = [box for axis in self.axes for box in axis]
        for name, values in self.axes:
            answer(name.input, in_session(self.propose), [session, name, *self._styles.choices], values)
        choices = [session, *boxes, *self._styles.choices]
        begun = respond(self.begin.click, self.start, choices, self.components, **DECODING)
        stream(begun, self.follow, session, self.components, FOLLOWERS, "experiments")
        answer(self.stop.click, in_session(self.stop_grid), session, self.stop)
        shown = [*self._files.components, *self._history.components, self._pages]
        respond(self.cells.click, self.take_settings, session, list(dict.fromkeys(shown)))

    def propose(self, session: Session, name: str, _recipe: str, *values: Any) -> Updates:
        """Values for a setting that was chosen, around the one that the studio has."""
        if name not in specs():
            return gr.update(value="", interactive=name != VARIATIONS)
        settings = Settings.from_mapping(self._styles.changes(session.picks, values))
        return gr.update(value=propose_values(name, settings.to_dict()[name]), interactive=True)

    def start(
        self, session: Session, across: str, columns: str, down: str, rows: str, recipe: str, *values: Any
    ) -> Updates:
        """Check what is to be compared, and show the empty grid."""
        if session.experiment is not None and not session.experiment.over:
            raise NSTError(BUSY)
        axes = [self._axis(name, text, recipe) for name, text in ((across, columns), (down, rows)) if name]
        grid = make_grid(axes, self._studio.limits)
        self._studio.check_kept(session.photo)
        self._studio.check_kept(session.picks.own)
        changes, file = self._styles.changes(session.picks, values), session.photo.file if session.photo else None
        jobs = cell_jobs(
            grid, file, session.picks.files(), changes, recipe=recipe, limits=self._studio.limits, mask=session.mask
        )
        session.experiment = Experiment(grid=grid, jobs=jobs, styles=[key for key in session.picks.keys if key != OWN])
        return self._look(session.experiment) | {
            self.begin: gr.update(visible=False), self.stop: gr.update(visible=True, interactive=True, value="Stop"),
            self.row: gr.update(visible=False), self.table: "",
        }  # fmt: skip

    def follow(self, session: Session | None, request: gr.Request | None) -> Iterator[Updates]:
        """Yield what changes until every cell is painted or it is stopped; without a listener, it ends after a cell."""
        experiment = session.experiment if session else None
        if session is None or experiment is None or experiment.begun:
            yield gr.skip()
            return
        experiment.begun = True
        try:
            yield from self._paint(session, experiment, request)
        finally:
            experiment.over = True
        try:
            yield self._finish(session, experiment)
        except NSTError as error:
            gr.Warning(error.sentence(by_label))
            yield self._buttons()

    def stop_grid(self, session: Session) -> Updates:
        """Stop was pressed: the picture at work is kept as it is."""
        if session.experiment is not None:
            session.experiment.stopped = True
        return gr.update(value="Stopping", interactive=False)

    def take_settings(self, session: Session, event: gr.EventData) -> Updates:
        """A cell was clicked: its settings go into the controls of the studio, and its picture onto the easel."""
        experiment, name = session.experiment, event.key
        if experiment is None or name not in experiment.jobs:
            raise NSTError("This grid is not there any more.")
        updates = self._files.apply(session, from_document(experiment.document(name)))
        if name in experiment.painted:
            updates |= self._history.open_run(session, experiment.painted[name]["png"].parent.name)
        return updates | {self._pages: gr.update(selected="studio")}

    # --- painting --------------------------------------------------------------------------------

    def _axis(self, name: str, values: str, recipe: str) -> tuple[Head, ...]:
        return variation_axis(find_recipe(recipe)) if name == VARIATIONS else setting_axis(name, values)

    def _paint(self, session: Session, experiment: Experiment, request: gr.Request | None) -> Iterator[Updates]:
        owner = session.visit.owner
        who, left = visitor(request, owner), leaving(self._studio.listeners.of(request))
        for name, picture in self._drafts(experiment, who):
            experiment.pictures[name], experiment.states[name] = picture, "draft"
            yield self._look(experiment)
            if left():
                return
        engine = self._studio.engine
        series = Series(
            lambda: engine, plan_jobs(experiment.jobs, lambda _: ResultsFolder(engine.results, owner)),
            stopped=lambda: experiment.stopped, last=left, listening=lambda: not left(), visitor=who,
        )  # fmt: skip
        said = ""
        for progress in series.paint():
            changed, line = experiment.take(progress), progress_line(experiment, progress)
            if changed or line != said:
                said = line
                yield {self.status: line, **({self.cells: experiment.value()} if changed else {})}

    def _drafts(self, experiment: Experiment, who: Visitor) -> Iterator[tuple[str, str]]:
        """Each cell's name and draft, where these are much smaller than the pictures, as long as nobody waits."""
        engine = self._studio.engine
        for name, job in experiment.jobs.items():
            if experiment.stopped or engine.waiting or max(job.size) < WITH_DRAFT:
                return
            small = replace(job, settings=job.settings.replace(size=DRAFT, enlarge="off"))
            try:
                run = engine.submit(partial(_same, small), visitor=who, saved=False)
            except NSTError:  # The picture itself says what is wrong.
                continue
            for progress in run.progress(0):  # noqa: B007  (its last record is what counts)
                if experiment.stopped:
                    run.stop()
            if progress.preview is not None and progress.preview.image is not None:
                yield name, data_uri(progress.preview.image, SIDE, QUALITY)

    def _look(self, experiment: Experiment) -> Updates:
        drafts = sum(state == "draft" for state in experiment.states.values())
        facts = [("Drafts", f"{drafts} of {len(experiment.grid.cells)}")] if drafts else []
        return {self.status: status("running", "Painting drafts first", facts), self.cells: experiment.value()}

    def _finish(self, session: Session, experiment: Experiment) -> Updates:
        """Sheet, table and downloads of what is there, and the pictures among those of the visit."""
        head = "Stopped; everything is kept" if experiment.stopped else "Finished"
        count = f"{len(experiment.painted)} of {len(experiment.grid.cells)}"
        updates = self._buttons() | self._history.refresh(session) | {
            self.status: status("stopped" if experiment.stopped else "finished", head, [("Pictures", count)]),
            self.cells: experiment.value(),
        }  # fmt: skip
        if not experiment.painted:
            return updates
        folder = secret_folder(session.visit.secret(f"grid {secrets.token_hex()}"))
        rows = table_rows(experiment.grid, experiment.painted)
        files = write_grid(folder, experiment.grid, experiment.painted, rows, experiment.title)
        downloads = {button: gr.update(value=files[kind]) for kind, button in self.downloads.items()}
        return updates | downloads | {self.table: table(rows), self.row: gr.update(visible=True)}

    def _buttons(self) -> Updates:
        return {self.begin: gr.update(visible=True), self.stop: gr.update(visible=False)}


def _same(job: Job) -> Job:
    return job


def _axis(label: str, name: str) -> tuple[gr.Dropdown, gr.Textbox]:
    """A setting to choose, and its values."""
    choices = [(spec.label, setting) for setting, spec in specs().items()]
    optional = [] if name else [("Nothing", "")]
    chosen = gr.Dropdown(
        [*optional, *choices, ("Variations of the recipe", VARIATIONS)], value=name, label=label, interactive=True,
        elem_id=f"{label.lower()}-setting",
    )  # fmt: skip
    proposed = propose_values(name, getattr(Settings(), name)) if name else ""
    values = gr.Textbox(
        proposed, label=f"Values {label.lower()}", info=VALUES, max_lines=1, interactive=True,
        elem_id=f"{label.lower()}-values",
    )  # fmt: skip
    return chosen, values
