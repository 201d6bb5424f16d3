"""The settings panel: what it holds, and what recipes, styles and networks put into it."""

import html
from typing import Any

import gradio as gr
import pytest

from nst.gallery.manifest import find_style
from nst.networks import VGG16, VGG19
from nst.recipes import find_recipe, recipes
from nst.settings import Settings, live_names, specs
from nst.ui.page import Areas
from nst.ui.picks import Picks
from nst.ui.settings_panel import ELSEWHERE, LAYER_WEIGHTS, ONLY_WITH, SettingsPanel
from tests.ui.tabs import session

STARRY = Picks(keys=("starry_night",))


@pytest.fixture
def panel(areas: Areas) -> SettingsPanel:
    return areas.settings


def values(panel: SettingsPanel, updates: dict[Any, Any] | None = None, **changes: Any) -> list[Any]:
    """What the controls hold after some updates, and after a person has changed some of them."""
    names = [*panel.controls, *range(len(panel.layers))]
    return [
        changes.get(str(name), (updates or {}).get(box, {}).get("value", box.value))
        for name, box in zip(names, panel.components, strict=True)
    ]


def held(panel: SettingsPanel, *more: Any, **changes: Any) -> Settings:
    return Settings.from_mapping(panel.values(values(panel, *more, **changes)))


def labels(panel: SettingsPanel, updates: dict[Any, Any]) -> list[str]:
    """Of the layers' weights that are shown."""
    return [updates[shown.slider]["label"] for shown in panel.layers if updates[shown.whole]["visible"]]


def test_every_setting_has_its_place(panel: SettingsPanel) -> None:
    assert set(panel.controls) == set(specs()) - ELSEWHERE
    assert len(panel.layers) == len(Settings().style_layer_weights)


def test_what_is_live_is_marked(panel: SettingsPanel) -> None:
    marked = {name for name, shown in panel.controls.items() if "live" in (shown.whole.elem_classes or [])}
    assert marked == live_names() - {LAYER_WEIGHTS}


def test_untouched_it_holds_the_usual_settings(panel: SettingsPanel) -> None:
    assert held(panel) == find_recipe("standard").to_settings()
    assert panel.by_name(values(panel)) == panel.usual(find_recipe("standard"), Picks())


def test_only_the_layers_in_use_are_weighed(panel: SettingsPanel) -> None:
    changes = {"style_layers": ["conv1_1", "conv2_1", "conv4_1"], "0": 1, "1": 2, "2": 3, "3": 4, "4": 5}
    assert held(panel, None, **changes).style_layer_weights == (1, 2, 3)


def test_every_published_recipe_sets_every_control_but_the_seed(panel: SettingsPanel) -> None:
    for recipe in recipes():
        if not recipe.own:
            updates = panel.choose_recipe(session(STARRY), recipe.name, "standard")
            changes = {"size": min(512, recipe.to_settings().size), "seed": 5}  # The studio paints at most 512 px.
            assert held(panel, updates, seed=5) == recipe.to_settings(changes), recipe.name
            assert (updates[panel.quality]["value"], updates[panel.recipe]["value"]) == (None, recipe.name)
            assert html.escape(recipe.description) in updates[panel.recipe_line]
            assert (f'href="{recipe.url}"' in updates[panel.recipe_line]) == bool(recipe.url)


def test_after_a_published_recipe_a_level_of_quality_sets_everything(panel: SettingsPanel) -> None:
    keras = {name: getattr(find_recipe("keras").to_settings(), name) for name in panel.controls}
    updates = panel.choose_recipe(session(STARRY), "draft", "keras")
    expected = find_recipe("draft").to_settings(dict(find_style("starry_night").suggested))
    assert held(panel, updates, seed=keras["seed"]) == expected
    assert updates[panel.quality]["value"] == "draft"


def test_a_level_of_quality_leaves_what_a_person_set(panel: SettingsPanel) -> None:
    updates = panel.choose_recipe(session(), "fine", "standard")
    fine = find_recipe("fine").settings
    assert {name: updates[panel.controls[name].box]["value"] for name in fine} == dict(fine)
    assert set(updates) & set(panel.components) == {panel.controls[name].box for name in fine}
    assert updates[panel.quality]["value"] == updates[panel.recipe]["value"] == "fine"


def test_a_style_brings_its_settings_and_the_next_one_takes_them_back(panel: SettingsPanel) -> None:
    scale, suggested = panel.controls["style_scale"].box, find_style("starry_night").suggested["style_scale"]
    plain = Picks(keys=("scream",))
    assert find_style("scream").suggested.get("style_scale", 1.0) != suggested
    first = values(panel, panel.suggest("standard", Picks(), plain, values(panel)))
    brought = panel.suggest("standard", plain, STARRY, first)
    assert brought[scale]["value"] == suggested
    back = panel.suggest("standard", STARRY, Picks(), values(panel, brought))
    assert back[scale]["value"] == Settings().style_scale
    assert panel.suggest("standard", Picks(), STARRY, values(panel, style_scale=0.5)) == {}, "what a person set stays"
    typed = panel.suggest("standard", Picks(), STARRY, values(panel, style_scale="1.0"))
    assert typed[scale]["value"] == suggested, "a typed 1.0 is the 1.0 that stood there"


def test_back_to_usual_means_recipe_and_style(panel: SettingsPanel) -> None:
    updates = panel.back_to_usual(session(STARRY), "draft")
    assert set(panel.components) <= set(updates)
    expected = find_recipe("draft").to_settings(dict(find_style("starry_night").suggested))
    assert held(panel, updates, seed=0) == expected
    assert all(updates[shown.whole]["visible"] for shown in panel.layers)


def test_a_size_beyond_the_studio_is_shown_as_its_largest(panel: SettingsPanel) -> None:
    assert panel.usual(find_recipe("keras"), Picks())["size"] == 512


def test_the_weight_of_a_layer_that_is_not_in_use_stands_at_one(panel: SettingsPanel) -> None:
    usual = panel.usual(find_recipe("adam-5000"), Picks())[LAYER_WEIGHTS]
    assert len(usual) == len(panel.layers)
    two = type(find_recipe("gatys"))(
        name="two", title="", description="", settings={"style_layers": ("a", "b"), "style_layer_weights": (3, 4)}
    )
    assert panel.usual(two, Picks())[LAYER_WEIGHTS] == [3, 4, 1, 1, 1]


def test_another_network_offers_its_layers_and_those_that_it_has_stay_chosen(panel: SettingsPanel) -> None:
    updates = panel.choose_network("vgg16", ["conv1_1", "conv3_4", "conv5_3"], ["conv4_4"])
    for name, chosen in (("style_layers", ["conv1_1", "conv5_3"]), ("content_layers", [])):
        update = updates[panel.controls[name].box]
        assert (update["choices"], update["value"]) == (list(VGG16.layers), chosen)
    assert labels(panel, updates) == ["conv1_1", "conv5_3"]
    assert labels(panel, panel.choose_network("vgg19", [], [])) == list(VGG19.style_layers)


def test_fewer_layers_show_fewer_weights(panel: SettingsPanel) -> None:
    assert labels(panel, panel.name_layers("vgg19", ["conv1_2", "conv4_4"])) == ["conv1_2", "conv4_4"]
    assert labels(panel, panel.name_layers("vgg16", [])) == list(VGG16.style_layers)


def test_a_control_that_does_nothing_is_not_shown(panel: SettingsPanel) -> None:
    assert not panel.controls["init_blend"].whole.visible
    assert panel.controls["history"].whole.visible
    assert panel.show_depending("init", "blend") == {panel.controls["init_blend"].whole: gr.update(visible=True)}
    assert panel.show_depending("optimizer", "adam") == {panel.controls["history"].whole: gr.update(visible=False)}
    for name, (decider, deciding) in ONLY_WITH.items():
        assert name in specs()
        assert deciding <= set(specs()[decider].choices)
