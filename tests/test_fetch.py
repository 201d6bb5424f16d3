"""Files from a server on this machine: whole and checked, or one sentence and no file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nst import fetch
from nst.errors import DownloadError, OutputError, UnreachableError
from nst.fetch import fetch_file
from nst.version import USER_AGENT
from tests.file_server import FileServer

BODY = bytes(range(256)) * 1000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    monkeypatch.setattr(fetch, "TIMEOUT", 0.5)
    with FileServer() as running:
        running.files["/file"] = BODY
        yield running


def fetched(server: FileServer, path: Path, progress: list[tuple[int, int]] | None = None) -> bytes:
    reports = [] if progress is None else progress

    def check(file: Path) -> None:
        assert not path.exists(), "checked before it has its name"
        if not BODY.startswith(file.read_bytes()):
            raise DownloadError("This is another file.")

    fetch_file("The file", f"{server.url}/file", path, check=check, progress=lambda *bytes_: reports.append(bytes_))
    return path.read_bytes()


def test_a_file_is_fetched_with_progress(server: FileServer, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    assert fetched(server, tmp_path / "folder" / "file", progress) == BODY
    assert progress[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in progress] == sorted({done for done, _ in progress})
    assert (server.asked, server.agents) == (["/file"], [USER_AGENT])


@pytest.mark.parametrize("fault", ["cut", "stall", 408, 429, 503])
def test_what_may_pass_is_tried_again(fault: str | int, server: FileServer, tmp_path: Path) -> None:
    server.faults.extend([fault] * 2)
    assert fetched(server, tmp_path / "file") == BODY
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("fault", "tries", "sentence"),
    [
        (404, 1, "The file cannot be fetched from {}: the server answers 404 Not Found."),
        (503, 3, "The file cannot be fetched from {}: the server answers 503 Service Unavailable."),
        ("cut", 3, "The file cannot be fetched from {}: the server broke off."),
        ("stall", 3, "The file cannot be fetched from {}: the server sent nothing for 0.5 s."),
        ("html", 1, "This is another file."),
    ],
)
def test_without_the_file_it_is_one_sentence(
    fault: str | int, tries: int, sentence: str, server: FileServer, tmp_path: Path
) -> None:
    server.faults.extend([fault] * 3)
    with pytest.raises(DownloadError) as caught:
        fetched(server, tmp_path / "file")
    assert str(caught.value) == sentence.format(f"{server.url}/file")
    assert not isinstance(caught.value, UnreachableError)
    assert len(server.asked) == tries
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_without_a_content_length_the_check_decides(server: FileServer, tmp_path: Path) -> None:
    server.faults.append("vague")
    progress: list[tuple[int, int]] = []
    assert fetched(server, tmp_path / "file", progress) == BODY[: len(BODY) // 2]
    assert {total for _, total in progress} == {0}


@pytest.mark.usefixtures("server")
def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with FileServer() as gone:
        pass
    with pytest.raises(UnreachableError, match=rf"{gone.url}/file: the server cannot be reached \(.*refused.*\)\.$"):
        fetched(gone, tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_folder_that_cannot_be_made_is_named(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OutputError, match=r"The folder .*cache/originals cannot be made: "):
        fetched(server, tmp_path / "cache" / "originals" / "file")
