"""The page: a header, and tabs, of which the first is the studio.

The studio has three columns, which the style sheet places: photo and styles, easel and results, settings.
"""

from dataclasses import dataclass, replace

import gradio as gr

from nst.ui.batch import BatchTab
from nst.ui.easel import Easel
from nst.ui.entrance import Entrance
from nst.ui.experiments import Experiments
from nst.ui.film_panel import FilmPanel
from nst.ui.past_pictures import PastPictures
from nst.ui.photo import PhotoArea
from nst.ui.region_panel import RegionPanel
from nst.ui.results import Results
from nst.ui.run_button import VISITORS, RunButton
from nst.ui.samples import Samples
from nst.ui.settings_files import SettingsFiles
from nst.ui.settings_panel import SettingsPanel
from nst.ui.studio import TAGLINE, Studio
from nst.ui.styles import StylesArea
from nst.version import NAME


@dataclass(frozen=True, kw_only=True)
class Areas:
    """The areas of the studio, each with its components and their handlers, and the other tabs of the page."""

    photo: PhotoArea
    regions: RegionPanel
    styles: StylesArea
    easel: Easel
    results: Results
    settings: SettingsPanel
    files: SettingsFiles
    history: PastPictures
    samples: Samples
    film: FilmPanel
    run: RunButton
    entrance: Entrance
    tabs: tuple[BatchTab | Experiments, ...] = ()


def build_page(studio: Studio) -> gr.Blocks:
    """The whole page, ready to be launched."""
    keep = int(studio.limits.upload_seconds)
    # How often Gradio looks through its cache, and how long a file stays there, in seconds.
    with gr.Blocks(
        title=f"{NAME} · neural style transfer", analytics_enabled=False, delete_cache=(keep // 24, keep)
    ) as page:
        connect(lay_out(studio), page)
    return page


def lay_out(studio: Studio) -> Areas:
    """Put the header and the tabs into the ``gr.Blocks`` that is open; browsers draw a tab when it is opened."""
    gr.HTML(_HEADER.format(_LOGOUT if studio.login else ""), elem_id="masthead", apply_default_css=False)
    with gr.Tabs(elem_id="pages") as pages:
        with gr.Tab("Studio", id="studio"):
            areas = lay_out_studio(studio)
        tabs = (
            BatchTab(studio, areas.styles, areas.history, pages),
            Experiments(studio, areas.styles, areas.files, areas.history, pages),
        )
    return replace(areas, tabs=tabs)


def lay_out_studio(studio: Studio) -> Areas:
    """Put every area of the studio into the tab that is open."""
    with gr.Row(elem_id="studio"):
        left, middle = gr.Column(elem_id="choose"), gr.Column(elem_id="easel")
        right = gr.Column(elem_id="settings", elem_classes=[] if studio.steerable else ["fixed"])
    with middle:
        easel, past, results = Easel(studio), gr.Column(elem_id="past"), Results()
        with past:
            history = PastPictures(studio, easel, results)
    with right:
        gr.HTML('<h2 class="heading">Settings</h2>', apply_default_css=False)
        film = FilmPanel()
        settings = SettingsPanel(studio, film)
    with left:
        gr.HTML(_heading(1, "Your photo or clip"), apply_default_css=False)
        photo, regions = PhotoArea(studio, easel, film), RegionPanel(film)
        gr.HTML(_heading(2, "The style"), apply_default_css=False)
        styles = StylesArea(easel, settings)
        samples = Samples(studio, styles)
    with right:
        files = SettingsFiles(easel, photo, styles, settings, regions)
    return Areas(
        photo=photo, regions=regions, styles=styles, easel=easel, results=results, settings=settings, files=files,
        history=history, samples=samples,
        film=film, run=RunButton(studio, easel, results, styles, history, film),
        entrance=Entrance(studio, easel, photo, files, history),
    )  # fmt: skip


def connect(areas: Areas, page: gr.Blocks) -> None:
    """Connect the events of every area with their handlers."""
    session = areas.entrance.session
    for area in (areas.photo, areas.styles, areas.settings, areas.easel, areas.files):
        area.connect(session)
    areas.regions.connect(session, areas.photo, areas.styles)
    areas.samples.connect(session, areas.photo, VISITORS)
    areas.run.connect(session, areas.photo)
    areas.run.follow_after(areas.history.connect(session, areas.photo, areas.files), session)
    entered = areas.entrance.connect(page)
    areas.run.follow_after(entered, session)
    for tab in areas.tabs:
        tab.connect(session, entered)


def _heading(place: int, words: str) -> str:
    return f'<h2 class="heading"><b>{place}</b>{words}</h2>'


_HEADER = f"""
<header class="masthead"><div><h1>{NAME}</h1><p>{TAGLINE}</p></div>{{}}
<button type="button" class="lamp" aria-label="Switch between light and dark" title="Light or dark"></button></header>
"""
_LOGOUT = '<form method="post" action="logout"><button class="logout">Log out</button></form>'
