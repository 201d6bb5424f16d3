"""Photographs of originals, from a server on this machine."""

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from nst import fetch
from nst.errors import DownloadError, StyleError, UnreachableError
from nst.gallery.manifest import Style, available_styles, bundled_styles, find_style, original_path
from nst.gallery.originals import address, fetch_original
from nst.version import USER_AGENT
from tests.file_server import FileServer
from tests.pictures.making import photograph

pytestmark = pytest.mark.usefixtures("empty_cache")

SCREAM = find_style("scream")
PATH = "/" + quote(SCREAM.original.file)


def fetched(style: Style = SCREAM) -> Path:
    return fetch_original(style, lambda *_: None)


def refused(kind: type[DownloadError] = DownloadError) -> str:
    """The sentence; nothing is left behind."""
    with pytest.raises(kind) as caught:
        fetched()
    assert not list(original_path(SCREAM).parent.glob("[!.]*"))
    assert len(available_styles()) == len(bundled_styles())
    return str(caught.value)


def test_a_photograph_is_kept_as_it_was_sent_and_asked_for_once(commons: FileServer) -> None:
    progress: list[tuple[int, int]] = []
    path = fetch_original(SCREAM, lambda *bytes_: progress.append(bytes_))
    assert path.read_bytes() == photograph()
    assert progress[-1] == (len(photograph()), len(photograph()))
    assert fetched() == path
    assert commons.asked == [PATH]
    assert commons.agents == [USER_AGENT]


def test_a_mirror_is_named_with_a_slash_or_without(commons: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPASTO_ORIGINALS_URL", commons.url + "/")
    fetched()
    assert commons.asked == [PATH]


@pytest.mark.usefixtures("commons")
def test_it_is_a_style_beside_its_study() -> None:
    with pytest.raises(StyleError, match="styles --originals fetches it"):
        find_style("scream-original")
    fetched()
    study, found = available_styles()[:2]
    assert study is SCREAM
    assert found == find_style("Scream-Original") == find_style("the scream (original)")
    assert (found.key, found.photograph, found.path) == ("scream-original", True, original_path(SCREAM))
    assert "Photograph of the original" in found.about
    assert found.suggested == study.suggested
    assert len(available_styles()) == len(bundled_styles()) + 1


def test_one_that_was_damaged_since_comes_anew(commons: FileServer) -> None:
    path = fetched()
    path.write_bytes(photograph()[:5000])
    assert fetched().read_bytes() == photograph()
    assert len(commons.asked) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (404, "answers 404 Not Found."),
        ("html", "is of no use: this file is not a picture of a kind that can be read"),
        ("vague", "is of no use: this file is cut off or damaged"),
    ],
)
def test_without_a_photograph_it_is_one_sentence(commons: FileServer, fault: str | int, words: str) -> None:
    commons.faults.append(fault)
    sentence = refused()
    assert sentence.startswith("The original of The Scream ")
    assert urlsplit(commons.url).netloc in sentence
    assert words in sentence
    assert len(commons.asked) == 1


@pytest.mark.parametrize(("size", "good"), [((799, 640), False), ((640, 799), False), ((800, 100), True)])
def test_a_photograph_needs_800_px_on_its_long_side(commons: FileServer, size: tuple[int, int], good: bool) -> None:
    commons.files[PATH] = photograph(*size)
    if good:
        assert fetched().is_file()
    else:
        assert f"this picture is {size[0]} x {size[1]} pixels; the long side needs at least 800." in refused()


def test_offline_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with FileServer() as gone:
        pass
    monkeypatch.setenv("IMPASTO_ORIGINALS_URL", gone.url)
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    assert "the server cannot be reached" in refused(UnreachableError)


@pytest.mark.parametrize("style", [s for s in bundled_styles() if s.original], ids=lambda style: style.key)
def test_the_manifest_tells_where_the_originals_are(style, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMPASTO_ORIGINALS_URL", raising=False)
    parts = urlsplit(address(style.original))
    assert (parts.scheme, parts.netloc) == ("https", "commons.wikimedia.org")
    assert unquote(parts.path) == "/wiki/Special:FilePath/" + style.original.file
    assert style.original.licence.startswith(("Public domain", "CC "))


def test_ten_studies_and_more_stand_after_one_work() -> None:
    without = [style.key for style in bundled_styles() if style.original is None]
    assert without == ["stained_glass"]
    with pytest.raises(ValueError, match="has no original"):
        fetched(find_style("stained_glass"))
