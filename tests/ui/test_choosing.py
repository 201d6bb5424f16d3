"""The handlers of the left column."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from nst.engines.local import LocalEngine
from nst.gallery.manifest import find_style
from nst.limits import Limits
from nst.networks import VGG16, VGG19
from nst.recipes import find_recipe
from nst.settings import Settings
from nst.ui.choosing import Choosing
from nst.ui.doors import Upload, accept
from nst.ui.examples import example
from nst.ui.order import OWN, Picks
from nst.ui.page import lay_out
from nst.ui.parts import Parts
from nst.ui.studio import Studio
from tests.engines import loops


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    engine = LocalEngine("cpu", tmp_path, paint=loops.paint)
    yield Studio(engine=engine, limits=Limits(size=512))
    engine.close()


@pytest.fixture
def parts(studio: Studio) -> Parts:
    with gr.Blocks():
        return lay_out(studio)


@pytest.fixture
def choosing(studio: Studio, parts: Parts) -> Choosing:
    return Choosing(studio, parts)


def click(key: str) -> Any:
    return SimpleNamespace(key=key)


def rest(parts: Parts, put: dict[str, Any] | None = None) -> tuple[Any, ...]:
    return "", "standard", parts.put.value if put is None else put, *values(parts)


def values(parts: Parts) -> list[Any]:
    return [control.value for control in parts.panel.components]


def after(parts: Parts, changes: dict[Any, Any], held: list[Any] | None = None) -> list[Any]:
    """What the controls hold after some changes."""
    before = zip(parts.panel.components, held or values(parts), strict=True)
    return [changes.get(control, {}).get("value", value) for control, value in before]


def test_an_example_becomes_the_photo(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.example(click("tower"), Picks(), "")
    chosen = changes[parts.chosen]
    assert chosen.name == example("tower")[1]
    assert changes[parts.photo].shape[:2] == (chosen.height, chosen.width)
    assert "Now pick a style" in changes[parts.stage]
    assert "Ready: press Run" in choosing.example(click("tower"), Picks(keys=("scream",)), "")[parts.stage]


def test_a_photo_during_a_run_leaves_the_easel_alone(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.example(click("lion"), Picks(), "some-run")
    assert parts.chosen in changes
    assert parts.stage not in changes
    assert parts.status not in changes


def test_a_bad_photo_is_refused_and_goes(choosing: Choosing, parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff nothing")
    changes = choosing.photo(str(path), Picks(), "")
    assert changes[parts.photo] is None
    assert changes[parts.chosen] is None
    assert "JPEG" in changes[parts.photo_note]
    assert "stage empty" in changes[parts.stage]
    assert choosing.photo(None, Picks(), "") == gr.skip()


def test_taking_the_photo_away_empties_the_easel(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.no_photo(Picks(), "")
    assert changes[parts.chosen] is None
    assert "stage empty" in changes[parts.stage]


def test_one_style_has_no_shares_and_two_have(choosing: Choosing, parts: Parts) -> None:
    one = choosing.style(click("scream"), None, Picks(), False, *rest(parts))
    assert one[parts.picks].keys == ("scream",)
    assert not any(one[slider]["visible"] for slider in parts.shares)
    two = choosing.style(click("starry_night"), None, one[parts.picks], True, *rest(parts))
    assert two[parts.styles]["picked"] == ["scream", "starry_night"]
    assert [two[slider]["visible"] for slider in parts.shares] == [True, True, False, False]
    assert two[parts.shares[1]]["label"] == "The Starry Night"
    back = choosing.blend(False, None, two[parts.picks], *rest(parts))
    assert back[parts.picks].keys == ("scream",)


def test_an_own_style_is_a_card_that_is_picked(choosing: Choosing, parts: Parts) -> None:
    path, _ = example("lion")
    changes = choosing.own_style(str(path), None, Picks(keys=("scream",)), False, *rest(parts))
    picks = changes[parts.picks]
    assert picks.keys == (OWN,)
    assert [card["key"] for card in changes[parts.styles]["extra"]] == [OWN]
    gone = choosing.no_own_style(None, picks, *rest(parts))
    assert gone[parts.picks] == Picks()
    assert gone[parts.styles]["extra"] == []


def test_a_bad_style_picture_changes_nothing_else(choosing: Choosing, parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words")
    changes = choosing.own_style(str(path), None, Picks(), False, *rest(parts))
    assert set(changes) == {parts.own, parts.own_note}
    assert 'role="alert"' in changes[parts.own_note]


def changed(parts: Parts, **held: Any) -> list[Any]:
    """What the controls hold after a person has changed some of them."""
    plain = [held.get(name, control.value) for name, control in parts.panel.controls.items()]
    return [*plain, *(slider.value for slider in parts.panel.layers)]


def labels(parts: Parts, changes: dict[Any, Any]) -> list[str]:
    """Of the layer sliders that are shown."""
    updates = [changes[slider] for slider in parts.panel.layers]
    return [update["label"] for update in updates if update["visible"]]


def test_another_network_offers_its_layers_and_those_that_it_has_stay_chosen(choosing: Choosing, parts: Parts) -> None:
    held = changed(parts, style_layers=["conv1_1", "conv3_4", "conv5_3"], content_layers=["conv4_4"])
    changes = choosing.network("vgg16", *held)
    for name, chosen in (("style_layers", ["conv1_1", "conv5_3"]), ("content_layers", [])):
        control = changes[parts.panel.controls[name]]
        assert (control["choices"], control["value"]) == (list(VGG16.layers), chosen)
    assert labels(parts, changes) == ["conv1_1", "conv5_3"]
    assert labels(parts, choosing.network("vgg19", *changed(parts))) == list(VGG19.style_layers)


def test_a_published_recipe_fills_the_controls_and_ours_takes_it_back(choosing: Choosing, parts: Parts) -> None:
    panel, picks, recipe = parts.panel, Picks(keys=("scream",)), find_recipe("vgg16-lbfgs")
    held = changed(parts, style_weight=3.0, init="style", seed=5)
    changes = choosing.recipe(recipe.name, picks, parts.put.value, *held)
    assert (changes[parts.quality]["value"], changes[parts.recipe]["value"]) == (None, recipe.name)
    assert recipe.description in changes[parts.recipe_line]
    assert f'href="{recipe.url}"' in changes[parts.recipe_line]
    assert changes[panel.controls["content_layers"]]["choices"] == list(VGG16.layers)
    assert changes[panel.controls["content_layers"]]["value"] == ["conv4_2"]
    filled = after(parts, changes, held)
    # The studio paints at most 512 px.
    assert Settings.from_mapping(panel.values(filled)) == recipe.to_settings({"size": 512, "seed": 5})
    back = choosing.recipe("standard", picks, changes[parts.put], *filled)
    assert back[parts.quality]["value"] == "standard"
    assert back[panel.controls["style_layers"]]["choices"] == list(VGG19.layers)
    got = Settings.from_mapping(panel.values(after(parts, back, filled)))
    assert got == Settings(**find_style("scream").suggested, seed=5)


def test_a_level_of_quality_leaves_what_a_person_set(choosing: Choosing, parts: Parts) -> None:
    panel = parts.panel
    held = changed(parts, style_weight=3.0, steps=123, network="vgg16")
    changes = choosing.recipe("fine", Picks(), parts.put.value, *held)
    assert changes[panel.controls["steps"]]["value"] == find_recipe("fine").settings["steps"]
    assert panel.controls["style_weight"] not in changes
    assert panel.controls["network"] not in changes
    assert changes[parts.quality]["value"] == changes[parts.recipe]["value"] == "fine"


def test_a_style_suggests_nothing_to_a_published_recipe(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.recipe("gatys", Picks(), parts.put.value, *values(parts))
    here = ("", "gatys", changes[parts.put], *after(parts, changes))
    picked = choosing.style(click("scream"), None, Picks(), False, *here)
    assert not set(picked) & set(parts.panel.components)


def test_fewer_layers_show_fewer_sliders(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.layers(["conv1_2", "conv4_4"], "vgg19")
    assert [changes[slider]["visible"] for slider in parts.panel.layers] == [True, True, False, False, False]
    assert labels(parts, changes) == ["conv1_2", "conv4_4"]
    assert labels(parts, choosing.layers([], "vgg16")) == list(VGG16.style_layers)


def test_reset_brings_back_recipe_and_style(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.reset("draft", Picks(keys=("scream",)))
    assert changes[parts.panel.controls["steps"]]["value"] == find_recipe("draft").settings["steps"]
    assert changes[parts.panel.controls["style_scale"]]["value"] == find_style("scream").suggested["style_scale"]
    assert changes[parts.panel.layers[0]]["visible"]
    assert changes[parts.panel.layers[0]]["value"] == Settings().style_layer_weights[0]


def test_a_photo_keeps_its_name_out_of_the_page(choosing: Choosing, parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "<b>evil.png"
    path.write_bytes(example("lion")[0].read_bytes())
    upload: Upload = accept(path)[0]
    assert upload.name == "<b>evil"
    changes = choosing.photo(str(path), Picks(), "")
    assert "<b>" not in changes[parts.stage]
