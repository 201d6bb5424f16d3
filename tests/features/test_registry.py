"""Which network paints, and the sentence that says why."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import safetensors.torch
import torch
from nst.features.weights.places import hub_path

from nst.errors import SettingsError, WeightsError
from nst.features.registry import default_layers, explain, layer_names, load_network
from nst.features.weights import cache
from nst.settings import Settings
from tests.features.test_vgg import random_tensors
from tests.features.weights.files import whole
from tests.features.weights.server import FileServer


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


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


def test_offline_nothing_is_announced_and_nothing_fetched() -> None:
    assert "none are fetched offline" in explain("vgg19", offline=True)[1]
    with pytest.raises(WeightsError, match="VGG-19's trained weights are not on this machine"):
        load_network(Settings(network="vgg19"), offline=True)


def test_a_download_that_is_under_way_is_told() -> None:
    assert "no trained VGG-19 weights" in explain("auto")[1]
    with cache.locked("vgg19"), ThreadPoolExecutor(1) as other:
        assert other.submit(explain, "auto").result() == (
            "gabor",
            "VGG-19's trained weights are on their way; until they are here the built-in network paints.",
        )
    assert "no trained VGG-19 weights" in explain("auto")[1]


def test_a_network_that_is_asked_for_by_name_is_fetched_first(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors, seen = random_tensors("vgg16"), []
    with FileServer() as server:
        server.files["/vgg16.safetensors"] = safetensors.torch.save(whole(tensors))
        monkeypatch.setenv("NST_WEIGHTS_URL", server.url)
        network, sentence = load_network(Settings(network="vgg16"), watch=seen.append)
        asked = len(server.asked)
        assert load_network(Settings(network="vgg16"))[0] is network
    assert (network.name, sentence) == ("vgg16", "VGG-16 paints, as asked for.")
    assert torch.equal(network.convolutions[0].weight, tensors["0.weight"])
    assert seen[-1].amount == "59 of 59 MB"
    assert len(server.asked) == asked == 2


def test_a_download_that_fails_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_WEIGHTS_URL", "http://127.0.0.1:9")
    with pytest.raises(
        WeightsError, match=r"cannot be reached.*\. Go online and try again, or start with --weights FILE"
    ):
        load_network(Settings(network="vgg19"))


def test_damaged_weights_that_nobody_insisted_on_are_replaced_by_the_built_in_network() -> None:
    hub_path("vgg19").parent.mkdir(parents=True)
    hub_path("vgg19").write_bytes(b"nothing")
    network, sentence = load_network(Settings())
    assert network.name == "gabor"
    assert sentence.startswith("The built-in Gabor network paints, because VGG-19 cannot: The weights file")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_network(Settings(network="vgg19"), offline=True)


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
