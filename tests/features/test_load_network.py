"""The network that the settings name: built once, kept, and checked against the layers in the settings."""

from pathlib import Path

import pytest
import torch

from nst.download_progress import ignore_progress
from nst.errors import SettingsError, WeightsError
from nst.features.vgg import convolution_positions
from nst.features.weights import load_network, load_weights
from nst.networks import VGG19
from nst.settings import Settings
from tests.features.tensors import constants


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.save(constants(VGG19), tmp_path / "vgg19.pth")
    return tmp_path / "vgg19.pth"


def test_by_default_the_trained_vgg19_paints() -> None:
    network = load_network(Settings())
    assert network.name == Settings().network == "vgg19"
    trained = load_weights(VGG19, None, ignore_progress)
    for position, convolution in zip(convolution_positions(VGG19), network.convolutions, strict=True):
        assert torch.equal(convolution.weight, trained[f"{position}.weight"])


def test_a_network_is_kept_between_runs_until_its_file_or_its_pooling_changes(weights: Path) -> None:
    first = load_network(Settings(pooling="max"), weights)
    assert load_network(Settings(pooling="max", size=64, steps=1), weights) is first
    assert load_network(Settings(pooling="average"), weights).pooling == "average"
    again = load_network(Settings(pooling="max"), weights)
    torch.save({key: 2 * value for key, value in constants(VGG19).items()}, weights)
    changed = load_network(Settings(pooling="max"), weights)
    assert changed is not again
    assert torch.equal(changed.convolutions[0].weight, 2 * again.convolutions[0].weight)


def test_a_named_file_that_is_missing_is_no_reason_to_take_another(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="does not exist"):
        load_network(Settings(), tmp_path / "gone.pth")


@pytest.mark.parametrize("field", ["style_layers", "content_layers"])
def test_a_layer_of_another_network_is_refused_with_the_list_before_weights_are_looked_for(
    field: str, tmp_path: Path
) -> None:
    asked = Settings(network="vgg16", **{field: ("conv3_4",)})
    with pytest.raises(SettingsError, match=rf"^{field} names conv3_4; VGG-16 has conv1_1, conv1_2, .*, conv5_3\.$"):
        load_network(asked, tmp_path / "gone.pth")


def test_as_many_layer_weights_as_layers(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="style_layer_weights has 5 values; it must have 2, one for each"):
        load_network(Settings(style_layers=("conv1_1", "conv2_1")), tmp_path / "gone.pth")
    with pytest.raises(SettingsError, match="style_layer_weights has 1 value; it must have 5, one for each"):
        load_network(Settings(style_layer_weights=(1,)), tmp_path / "gone.pth")
