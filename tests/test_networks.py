"""The table of networks: layers, defaults, and where each one's weights are."""

from pathlib import Path

import pytest
import torch
from torchvision import models

from nst.networks import DEFAULT_NETWORK, NETWORKS, VGG16, VGG19, Network, PackagedWeights, PublishedWeights
from nst.settings import Settings

PUBLISHED = [network for network in NETWORKS.values() if isinstance(network.weights, PublishedWeights)]


def test_layer_names() -> None:
    assert VGG19.layers[:3] == ("conv1_1", "conv1_2", "conv2_1")
    assert (VGG19.layers[-1], VGG16.layers[-1]) == ("conv5_4", "conv5_3")
    assert (len(VGG19.layers), len(VGG16.layers)) == (16, 13)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_default_layers_are_layers_and_five_make_the_style(network: Network) -> None:
    assert len(network.style_layers) == len(Settings().style_layer_weights) == 5
    assert {*network.style_layers, *network.content_layers} <= set(network.layers)


def test_the_default_network_is_part_of_the_installation() -> None:
    assert Settings().network == DEFAULT_NETWORK.name
    assert isinstance(DEFAULT_NETWORK.weights, PackagedWeights)
    assert DEFAULT_NETWORK.weights.path().is_file()


@pytest.mark.parametrize("network", PUBLISHED, ids=lambda network: network.name)
def test_published_weights_are_torchvisions(network: Network) -> None:
    published = models.get_model_weights(network.name).IMAGENET1K_V1
    assert network.weights.url == published.url
    # torchvision counts in mebibytes.
    assert network.weights.megabytes == round(published.meta["_file_size"] * 2**20 / 10**6)


@pytest.mark.parametrize("variable", ["TORCH_HOME", "XDG_CACHE_HOME", "HOME"])
def test_published_weights_are_in_torch_hubs_cache(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    path = VGG16.weights.path()
    assert path == Path(torch.hub.get_dir()) / "checkpoints" / "vgg16-397923af.pth"
    assert path.is_relative_to(tmp_path)
