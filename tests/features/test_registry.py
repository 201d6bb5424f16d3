"""Which network paints, and the sentence that says why."""

from pathlib import Path

import pytest
import torch

from nst.errors import SettingsError, WeightsError
from nst.features.registry import default_layers, explain, layer_names, load_network
from nst.settings import Settings
from tests.features.test_vgg import random_tensors


@pytest.fixture(autouse=True)
def no_weights_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("NST_WEIGHTS", raising=False)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.save(random_tensors("vgg19"), tmp_path / "vgg19.pth")
    return tmp_path / "vgg19.pth"


def test_auto_without_weights_is_the_built_in_network() -> None:
    name, sentence = explain("auto")
    assert name == "gabor"
    assert "because no trained VGG-19 weights are on this machine" in sentence


def test_auto_with_weights_is_vgg19(weights: Path) -> None:
    assert explain("auto", weights)[0] == "vgg19"
    network, sentence = load_network(Settings(), weights)
    assert network.name == "vgg19"
    assert "trained weights are on this machine" in sentence


def test_a_download_is_announced(weights: Path) -> None:
    assert explain("vgg19") == (
        "vgg19",
        "VGG-19 paints once its trained weights are here: they are not on this machine, and 80 MB are fetched first.",
    )
    assert explain("vgg19", weights) == ("vgg19", "VGG-19 paints, as asked for.")


def test_the_built_in_network_is_never_called_vgg() -> None:
    assert "VGG" not in explain("gabor")[1]
    assert load_network(Settings(network="gabor"))[0].name == "gabor"


def test_a_named_file_that_is_missing_is_no_reason_to_fall_back(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="does not exist"):
        load_network(Settings(), tmp_path / "gone.pth")


def test_a_network_is_kept_between_runs_until_its_file_changes(weights: Path) -> None:
    first = load_network(Settings(), weights)[0]
    assert load_network(Settings(), weights)[0] is first
    torch.save(random_tensors("vgg19", seed=1), weights)
    assert load_network(Settings(), weights)[0] is not first


@pytest.mark.parametrize("name", ["gabor", "vgg19", "vgg16"])
def test_default_layers_are_layers_and_five_make_the_style(name: str) -> None:
    style, content = default_layers(name)
    assert len(style) == 5
    assert {*style, *content} <= set(layer_names(name))


def test_a_layer_of_another_network_is_refused_with_the_list() -> None:
    with pytest.raises(SettingsError, match="content_layers names conv4_2; the built-in Gabor network has bank1"):
        load_network(Settings(network="gabor", content_layers=("conv4_2",)))


def test_as_many_layer_weights_as_layers() -> None:
    with pytest.raises(SettingsError, match="style_layer_weights has 5 values; it must have 2, one for each"):
        load_network(Settings(network="gabor", style_layers=("octave1", "octave2")))
