"""Controls made from settings: one Spec in, one control with its label, help and range out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from nst.settings import ORIGINAL, Settings, specs
from nst.ui.events import answer, respond
from nst.validation import Spec, read_text


@dataclass(frozen=True, kw_only=True)
class Control:
    """What shows one setting: ``box`` holds its value, ``whole`` is shown or hidden.

    A setting that allows more than its slider has the slider beside the box. They follow each other in the browser.
    """

    box: Any
    whole: Any
    slider: gr.Slider | None = None

    def on_move(self, handler: Callable[..., None], inputs: list[Any]) -> None:
        """Call a handler ``in_session`` when a person moves the slider or types; of calls too fast, only the last."""
        respond(self.box.input, handler, inputs, trigger_mode="always_last")
        if self.slider is not None:
            at_slider = [self.slider if component is self.box else component for component in inputs]
            respond(self.slider.input, handler, at_slider, trigger_mode="always_last")


def size_choices(most: int | None) -> list[tuple[str, int | str]]:
    """The choices of the size dropdown, as (label, value), none larger than ``most`` pixels."""
    sizes = specs()["size"].offered
    offered = [size for size in sizes if most is None or size <= most] or [most or sizes[0]]
    return [*((f"{size} px", size) for size in offered), ("The photo's own size", ORIGINAL)]


def offered_size(size: int | str, most: int | None) -> int | str:
    """The size itself where it may be painted, else the largest that is offered."""
    return size if not isinstance(size, int) or most is None or size <= most else size_choices(most)[-2][1]


def make_control(name: str, spec: Spec, value: Any, most: int | None = None, layers: Sequence[str] = ()) -> Control:
    """The control of one setting.

    Args:
        name: the setting's name; the element id is ``set-<name>``.
        spec: its label, help, range and choices.
        value: what it shows first.
        most: the largest size that is offered, in pixels.
        layers: those of the network, for a setting that names some.

    Raises:
        ValueError: a list of numbers, which takes one slider each (see ``layer_controls``).
    """
    options: dict[str, Any] = {"label": _label(spec), "info": spec.help, "elem_id": f"set-{name}", "interactive": True}
    if spec.slider is not None and spec.kind != "numbers":
        return slider_control(spec, value, live=spec.live, **options)
    box = _box(name, spec, value, most, layers, options)
    return Control(box=box, whole=box)


def slider_control(spec: Spec, value: float, *, live: bool, elem_id: str, label: str, **options: Any) -> Control:
    """A slider over the usual range of a number, with a box beside it where the setting allows more than that.

    Gradio's own box would hold a number beyond the slider's range only until it loses the focus.
    """
    low, high, step = _slider_range(spec)
    classes = ["live"] if live else []
    if (spec.minimum, spec.maximum) == (low, high):
        slider = gr.Slider(low, high, value, step=step, label=label, elem_id=elem_id, elem_classes=classes, **options)
        return Control(box=slider, whole=slider)
    with gr.Row(elem_id=elem_id, elem_classes=["wide", *classes]) as whole:
        slider = gr.Slider(low, high, min(value, high), step=step, label=label, buttons=[], **options)
        box = gr.Number(value, label=f"{label}, any number", show_label=False, container=False, min_width=80,
                        precision=0 if spec.kind == "integer" else None, interactive=True)  # fmt: skip
    answer(slider.input, None, slider, box, js="x => x")
    answer(box.change, None, box, slider, js=f"x => Math.min({high}, Math.max({low}, x))")
    return Control(box=box, whole=whole, slider=slider)


def layer_controls(spec: Spec, values: Sequence[float], names: Sequence[str]) -> list[Control]:
    """One control for the weight of each style layer, fine to coarse; only the first carries the line of help."""
    return [
        slider_control(
            spec, value, live=True, label=name, info=spec.help if place == 1 else None, elem_id=f"set-layer-{place}"
        )
        for place, (value, name) in enumerate(zip(values, names, strict=True), 1)
    ]  # fmt: skip


def share_sliders(count: int) -> list[gr.Slider]:
    """Hidden sliders for the shares of blended styles; they appear with the styles that are picked."""
    spec = specs()["style_weights"]
    low, high, step = _slider_range(spec)
    return [
        gr.Slider(low, high, high, step=step, label=f"{spec.label} {place}", elem_id=f"share-{place}", visible=False,
                  interactive=True)
        for place in range(1, count + 1)
    ]  # fmt: skip


def read_controls(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the controls hold, as Settings takes it: typed words stay words, typed numbers become numbers.

    Raises:
        SettingsError: one of them is not valid, in one sentence.
    """
    plain = {
        name: read_text(value, specs()[name]) if isinstance(value, str) else value for name, value in values.items()
    }
    settings = Settings.from_mapping(plain)
    return {name: getattr(settings, name) for name in plain}


def _box(
    name: str, spec: Spec, value: Any, most: int | None, layers: Sequence[str], options: dict[str, Any]
) -> Component:
    """The control of a setting without a slider."""
    match spec.kind:
        case "size":
            value = offered_size(value, most)
            return gr.Dropdown(size_choices(most), value=value, allow_custom_value=True, **options)
        case "choice":
            choices = list(zip(spec.choice_labels or spec.choices, spec.choices, strict=True))
            return gr.Dropdown(choices, value=value, **options)
        case "names":
            return gr.Dropdown(list(layers), value=list(value), multiselect=True, **options)
        case "numbers":
            raise ValueError(f"{name} is a list of numbers: it takes one slider each")
    if spec.words:
        return gr.Textbox(str(value), max_lines=1, **options)
    return gr.Number(value, precision=0 if spec.kind == "integer" else None, **options)


def _slider_range(spec: Spec) -> tuple[float, float, float]:
    if spec.slider is None:
        raise ValueError(f"{spec.label} has no slider range")
    return spec.slider


def _label(spec: Spec) -> str:
    return f"{spec.label} ({spec.unit})" if spec.unit not in ("", spec.label.casefold()) else spec.label
