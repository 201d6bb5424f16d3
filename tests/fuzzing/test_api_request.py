"""What a caller of the API may send: a Job comes of it, or there is one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from nst.errors import NSTError
from nst.limits import HOSTED
from nst.steps import Job
from nst.web.api_request import read_job
from nst.web.request_body import RefusedError, check_content, limit
from tests.fuzzing.sentences import assert_sentence
from tests.fuzzing.values import JSON, NAMES, TEXTS, VALUES
from tests.pictures.making import encoded, quadrants

#: Stands for the path of an uploaded photo, which differs from run to run.
UPLOADED = "the uploaded photo"

PATHS = st.sampled_from([UPLOADED, f"{UPLOADED}/..", "", ".", "/etc/passwd", "~root", "a\0b", "/" + "a" * 5_000])
FILES = st.fixed_dictionaries({"path": PATHS | JSON}, optional={"orig_name": JSON, "url": JSON, "meta": JSON})
SETTINGS = st.dictionaries(NAMES, VALUES, max_size=5)


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("uploads") / "lion.png"
    path.write_bytes(encoded(quadrants(), "PNG"))
    return path


@pytest.fixture(autouse=True)
def uploads(uploaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(uploaded.parent))


@given(
    photo=FILES | JSON,
    style=st.sampled_from(["scream", "Mosaic ", "scream-original"]) | FILES | JSON,
    settings=SETTINGS | SETTINGS.map(json.dumps) | TEXTS | JSON,
    mask=st.sampled_from(["", "not-upper"]) | FILES | JSON,
)
@example({"path": UPLOADED}, "scream", {"size": 64, "steps": 1}, "")
@example({"path": UPLOADED, "orig_name": "two\nlines"}, {"path": UPLOADED}, '{"recipe": "gatys"}', {"path": UPLOADED})
def test_a_request(uploaded: Path, photo: Any, style: Any, settings: Any, mask: Any) -> None:
    sent = (photo, style, mask)
    photo, style, mask = (json.loads(json.dumps(value).replace(UPLOADED, str(uploaded))) for value in sent)
    try:
        job = read_job(photo, style, settings, HOSTED, mask)
    except NSTError as error:
        assert_sentence(error)
    else:
        assert isinstance(job, Job)
        assert job.content.shape == (32, 48, 3)


def test_lists_within_lists(uploaded: Path) -> None:
    """As deep as Python can go; where that is depends on who is asking."""
    value: list[Any] = []
    for depth in range(1_000):
        value = [value]
        for settings in (value, {"recipe": value}, {"size": value}) if depth % 10 == 0 else ():
            with pytest.raises(NSTError) as refused:
                read_job({"path": str(uploaded)}, "scream", settings)
            assert_sentence(refused.value)


@given(st.binary(max_size=300) | st.dictionaries(st.text(max_size=20), JSON | FILES).map(json.dumps).map(str.encode))
@example(b"[" * 900_000)
@example(b'{"path": ' + b"9" * 5_000 + b"}")
def test_a_body(body: bytes) -> None:
    try:
        check_content(body)
    except RefusedError as refusal:
        assert_sentence(refusal.sentence)


@given(st.text(st.characters(max_codepoint=255)), st.sampled_from(["multipart/form-data", "application/json", "\xff"]))
@example("9" * 5_000, "application/json")
@example("\xb2", "application/json")
def test_a_stated_length(length: str, kind: str) -> None:
    try:
        assert limit(Headers({"content-length": length, "content-type": kind}), HOSTED.largest_upload) > 0
    except RefusedError as refusal:
        assert_sentence(refusal.sentence)
