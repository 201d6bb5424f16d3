import logging
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst.errors import ImageError
from nst.pictures import decode
from nst.pictures.decode import FORMATS, open_picture, read_picture
from nst.steps import Picture
from tests.pictures.making import (
    BLUE,
    GREEN,
    RED,
    STORED,
    encoded,
    linear_profile,
    noise,
    png,
    quadrants,
    scans,
    swapped_profile,
    tiff,
    turned,
)

WHITE = (255, 255, 255)
#: How to write each format so that the colours of large areas survive.
WRITTEN = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {},
    "WebP": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "AVIF": {"quality": 95, "subsampling": "4:4:4"},
    "HEIC": {"quality": 95, "chroma": 444},
}


def read(tmp_path: Path, data: bytes, name: str = "photo") -> Picture:
    path = tmp_path / name
    path.write_bytes(data)
    return read_picture(path)


def assert_near(picture: Picture, wanted: Picture, tolerance: int = 6) -> None:
    """Equal but for what compression does to smooth areas; the borders of the quarters are left out."""
    assert picture.shape == wanted.shape
    height, width = wanted.shape[:2]
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            assert np.abs(picture[y, x].astype(int) - wanted[y, x]).max() <= tolerance, (x, y)


@pytest.mark.parametrize("kind", FORMATS)
def test_reads_every_format_by_its_content(tmp_path: Path, kind: str) -> None:
    picture = read(tmp_path, encoded(quadrants(), kind, **WRITTEN[kind]), "no suffix, odd name; rm -rf ~ <b>.txt")
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous
    assert picture.flags.writeable
    assert_near(picture, quadrants())


def test_lossless_formats_keep_every_value(tmp_path: Path) -> None:
    for kind in ("PNG", "WebP", "BMP", "TIFF"):
        np.testing.assert_array_equal(read(tmp_path, encoded(noise(40, 30), kind, **WRITTEN[kind])), noise(40, 30))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC"])
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_comes_out_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    options = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": turned(orientation), **WRITTEN[kind]}
    data = encoded(STORED[orientation](quadrants()), kind, **options)
    assert_near(read(tmp_path, data), quadrants())


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(tmp_path: Path, orientation: int) -> None:
    data = encoded(quadrants(), "JPEG", exif=turned(orientation), **WRITTEN["JPEG"])
    assert_near(read(tmp_path, data), quadrants())


def test_a_broken_exif_block_does_not_cost_the_picture(tmp_path: Path) -> None:
    for block in (b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0garbage" * 9, turned(6)[:20]):
        data = encoded(quadrants(), "JPEG", exif=block, **WRITTEN["JPEG"])
        assert_near(read(tmp_path, data), quadrants())


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path, kind: str) -> None:
    ramp = np.linspace(0, 65535, 64 * 32).astype(np.uint16).reshape(32, 64)
    picture = read(tmp_path, encoded(Image.fromarray(ramp), kind))
    np.testing.assert_array_equal(picture[..., 0], np.rint(ramp / 257))
    np.testing.assert_array_equal(picture[..., 0], picture[..., 2])


def test_sixteen_bit_big_endian_tiff(tmp_path: Path) -> None:
    values = np.full((16, 16), 0x8000, ">u2")
    little = tiff(
        *((256, 4, 1, 16), (257, 4, 1, 16), (258, 4, 1, 16), (259, 4, 1, 1), (262, 4, 1, 1)),
        *((273, 4, 1, 8 + 2 + 9 * 12 + 4), (277, 4, 1, 1), (278, 4, 1, 16), (279, 4, 1, 512)),
        rest=values.astype("<u2").tobytes(),
    )
    assert (read(tmp_path, little) == 128).all()
    image = Image.frombytes("I;16B", (16, 16), values.tobytes())
    assert (read(tmp_path, encoded(image, "TIFF")) == 128).all()


def test_sixteen_bit_colour_with_a_transparent_colour(tmp_path: Path) -> None:
    left, right = (0x1234, 0x5678, 0x9ABC), (0xFFFF, 0x8000, 0x0000)
    row = b"\0" + b"".join(v.to_bytes(2) for v in left * 8 + right * 8)
    key = b"".join(v.to_bytes(2) for v in left)
    picture = read(tmp_path, png(16, 16, 16, 2, row * 16, (b"tRNS", key)))
    assert (picture[:, :8] == WHITE).all()
    assert (picture[:, 8:] == (255, 128, 0)).all()


def test_eight_bit_colour_with_a_transparent_colour(tmp_path: Path) -> None:
    left, right = bytes((200, 100, 50)), bytes((200, 100, 51))
    key = b"".join(value.to_bytes(2) for value in left)
    picture = read(tmp_path, png(16, 16, 8, 2, (b"\0" + left * 8 + right * 8) * 16, (b"tRNS", key)))
    assert (picture[:, :8] == WHITE).all()
    assert (picture[:, 8:] == (200, 100, 51)).all()


def test_sixteen_bit_grey_with_a_transparent_value(tmp_path: Path) -> None:
    row = b"\0" + (0x1234).to_bytes(2) * 8 + (0x1235).to_bytes(2) * 8
    picture = read(tmp_path, png(16, 16, 16, 0, row * 16, (b"tRNS", (0x1234).to_bytes(2))))
    assert (picture[:, :8] == WHITE).all()
    assert (picture[:, 8:] == 0x12).all()


@pytest.mark.parametrize(("peak", "white"), [(1.0, 1.0), (200.0, 255.0), (60000.0, 65535.0)])
def test_floating_point_tiff_takes_the_usual_white_above_its_peak(tmp_path: Path, peak: float, white: float) -> None:
    values = np.full((16, 16), peak, np.float32)
    values[0, 0] = peak / 2
    picture = read(tmp_path, encoded(Image.fromarray(values), "TIFF"))
    assert picture[8, 8].tolist() == [round(peak / white * 255)] * 3
    assert picture[0, 0].tolist() == [round(peak / white * 127.5)] * 3


def test_floating_point_without_a_number_is_black(tmp_path: Path) -> None:
    values = np.full((16, 16), 1, np.float32)
    values[0, 0] = np.nan
    picture = read(tmp_path, encoded(Image.fromarray(values), "TIFF"))
    assert picture[0, 0].tolist() == [0, 0, 0]
    assert picture[1, 1].tolist() == [255, 255, 255]


def test_grey_bilevel_and_palette_pictures(tmp_path: Path) -> None:
    grey = Image.fromarray(quadrants()).convert("L")
    np.testing.assert_array_equal(read(tmp_path, encoded(grey, "PNG")), np.array(grey.convert("RGB")))
    bilevel = grey.point(lambda v: 255 * (v > 100)).convert("1")
    np.testing.assert_array_equal(read(tmp_path, encoded(bilevel, "TIFF")), np.array(bilevel.convert("RGB")))
    palette = Image.fromarray(quadrants()).quantize(4)
    np.testing.assert_array_equal(read(tmp_path, encoded(palette, "PNG")), quadrants())


def test_cmyk_jpeg_and_tiff(tmp_path: Path) -> None:
    cmyk = Image.new("CMYK", (32, 32))
    cmyk.paste((0, 255, 255, 0), (0, 0, 16, 32))
    for kind in ("JPEG", "TIFF"):
        picture = read(tmp_path, encoded(cmyk, kind)).astype(int)
        assert np.abs(picture[16, 8] - (255, 0, 0)).max() <= 3
        assert np.abs(picture[16, 24] - 255).max() <= 3


def test_lab_tiff(tmp_path: Path) -> None:
    lab = Image.new("LAB", (16, 16), (255, 128, 128))
    lab.paste((0, 128, 128), (0, 0, 8, 16))
    picture = read(tmp_path, encoded(lab, "TIFF"))
    assert picture[0, 0].max() <= 2
    assert picture[0, 15].min() >= 250


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC"])
def test_a_colour_profile_is_applied(tmp_path: Path, kind: str) -> None:
    """Where the profile exchanges red and green, so does the picture."""
    data = encoded(quadrants(), kind, icc_profile=swapped_profile(), **WRITTEN[kind])
    picture = read(tmp_path, data)
    assert_near(picture, quadrants()[..., [1, 0, 2]], tolerance=8)


def test_a_profile_leaves_transparency_and_grey_alone(tmp_path: Path) -> None:
    half = Image.fromarray(np.dstack([quadrants(), np.full((32, 48), 255, np.uint8)]))
    half.paste((0, 0, 0, 0), (24, 0, 48, 16))
    picture = read(tmp_path, encoded(half, "PNG", icc_profile=swapped_profile()))
    assert picture[4, 4].tolist() == pytest.approx([RED[1], RED[0], RED[2]], abs=2)
    assert tuple(picture[4, 40]) == WHITE
    grey = Image.fromarray(quadrants()).convert("L")
    converted = read(tmp_path, encoded(grey, "PNG", icc_profile=swapped_profile()))
    assert np.abs(converted.astype(int) - np.array(grey.convert("RGB"))).max() <= 2


def test_a_profile_of_light_instead_of_tone(tmp_path: Path) -> None:
    """Half the light is 188 in sRGB: 1.055 * (128 / 255) ** (1 / 2.4) - 0.055 = 0.737. Colour and grey alike."""
    for image in (Image.new("RGB", (16, 16), (128, 128, 128)), Image.new("L", (16, 16), 128)):
        picture = read(tmp_path, encoded(image, "PNG", icc_profile=linear_profile()))
        assert np.abs(picture.astype(int) - 188).max() <= 1


def test_a_jpeg_that_stores_rgb(tmp_path: Path) -> None:
    """Only its Adobe segment says so."""
    assert_near(read(tmp_path, encoded(quadrants(), "JPEG", keep_rgb=True, **WRITTEN["JPEG"])), quadrants())


def test_a_profile_that_does_not_fit_or_is_broken_is_ignored(tmp_path: Path) -> None:
    cmyk = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    fits_not = encoded(cmyk, "JPEG", icc_profile=swapped_profile())
    np.testing.assert_array_equal(read(tmp_path, fits_not), read(tmp_path, encoded(cmyk, "JPEG")))
    for broken in (b"garbage", swapped_profile()[:200], bytes(4000)):
        np.testing.assert_array_equal(read(tmp_path, encoded(quadrants(), "PNG", icc_profile=broken)), quadrants())


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "WebP", "TIFF", "AVIF", "HEIC"])
def test_transparent_parts_are_white_and_hidden_colours_stay_hidden(tmp_path: Path, kind: str, mode: str) -> None:
    image = Image.new(mode, (48, 32), {"RGBA": (200, 0, 0, 255), "LA": (200, 255)}[mode])
    image.paste({"RGBA": (0, 0, 0, 0), "LA": (0, 0)}[mode], (0, 0, 16, 32))
    image.paste({"RGBA": (0, 0, 0, 51), "LA": (0, 51)}[mode], (32, 0, 48, 32))
    picture = read(tmp_path, encoded(image, kind, **WRITTEN[kind])).astype(int)
    opaque = (200, 0, 0) if mode == "RGBA" else (200, 200, 200)
    for x, wanted in ((8, WHITE), (24, opaque), (40, (204, 204, 204))):
        assert np.abs(picture[16, x] - wanted).max() <= 4, x


def test_transparent_palette_entries_are_white(tmp_path: Path) -> None:
    palette = Image.new("P", (32, 32), 0)
    palette.putpalette([*RED, *GREEN, *BLUE])
    palette.paste(1, (0, 0, 16, 16))
    palette.paste(2, (16, 0, 32, 16))
    for kind in ("PNG", "GIF"):
        picture = read(tmp_path, encoded(palette, kind, transparency=1))
        assert tuple(picture[4, 4]) == WHITE
        assert tuple(picture[4, 20]) == BLUE
        assert tuple(picture[20, 4]) == RED
    half = read(tmp_path, encoded(palette, "PNG", transparency=bytes([255, 128, 255])))
    assert np.abs(half[4, 4].astype(int) - [142, 217, 147]).max() <= 1


@pytest.mark.parametrize("kind", ["GIF", "WebP", "PNG", "TIFF", "AVIF"])
def test_the_first_frame_of_an_animation(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **WRITTEN[kind])
    picture = read(tmp_path, data)
    assert picture.shape == (32, 32, 3)
    assert np.abs(picture.astype(int) - RED).max() <= 6


def test_the_default_picture_of_an_animated_png(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN)]
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True)
    assert (read(tmp_path, data) == RED).all()


def test_the_rest_of_the_canvas_of_a_small_first_frame_is_white(tmp_path: Path) -> None:
    data = bytearray(encoded(Image.new("P", (16, 16), 0), "GIF", transparency=1))
    data[6:10] = (32).to_bytes(2, "little") * 2
    picture = read(tmp_path, bytes(data))
    assert picture.shape == (32, 32, 3)
    assert tuple(picture[0, 0]) == (0, 0, 0)
    assert tuple(picture[31, 31]) == WHITE


def test_the_first_picture_of_several_in_one_jpeg(tmp_path: Path) -> None:
    several = encoded(Image.fromarray(quadrants()), "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32))])
    assert_near(read(tmp_path, several), quadrants())
    assert_near(read(tmp_path, encoded(quadrants(), "JPEG", **WRITTEN["JPEG"]) + b"PK\x03\x04 a zip" * 50), quadrants())


def test_a_progressive_jpeg(tmp_path: Path) -> None:
    assert_near(read(tmp_path, scans(20, side=32)), quadrants(32, 32), tolerance=20)


SECRET = b"Position 51.4779 N 0.0015 W"


def _with_secret(kind: str) -> bytes:
    """A file with a marker in every place that its format has for words."""
    exif = Image.Exif()
    exif[0x010E], exif[0x8298] = SECRET.decode(), SECRET.decode()
    exif.get_ifd(0x8825)[29] = SECRET.decode()
    options: dict[str, object] = {"exif": exif.tobytes()}
    match kind:
        case "JPEG":
            options |= {"comment": SECRET, "xmp": b"<x:xmpmeta>" + SECRET}
        case "PNG":
            text = PngInfo()
            text.add_text("Comment", SECRET.decode())
            text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
            options["pnginfo"] = text
        case "WebP" | "AVIF" | "HEIC":
            options["xmp"] = SECRET
        case "GIF":
            options = {"comment": SECRET}
        case "TIFF":
            options = {"tiffinfo": {270: SECRET.decode(), 33432: SECRET.decode(), 700: SECRET}}
        case "BMP":
            return encoded(quadrants(), kind) + SECRET
    return encoded(quadrants(), kind, **options, **WRITTEN[kind])


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_but_pixels_leaves_the_decoder(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "photo"
    path.write_bytes(_with_secret(kind))
    assert SECRET in path.read_bytes()
    image = open_picture(path)
    assert type(image) is Image.Image
    assert image.mode == "RGB"
    assert image.info == {}
    assert not image.getexif()
    for out in ("PNG", "JPEG", "WEBP", "TIFF", "GIF"):
        assert SECRET not in encoded(image, out)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"8BPS\0\1",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\1\0\1\0",
        b"P6 16 16 255 ",
        b"a letter",
        b"\0",
    ],
)
def test_other_formats_are_refused_with_the_list_of_those_that_are_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(data.ljust(2000, b"\0"))
    with pytest.raises(ImageError) as caught:
        open_picture(path)
    assert str(caught.value) == (
        "This file is not a picture of a kind that can be read: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC."
    )


@pytest.mark.parametrize(
    "data", [encoded(quadrants(), kind) for kind in ("PPM", "ICO", "JPEG2000", "TGA", "EPS", "PDF")]
)
def test_whole_files_of_other_formats_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ImageError, match="not a picture of a kind"):
        read(tmp_path, data)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_a_picture_is_refused_in_one_plain_sentence(
    tmp_path: Path, kind: str, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    data = encoded(noise(), kind, **WRITTEN[kind])
    with pytest.raises(ImageError) as caught:
        read(tmp_path, data[: int(len(data) * share)])
    assert str(caught.value) == f"This {kind} file is damaged or incomplete and cannot be opened."
    assert caught.value.__cause__ is None
    assert kind in caplog.text


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    for path, sentence in (
        (tmp_path / "none.png", "There is no such file."),
        (tmp_path, "This is not a file but a folder or a device; a picture is needed."),
        (Path("/dev/zero"), "This is not a file but a folder or a device; a picture is needed."),
        (tmp_path / "empty.png", "This file is empty."),
        (tmp_path / ("x" * 300), "This file cannot be read."),
        ("null\0byte.png", "This file cannot be read."),
    ):
        with pytest.raises(ImageError) as caught:
            open_picture(path)
        assert str(caught.value) == sentence


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="a device"):
        open_picture(tmp_path / "pipe.png")


def test_a_third_picture_waits_until_one_of_two_is_decoded(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    read: list[Picture] = []
    third = threading.Thread(target=lambda: read.append(read_picture(tmp_path / "a.png")))
    with decode._DECODERS, decode._DECODERS:
        third.start()
        third.join(0.1)
        assert third.is_alive()
    third.join(20)
    assert len(read) == 1
