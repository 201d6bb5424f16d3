from pathlib import Path

import pytest

from tests.pictures.making import SAVE_OPTIONS, STORED, assert_near, encoded, quadrants, read, turned


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC"])
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_comes_out_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    options = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": turned(orientation)}
    data = encoded(STORED[orientation](quadrants()), kind, **options, **SAVE_OPTIONS[kind])
    assert_near(read(tmp_path, data), quadrants())


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(tmp_path: Path, orientation: int) -> None:
    data = encoded(quadrants(), "JPEG", exif=turned(orientation), **SAVE_OPTIONS["JPEG"])
    assert_near(read(tmp_path, data), quadrants())


def test_a_broken_exif_block_does_not_cost_the_picture(tmp_path: Path) -> None:
    for block in (b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0garbage" * 9, turned(6)[:20]):
        data = encoded(quadrants(), "JPEG", exif=block, **SAVE_OPTIONS["JPEG"])
        assert_near(read(tmp_path, data), quadrants())
