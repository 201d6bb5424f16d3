"""``python -m nst weights``, with weights of the full size from a server on this machine."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from nst.cli import main
from nst.features.weights import cache
from nst.features.weights.places import hub_path, preloaded_path
from tests.features.test_vgg import random_tensors
from tests.features.weights.files import Payload, whole
from tests.features.weights.server import FileServer


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture(scope="module")
def vgg16() -> dict[str, Tensor]:
    return random_tensors("vgg16")


def weights(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a command that ends well prints."""
    assert main(["weights", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["weights", *map(str, arguments)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("nst: ")
    return told


def test_a_machine_without_weights_is_told_where_they_would_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert weights(capsys).splitlines() == [
        "vgg19: not on this machine; --fetch vgg19 brings it",
        f"  this program's cache: nothing in {cache.folder()}",
        f"  torch hub's cache: nothing in {hub_path('vgg19')}",
        f"  the Hugging Face hub's cache: nothing in {preloaded_path('vgg19')}",
        "vgg16: not on this machine; --fetch vgg16 brings it",
        f"  this program's cache: nothing in {cache.folder()}",
        f"  torch hub's cache: nothing in {hub_path('vgg16')}",
        f"  the Hugging Face hub's cache: nothing in {preloaded_path('vgg16')}",
    ]


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_an_import_finds_out_whose_weights_they_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, vgg16: dict[str, Tensor], suffix: str
) -> None:
    path = tmp_path / f"from a friend{suffix}"
    torch.save(vgg16, path) if suffix == ".pth" else safetensors.torch.save_file(whole(vgg16), path)
    assert "holds the weights of vgg16; they are kept in" in weights(capsys, "--import", path)
    kept = cache.kept_file("vgg16")
    listed = weights(capsys)
    assert "vgg16: in this program's cache" in listed
    assert f"{kept}, 59 MB, SHA-256 {cache.recorded_hash(kept)[:8]}… recorded, from {path}" in listed


def test_verifying_reads_every_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, vgg16: dict[str, Tensor]
) -> None:
    torch.save(vgg16, tmp_path / "v.pth")
    weights(capsys, "--import", tmp_path / "v.pth")
    assert "good: SHA-256, names, shapes and numbers" in weights(capsys, "--verify")
    kept = cache.kept_file("vgg16")
    with kept.open("rb+") as file:
        file.seek(-1, 2)
        file.write(b"?")
    assert f"{kept} is damaged: its SHA-256" in refused(capsys, "--verify")


def test_a_file_that_the_user_names_needs_to_be_good_for_one_network(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, vgg16: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(vgg16, tmp_path / "v.pth")
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "v.pth"))
    told = weights(capsys, "--verify")
    assert "vgg16: in the file that you name" in told
    assert "not good: " in told
    (tmp_path / "v.pth").write_bytes(b"nothing")
    assert "cannot be read" in refused(capsys, "--verify")


@pytest.mark.parametrize("content", [b"<html>", b"", {"model": torch.zeros(2)}], ids=["html", "empty", "other"])
def test_what_is_no_weights_file_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | dict[str, Tensor]
) -> None:
    path = tmp_path / "file.pth"
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
    sentence = "cannot be read" if isinstance(content, bytes) else "holds the weights of neither vgg19 nor vgg16"
    assert sentence in refused(capsys, "--import", path)
    assert "does not exist" in refused(capsys, "--import", tmp_path / "gone.pth")


def test_a_payload_is_refused_and_does_not_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    torch.save({"features.0.weight": Payload(tmp_path / "it ran")}, tmp_path / "evil.pth")
    assert "cannot be read" in refused(capsys, "--import", tmp_path / "evil.pth")
    assert not (tmp_path / "it ran").exists()


def test_weights_of_the_full_size_are_fetched(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileServer() as server:
        server.piece = 2**20
        server.files["/vgg19.safetensors"] = safetensors.torch.save(whole(random_tensors("vgg19")))
        monkeypatch.setenv("NST_WEIGHTS_URL", server.url)
        told = weights(capsys, "--fetch")
    kept = cache.kept_file("vgg19")
    assert told == f"vgg19 is here: {kept}\n"
    assert kept.stat().st_size // 10**6 == 80


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There are no weights called 'vgg11'; there are vgg19 and vgg16." in refused(capsys, "--fetch", "vgg11")
