"""The decoder: whatever the bytes are, they are a picture or there is one sentence, in bounded time and memory."""

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nst.errors import ImageError
from nst.pictures.containers import identify
from nst.pictures.decode import FORMATS, read_picture
from tests.fuzzing.mutations import mutated, seeds
from tests.fuzzing.sentences import assert_sentence
from tests.pictures.making import CORPUS

pytestmark = pytest.mark.filterwarnings("ignore")  # Pillow warns of what it refuses.

#: What the decoding of any file may add to the memory of the process, in bytes.
MEMORY = 1_000_000_000

SEEDS = {kind: seeds(kind) for kind in FORMATS}
FILES = [
    data
    for path in (sorted(CORPUS.glob("[!b]*/*")) if CORPUS.is_dir() else [])
    if path.stat().st_size < 100_000 and identify(data := path.read_bytes())
]


@pytest.fixture(autouse=True, scope="module")
def memory_stays_bounded() -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MEMORY


def decode(path: Path, data: bytes) -> None:
    """A picture, or one sentence."""
    path.write_bytes(data)
    try:
        picture = read_picture(path)
    except ImageError as error:
        assert_sentence(error)
    else:
        assert picture.dtype == np.uint8
        assert picture.shape[2:] == (3,)


@given(
    st.one_of(
        st.binary(max_size=400),
        st.sampled_from(sorted(SEEDS)).flatmap(
            lambda kind: st.builds(bytes.__add__, st.just(SEEDS[kind][0][:40]), st.binary(max_size=400))
        ),
    )
)
def test_bytes(tmp_path: Path, data: bytes) -> None:
    """Anything at all, and anything behind the first bytes of a picture."""
    decode(tmp_path / "photo", data)


@pytest.mark.parametrize("kind", FORMATS)
@given(data=st.data())
def test_a_file_with_changed_parts(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    decode(tmp_path / "photo", data.draw(mutated(kind, st.sampled_from(SEEDS[kind]))))


@pytest.mark.skipif(not FILES, reason="the shared corpus is not beside the repository")
@given(data=st.data())
def test_an_odd_file_with_changed_parts(tmp_path: Path, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(FILES))
    decode(tmp_path / "photo", data.draw(mutated(identify(whole) or "", st.just(whole))))
