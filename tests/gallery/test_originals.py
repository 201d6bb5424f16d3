"""Photographs of originals, from a server on this machine."""

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from nst.errors import OriginalError, StyleError, UnreachableError
from nst.gallery import originals
from nst.gallery.manifest import available_styles, bundled_styles, find_style, original_path
from nst.gallery.originals import address, fetch_original
from nst.version import USER_AGENT
from tests.file_server import FileServer
from tests.pictures.making import photograph

pytestmark = pytest.mark.usefixtures("empty_cache")

SCREAM = find_style("scream")
PATH = "/" + quote(SCREAM.original.file)


def refused(kind: type[OriginalError] = OriginalError) -> str:
    """The sentence; nothing is left behind."""
    with pytest.raises(kind) as caught:
        fetch_original(SCREAM)
    assert not list(original_path(SCREAM).parent.glob("*"))
    assert len(available_styles()) == len(bundled_styles())
    return str(caught.value)


class Bar:
    """What a progress bar is told."""

    total, done, closed = 0, 0, False

    def update(self, count: int) -> None:
        self.done += count

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        self.closed = True


def test_a_photograph_is_kept_as_it_was_sent_and_asked_for_once(commons: FileServer) -> None:
    bar = Bar()
    path = fetch_original(SCREAM, bar)
    assert path.read_bytes() == photograph()
    assert (bar.total, bar.done, bar.closed) == (len(photograph()), len(photograph()), True)
    assert fetch_original(SCREAM) == path
    assert commons.asked == [PATH]
    assert commons.agents == [USER_AGENT]


def test_a_mirror_is_named_with_a_slash_or_without(commons: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPASTO_ORIGINALS_URL", commons.url + "/")
    fetch_original(SCREAM)
    assert commons.asked == [PATH]


@pytest.mark.usefixtures("commons")
def test_it_is_a_style_beside_its_study() -> None:
    with pytest.raises(StyleError, match="styles --originals fetches it"):
        find_style("scream-original")
    fetch_original(SCREAM)
    study, found = available_styles()[:2]
    assert study is SCREAM
    assert found == find_style("Scream-Original") == find_style("the scream (original)")
    assert (found.key, found.photograph, found.path) == ("scream-original", True, original_path(SCREAM))
    assert "Photograph of the original" in found.about
    assert found.suggested == study.suggested
    assert len(available_styles()) == len(bundled_styles()) + 1


def test_one_that_was_damaged_since_comes_anew(commons: FileServer) -> None:
    path = fetch_original(SCREAM)
    path.write_bytes(photograph()[:5000])
    assert fetch_original(SCREAM).read_bytes() == photograph()
    assert len(commons.asked) == 2


def test_a_cut_connection_is_tried_again(commons: FileServer) -> None:
    commons.faults.append("cut")
    assert fetch_original(SCREAM).read_bytes() == photograph()
    assert len(commons.asked) == 2


@pytest.mark.parametrize(
    ("fault", "tries", "sentence"),
    [
        (404, 1, "answers 404 Not Found."),
        (503, 2, "answers 503 Service Unavailable."),
        ("cut", 2, "ended the connection early."),
        ("html", 1, "is of no use: this file is not a picture of a kind that can be read"),
        ("vague", 1, "is of no use: this JPEG file is damaged or incomplete"),
    ],
)
def test_what_is_not_to_be_had_is_told_in_one_sentence(
    commons: FileServer, monkeypatch: pytest.MonkeyPatch, fault: str | int, tries: int, sentence: str
) -> None:
    monkeypatch.setattr(originals, "RETRIES", 1)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    commons.faults.extend([fault] * 2)
    told = refused()
    assert "The Scream" in told
    assert urlsplit(commons.url).netloc in told
    assert sentence in told
    assert len(commons.asked) == tries


@pytest.mark.parametrize(("size", "good"), [((799, 640), False), ((640, 799), False), ((800, 100), True)])
def test_a_photograph_needs_800_px_on_its_long_side(commons: FileServer, size: tuple[int, int], good: bool) -> None:
    commons.files[PATH] = photograph(*size)
    if good:
        assert fetch_original(SCREAM).is_file()
    else:
        assert f"this picture is {size[0]} x {size[1]} pixels; the long side needs at least 800." in refused()


def test_offline_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with FileServer() as gone:
        pass
    monkeypatch.setenv("IMPASTO_ORIGINALS_URL", gone.url)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    assert refused(UnreachableError).endswith("cannot be reached.")


@pytest.mark.usefixtures("commons")
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OriginalError, match=r"cannot be kept in .*cache/originals: "):
        fetch_original(SCREAM)


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
        fetch_original(find_style("stained_glass"))
