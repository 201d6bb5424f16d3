"""Widgets out of settings: one Spec in, one control with its label, help and range out."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from nst.settings import ORIGINAL, Settings, specs
from nst.ui.raw import as_sent, raw
from nst.validation import Spec

#: The sizes that the page offers, in pixels of the long side; any other within the bounds can be typed.
SIZES = (256, 384, 512, 768, 1024, 1536, 2048)

#: A value this near to a step of its slider, in steps, lies on it.
ON_STEP = 1e-6


def size_choices(max_size: int | None) -> list[tuple[str, int | str]]:
    """The choices of the size dropdown, as (label, value), none larger than ``max_size``."""
    offered = [size for size in SIZES if max_size is None or size <= max_size] or [max_size or SIZES[0]]
    return [*((f"{size} px", size) for size in offered), ("The photo's own size", ORIGINAL)]


def offered_size(size: int | str, max_size: int | None) -> int | str:
    """The size itself where it may be painted, else the largest that is offered."""
    if not isinstance(size, int) or max_size is None or size <= max_size:
        return size
    return size_choices(max_size)[-2][1]


def control(name: str, spec: Spec, value: Any, max_size: int | None = None, layers: Sequence[str] = ()) -> Component:
    """The widget of one setting.

    Args:
        name: the setting's name; the widget's element id is ``set-<name>``.
        spec: its label, help, range and choices.
        value: what it shows first.
        max_size: the largest size that is offered.
        layers: those of the network, for a setting that names some.

    Raises:
        ValueError: a list of numbers, which takes one slider each (see ``layer_sliders``).
    """
    told: dict[str, Any] = {
        "label": _label(spec), "info": spec.help, "elem_id": f"set-{name}", "interactive": True,
        "elem_classes": ["live"] if spec.live else [],
    }  # fmt: skip
    match spec.kind:
        case "size":
            value = offered_size(value, max_size)
            return _Dropdown(size_choices(max_size), value=value, allow_custom_value=True, **told)
        case "choice":
            return gr.Dropdown(
                list(zip(spec.choice_labels or spec.choices, spec.choices, strict=True)), value=value, **told
            )
        case "names":
            return gr.Dropdown(list(layers), value=list(value), multiselect=True, **told)
        case "numbers":
            raise ValueError(f"{name} is a list of numbers: it takes one slider each")
    if spec.words:
        return gr.Textbox(str(value), max_lines=1, **told)
    if spec.slider is None:
        return gr.Number(value, precision=0 if spec.kind == "integer" else None, **told)
    return _slider(spec, value, **told)


def reach(spec: Spec, value: Any) -> dict[str, Any]:
    """The range of a slider that holds a value, as arguments of ``gr.update``; none for other widgets.

    It is the Spec's own where the value lies on it. Recipes hold values far beyond, such as weights of a million:
    for these it ends at twice the value, in steps of its fourth digit.
    """
    if spec.slider is None:
        return {}
    low, high, step = spec.slider
    steps = (value - low) / step
    if low <= value <= high and abs(steps - round(steps)) < ON_STEP:
        return {"minimum": low, "maximum": high, "step": step}
    fine = 10.0 ** (math.floor(math.log10(value)) - 3) if value > 0 else step
    end = high if value <= high else min(2 * value, spec.maximum)
    return {"minimum": math.ceil(min(low, value) / fine) * fine, "maximum": end, "step": fine}


def layer_sliders(spec: Spec, values: Sequence[float], names: Sequence[str]) -> list[gr.Slider]:
    """One slider for each style layer, fine to coarse; only the first carries the line of help."""
    return [
        _slider(
            spec, value, label=name, info=spec.help if place == 1 else None,
            elem_id=f"set-layer-{place}", elem_classes=["live"], interactive=True,
        )
        for place, (value, name) in enumerate(zip(values, names, strict=True), 1)
    ]  # fmt: skip


def weight_sliders(count: int) -> list[gr.Slider]:
    """Hidden sliders for the shares of blended styles; they appear with the styles that are picked."""
    spec = specs()["style_weights"]
    high = spec.slider[1] if spec.slider else 1
    return [
        _slider(spec, high, label=f"{spec.label} {place}", elem_id=f"share-{place}", visible=False, interactive=True)
        for place in range(1, count + 1)
    ]


def read(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the widgets hold, as Settings takes it: typed words stay words, typed numbers become numbers.

    Raises:
        SettingsError: one of them is not valid, in one sentence.
    """
    plain = {name: _typed(value, specs()[name]) for name, value in values.items()}
    settings = Settings.from_mapping(plain)
    return {name: getattr(settings, name) for name in plain}


def _typed(value: Any, spec: Spec) -> Any:
    """Text from a box that takes numbers or words."""
    if not isinstance(value, str) or value in spec.words or spec.kind == "choice":
        return value
    try:
        return float(value.removesuffix(spec.unit) if spec.unit else value)
    except ValueError:
        return value


def _slider(spec: Spec, value: float, **told: Any) -> gr.Slider:
    """A slider over the Spec's narrower range."""
    if spec.slider is None:
        raise ValueError(f"{spec.label} has no slider range")
    low, high, step = spec.slider
    return _Slider(low, high, value, step=step, **told)


#: A number box may go beyond its slider, up to what the setting allows; a size may be typed.
_Slider = raw(gr.Slider, as_sent)
_Dropdown = raw(gr.Dropdown, as_sent)


def _label(spec: Spec) -> str:
    return f"{spec.label} ({spec.unit})" if spec.unit not in ("", spec.label.casefold()) else spec.label
