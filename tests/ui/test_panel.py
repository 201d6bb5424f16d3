"""The settings panel: what it holds, and who may change it."""

import gradio as gr
import pytest

from nst.settings import QUALITIES, Settings, live_names, specs
from nst.ui.panel import ELSEWHERE, LAYER_WEIGHTS, ONLY_WITH, Panel, put_by_quality, put_by_style


@pytest.fixture
def panel() -> Panel:
    with gr.Blocks():
        made = Panel("draft", max_size=768)
        for group in ("main", "layers", "advanced"):
            made.add_group(group)
    return made


def held(panel: Panel) -> list[object]:
    return [component.value for component in panel.components]


def test_every_setting_has_its_place(panel: Panel) -> None:
    assert set(panel.controls) == set(specs()) - ELSEWHERE
    assert len(panel.layers) == len(Settings().style_layer_weights)
    assert set(panel.live()) == live_names() - {LAYER_WEIGHTS}


def test_untouched_it_holds_the_quality_level(panel: Panel) -> None:
    assert Settings.from_mapping(panel.values(held(panel))) == Settings.of_quality("draft")


def test_only_the_layers_in_use_are_weighed(panel: Panel) -> None:
    values = panel.values(held(panel), defaults=("a", "b", "c"))
    assert values[LAYER_WEIGHTS] == (1, 1, 1)


def test_a_quality_level_sets_its_own_controls(panel: Panel) -> None:
    assert put_by_quality("fine") == QUALITIES["fine"]
    changed = panel.filled(put_by_quality("fine"))
    assert changed[panel.controls["steps"]]["value"] == QUALITIES["fine"]["steps"]
    assert panel.controls["style_weight"] not in changed


def test_back_to_usual_means_quality_and_style(panel: Panel) -> None:
    changed = panel.usual("draft", {"style_scale": 2.0, "size": 4096})
    assert changed[panel.controls["style_scale"]]["value"] == 2.0
    assert changed[panel.controls["size"]]["value"] == 768
    assert changed[panel.controls["learning_rate"]]["value"] == "auto"
    assert len(changed) == len(panel.components)


def test_a_style_brings_its_settings_and_the_next_one_takes_them_back() -> None:
    usual = Settings().style_scale
    held = {"style_scale": usual}
    assert put_by_style({"style_scale": 2.0}, "draft", held, {}) == {"style_scale": 2.0}
    assert put_by_style({}, "draft", {"style_scale": 2.0}, {"style_scale": 2.0}) == {"style_scale": usual}


def test_a_style_leaves_what_a_person_set() -> None:
    assert put_by_style({"style_scale": 2.0}, "draft", {"style_scale": 0.5}, {}) == {}
    assert put_by_style({}, "draft", {"style_scale": 0.5}, {"style_scale": 2.0}) == {}


def test_a_control_that_does_nothing_is_not_shown(panel: Panel) -> None:
    assert not panel.controls["init_blend"].visible
    assert panel.controls["history"].visible
    shown = panel.fitting("init", "blend")
    assert shown == {panel.controls["init_blend"]: gr.update(visible=True)}
    assert panel.fitting("optimizer", "adam") == {panel.controls["history"]: gr.update(visible=False)}
    for name, (decider, values) in ONLY_WITH.items():
        assert name in specs()
        assert values <= set(specs()[decider].choices)
