"""Widgets come out of the settings, and what they hold goes back in."""

import math

import gradio as gr
import pytest

from nst.errors import SettingsError
from nst.settings import ORIGINAL, Settings, specs
from nst.ui.widgets import layer_controls, make_control, offered_size, read_controls, share_sliders, size_choices

SINGLE = [name for name, spec in specs().items() if spec.kind != "numbers"]


@pytest.mark.parametrize("name", SINGLE)
def test_a_control_says_what_the_setting_says(name: str) -> None:
    spec, value = specs()[name], getattr(Settings(), name)
    with gr.Blocks():
        made = make_control(name, spec, value)
    labelled = made.slider or made.box
    assert labelled.label.startswith(spec.label)
    assert labelled.info == spec.help
    assert made.whole.elem_id == f"set-{name}"
    if spec.slider:
        assert (labelled.minimum, labelled.maximum, labelled.step) == spec.slider
        assert made.box.value == value


def test_sizes_end_at_the_largest_that_is_painted() -> None:
    sizes = [value for _, value in size_choices(800)]
    assert sizes == [256, 384, 512, 768, ORIGINAL]
    assert [value for _, value in size_choices(100)] == [100, ORIGINAL]
    assert offered_size(1024, 800) == 768
    assert offered_size(512, 800) == 512
    assert offered_size(ORIGINAL, 800) == ORIGINAL
    assert offered_size(600, None) == 600


def test_a_box_beside_a_slider_holds_what_the_slider_cannot() -> None:
    with gr.Blocks():
        made = make_control("style_weight", specs()["style_weight"], 1e6)
        plain = make_control("init_blend", specs()["init_blend"], 0.3)
    assert made.slider is not None
    assert (made.box.value, made.slider.value) == (1e6, 5)
    assert (plain.box, plain.slider) == (plain.whole, None), "a slider that reaches all values needs no box"


def test_one_slider_for_each_layer_and_one_line_of_help() -> None:
    with gr.Blocks():
        layers = layer_controls(specs()["style_layer_weights"], [1, 2, 3], ["conv1_1", "conv2_1", "conv3_1"])
        shares = share_sliders(4)
    sliders = [shown.slider for shown in layers]
    assert [(slider.label, slider.value) for slider in sliders] == [("conv1_1", 1), ("conv2_1", 2), ("conv3_1", 3)]
    assert [bool(slider.info) for slider in sliders] == [True, False, False]
    assert len(shares) == 4
    assert not any(slider.visible for slider in shares)


def test_a_list_of_numbers_is_no_single_control() -> None:
    with pytest.raises(ValueError, match="one slider each"):
        make_control("style_weights", specs()["style_weights"], ())


def test_typed_numbers_become_numbers_and_words_stay() -> None:
    assert read_controls({"learning_rate": "0.5"}) == {"learning_rate": 0.5}
    assert read_controls({"learning_rate": "auto"}) == {"learning_rate": "auto"}
    assert read_controls({"size": "original", "optimizer": "adam"}) == {"size": "original", "optimizer": "adam"}


@pytest.mark.parametrize(
    ("name", "value"), [("learning_rate", "fast"), ("style_weight", math.nan), ("seed", None), ("steps", 10.7)]
)
def test_what_is_not_valid_is_one_sentence(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name):
        read_controls({name: value})


def test_choices_are_called_by_their_labels_and_mean_their_values() -> None:
    colours = make_control("colours", specs()["colours"], "keep").box
    assert colours.choices[1] == ("The photo's own", "keep")
    assert [value for _, value in colours.choices] == list(specs()["colours"].choices)
    assert [label for label, _ in make_control("pooling", specs()["pooling"], "max").box.choices] == ["max", "average"]
