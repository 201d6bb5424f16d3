"""The settings panel: what it holds, and who may change it."""

import gradio as gr
import pytest

from nst.recipes import find_recipe, recipes
from nst.settings import Settings, live_names, specs
from nst.ui.panel import ELSEWHERE, LAYER_WEIGHTS, ONLY_WITH, Panel, put_in

DRAFT = find_recipe("draft").to_settings()


@pytest.fixture
def panel() -> Panel:
    with gr.Blocks():
        made = Panel(DRAFT, max_size=768)
        for group in ("main", "layers", "advanced"):
            made.add_group(group)
    return made


def held(panel: Panel) -> list[object]:
    return [component.value for component in panel.components]


def test_every_setting_has_its_place(panel: Panel) -> None:
    assert set(panel.controls) == set(specs()) - ELSEWHERE
    assert len(panel.layers) == len(Settings().style_layer_weights)
    assert set(panel.live()) == live_names() - {LAYER_WEIGHTS}


def test_untouched_it_holds_what_it_started_with(panel: Panel) -> None:
    assert Settings.from_mapping(panel.values(held(panel))) == DRAFT
    assert panel.held(held(panel)) == panel.usual(DRAFT, {})


def test_only_the_layers_in_use_are_weighed(panel: Panel) -> None:
    standing = dict(zip(panel.components, held(panel), strict=True))
    standing[panel.controls["style_layers"]] = ["conv1_1", "conv2_1", "conv4_1"]
    standing |= dict(zip(panel.layers, (1, 2, 3, 4, 5), strict=True))
    assert panel.values(list(standing.values()))[LAYER_WEIGHTS] == (1, 2, 3)


def test_every_recipe_fits_into_the_controls(panel: Panel) -> None:
    for recipe in recipes():
        settings = recipe.to_settings()
        filled = panel.filled(panel.usual(settings, {}))
        assert set(filled) == set(panel.components)
        for control, update in filled.items():
            if "maximum" in update:
                low, high, step = update["minimum"], update["maximum"], update["step"]
                assert low <= update["value"] <= high
                steps = (update["value"] - low) / step
                assert steps == pytest.approx(round(steps), abs=1e-6), f"{recipe.name}, {control.label}"
        values = panel.values([filled[control]["value"] for control in panel.components])
        assert Settings.from_mapping(values) == settings


def test_back_to_usual_means_recipe_and_style(panel: Panel) -> None:
    usual = panel.usual(DRAFT, {"style_scale": 2.0, "size": 4096})
    assert (usual["style_scale"], usual["size"], usual["learning_rate"]) == (2.0, 768, "auto")
    assert set(usual) == {*panel.controls, LAYER_WEIGHTS}


def test_a_slider_of_a_layer_that_is_not_in_use_stands_at_one(panel: Panel) -> None:
    two = Settings(style_layers=("a", "b"), style_layer_weights=(3, 4))
    assert panel.usual(two, {})[LAYER_WEIGHTS] == [3, 4, 1, 1, 1]


def test_a_recipe_says_its_own_settings_whatever_stood_there() -> None:
    usual, before = {"steps": 30, "style_weight": 1}, {"steps": 60, "style_weight": 1}
    held = {"steps": 100, "style_weight": 2}
    assert put_in(usual, before, held, {"steps"}) == {"steps": 30}


def test_what_nobody_touched_follows_the_choice_and_what_a_person_set_stays() -> None:
    usual, before = {"style_weight": 1, "tv_weight": 0.1, "size": 512}, {"style_weight": 9, "tv_weight": 7, "size": 400}
    held = {"style_weight": 9, "tv_weight": 3, "size": "400"}
    assert put_in(usual, before, held) == {"style_weight": 1, "size": 512}, "a typed 400 is the 400 that was put in"


def test_a_style_brings_its_settings_and_the_next_one_takes_them_back() -> None:
    plain, scaled = {"style_scale": 1.0}, {"style_scale": 2.0}
    assert put_in(scaled, plain, {"style_scale": 1.0}) == scaled
    assert put_in(plain, scaled, {"style_scale": 2.0}) == plain
    assert put_in(scaled, plain, {"style_scale": 0.5}) == {}
    assert put_in(plain, scaled, {"style_scale": 0.5}) == {}


def test_a_control_that_does_nothing_is_not_shown(panel: Panel) -> None:
    assert not panel.controls["init_blend"].visible
    assert panel.controls["history"].visible
    shown = panel.fitting("init", "blend")
    assert shown == {panel.controls["init_blend"]: gr.update(visible=True)}
    hidden = {panel.controls["history"]: gr.update(visible=False)}
    assert panel.fitting("optimizer", "adam") == hidden
    for name, (decider, values) in ONLY_WITH.items():
        assert name in specs()
        assert values <= set(specs()[decider].choices)
