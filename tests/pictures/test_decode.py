from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst.pictures import decode
from nst.pictures.decode import FORMATS
from tests.pictures.making import SAVE_OPTIONS, assert_near, encoded, noise, open_picture, quadrants, read, turned


@pytest.mark.parametrize("kind", FORMATS)
def test_reads_every_format_by_its_content(tmp_path: Path, kind: str) -> None:
    picture = read(tmp_path, encoded(quadrants(), kind, **SAVE_OPTIONS[kind]), "no suffix, odd name; rm -rf ~ <b>.txt")
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous
    assert picture.flags.writeable
    assert_near(picture, quadrants())


def test_lossless_formats_keep_every_value(tmp_path: Path) -> None:
    for kind in ("PNG", "WebP", "BMP", "TIFF"):
        np.testing.assert_array_equal(read(tmp_path, encoded(noise(40, 30), kind, **SAVE_OPTIONS[kind])), noise(40, 30))


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
    return encoded(quadrants(), kind, **options, **SAVE_OPTIONS[kind])


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


@pytest.mark.parametrize("kind", ["PNG", "WebP", "AVIF", "HEIC"])
def test_alpha_is_kept_beside_the_pixels_and_turned_with_them(tmp_path: Path, kind: str) -> None:
    alpha = np.full((32, 48), 255, np.uint8)
    alpha[:16, :24] = 0
    image = Image.fromarray(np.dstack([quadrants(), alpha]))
    turned_block = {"exif": turned(6)} if kind in ("PNG", "WebP") else {}
    (tmp_path / "cutout").write_bytes(encoded(image, kind, **SAVE_OPTIONS[kind], **turned_block))
    decoded = decode.decode(tmp_path / "cutout")
    upright = np.rot90(alpha, -1) if turned_block else alpha
    assert decoded.alpha is not None
    assert decoded.alpha.shape == decoded.pixels.shape[:2]
    assert np.abs(decoded.alpha.astype(int) - upright).mean() < 2
    assert decoded.notes == ()


def test_an_opaque_picture_has_no_alpha(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (1, 2, 3, 255)).save(tmp_path / "a.png")
    assert decode.decode(tmp_path / "a.png").alpha is None
