"""Weight files that the tests write: whole models, features only, both formats, and everything that can be wrong."""

import pickle
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor

from nst.errors import WeightsError
from nst.features.vgg import tensor_shapes
from nst.features.weights import cache
from nst.features.weights.catalogue import entry
from nst.features.weights.places import find_weights, first_place, hub_path, load_tensors, places, preloaded_path
from tests.features.test_vgg import random_tensors
from tests.features.weights.files import Payload, same, whole

README = (Path(__file__).parents[3] / "README.md").read_text()


@pytest.fixture(scope="module")
def features() -> dict[str, Tensor]:
    return random_tensors("vgg16")


@pytest.mark.parametrize("model", [True, False], ids=["whole", "features"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_named_file_is_read(tmp_path: Path, features: dict[str, Tensor], suffix: str, model: bool) -> None:
    path = tmp_path / f"weights{suffix}"
    state = whole(features) if model else features
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    assert same(load_tensors("vgg16", path), features)


def test_the_environment_names_a_file(
    tmp_path: Path, features: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(features, tmp_path / "mine.pth")
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "mine.pth"))
    assert find_weights("vgg16") == tmp_path / "mine.pth"
    assert same(load_tensors("vgg16"), features)


def test_torch_hubs_cache_is_found(features: dict[str, Tensor]) -> None:
    assert find_weights("vgg16") is None
    hub_path("vgg16").parent.mkdir(parents=True)
    torch.save(whole(features), hub_path("vgg16"))
    assert hub_path("vgg16").name == "vgg16-397923af.pth"
    assert same(load_tensors("vgg16"), features)


def test_what_a_space_has_preloaded_is_found(
    tmp_path: Path, features: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = yaml.safe_load(README.split("---\n")[1])["preload_from_hub"][0].split()[2]
    assert preloaded_path("vgg19").parts[-5:] == (
        "hub", "models--timm--vgg19.tv_in1k", "snapshots", commit, "model.safetensors",
    )  # fmt: skip
    preloaded_path("vgg16").parent.mkdir(parents=True)
    save_file(whole(features), preloaded_path("vgg16"))
    assert same(load_tensors("vgg16"), features)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "elsewhere"))
    assert find_weights("vgg16") is None
    assert preloaded_path("vgg16").is_relative_to(tmp_path / "elsewhere")


def test_half_precision_becomes_float32(tmp_path: Path, features: dict[str, Tensor]) -> None:
    torch.save({key: value.half() for key, value in features.items()}, tmp_path / "half.pth")
    assert {t.dtype for t in load_tensors("vgg16", tmp_path / "half.pth").values()} == {torch.float32}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.pth does not exist"):
        load_tensors("vgg16", tmp_path / "none.pth")


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"PK\x03\x04broken", b"\x80\x04"], ids=repr)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_damaged_file_gets_one_sentence(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="cannot be read"):
        load_tensors("vgg16", path)


def test_a_pickle_with_a_payload_is_refused_and_does_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "it ran"
    torch.save({"0.weight": Payload(marker)}, tmp_path / "zip.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Payload(marker)))
    for name in ("zip.pth", "plain.pth"):
        with pytest.raises(WeightsError, match="cannot be read"):
            load_tensors("vgg16", tmp_path / name)
    assert not marker.exists()


def test_weights_of_another_network_are_refused(tmp_path: Path, features: dict[str, Tensor]) -> None:
    torch.save(features, tmp_path / "vgg16.pth")
    with pytest.raises(WeightsError, match=r"not a vgg19 weights file: features.16.weight is missing"):
        load_tensors("vgg19", tmp_path / "vgg16.pth")


def test_a_wrong_shape_is_refused_with_both_shapes(tmp_path: Path, features: dict[str, Tensor]) -> None:
    torch.save(features | {"5.weight": torch.zeros(128, 64, 5, 5)}, tmp_path / "shape.pth")
    with pytest.raises(WeightsError, match=r"features.5.weight is \(128, 64, 5, 5\), not \(128, 64, 3, 3\)"):
        load_tensors("vgg16", tmp_path / "shape.pth")


def test_weights_that_are_not_finite_are_refused(tmp_path: Path, features: dict[str, Tensor]) -> None:
    bias = torch.full(tensor_shapes("vgg16")["0.bias"], float("nan"))
    torch.save(features | {"0.bias": bias}, tmp_path / "nan.pth")
    with pytest.raises(WeightsError, match=r"features.0.bias holds values that are not finite"):
        load_tensors("vgg16", tmp_path / "nan.pth")


def test_without_weights_that_is_said() -> None:
    with pytest.raises(WeightsError, match="VGG-16's trained weights are not on this machine"):
        load_tensors("vgg16")


def test_whole_numbers_are_refused(tmp_path: Path, features: dict[str, Tensor]) -> None:
    torch.save(features | {"0.bias": torch.ones(64, dtype=torch.int64)}, tmp_path / "whole.pth")
    with pytest.raises(WeightsError, match=r"features.0.bias holds int64 numbers"):
        load_tensors("vgg16", tmp_path / "whole.pth")


def test_the_cache_goes_before_torch_hub_and_a_damaged_place_is_passed_by(
    features: dict[str, Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    with cache.locked("vgg16"):
        kept = cache.keep(entry("vgg16"), features, "a test")
    assert find_weights("vgg16") == kept
    hub_path("vgg16").parent.mkdir(parents=True)
    torch.save(features, hub_path("vgg16"))
    assert [(place.title, place.there) for place in places("vgg16")] == [
        ("this program's cache", True),
        ("torch hub's cache", True),
        ("the Hugging Face hub's cache", False),
    ]
    with kept.open("rb+") as file:
        file.seek(-1, 2)
        file.write(b"?")
    assert same(load_tensors("vgg16"), features)
    assert "its SHA-256 is not the one in its name" in caplog.text
    hub_path("vgg16").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="its SHA-256"):
        load_tensors("vgg16")


def test_each_try_is_logged(features: dict[str, Tensor], caplog: pytest.LogCaptureFixture) -> None:
    hub_path("vgg16").parent.mkdir(parents=True)
    torch.save(features, hub_path("vgg16"))
    with caplog.at_level("INFO"):
        load_tensors("vgg16")
    tried = [record.getMessage() for record in caplog.records]
    assert tried[0].startswith("No vgg16 weights in this program's cache")
    assert tried[1].startswith("Loaded vgg16 weights from torch hub's cache")
    caplog.clear()
    with caplog.at_level("INFO"):
        assert first_place("vgg16").path == hub_path("vgg16")
    assert caplog.messages == [
        "vgg16 weights in this program's cache: none",
        f"vgg16 weights in torch hub's cache: {hub_path('vgg16')}",
    ]
