from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError
from nst.pictures.decode import DAMAGED, Decoded, decode
from tests.pictures.making import encoded, noise, scene

WIDE = scene(480, 360)


def decoded(tmp_path: Path, data: bytes) -> Decoded:
    (tmp_path / "photo").write_bytes(data)
    return decode(tmp_path / "photo")


@pytest.mark.parametrize("missing", [2, 300])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_its_end_is_opened(tmp_path: Path, missing: int, progressive: bool) -> None:
    data = encoded(WIDE, "JPEG", quality=90, progressive=progressive)
    cut = decoded(tmp_path, data[:-missing])
    assert cut.notes == (DAMAGED,)
    whole = decoded(tmp_path, data)
    assert whole.notes == ()
    difference = np.abs(cut.pixels.astype(int) - whole.pixels)
    if progressive:
        assert difference.mean() < 1
    else:
        assert difference[: 360 if missing == 2 else 320].max() <= 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_what_is_there_of_half_a_file_is_shown_on_white(tmp_path: Path, kind: str) -> None:
    data = encoded(WIDE, kind, **({"interlace": 0} if kind == "GIF" else {}))
    cut = decoded(tmp_path, data[: len(data) // 2])
    assert cut.notes == (DAMAGED,)
    whole = decoded(tmp_path, data).pixels
    right = (cut.pixels == whole).all((1, 2))
    first = int(np.flatnonzero(~right)[0])
    assert 90 < first < 330
    assert (cut.pixels[first + 16 :] == 255).all()


def test_half_a_bmp_lacks_its_top(tmp_path: Path) -> None:
    data = encoded(WIDE, "BMP")
    cut = decoded(tmp_path, data[: len(data) // 2])
    np.testing.assert_array_equal(cut.pixels[182:], WIDE[182:])
    assert (cut.pixels[:178] == 255).all()


def test_a_png_of_which_only_the_end_mark_is_missing_is_whole(tmp_path: Path) -> None:
    cut = decoded(tmp_path, encoded(WIDE, "PNG")[:-12])
    np.testing.assert_array_equal(cut.pixels, WIDE)


def test_a_damaged_stream_is_shown_up_to_the_damage(tmp_path: Path) -> None:
    data = bytearray(encoded(noise(), "PNG"))
    at = len(data) * 2 // 3
    data[at : at + 40] = bytes(40)
    damaged = decoded(tmp_path, bytes(data))
    assert damaged.notes == (DAMAGED,)
    np.testing.assert_array_equal(damaged.pixels[:32], noise()[:32])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_a_file_of_which_hardly_anything_is_there_is_refused(tmp_path: Path, kind: str) -> None:
    options = {"interlace": 0} if kind == "GIF" else {}
    data = encoded(Image.fromarray(noise(300, 400)), kind, **options)
    with pytest.raises(ImageError) as caught:
        decoded(tmp_path, data[: len(data) // 25])
    assert str(caught.value) == f"This {kind} file is damaged or incomplete and cannot be opened."
