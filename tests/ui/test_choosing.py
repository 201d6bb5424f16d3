"""The handlers of the left column."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from nst.features.weights.places import hub_path

from nst.engines.local import LocalEngine
from nst.pictures.styles import find_style
from nst.recipes import find_recipe
from nst.settings import Settings
from nst.ui.choosing import Choosing
from nst.ui.doors import Upload, accept
from nst.ui.examples import example
from nst.ui.order import OWN, Picks
from nst.ui.page import build_page, lay_out
from nst.ui.parts import Parts
from nst.ui.studio import Studio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    engine = LocalEngine("cpu", tmp_path)
    yield Studio(engine=engine, max_size=512)
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


def test_the_network_names_its_layers_and_its_reason(choosing: Choosing, parts: Parts) -> None:
    held = changed(parts, style_layers=["conv1_1"], content_layers=["conv4_2"])
    changes = choosing.network("gabor", "standard", Picks(), parts.put.value, *held)
    assert "Gabor" in changes[parts.network]
    names = changes[parts.defaults]
    assert [changes[slider]["label"] for slider in parts.panel.layers] == list(names)
    layers = changes[parts.panel.controls["style_layers"]]
    assert set(names) <= set(layers["choices"])
    assert not changes[parts.panel.controls["pooling"]]["visible"]
    assert layers["value"] == [], "layers of another network are dropped"
    assert changes[parts.panel.controls["content_layers"]]["value"] == []


def test_a_published_recipe_fills_the_controls_and_says_which_network_it_was_for(
    choosing: Choosing, parts: Parts
) -> None:
    held = changed(parts, style_weight=3.0, init="noise", network="vgg16", seed=5)
    changes = choosing.recipe("keras", Picks(keys=("scream",)), parts.put.value, *held)
    assert changes[parts.quality]["value"] is None
    assert "was published for VGG-19. The built-in Gabor network paints, because" in changes[parts.recipe_line]
    assert changes[parts.panel.controls["network"]]["value"] == "gabor"
    filled = after(parts, changes, held)
    wanted = find_recipe("keras").on("gabor", {"size": 512, "seed": 5})
    assert Settings.from_mapping(parts.panel.values(filled, changes[parts.defaults])) == wanted
    back = choosing.recipe("standard", Picks(keys=("scream",)), changes[parts.put], *filled)
    assert back[parts.quality]["value"] == "standard"
    got = parts.panel.values(after(parts, back, filled), back[parts.defaults])
    assert Settings.from_mapping(got) == Settings(**find_style("scream").suggested, seed=5)


def test_a_level_of_quality_leaves_what_a_person_set(choosing: Choosing, parts: Parts) -> None:
    panel = parts.panel
    held = changed(parts, style_weight=3.0, steps=100, network="gabor")
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


def test_another_network_brings_the_recipes_own_weights_for_it(choosing: Choosing, parts: Parts) -> None:
    panel = parts.panel
    first = choosing.recipe("tensorflow", Picks(), parts.put.value, *values(parts))
    changes = choosing.network("vgg19", "tensorflow", Picks(), first[parts.put], *after(parts, first))
    assert changes[panel.controls["content_layers"]]["value"] == ["conv5_2"]
    assert changes[panel.controls["style_loss"]]["value"] == "raw"
    assert [changes[slider]["value"] for slider in panel.layers] == [1, 4, 16, 64, 64]
    assert panel.controls["steps"] not in changes, "what holds on every network stays as it is"
    assert "published for" not in changes[parts.recipe_line]


def test_when_weights_arrive_a_recipe_takes_to_them_unless_a_person_chose_the_network(
    choosing: Choosing, parts: Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = choosing.recipe("tensorflow", Picks(), parts.put.value, *values(parts))
    held = after(parts, first)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    hub_path("vgg19").parent.mkdir(parents=True)
    hub_path("vgg19").touch()
    changes = choosing.arrived("gabor", "tensorflow", Picks(), first[parts.put], *held)
    got = parts.panel.values(after(parts, changes, held), changes[parts.defaults])
    assert Settings.from_mapping(got) == find_recipe("tensorflow").on("vgg19")
    assert "published for" not in changes[parts.recipe_line]
    chosen = choosing.arrived("gabor", "tensorflow", Picks(), {**first[parts.put], "network": "auto"}, *held)
    assert chosen[parts.panel.controls["network"]]["value"] == "gabor"
    assert "was published for VGG-19. The built-in Gabor network paints" in chosen[parts.recipe_line]


def test_fewer_layers_show_fewer_sliders(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.layers(["one", "two"], ("a", "b", "c", "d", "e"))
    assert [changes[slider]["visible"] for slider in parts.panel.layers] == [True, True, False, False, False]
    assert changes[parts.panel.layers[1]]["label"] == "two"


def test_reset_brings_back_recipe_and_style(choosing: Choosing, parts: Parts) -> None:
    changes = choosing.reset("draft", Picks(keys=("scream",)))
    assert changes[parts.panel.controls["steps"]]["value"] == find_recipe("draft").settings["steps"]
    assert changes[parts.panel.controls["style_scale"]]["value"] == find_style("scream").suggested["style_scale"]
    assert changes[parts.panel.layers[0]]["visible"]
    assert changes[parts.panel.layers[0]]["value"] == Settings().style_layer_weights[0]


def test_no_handler_of_the_page_is_part_of_the_api(studio: Studio) -> None:
    page = build_page(studio)
    assert set(page.get_api_info()["named_endpoints"]) == {"/stylize", "/styles"}
    waiting = {fn.api_name for fn in page.fns.values() if fn.queue}
    assert waiting == {"run", "stylize"}, "only a run waits; every small control acts at once"


def test_a_photo_keeps_its_name_out_of_the_page(choosing: Choosing, parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "<b>evil.png"
    path.write_bytes(example("lion")[0].read_bytes())
    upload: Upload = accept(path)[0]
    assert upload.name == "<b>evil"
    changes = choosing.photo(str(path), Picks(), "")
    assert "<b>" not in changes[parts.stage]
