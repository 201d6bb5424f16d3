"""What a recipe means on a machine with or without the weights it was published for."""

from pathlib import Path

import pytest
import torch

from nst.errors import SettingsError, WeightsError
from nst.features.recipes import recipe_settings
from nst.recipes import find_recipe
from tests.features.test_registry import empty_caches  # noqa: F401  (for every test here)

KERAS, VGG16 = find_recipe("keras"), find_recipe("vgg16-lbfgs")


@pytest.fixture
def cached(tmp_path: Path):
    """Puts a file where torch hub would keep a network's weights; nothing here reads it."""
    folder = tmp_path / "torch" / "hub" / "checkpoints"

    def put(name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        torch.save({}, folder / {"vgg19": "vgg19-dcbb9e9d.pth", "vgg16": "vgg16-397923af.pth"}[name])

    return put


def test_without_weights_the_built_in_network_paints_with_weights_of_its_own() -> None:
    settings, note = recipe_settings(KERAS)
    assert settings == KERAS.on("gabor")
    assert (settings.style_loss, settings.style_weight) == ("balanced", 1)
    assert note == (
        "The recipe keras was published for VGG-19. "
        "The built-in Gabor network paints, because no trained VGG-19 weights are on this machine."
    )


def test_with_weights_it_is_as_published_and_nothing_has_to_be_said(cached) -> None:
    cached("vgg19")
    settings, note = recipe_settings(KERAS)
    assert settings == KERAS.on("vgg19")
    assert (settings.style_loss, settings.content_layers, note) == ("raw", ("conv5_2",), "")


def test_vgg16_is_taken_where_its_own_weights_are_and_vgg19_is_said_otherwise(cached) -> None:
    assert recipe_settings(VGG16)[0].network == "gabor"
    cached("vgg19")
    settings, note = recipe_settings(VGG16)
    assert settings == VGG16.on("vgg19")
    assert note == (
        "The recipe vgg16-lbfgs was published for VGG-16. VGG-19 paints: its trained weights are on this machine."
    )
    cached("vgg16")
    assert recipe_settings(VGG16) == (VGG16.on("vgg16"), "")


def test_a_file_that_is_named_is_taken_for_vgg19s(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "some.pth")
    assert recipe_settings(VGG16, weights=tmp_path / "some.pth")[0].network == "vgg19"
    assert recipe_settings(VGG16, {"network": "vgg16"}, tmp_path / "some.pth")[0].network == "vgg16"
    with pytest.raises(WeightsError, match="does not exist"):
        recipe_settings(KERAS, weights=tmp_path / "gone.pth")


def test_what_is_given_goes_on_top_and_a_given_network_is_taken(cached) -> None:
    cached("vgg19")
    settings, note = recipe_settings(KERAS, {"network": "gabor", "steps": 5})
    assert settings == KERAS.on("gabor", {"steps": 5})
    assert note == "The recipe keras was published for VGG-19. The built-in Gabor network paints; it needs no download."


def test_a_network_without_its_weights_is_only_taken_when_asked_for() -> None:
    settings, note = recipe_settings(KERAS, {"network": "vgg19"})
    assert (settings.network, note) == ("vgg19", "")


def test_our_own_recipes_are_the_same_everywhere(cached) -> None:
    fine = find_recipe("fine")
    assert recipe_settings(fine, {"size": 64}) == (fine.on("auto", {"size": 64}), "")
    assert recipe_settings(fine, {"network": "gabor"})[0].network == "gabor"
    cached("vgg19")
    assert recipe_settings(fine)[0].network == "auto"


@pytest.mark.parametrize("given", [{"stepz": 1}, {"network": "resnet"}, {"steps": "many"}])
def test_a_bad_setting_is_refused_before_anything_is_looked_for(given: dict) -> None:
    with pytest.raises(SettingsError):
        recipe_settings(KERAS, given)
