"""The look: a warm paper ground, ink, one vermilion accent, and fonts that are already on the machine."""

from pathlib import Path

import gradio as gr

_FOLDER = Path(__file__).parent
FAVICON = _FOLDER / "favicon.svg"

PAPER = gr.themes.Color(
    "#fbf8f2", "#f5f0e6", "#e9e1d3", "#d6cbb8", "#afa28d", "#7d7261", "#5f564a", "#463f36", "#2e2924", "#211d19",
    "#161310", name="paper",
)  # fmt: skip
VERMILION = gr.themes.Color(
    "#fdf1ed", "#fadfd7", "#f3bbab", "#ec957e", "#e27257", "#cb4e31", "#b53f25", "#93331e", "#722a1b", "#5a2519",
    "#32120b", name="vermilion",
)  # fmt: skip

#: The colours of the loss curve by term, and of the marks in it: contrast of 3:1 or more on paper and in the dark.
CURVE_COLOURS = {
    "total": "#8a7657", "style": "#d9583a", "content": "#5b8a9a", "tv": "#6a8a3c", "patch": "#9b67ad",
    "temporal": "#5078c8",
}  # fmt: skip
MARK_COLOUR = "#8a857d"

SANS = (
    "ui-sans-serif",
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "Helvetica Neue",
    "sans-serif",
)
MONO = ("ui-monospace", "SF Mono", "Cascadia Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")


def theme() -> gr.themes.Base:
    """The Gradio theme."""
    return gr.themes.Base(
        primary_hue=VERMILION, secondary_hue=VERMILION, neutral_hue=PAPER,
        font=[gr.themes.Font(name) for name in SANS], font_mono=[gr.themes.Font(name) for name in MONO],
        radius_size=gr.themes.sizes.radius_md, spacing_size=gr.themes.sizes.spacing_md,
    ).set(
        body_background_fill="*neutral_100", body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_800", body_text_color_dark="*neutral_200",
        body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_400",
        block_background_fill="transparent", block_background_fill_dark="transparent",
        block_border_width="0px", block_border_width_dark="0px", block_shadow="none", block_shadow_dark="none",
        block_padding="0", block_label_background_fill="*neutral_50",
        block_title_text_color="*neutral_800", block_title_text_color_dark="*neutral_100",
        block_title_text_weight="600", block_info_text_color="*neutral_600", block_info_text_color_dark="*neutral_400",
        panel_background_fill="transparent", panel_background_fill_dark="transparent",
        background_fill_primary="*neutral_50", background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_100", background_fill_secondary_dark="*neutral_800",
        border_color_primary="*neutral_300", border_color_primary_dark="*neutral_700",
        input_background_fill="*neutral_50", input_background_fill_dark="*neutral_900",
        input_border_color="*neutral_300", input_border_color_dark="*neutral_700", input_border_width="1px",
        input_radius="8px", input_shadow="none", input_shadow_focus="0 0 0 3px *primary_200",
        input_shadow_focus_dark="0 0 0 3px *primary_800",
        slider_color="*primary_600", slider_color_dark="*primary_400",
        checkbox_label_background_fill="*neutral_50", checkbox_label_background_fill_dark="*neutral_900",
        button_primary_background_fill="*primary_600", button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600", button_primary_background_fill_hover_dark="*primary_700",
        button_primary_text_color="#ffffff", button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill="*neutral_50", button_secondary_background_fill_dark="*neutral_800",
        button_secondary_border_color="*neutral_300", button_secondary_border_color_dark="*neutral_700",
        button_cancel_background_fill="*neutral_800", button_cancel_background_fill_hover="*neutral_900",
        button_cancel_text_color="*neutral_50", button_border_width="1px",
    )  # fmt: skip


def head(largest_upload: int) -> str:
    """What goes into the page's head: the style sheet, unscoped, the script, the colour schemes, and for the script the
    bytes that an upload may have."""
    css, script = ((_FOLDER / f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    metas = {"color-scheme": "light dark", "largest-upload": largest_upload}
    tags = "".join(f'<meta name="{name}" content="{content}">' for name, content in metas.items())
    return f"{tags}<style>{css}</style><script>{script}</script>"
