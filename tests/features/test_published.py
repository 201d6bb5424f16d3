"""VGG-16's weights from a server: fetched once, with progress, and refused when they are not what their name says."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from nst import fetch
from nst.download_progress import Download, DownloadStopped, ignore_progress
from nst.features.weights import load_weights
from nst.networks import VGG16, Network, PublishedWeights
from tests.features.tensors import constants, refused, same, whole_model
from tests.file_server import FileServer


@pytest.fixture(autouse=True)
def no_retries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(fetch, "RETRIES", 0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    """A server that has a VGG-16 of constants under a name with its digest."""
    torch.save(whole_model(constants(VGG16)), tmp_path / "published.pth")
    data = (tmp_path / "published.pth").read_bytes()
    with FileServer() as running:
        running.files[f"/models/vgg16-{sha256(data).hexdigest()[:8]}.pth"] = data
        yield running


@pytest.fixture
def vgg16(server: FileServer) -> Network:
    """The table's VGG-16, with its weights on that server."""
    (path,) = server.files
    return replace(VGG16, weights=PublishedWeights(url=server.url + path, megabytes=1))


def cached(network: Network) -> list[str]:
    """The names of the files in torch hub's cache."""
    return sorted(file.name for file in network.weights.path().parent.glob("[!.]*"))


def test_they_are_fetched_once_with_progress(server: FileServer, vgg16: Network) -> None:
    reports: list[Download] = []
    assert same(load_weights(vgg16, None, reports.append), constants(VGG16))
    (data,) = server.files.values()
    done = [download.done for download in reports]
    assert {(download.title, download.total) for download in reports} == {("VGG-16", len(data))}
    assert len(done) > 3
    assert done == sorted(set(done))
    assert done[-1] == len(data)
    assert vgg16.weights.path().read_bytes() == data
    assert same(load_weights(vgg16, None, ignore_progress), constants(VGG16))
    assert len(server.asked) == 1


def test_nothing_is_printed(vgg16: Network, capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output is the command line's, which may be writing JSON to it."""
    load_weights(vgg16, None, ignore_progress)
    assert capfd.readouterr() == ("", "")


def test_a_report_can_end_the_download_and_nothing_is_kept(server: FileServer, vgg16: Network) -> None:
    def enough(download: Download) -> None:
        if download.done > 300_000:
            raise DownloadStopped

    with pytest.raises(DownloadStopped):
        load_weights(vgg16, None, enough)
    assert cached(vgg16) == []
    assert same(load_weights(vgg16, None, ignore_progress), constants(VGG16))
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (404, "VGG-16's trained weights cannot be fetched from {}: the server answers 404 Not Found."),
        ("vague", "What {} sent is damaged or another file: its SHA-256 begins with "),
        ("html", "What {} sent is damaged or another file: its SHA-256 begins with "),
    ],
)
def test_without_the_file_it_is_one_sentence_and_the_next_run_tries_again(
    fault: str | int, words: str, server: FileServer, vgg16: Network
) -> None:
    server.faults.append(fault)
    sentence = refused(vgg16, None)
    assert sentence.startswith(words.format(vgg16.weights.url))
    assert sentence.endswith(" Choose VGG-19 as the network: it is installed, and paints with these settings as well.")
    assert cached(vgg16) == []
    assert same(load_weights(vgg16, None, ignore_progress), constants(VGG16))


@pytest.mark.parametrize("damage", [b"", b"<!DOCTYPE html><title>Please log in</title>"], ids=["empty", "page"])
def test_a_damaged_file_in_the_cache_is_one_sentence_that_names_it(damage: bytes) -> None:
    VGG16.weights.path().parent.mkdir(parents=True)
    VGG16.weights.path().write_bytes(damage)
    assert str(VGG16.weights.path()) in refused(VGG16, None)
