import struct
from pathlib import Path

import pytest
from PIL import Image

from nst.errors import ImageError
from nst.pictures.decode import decode
from nst.pictures.size_limits import check_bytes, check_pixels, check_scans, check_size
from tests.pictures.making import assert_near, encoded, grey_tiff, noise, open_picture, png, quadrants, scans, turned

BOMB = "This picture has 121 megapixels (11 000 x 11 000); the limit is 50."


def refusal(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "photo"
    path.write_bytes(data)
    with pytest.raises(ImageError) as caught:
        open_picture(path)
    return str(caught.value)


def size_of(tmp_path: Path, data: bytes) -> tuple[int, int]:
    path = tmp_path / "photo"
    path.write_bytes(data)
    return open_picture(path).size


def bomb(kind: str, width: int = 11_000, height: int = 11_000) -> bytes:
    """A small file whose header promises many pixels."""
    if kind == "PNG":
        return png(width, height, 8, 2, b"")
    if kind == "TIFF":
        return grey_tiff(width, height)
    if kind in ("AVIF", "HEIC"):
        data = encoded(quadrants(64, 64), kind)
        return data.replace(b"ispe" + struct.pack(">3I", 0, 64, 64), b"ispe" + struct.pack(">3I", 0, width, height))
    data = bytearray(encoded(quadrants(), "WebP" if kind.startswith("WebP") else kind, **_OPTIONS.get(kind, {})))
    if kind == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", height, width)
    elif kind == "GIF":
        data[6:10] = struct.pack("<HH", width, height)
    elif kind == "BMP":
        data[18:26] = struct.pack("<ii", width, height)
    elif kind == "WebP lossy":
        data[26:30] = struct.pack("<HH", width, height)
    elif kind == "WebP lossless":
        data[21:25] = struct.pack("<I", width - 1 | height - 1 << 14)
    elif kind == "WebP extended":
        data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


_OPTIONS: dict[str, dict[str, object]] = {
    "WebP lossless": {"lossless": True},
    "WebP extended": {"exif": turned(1)},
}
KINDS = ["JPEG", "PNG", "WebP lossy", "WebP lossless", "WebP extended", "GIF", "BMP", "TIFF", "AVIF", "HEIC"]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_pixel_bomb_is_refused_from_its_header_with_its_size(tmp_path: Path, kind: str) -> None:
    assert refusal(tmp_path, bomb(kind)) == BOMB


def test_a_jpeg_of_very_many_pixels_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, bomb("JPEG", 20_000, 20_000)) == (
        "This picture has 400 megapixels (20 000 x 20 000); the limit is 201."
    )
    assert refusal(tmp_path, bomb("JPEG")) == "This JPEG file is damaged or incomplete and cannot be opened."


def test_a_progressive_jpeg_is_not_reduced(tmp_path: Path) -> None:
    data = bytearray(scans(20))
    at = data.index(b"\xff\xc2") + 5
    data[at : at + 4] = struct.pack(">HH", 11_000, 11_000)
    assert refusal(tmp_path, bytes(data)) == BOMB


def test_a_large_jpeg_is_read_at_half_its_size(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    Image.fromarray(quadrants(48, 32)).resize((9_600, 6_400), Image.Resampling.NEAREST).save(path)
    decoded = decode(path)
    assert decoded.pixels.shape == (3_200, 4_800, 3)
    assert_near(decoded.pixels, quadrants(4_800, 3_200))
    assert decoded.notes == (
        "This picture has 61.44 megapixels (9 600 x 6 400) and was read at 1/2 of its size; "
        "up to 50 megapixels are read whole.",
    )


def test_a_first_frame_that_reaches_beyond_a_small_canvas(tmp_path: Path) -> None:
    data = bytearray(encoded(quadrants(), "GIF"))
    at = data.index(b",", 13 + 3 * 4)
    data[at + 1 : at + 5] = struct.pack("<HH", 65_000, 65_000)
    assert refusal(tmp_path, bytes(data)) == ("This picture has 4 231 megapixels (65 048 x 65 032); the limit is 50.")


def test_a_tile_larger_than_a_picture_may_be(tmp_path: Path) -> None:
    tiles = ((322, 4, 1, 60_000), (323, 4, 1, 60_000), (324, 4, 1, 8), (325, 4, 1, 100))
    assert "3 600 megapixels (60 000 x 60 000)" in refusal(tmp_path, grey_tiff(64, 64, *tiles))


def test_fifty_megapixels_are_taken_and_one_column_more_is_not(tmp_path: Path) -> None:
    row = b"\0" + bytes(1250)
    assert size_of(tmp_path, png(10_000, 5_000, 1, 0, row * 5_000)) == (10_000, 5_000)
    assert refusal(tmp_path, png(10_001, 5_000, 1, 0, b"")) == (
        "This picture has 50.01 megapixels (10 001 x 5 000); the limit is 50."
    )


def test_forty_megabytes_are_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    with path.open("wb") as file:
        file.truncate(40_000_000)
        with pytest.raises(ImageError, match="not a picture"):
            open_picture(path)
        file.truncate(40_000_001)
        with pytest.raises(ImageError) as caught:
            open_picture(path)
        assert str(caught.value) == "This file is 40.01 MB; the limit is 40."
        file.truncate(2_000_000_000)
        with pytest.raises(ImageError, match="This file is 2 000 MB"):
            open_picture(path)


def test_a_side_ratio_of_twenty_is_taken_and_more_is_not(tmp_path: Path) -> None:
    for width, height in ((320, 16), (16, 320)):
        assert size_of(tmp_path, encoded(noise(width, height), "PNG")) == (width, height)
    assert refusal(tmp_path, encoded(noise(321, 16), "PNG")) == (
        "One side of this picture is 20.07 times the other (321 x 16); the limit is 20."
    )
    assert "20.07 times the other (16 x 321)" in refusal(tmp_path, encoded(noise(16, 321), "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "AVIF", "HEIC"])
def test_sixteen_pixels_are_taken_and_fifteen_are_not(tmp_path: Path, kind: str) -> None:
    assert size_of(tmp_path, encoded(noise(16, 16), kind)) == (16, 16)
    assert refusal(tmp_path, encoded(noise(17, 15), kind)) == (
        "This picture is 17 x 15 pixels; each side needs at least 16."
    )


def test_256_scans_are_taken_and_257_are_not(tmp_path: Path) -> None:
    assert size_of(tmp_path, scans(256)) == (16, 16)
    assert refusal(tmp_path, scans(257)) == "This JPEG has 257 progressive scans; the limit is 256."


def test_scans_of_a_further_picture_in_the_file_do_not_count(tmp_path: Path) -> None:
    assert size_of(tmp_path, scans(200) + scans(200)) == (16, 16)


def test_large_pictures_may_have_fewer_scans() -> None:
    check_scans(51, 50_000_000)
    with pytest.raises(ImageError, match=r"^This JPEG has 52 progressive scans; the limit is 51 at 50 megapixels\.$"):
        check_scans(52, 50_000_000)


def test_the_limits_themselves_are_allowed() -> None:
    check_bytes(40_000_000)
    check_pixels(10_000, 5_000)
    check_size(20 * 16, 16)
    check_scans(256, 10_000_000)


def test_a_picture_without_pixels_is_too_small() -> None:
    for sides in ((0, 100), (100, 0), (0, 0)):
        with pytest.raises(ImageError, match="at least 16"):
            check_size(*sides)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [((50_000_001, 1), "50.01 megapixels"), ((7072, 7072), "50.02 megapixels"), ((17_000, 17_000), "289 megapixels")],
)
def test_a_number_above_a_limit_is_never_rounded_down_to_it(pixels: tuple[int, int], words: str) -> None:
    with pytest.raises(ImageError, match=words):
        check_pixels(*pixels)


def test_pillow_itself_takes_our_largest_result_and_little_more() -> None:
    assert Image.MAX_IMAGE_PIXELS == 8192 * 8192
