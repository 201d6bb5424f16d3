import logging
import os
from pathlib import Path

import pytest

from nst.errors import ImageError
from tests.pictures.making import SAVE_OPTIONS, encoded, grey_tiff, noise, open_picture, quadrants, read, tiff


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"8BPS\0\1",
        b"\0\0\0\x0cjP  \r\n\x87\n",
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


@pytest.mark.parametrize("kind", ["WebP", "TIFF", "AVIF", "HEIC"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_a_picture_is_refused_in_one_plain_sentence(
    tmp_path: Path, kind: str, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    data = encoded(noise(), kind, **SAVE_OPTIONS[kind])
    with pytest.raises(ImageError) as caught:
        read(tmp_path, data[: int(len(data) * share)])
    assert str(caught.value) == f"This {kind} file is damaged or incomplete and cannot be opened."
    assert caught.value.__cause__ is None
    assert kind in caplog.text


@pytest.mark.parametrize("head", [b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", b"\x1aE\xdf\xa3", b"RIFF\x24\0\0\0AVI LIST"])
def test_a_clip_is_refused_as_one(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(ImageError, match=r"^This file is a clip, and a picture is needed\.$"):
        read(tmp_path, head.ljust(2000, b"\0"))


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


RAW = "This is a camera raw file, which is not read: export a JPEG from your camera's program."


@pytest.mark.parametrize(
    "data",
    [
        grey_tiff(64, 48, (50706, 1, 4, 0x401)),
        grey_tiff(64, 48, (254, 4, 1, 1), (330, 4, 1, 8)),
        grey_tiff(64, 48, (262, 3, 1, 32803)),
        b"II*\0\x10\0\0\0CR\2\0" + bytes(64),
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
        b"FUJIFILMCCD-RAW 0201",
        b"IIU\0\x18\0\0\0",
        b"IIRO\x08\0\0\0",
        b"FOVb" + bytes(60),
    ],
)
def test_camera_raw_files_are_refused_by_their_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ImageError) as caught:
        read(tmp_path, data)
    assert str(caught.value) == RAW


def test_a_tiff_of_several_sizes_is_no_raw_file(tmp_path: Path) -> None:
    pixels = bytes(64 * 48)
    assert read(tmp_path, grey_tiff(64, 48, (254, 4, 1, 0), (330, 4, 1, 8), rest=pixels)).shape == (48, 64, 3)


def test_a_tiff_of_floating_point_colours_is_refused_with_the_reason(tmp_path: Path) -> None:
    entries = [(256, 4, 1, 16), (257, 4, 1, 16), (258, 3, 1, 32), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 8)]
    entries += [(277, 3, 1, 3), (278, 3, 1, 16), (279, 4, 1, 3072), (339, 3, 1, 3)]
    with pytest.raises(ImageError, match="floating-point numbers: export it with 8 or 16 bits"):
        read(tmp_path, tiff(*entries, rest=bytes(4000)))
