"""The page: what stands where. ``nst.ui.events`` says what answers what."""

from typing import Any

import gradio as gr

from nst.recipes import DEFAULT_RECIPE, find_recipe, qualities, recipes
from nst.ui.choosing import READY, recipe_line
from nst.ui.doors import picture_door
from nst.ui.downloads import OFFERED
from nst.ui.events import connect
from nst.ui.examples import example_cards
from nst.ui.gallery import style_cards, zip_button
from nst.ui.order import MOST_STYLES, Picks
from nst.ui.panel import Panel
from nst.ui.parts import Parts
from nst.ui.picker import picker
from nst.ui.run_view import log_box
from nst.ui.stage import empty_stage
from nst.ui.studio import COLOPHON, TAGLINE, Studio
from nst.ui.theme import CURVE_COLOURS
from nst.ui.widgets import weight_sliders
from nst.version import NAME

#: Uploads and results in Gradio's cache go after a day, in seconds.
CACHE_SECONDS = 86400


def build_page(studio: Studio) -> gr.Blocks:
    """The whole page, ready to be launched."""
    with gr.Blocks(
        title=f"{NAME} · neural style transfer", analytics_enabled=False, delete_cache=_cache_seconds(studio)
    ) as page:
        connect(page, studio, lay_out(studio))
    return page


def _cache_seconds(studio: Studio) -> tuple[int, int]:
    """(how often Gradio's cache is looked through, how long a file stays there), in seconds."""
    keep = int(studio.limits.keep_seconds or CACHE_SECONDS)
    return keep // 24, keep


def lay_out(studio: Studio) -> Parts:
    """Put every part of the page into the ``gr.Blocks`` that is open.

    A header, and three blocks that the style sheet places: what to paint, the easel, the settings.
    """
    gr.HTML(_HEADER, elem_id="masthead", apply_default_css=False, js_on_load=_SWITCH_LIGHT)
    with gr.Row(elem_id="studio"):
        with gr.Column(elem_id="choose"):
            chosen = _photo() | _styles()
        with gr.Column(elem_id="easel"):
            shown = _easel() | _results()
        with gr.Column(elem_id="settings", elem_classes=[] if studio.steerable else ["fixed"]):
            settings = _settings(studio)
    gr.HTML(f'<p class="colophon">{COLOPHON}</p>', apply_default_css=False)
    return Parts(**chosen, **shown, **settings, **_memory(settings["panel"]))


def _memory(panel: Panel) -> dict[str, Any]:
    return {
        "chosen": gr.State(None),
        "picks": gr.State(Picks()),
        "run_id": gr.State(""),
        "put": gr.State(panel.usual(find_recipe(DEFAULT_RECIPE).to_settings(), {})),
    }


def _photo() -> dict[str, Any]:
    gr.HTML(_heading(1, "Your photo"), apply_default_css=False)
    photo = picture_door(
        label="Photo", show_label=False, sources=["upload", "clipboard", "webcam"], elem_id="photo", height=240,
        placeholder="Drop a photo here\nor click to choose one", alt_text="Your photo",
    )  # fmt: skip
    note = gr.HTML(elem_id="photo-note", apply_default_css=False)
    examples = picker("Example photos", example_cards(), "examples")
    return {"photo": photo, "photo_note": note, "examples": examples}


def _styles() -> dict[str, Any]:
    gr.HTML(_heading(2, "The style"), apply_default_css=False)
    styles = picker("Styles", style_cards(), "styles")
    blend = gr.Checkbox(
        label="Blend several styles", info=f"Pick up to {MOST_STYLES} and weigh them.", elem_id="blend", container=False
    )
    shares = weight_sliders(MOST_STYLES)
    with gr.Accordion("A style picture of your own", open=False, elem_id="own-door"):
        own = picture_door(
            label="Style picture", show_label=False, sources=["upload", "clipboard"], elem_id="own", height=180,
            placeholder="Drop a painting, a pattern,\na texture", alt_text="Your style picture",
        )  # fmt: skip
        own_note = gr.HTML(elem_id="own-note", apply_default_css=False)
    zip_button()
    return {"styles": styles, "blend": blend, "shares": shares, "own": own, "own_note": own_note}


def _easel() -> dict[str, Any]:
    easel = gr.HTML(empty_stage(), elem_id="stage", apply_default_css=False)
    with gr.Row(elem_id="actions"):
        run = gr.Button("Run", variant="primary", size="lg", elem_id="run")
        pause = gr.Button("Pause", size="lg", elem_id="pause", visible=False)
        stop = gr.Button("Stop", variant="stop", size="lg", elem_id="stop", visible=False)
    line = gr.HTML(READY, elem_id="status", apply_default_css=False)
    return {"stage": easel, "run": run, "pause": pause, "stop": stop, "status": line}


def _results() -> dict[str, Any]:
    with gr.Tabs(elem_id="results"):
        with gr.Tab("Before/after"):
            hint = gr.HTML(
                _hint("When the picture is finished, slide between the photo and the painting here."),
                apply_default_css=False,
            )
            compare = gr.ImageSlider(
                show_label=False, format="jpeg", interactive=False, elem_id="compare", buttons=["fullscreen"],
                visible=False,
            )  # fmt: skip
        with gr.Tab("Downloads"), gr.Row(elem_id="downloads"):
            downloads = {
                kind: gr.DownloadButton(label, interactive=False, elem_id=f"download-{kind}", min_width=180)
                for kind, (label, _) in OFFERED.items()
            }
        with gr.Tab("Loss"):
            curve = gr.LinePlot(
                x="step", y="loss", color="term", color_map=CURVE_COLOURS, height=280, show_label=False,
                x_title="step", y_title="loss (log10)", color_title=" ", elem_id="curve", buttons=[],
            )  # fmt: skip
        with gr.Tab("Log"):
            log = gr.HTML(log_box(""), elem_id="log", apply_default_css=False)
    return {"hint": hint, "compare": compare, "downloads": downloads, "curve": curve, "log": log}


def _settings(studio: Studio) -> dict[str, Any]:
    gr.HTML(_heading(3, "Settings"), apply_default_css=False)
    usual = find_recipe(DEFAULT_RECIPE)
    quality = gr.Radio(
        [(find_recipe(name).title, name) for name in qualities()], value=usual.name, label="Quality",
        info="Draft is a quick look; fine takes its time.", elem_id="quality",
    )  # fmt: skip
    recipe = gr.Dropdown(
        [(recipe.title, recipe.name) for recipe in recipes()], value=usual.name, label="Recipe",
        info="Setups that people know, to start from.", elem_id="recipe",
    )  # fmt: skip
    line = gr.HTML(recipe_line(usual), elem_id="recipe-line", apply_default_css=False)
    panel = Panel(usual.to_settings(), studio.limits.size)
    panel.add_group("main")
    if studio.rules():
        gr.HTML(f'<p class="remark">{studio.rules()}</p>', elem_id="limit", apply_default_css=False)
    with gr.Accordion("Fine tuning", open=False, elem_id="fine-tuning"):
        panel.add("network")
        gr.HTML(_part("Layers"), apply_default_css=False)
        panel.add_group("layers")
        gr.HTML(_part("Losses, start and steps"), apply_default_css=False)
        panel.add_group("advanced", but=("network",))
        reset = gr.Button("Back to the usual settings", size="sm", elem_id="reset")
    return {"quality": quality, "recipe": recipe, "recipe_line": line, "panel": panel, "reset": reset}


def _heading(place: int, words: str) -> str:
    return f'<h2 class="heading"><b>{place}</b>{words}</h2>'


def _part(words: str) -> str:
    return f'<h3 class="part">{words}</h3>'


def _hint(words: str) -> str:
    return f'<p class="hint">{words}</p>'


_HEADER = f"""
<header class="masthead"><div><h1>{NAME}</h1><p>{TAGLINE}</p></div>
<button type="button" class="lamp" aria-label="Switch between light and dark" title="Light or dark"></button></header>
"""
_SWITCH_LIGHT = """
element.addEventListener('click', (event) => {
  if (event.target.closest('.lamp')) document.body.classList.toggle('dark');
});
"""
