"""Downloads from a real server on this machine, in all the ways they go wrong."""

import hashlib
import multiprocessing
import re
from io import BytesIO
from pathlib import Path

import pytest
import torch

from nst.errors import WeightsError
from nst.features.weights import cache
from nst.features.weights.fetch import FIRST_BYTES, fetch
from nst.features.weights.progress import Fetched, Stopped
from tests.features.weights.files import (
    QUICK,
    Payload,
    safetensors_file,
    same,
    small_entry,
    small_tensors,
    whole,
)
from tests.features.weights.server import FileServer

HUB_PATH = "/timm/small/resolve/abc/model.safetensors"
ORIGINAL_PATH = "/models/small-00000000.pth"


@pytest.fixture(autouse=True)
def hub(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The hub is the server here, and holds a whole model, its classifier first."""
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    model = whole(small_tensors())
    file = safetensors_file({"head.fc.weight": model.pop("head.fc.weight"), **model})
    server.files[HUB_PATH] = file
    return file


def bring(server: FileServer, **changes: object) -> Path:
    return fetch(small_entry(server.url, **changes), patience=QUICK)


def failing(server: FileServer, **changes: object) -> str:
    """The sentence of a download that fails."""
    with pytest.raises(WeightsError) as told:
        bring(server, **changes)
    assert not cache.kept_file("vgg19")
    return str(told.value)


def is_kept(path: Path) -> bool:
    """Whether a file is the one in the cache, is named by its hash, and holds the tensors and nothing else."""
    right_name = f"vgg19-{hashlib.sha256(path.read_bytes()).hexdigest()}.safetensors"
    return (
        path == cache.kept_file("vgg19")
        and path.name == right_name
        and same(cache.load(small_entry(), path), small_tensors())
    )


def test_only_the_features_travel(server: FileServer) -> None:
    path = bring(server)
    assert is_kept(path)
    assert len(server.asked) == 2, "the header, and one range of neighbours"
    features = sum(tensor.numel() * 4 for tensor in small_tensors().values())
    assert server.sent == FIRST_BYTES + features
    assert path.stat().st_size < features + 1000
    assert cache.origin(path) == server.url + HUB_PATH


def test_tensors_far_apart_are_fetched_by_a_range_each(server: FileServer) -> None:
    model = whole(small_tensors())
    far = [torch.zeros(100_000) for _ in range(2)]
    names = list(model)
    order = {names[0]: model[names[0]], "a": far[0], **{n: model[n] for n in names[1:3]}, "b": far[1]}
    server.files[HUB_PATH] = safetensors_file(order | model)
    assert is_kept(bring(server))
    assert len(server.asked) == 4
    assert server.sent < 250_000


def test_progress_is_told_in_bytes_of_what_is_kept(server: FileServer) -> None:
    seen: list[Fetched] = []
    path = fetch(small_entry(server.url), patience=QUICK, watch=seen.append)
    assert (seen[0].title, seen[0].done, seen[-1].done) == ("VGG-19", 0, path.stat().st_size)
    assert {record.total for record in seen[1:]} == {path.stat().st_size}


def test_what_is_there_is_not_fetched_again(server: FileServer) -> None:
    path = bring(server)
    asked = len(server.asked)
    assert bring(server) == path
    assert len(server.asked) == asked


def test_a_damaged_file_in_the_cache_is_replaced(server: FileServer) -> None:
    path = bring(server)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert is_kept(bring(server))


@pytest.mark.parametrize("fault", ["cut", "stall", "vague", 503, 429])
def test_a_failure_half_way_is_made_good_with_what_is_missing(server: FileServer, fault: str | int) -> None:
    server.faults.extend(["", fault])
    assert is_kept(bring(server))
    _, first, second = server.ranges_asked()
    start, stop = map(int, first.split("-"))
    middle = start + (stop + 1 - start) // 2 if isinstance(fault, str) else start
    assert second == f"{middle}-{stop}"


def test_a_header_that_is_cut_is_read_on(server: FileServer) -> None:
    server.faults.append("cut")
    assert is_kept(bring(server))


def test_a_server_that_always_fails_is_given_up_on(server: FileServer) -> None:
    server.faults.extend(["stall"] * 9)
    sentence = failing(server)
    assert "sent nothing for 0.2 s (4 tries)" in sentence


def test_the_next_download_goes_on_where_the_last_one_ended(server: FileServer) -> None:
    server.faults.extend(["", "cut", *[503] * 3])
    failing(server)
    (growing,) = cache.parts(small_entry())
    have = growing.stat().st_size
    assert have > 70_000
    server.asked.clear()
    assert is_kept(bring(server))
    assert server.sent < 200_000, "half of it came once"
    assert cache.parts(small_entry()) == []


@pytest.mark.parametrize("change", ["etag", "size", "nothing to tell by"])
def test_another_file_is_not_mixed_with_what_came_before(server: FileServer, change: str) -> None:
    server.etag = "" if change == "nothing to tell by" else server.etag
    server.faults.extend(["", "cut", *[503] * 3])
    server.files[HUB_PATH] = safetensors_file(whole(small_tensors(seed=1)))
    failing(server)
    server.files[HUB_PATH] = safetensors_file(whole(small_tensors(), classifier=50_000 + (change == "size")))
    server.etag = '"two"' if change == "etag" else server.etag
    assert is_kept(bring(server))


def test_a_file_that_changes_during_the_download_is_refused(server: FileServer) -> None:
    def swap(fetched: Fetched) -> None:
        server.etag = '"two"' if fetched.done else server.etag

    server.faults.extend(["", "cut"])
    with pytest.raises(WeightsError, match="changed the file while it was being fetched"):
        fetch(small_entry(server.url), patience=QUICK, watch=swap)


def test_a_server_without_ranges_is_read_through_and_the_classifier_dropped(server: FileServer, hub: bytes) -> None:
    server.ranges = False
    path = bring(server, sha256=hashlib.sha256(hub).hexdigest())
    assert is_kept(path)
    assert path.stat().st_size < len(hub) - 200_000


@pytest.mark.parametrize("faults", [["", "cut"], ["vague", "vague"]])
def test_a_server_without_ranges_that_cuts_is_read_again_up_to_the_cut(server: FileServer, faults: list[str]) -> None:
    server.ranges = False
    server.faults.extend(faults)
    assert is_kept(bring(server))
    assert len(server.asked) == 3


def test_a_whole_file_with_another_hash_is_refused(server: FileServer) -> None:
    server.ranges = False
    assert "its SHA-256 is not the one it should have" in failing(server, sha256="11" * 32)
    assert cache.parts(small_entry()) == [], "nothing to go on from"


def test_redirects_lead_to_the_file_with_the_range(server: FileServer, hub: bytes) -> None:
    server.files["/cdn/blob"] = server.files.pop(HUB_PATH)
    server.moved[HUB_PATH] = f"{server.url}/cdn/blob"
    assert is_kept(bring(server))
    assert server.sent < len(hub)


def test_redirects_in_a_circle_end(server: FileServer) -> None:
    server.moved[HUB_PATH] = HUB_PATH
    assert "127.0.0.1 cannot be asked" in failing(server)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("html", "the file at 127.0.0.1 is not a safetensors file"),
        (404, "127.0.0.1 answers 404 Not Found"),
        (401, "127.0.0.1 answers 401 Unauthorized"),
        ("other range", "127.0.0.1 answers with another range than was asked for"),
    ],
)
def test_nonsense_is_named_and_torchvisions_own_file_is_the_next(
    server: FileServer, fault: str | int, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    buffer = BytesIO()
    torch.save(whole(small_tensors()), buffer)
    beginning = hashlib.sha256(buffer.getvalue()).hexdigest()[:8]
    server.files[f"/models/small-{beginning}.pth"] = buffer.getvalue()
    server.faults.append(fault)
    path = bring(server, original=f"{server.url}/models/small-{beginning}.pth")
    assert is_kept(path)
    assert told in caplog.text
    assert cache.parts(small_entry()) == [], "the rest of a whole model is not kept"


def test_torchvisions_file_is_resumed_and_its_hash_checked(server: FileServer) -> None:
    del server.files[HUB_PATH]
    buffer = BytesIO()
    torch.save(whole(small_tensors()), buffer)
    server.files[ORIGINAL_PATH] = buffer.getvalue()
    server.faults.extend(["", "", "cut"])
    assert "answers 404 Not Found; the file at 127.0.0.1 is damaged: its SHA-256" in failing(server)
    assert len(server.asked) == 4


def test_a_pickle_with_a_payload_is_refused_and_does_not_run(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "it ran"
    buffer = BytesIO()
    torch.save({"features.0.weight": Payload(marker)}, buffer)
    server.files["/evil.pth"] = buffer.getvalue()
    monkeypatch.setenv("NST_WEIGHTS_URL", f"{server.url}/evil.pth")
    assert "cannot be read" in failing(server)
    assert not marker.exists()


def test_a_mirror_is_asked_and_nobody_else(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = bring(server).read_bytes()
    cache.kept_file("vgg19").unlink()
    server.asked.clear()
    monkeypatch.setenv("NST_WEIGHTS_URL", f"{server.url}/mirror/")
    assert failing(server).count("404") == 1
    assert [path for path, _ in server.asked] == ["/mirror/vgg19.safetensors"]
    server.files["/mirror/vgg19.safetensors"] = kept
    assert is_kept(bring(server)), "a file that was kept elsewhere serves as it is"


def test_an_address_that_is_none_is_named(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_WEIGHTS_URL", "ftp://example.org/")
    with pytest.raises(WeightsError, match=r"NST_WEIGHTS_URL is 'ftp://example\.org'; it must begin with http"):
        bring(server)


def test_the_proxy_of_the_environment_is_used(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("http_proxy", server.url)
    server.files[f"http://hub.invalid{HUB_PATH}"] = server.files.pop(HUB_PATH)
    assert is_kept(bring(server))


def test_a_proxy_that_cannot_be_one_is_named(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "nonsense://127.0.0.1:9")
    assert "127.0.0.1 cannot be asked with the proxy or certificate settings of this machine" in failing(server)
    assert server.asked == []


def test_without_a_network_one_sentence_says_what_was_tried_and_what_to_do(
    server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    sentence = failing(server, original="http://127.0.0.1:9/models/small-00000000.pth")
    assert sentence == (
        "VGG-19's trained weights could not be fetched: 127.0.0.1 cannot be reached (2 tries); 127.0.0.1 cannot be "
        "reached (2 tries). Go online and try again, or start with --weights FILE; the built-in network, gabor, needs "
        "none."
    )


def test_values_that_are_not_finite_are_refused_and_forgotten(server: FileServer) -> None:
    tensors = small_tensors()
    tensors["0.bias"][3] = float("nan")
    server.files[HUB_PATH] = safetensors_file(whole(tensors))
    assert "features.0.bias holds values that are not finite" in failing(server)
    assert cache.parts(small_entry()) == []


def test_a_download_can_be_stopped_and_keeps_what_came(server: FileServer) -> None:
    server.slow = 0.01
    came = [0]

    def watch(fetched: Fetched) -> None:
        came.append(fetched.done)

    with pytest.raises(Stopped):
        fetch(small_entry(server.url), patience=QUICK, watch=watch, stopped=lambda: came[-1] > 20_000)
    assert cache.parts(small_entry())[0].stat().st_size > 20_000
    assert not cache.is_locked("vgg19")


def test_a_folder_that_cannot_be_made_is_named(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match=r"cannot be kept in .*file/weights \(Not a directory\); NST_CACHE names"):
        bring(server)


def _fetch_at_once(url: str, ready: "multiprocessing.synchronize.Barrier", done: "multiprocessing.Queue[str]") -> None:
    """What each of several processes does."""
    ready.wait(30)
    seen: list[Fetched] = []
    path = fetch(small_entry(url), patience=QUICK, watch=seen.append)
    done.put(f"{path.name} {max(record.done for record in seen) if seen else 0}")


def test_four_processes_at_once_are_one_download(server: FileServer) -> None:
    server.slow = 0.02
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.features.weights.test_fetch"])
    ready, done = processes.Barrier(4), processes.Queue()
    started = [processes.Process(target=_fetch_at_once, args=(server.url, ready, done)) for _ in range(4)]
    for process in started:
        process.start()
    found = [done.get(timeout=60).split() for _ in started]
    for process in started:
        process.join(30)
        assert process.exitcode == 0
    assert {name for name, _ in found} == {cache.kept_file("vgg19").name}
    assert all(int(seen) > 0 for _, seen in found), "those who wait see how far it is"
    assert len(server.asked) == 2
    assert re.fullmatch(r"0-\d+", server.ranges_asked()[0])
