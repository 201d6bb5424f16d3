"""Trained weights in a file that the user names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from nst.download_progress import ignore_progress
from nst.features.vgg import VGGFeatures
from nst.features.weights import load_weights
from nst.networks import VGG16, VGG19, Network
from tests.features.tensors import SCALE, constants, refused, same, whole_model
from tests.features.test_vgg import random_tensors


@pytest.mark.parametrize("form", ["whole model", "features", "float16"])
def test_a_state_dict_is_taken(form: str, tmp_path: Path) -> None:
    state = constants(VGG19)
    halved = {key: value.half() for key, value in state.items()}
    saved = {"whole model": whole_model(state), "features": state, "float16": halved}
    torch.save(saved[form], tmp_path / "mine.pth")
    assert same(load_weights(VGG19, tmp_path / "mine.pth", ignore_progress), state)


def test_activations_of_a_file_are_torchvisions_times_one_number_in_every_layer(tmp_path: Path) -> None:
    state, image = random_tensors(VGG16), torch.rand(1, 3, 40, 32, generator=torch.Generator().manual_seed(1))
    torch.save(state, tmp_path / "mine.pth")
    found = VGGFeatures(VGG16, load_weights(VGG16, tmp_path / "mine.pth", ignore_progress))(image, VGG16.layers)
    for layer, expected in VGGFeatures(VGG16, state)(image, VGG16.layers).items():
        assert (found[layer] - SCALE * expected).norm() < 1e-5 * found[layer].norm(), layer


def test_safetensors_are_taken(tmp_path: Path) -> None:
    state = {f"features.{key}": value.half().contiguous() for key, value in constants(VGG19).items()}
    safetensors.torch.save_file(state, tmp_path / "mine.safetensors")
    assert same(load_weights(VGG19, tmp_path / "mine.safetensors", ignore_progress), constants(VGG19))


class Payload:
    """What a pickle may do when it is read without care: make a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (Path.touch, (self.target,))


def test_no_code_in_a_file_is_run(tmp_path: Path) -> None:
    torch.save({**constants(VGG19), "0.weight": Payload(tmp_path / "ran")}, tmp_path / "mine.pth")
    assert "cannot be read" in refused(VGG19, tmp_path / "mine.pth")
    assert not (tmp_path / "ran").exists()
    torch.load(tmp_path / "mine.pth", weights_only=False)
    assert (tmp_path / "ran").exists(), "read without care, it would have run"


@pytest.mark.parametrize("name", ["mine.pth", "mine.safetensors"])
@pytest.mark.parametrize("kind", ["cut", "page", "empty", "folder"])
def test_a_file_that_is_damaged_or_something_else_cannot_be_read(kind: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    if kind == "folder":
        file.mkdir()
    elif kind == "cut":
        save: Callable[..., None] = torch.save if name.endswith("pth") else safetensors.torch.save_file
        save({"0.weight": torch.ones(64, 3, 3, 3)}, file)
        file.write_bytes(file.read_bytes()[:3000])
    else:
        file.write_bytes(b"<!DOCTYPE html><title>Please log in</title>" if kind == "page" else b"")
    assert refused(VGG19, file) == f"The weights file {file} cannot be read: it is damaged or not a state dict."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "gone.pth"
    assert refused(VGG19, file) == f"The weights file {file} does not exist."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"2.weight": torch.ones(64, 64, 5, 5)}, "holds no weights of VGG-19: it has no 2.weight of (64, 64, 3, 3)"),
        ({"0.bias": torch.ones(64, dtype=torch.int64)}, "holds no weights of VGG-19: it has no 0.bias of (64,)"),
        ({"0.bias": [0.0] * 64}, "holds no weights of VGG-19: it has no 0.bias of (64,)"),
        ({"28.bias": torch.ones(512).index_fill(0, torch.tensor([7]), torch.nan)}, "is damaged: 28.bias holds values"),
        ({"28.bias": torch.full((512,), torch.inf)}, "is damaged: 28.bias holds values"),
    ],
    ids=["shape", "integers", "a list", "not a number", "infinite"],
)
def test_tensors_that_are_no_weights_are_refused_by_name(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    torch.save(constants(VGG19) | change, tmp_path / "mine.pth")
    assert refused(VGG19, tmp_path / "mine.pth").startswith(f"{tmp_path / 'mine.pth'} {words}")


@pytest.mark.parametrize(("wanted", "held"), [(VGG19, VGG16), (VGG16, VGG19)], ids=["vgg19", "vgg16"])
def test_weights_of_the_other_network_are_refused(wanted: Network, held: Network, tmp_path: Path) -> None:
    torch.save(whole_model(constants(held)), tmp_path / "other.pth")
    assert f"holds no weights of {wanted.title}" in refused(wanted, tmp_path / "other.pth")
